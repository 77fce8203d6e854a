"""Reading what came back about one delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from promo.store.database import reading
from promo.store.tables import samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine, Row


def samples_of(engine: Engine, delivery: str) -> Sequence[Row[Any]]:
    """Return every sample of one delivery, oldest first. `delivery` is the full id."""
    with reading(engine) as connection:
        return connection.execute(
            select(samples).where(samples.c.delivery == delivery).order_by(samples.c.at, samples.c.id)
        ).all()
