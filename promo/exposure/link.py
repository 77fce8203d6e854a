"""Tracked links as the ledger holds them: token → target. Applying a plan writes them; nothing else does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, select

from promo.store.tables import deliveries, links, salts

TOKEN = re.compile(r"[A-Za-z0-9_-]{4,24}", re.ASCII)
_WEB = re.compile(r"https?://[^\s/?#]+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One tracked link. `placement` is the physical place whose QR code holds it, None for a post's link."""

    token: str
    target: str
    delivery: str
    campaign: str
    placement: str | None
    salt: str | None  # the salt in force, where there is one already


def find_link(connection: Connection, token: str, *, salt_day: str) -> Link | None:
    """Read one link and the salt named `salt_day` (`2027-03-08`) in one indexed query; None for an unknown token.

    A target that is no absolute http(s) address counts as unknown: a redirect never leads to `javascript:` or `file:`.
    """
    if not TOKEN.fullmatch(token):
        return None
    row = connection.execute(
        select(links.c.token, links.c.target, links.c.delivery, links.c.placement, deliveries.c.campaign, salts.c.salt)
        .join(deliveries, deliveries.c.id == links.c.delivery)
        .outerjoin(salts, salts.c.day == salt_day)
        .where(links.c.token == token)
    ).one_or_none()
    if row is None or not _WEB.match(row.target):
        return None
    return Link(
        token=row.token,
        target=row.target,
        delivery=row.delivery,
        campaign=row.campaign,
        placement=row.placement,
        salt=row.salt,
    )
