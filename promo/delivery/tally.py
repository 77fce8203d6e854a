"""How many deliveries of each channel are in which state, without counting them: what the database's triggers keep."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from promo.delivery.state import State
from promo.store.database import Alone, alone, transaction
from promo.store.tables import tallies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine

WORTH_IT = 1000  # parts to add up; reading fewer costs less than adding them up
FOLD = """
WITH parts AS (DELETE FROM tallies WHERE part > 0 RETURNING channel, state, count)
INSERT INTO tallies AS kept (channel, state, part, count)
SELECT channel, state, 0, sum(count) FROM parts GROUP BY channel, state ORDER BY channel, state
ON CONFLICT (channel, state, part) DO UPDATE SET count = kept.count + excluded.count
"""


def tally(connection: Connection) -> Mapping[tuple[str, State], int]:
    """Return the number of deliveries by channel and state; what there is none of is left out."""
    summed = func.sum(tallies.c.count)
    found = select(tallies.c.channel, tallies.c.state, summed).group_by(tallies.c.channel, tallies.c.state)
    return {
        (channel, State(state)): int(count)
        for channel, state, count in connection.execute(found.having(summed > 0).order_by(*found.selected_columns[:2]))
    }


def totals(counts: Mapping[tuple[str, State], int]) -> Mapping[State, int]:
    """Return the number of deliveries by state, over all channels."""
    found: Counter[State] = Counter()
    for (_channel, state), count in counts.items():
        found[state] += count
    return dict(found)


def fold(engine: Engine, *, worth_it: int = WORTH_IT) -> int:
    """Add up the parts that PostgreSQL's triggers write; return how many rows are the fewer.

    Cheap to call often: below `worth_it` parts, or while somebody else adds them up, nothing happens. SQLite keeps
    the sums themselves.
    """
    if engine.dialect.name != "postgresql":
        return 0
    with transaction(engine) as connection:
        some = select(tallies.c.part).where(tallies.c.part > 0).limit(worth_it).subquery()
        waiting = connection.execute(select(func.count()).select_from(some)).scalar_one()
        if waiting < max(worth_it, 1) or not alone(connection, Alone.FOLD, wait=False):
            return 0
        rows = select(func.count()).select_from(tallies)
        before = connection.execute(rows).scalar_one()
        connection.execute(text(FOLD))
        return before - connection.execute(rows).scalar_one()
