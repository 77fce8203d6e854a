"""Many rows in one statement: a list of values that the database reads as a table.

Sending each row by itself costs more than writing it: with `executemany` the driver, and on PostgreSQL the server,
begin anew for each. One JSON text for all of them costs one statement, however many there are.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Text, any_, bindparam, cast, column, func, select

from promo.store.tables import micros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, FromClause
    from sqlalchemy.types import TypeEngine

    Columns = Mapping[str, TypeEngine[Any]]

TEXT, NUMBER, DOCUMENT = Text(), BigInteger(), JSON()  # what a column may hold; a moment is a number


def given(dialect: str, columns: Columns, *, name: str = "given") -> FromClause:
    """Return a table of `columns`, whose rows are the statement's parameter of the same `name` (see `rows`).

    `dialect`: the name of the database that will be asked, as `connection.dialect.name` says it.
    """
    if dialect == "postgresql":
        shape = [column(title, kind) for title, kind in columns.items()]
        words = cast(bindparam(name, type_=Text), JSON)
        return func.json_to_recordset(words).table_valued(*shape, name=name).render_derived(with_types=True)
    each = func.json_each(bindparam(name, type_=Text)).table_valued("value", name=f"{name}_rows")
    values = [func.json_extract(each.c.value, f"$.{title}", type_=kind).label(title) for title, kind in columns.items()]
    return select(*values).subquery(name)


def among(dialect: str, column: ColumnElement[str], wanted: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a column is one of the values `wanted`, a column of what is given.

    As a list PostgreSQL looks each of them up in the column's index; from a table it might read the whole of another.
    """
    some = select(wanted)
    return column == any_(func.array(some.scalar_subquery())) if dialect == "postgresql" else column.in_(some)


def rows(values: Sequence[Mapping[str, Any]]) -> str:
    """Return the parameter that holds these rows: plain values, moments and, for a DOCUMENT, mappings."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> int:
    if isinstance(value, datetime):
        return micros(value)
    raise TypeError(f"a {type(value).__name__} cannot be written")
