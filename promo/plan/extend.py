"""The rolling horizon: what has come into view of campaigns that are applied already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from promo.plan.model import Action, Plan
from promo.store.tables import campaigns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def lagging(connection: Connection, until: datetime) -> Mapping[str, str]:
    """Return the campaigns not yet written up to `until`, each with the digest it was applied at."""
    rows = connection.execute(
        select(campaigns.c.campaign, campaigns.c.digest).where(
            campaigns.c.horizon < until, campaigns.c.ended.is_(False)
        )
    )
    return {row.campaign: row.digest for row in rows}


def extension(plan: Plan, names: Collection[str]) -> Plan:
    """Return the part of `plan` that a daemon may take over by itself: additions to the named campaigns."""
    return replace(
        plan,
        campaigns={name: row for name, row in plan.campaigns.items() if name in names},
        changes=tuple(
            change
            for change in plan.changes
            if change.action is Action.ADD and change.after is not None and change.after.campaign in names
        ),
    )
