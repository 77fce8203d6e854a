"""Visits: a tracked link was opened. Counts people without a cookie and without keeping an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from promo.errors import NotFound
from promo.exposure.link import find_link
from promo.exposure.robot import is_robot
from promo.exposure.salt import make_salt, salt_day, visitor_hash
from promo.language import _
from promo.store.database import reading, transaction
from promo.store.tables import visits

if TYPE_CHECKING:
    from promo.clock import Clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who asks. Nothing of it is stored: only a salted hash. `ahead`: a HEAD or a prefetch, not a visit."""

    address: str
    user_agent: str = ""
    ahead: bool = False


def record_visit(engine: Engine, token: str, *, visitor: Visitor, clock: Clock, salt_days: int = 1) -> str:
    """Note the visit and return the target address: one indexed read, one insert.

    Robots are stored with a mark and never counted; a HEAD or a prefetch is not stored. When the ledger cannot be
    written the visitor still gets the target: a lost count is better than a dead link. Raises NotFound.
    """
    now = clock.now()
    day = salt_day(now, salt_days)
    with reading(engine) as connection:
        link = find_link(connection, token, salt_day=day)
    if link is None:
        raise NotFound(_("this link leads nowhere"))
    if visitor.ahead:
        return link.target
    try:
        who = visitor_hash(
            link.salt or make_salt(engine, day, now=now),
            campaign=link.campaign,
            address=visitor.address,
            user_agent=visitor.user_agent,
        )
        with transaction(engine) as connection:
            connection.execute(
                insert(visits).values(token=link.token, at=now, visitor=who, robot=is_robot(visitor.user_agent))
            )
    except SQLAlchemyError as error:
        log.warning("visit not counted", link=link.token, kind=type(error).__name__)
    return link.target
