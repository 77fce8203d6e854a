"""The names a workspace knows: for hints, and for completion as one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from promo.delivery.query import begins
from promo.store.database import reading
from promo.store.tables import campaigns, deliveries

if TYPE_CHECKING:
    from promo.app.workspace import App


def campaign_names(app: App) -> list[str]:
    """Return the ids of the campaigns in the ledger, sorted."""
    with reading(app.ledger) as connection:
        return list(connection.scalars(select(campaigns.c.campaign).order_by(campaigns.c.campaign)))


def delivery_names(app: App, beginning: str, *, limit: int = 50) -> list[tuple[str, str]]:
    """Return deliveries whose id begins so, by time, each with what it is: (id, "open-day/countdown → mastodon")."""
    c = deliveries.c
    found = (
        select(c.id, c.campaign, c.activity, c.channel)
        .where(begins(beginning.lower()))
        .order_by(c.due_at, c.id)
        .limit(limit)
    )
    with reading(app.ledger) as connection:
        return [(r.id, f"{r.campaign}/{r.activity} → {r.channel}") for r in connection.execute(found)]


def picture_names(app: App) -> list[str]:
    """Return the campaigns of the files, each followed by its activities: `open-day`, `open-day/countdown`."""
    return [
        name
        for loaded in app.load().campaigns
        for name in (
            loaded.campaign.campaign,
            *(f"{loaded.campaign.campaign}/{activity.id}" for activity in loaded.campaign.activities),
        )
    ]
