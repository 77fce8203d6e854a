"""Whether two ledgers say the same: rows counted and digested, table by table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promo.store.rows import DIGEST_BITS, count_rows, ordered_tables, read_rows, row_digest, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine, Table


@dataclass(frozen=True, kw_only=True, slots=True)
class TableCompared:
    """One table in both ledgers: how many rows each has, and a digest of them in whatever order."""

    table: str
    here: int
    there: int
    digest_here: str
    digest_there: str

    @property
    def same(self) -> bool:
        """Whether both hold the same rows."""
        return self.here == self.there and self.digest_here == self.digest_there


def compare_ledgers(
    here: Engine, there: Engine, *, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> list[TableCompared]:
    """Read both ledgers whole, each as it is at one moment, and compare every table.

    Where one of them is PostgreSQL, which has no NUL character, that counts as the ␀ a copy writes for it.
    """
    no_nul = "postgresql" in (here.dialect.name, there.dialect.name)
    with snapshot(here) as mine, snapshot(there) as theirs:
        tables = ordered_tables()
        total = sum(count_rows(side, table) for side in (mine, theirs) for table in tables)
        done = 0
        found = []
        for table in tables:
            count_here, digest_here = _digest(mine, table, no_nul=no_nul)
            progress(done + count_here, total)
            count_there, digest_there = _digest(theirs, table, no_nul=no_nul)
            done += count_here + count_there
            progress(done, total)
            found.append(
                TableCompared(
                    table=table.name,
                    here=count_here,
                    there=count_there,
                    digest_here=digest_here,
                    digest_there=digest_there,
                )
            )
    return found


def _digest(connection: Connection, table: Table, *, no_nul: bool) -> tuple[int, str]:
    count = total = 0
    for row in read_rows(connection, table, no_nul=no_nul):
        count += 1
        total += row_digest(row)
    return count, f"{total % 2**DIGEST_BITS:0{DIGEST_BITS // 4}x}"
