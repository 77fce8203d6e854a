"""A ledger carried into another database: what is missing there, or is otherwise, is written in chunks.

Nothing is remembered between two runs: the rows of both are laid side by side in the order of their keys. So a copy
that was killed goes on where it ended, and one whose source was written to meanwhile catches up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Integer, Table, text
from sqlalchemy.exc import DataError, IntegrityError

from promo.errors import PromoError
from promo.language import _
from promo.store.database import transaction
from promo.store.rows import (
    BATCH,
    Row,
    count_rows,
    key_positions,
    ordered_tables,
    read_rows,
    shown_nul,
    side_by_side,
    snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Engine

T = TypeVar("T")


@dataclass(kw_only=True)
class Copied:
    """What a copy wrote, and in which columns (`table.column`) it wrote ␀ for a NUL character how often."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    nul: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Copied) -> Copied:
        return Copied(
            added=self.added + other.added,
            changed=self.changed + other.changed,
            removed=self.removed + other.removed,
            nul=self.nul + other.nul,
        )


def copy_ledger(
    source: Engine, target: Engine, *, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Copied:
    """Make the target's rows those the source has at this moment; both have the newest schema.

    Each chunk is committed: whenever this is killed, running it again completes it. Raises PromoError, naming table
    and row, for a value that the target's database refuses. `progress` gets (rows looked at, all rows).
    """
    copied = Copied()
    with snapshot(source) as here:
        tables = ordered_tables()
        total, done = sum(count_rows(here, table) for table in tables), 0
        for table in reversed(tables):  # what refers to others goes first
            copied.removed += _remove(here, target, table)
        for table in tables:
            for seen in _write(here, target, table, copied):
                done += seen
                progress(done, total)
    with transaction(target) as connection:
        _set_counters(connection)
        connection.execute(text("ANALYZE"))  # else the first plans of its queries know of no rows
    return copied


def _remove(here: Connection, target: Engine, table: Table) -> int:
    """Delete the rows that the source does not have; return how many."""
    keys = [column.name for column in table.primary_key]
    condition = " AND ".join(f"{name} = :{name}" for name in keys)
    gone = 0
    with snapshot(target) as there:
        if not count_rows(there, table):
            return 0
        mine, theirs = (read_rows(side, table, keys_only=True) for side in (here, there))
        pairs = side_by_side(mine, theirs, [*range(len(keys))])
        for chunk in _chunks(row for own, row in pairs if own is None and row is not None):
            with transaction(target) as connection:
                delete = text(f"DELETE FROM {table.name} WHERE {condition}")  # noqa: S608 - names of our own tables
                connection.execute(delete, [dict(zip(keys, row, strict=True)) for row in chunk])
            gone += len(chunk)
    return gone


def _write(here: Connection, target: Engine, table: Table, copied: Copied) -> Iterator[int]:
    """Write the rows that the target lacks or has otherwise; yield now and then how many more were looked at."""
    no_nul = target.dialect.name == "postgresql"
    names = [column.name for column in table.columns]
    with snapshot(target) as there:
        mine = read_rows(here, table)
        theirs = read_rows(there, table) if count_rows(there, table) else iter(())
        for pairs in _chunks(side_by_side(mine, theirs, key_positions(table))):
            rows = []
            for own, row in pairs:
                kept = shown_nul(own) if no_nul and own is not None else own
                if kept is None or own is None or kept == row:
                    continue
                rows.append(kept)
                copied.added += row is None
                copied.changed += row is not None
                if kept is not own:
                    changed = (f"{table.name}.{name}" for name, a, b in zip(names, own, kept, strict=True) if a != b)
                    copied.nul.update(changed)
            _put(target, table, rows)
            yield sum(own is not None for own, _row in pairs)


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while chunk := [*islice(rest, BATCH)]:
        yield chunk


def _put(target: Engine, table: Table, rows: list[Row]) -> None:
    """Write new and changed rows in one transaction."""
    if not rows:
        return
    statement, written = _upsert(target, table)
    try:
        with transaction(target) as connection:
            connection.exec_driver_sql(statement, [tuple(row[at] for at in written) for row in rows])
    except (DataError, IntegrityError):
        for row in rows:  # one by one, to name the one that is refused
            _put_alone(target, table, row)


def _put_alone(target: Engine, table: Table, row: Row) -> None:
    statement, written = _upsert(target, table)
    try:
        with transaction(target) as connection:
            connection.exec_driver_sql(statement, tuple(row[at] for at in written))
    except (DataError, IntegrityError) as error:
        key = ", ".join(str(row[at]) for at in key_positions(table))
        reason = str(error.orig).strip().partition("\n")[0]
        raise PromoError(
            _(
                "the other database refuses the row {key} of the table {table}: {reason}",
                key=key,
                table=table.name,
                reason=reason,
            ),
            hint=_("what was copied stays there; once this row is mended, run the same again"),
        ) from None


def _upsert(target: Engine, table: Table) -> tuple[str, list[int]]:
    """Return the statement that writes a row, and where its values stand in the row.

    It is plain SQL, since the values are those stored: SQLAlchemy's types would convert them once more.
    """
    quote = target.dialect.identifier_preparer.quote
    written = [at for at, column in enumerate(table.columns) if column.computed is None]
    names = [quote(column.name) for column in table.columns if column.computed is None]
    keys = [quote(column.name) for column in table.primary_key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    mark = "%s" if target.dialect.name == "postgresql" else "?"
    marks = ", ".join(mark for _name in names)
    statement = (
        f"INSERT INTO {quote(table.name)} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
        f" ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
    )
    return statement, written


def _set_counters(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those copied; SQLite goes on after the highest number by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in ordered_tables():
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            highest = f"SELECT max({column.name}) FROM {table.name}"  # noqa: S608 - names of our own tables
            counter = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            connection.execute(text(f"SELECT setval({counter}, coalesce(({highest}), 1), ({highest}) IS NOT NULL)"))
