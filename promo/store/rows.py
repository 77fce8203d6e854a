"""Rows as they are stored, alike from SQLite and from PostgreSQL: what a copy carries and a comparison compares."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Engine,
    Float,
    String,
    Table,
    Text,
    cast,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.types import NullType

from promo.store.tables import DERIVED, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[Any, ...]
BATCH = 2000  # rows fetched, and written, at a time
DIGEST_BITS = 128
NUL, NUL_SHOWN = "\0", "\N{SYMBOL FOR NULL}"  # PostgreSQL's texts cannot hold the first (its manual, 8.3)
# SQLite keeps truth as 0 and 1, and has no zero below zero.
_ALIKE: dict[type, Callable[[Any], Any]] = {Boolean: bool, Float: lambda value: float(value) + 0.0}


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open one consistent view of everything, however long it is read; it blocks no writer."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":  # one side may wait long for the other
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SELECT count(*) FROM alembic_version"))  # the view begins with the first read
            yield connection


def ordered_tables() -> list[Table]:
    """Return the tables, each after those it refers to; without what the database itself counts from others."""
    return [table for table in metadata.sorted_tables if DERIVED not in table.info]


def written_columns(table: Table) -> list[str]:
    """Return the columns that are written; the others the database computes."""
    return [column.name for column in table.columns if column.computed is None]


def key_positions(table: Table) -> list[int]:
    """Return where the primary key's columns stand in a row."""
    names = [column.name for column in table.columns]
    return [names.index(column.name) for column in table.primary_key]


def count_rows(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def read_rows(connection: Connection, table: Table, *, keys_only: bool = False, no_nul: bool = False) -> Iterator[Row]:
    """Yield a table's rows in the order of their keys, the same order on each database; memory stays bounded.

    Values are those stored: JSON as its text, moments as microseconds; `no_nul` shows the NUL characters of texts.
    """
    wanted = [*table.primary_key] if keys_only else [*table.columns]
    columns = [cast(c, Text) if isinstance(c.type, JSON) else type_coerce(c, NullType()) for c in wanted]
    bytewise = "C" if connection.dialect.name == "postgresql" else "BINARY"
    order = [c.collate(bytewise) if isinstance(c.type, String) else c for c in table.primary_key]
    rows = connection.execute(select(*columns).order_by(*order), execution_options={"yield_per": BATCH})
    alike = {at: kind for at, c in enumerate(wanted) for kind in _ALIKE if isinstance(c.type, kind)}
    for part in rows.partitions():
        for found in part:
            row = tuple(found)
            if alike:
                row = tuple(v if v is None or at not in alike else _ALIKE[alike[at]](v) for at, v in enumerate(row))
            yield shown_nul(row) if no_nul else row


def shown_nul(row: Row) -> Row:
    """Return the row with each NUL character of its texts shown as ␀."""
    if any(isinstance(value, str) and NUL in value for value in row):
        return tuple(value.replace(NUL, NUL_SHOWN) if isinstance(value, str) else value for value in row)
    return row


def row_digest(row: Row) -> int:
    """Return a number that stands for the row; the sum of such numbers stands for rows in whatever order."""
    return int.from_bytes(blake2b(repr(row).encode(), digest_size=DIGEST_BITS // 8).digest())


def side_by_side(
    here: Iterator[Row], there: Iterator[Row], key: list[int]
) -> Iterator[tuple[Row, None] | tuple[None, Row] | tuple[Row, Row]]:
    """Pair rows of two iterators that come in the order of their keys; None where one has no such row."""
    mine, theirs = next(here, None), next(there, None)
    while mine is not None and theirs is not None:
        my_key, their_key = (tuple(row[at] for at in key) for row in (mine, theirs))
        if my_key < their_key:
            yield mine, None
            mine = next(here, None)
        elif their_key < my_key:
            yield None, theirs
            theirs = next(there, None)
        else:
            yield mine, theirs
            mine, theirs = next(here, None), next(there, None)
    while mine is not None:
        yield mine, None
        mine = next(here, None)
    while theirs is not None:
        yield None, theirs
        theirs = next(there, None)
