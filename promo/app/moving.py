"""The ledger carried to another database, and the two compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promo.store.compare import TableCompared, compare_ledgers
from promo.store.copy import Copied, copy_ledger
from promo.store.presence import others_present
from promo.store.target import NAMED, copying_into, finish_copy, open_other

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.secret import Secret

ROUNDS = 2  # the copy itself, and one to catch up with what was written meanwhile

Progress = Callable[[str, int, int], None]  # ("copy" | "compare", rows done, all rows)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a copy wrote, what the comparison after it found, and whether somebody may still write here."""

    copied: Copied
    tables: Sequence[TableCompared]
    others: bool
    server: bool  # the copy lies on a server that several machines can share

    @property
    def finished(self) -> bool:
        """Whether the copy is whole and open to everybody: both say the same and nobody else is at work here."""
        return all(table.same for table in self.tables) and not self.others


def move_ledger(app: App, to: str | Secret, *, progress: Progress = lambda _what, _done, _all: None) -> Moved:
    """Copy the workspace's ledger to another database, and compare every row there with its own.

    Until both say the same, and no other process has the ledger here open, promo opens nothing at the other place:
    no delivery can go out from both. Running it again goes on, or catches up. The target needs to be empty at first.
    Raises UserMistake and PromoError as `copying_into` and `copy_ledger` do.
    """
    source, copied = app.ledger, Copied()
    with copying_into(app.workspace.address_url(to, setting=NAMED), source=app.database_url) as target:
        for _round in range(ROUNDS):
            copied += copy_ledger(source, target, progress=lambda done, total: progress("copy", done, total))
            others = others_present(source)
            tables = compare_ledgers(source, target, progress=lambda done, total: progress("compare", done, total))
            server = target.dialect.name == "postgresql"
            moved = Moved(copied=copied, tables=tables, others=others, server=server)
            if all(table.same for table in tables):
                break
        if moved.finished:
            finish_copy(target)
        return moved


def compare_with(
    app: App, to: str | Secret, *, progress: Progress = lambda _what, _done, _all: None
) -> list[TableCompared]:
    """Compare the workspace's ledger with one in another database, finished or not."""
    other = open_other(app.workspace.address_url(to, setting=NAMED))
    try:
        return compare_ledgers(app.ledger, other, progress=lambda done, total: progress("compare", done, total))
    finally:
        other.dispose()
