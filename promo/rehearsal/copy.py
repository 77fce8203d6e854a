"""Copying the ledger into memory, so that a rehearsal starts where the real one stands and touches nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, make_url, select

from promo.store.database import reading, transaction
from promo.store.rows import ordered_tables, written_columns
from promo.store.tables import visits

if TYPE_CHECKING:
    from sqlalchemy import Engine

MEMORY = "sqlite:///:memory:"
ROWS = 2000  # copied at a time
LEFT_OUT = {visits.name}  # large, and no part of publishing


def exists(url: str) -> bool:
    """Whether there is a ledger at `url`: a missing SQLite file is not made by looking."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        return True
    return bool(place.database) and Path(str(place.database)).is_file()


def copy_ledger(source: Engine, target: Engine) -> None:
    """Copy every row but the visits, in the tables' order of dependence."""
    with reading(source) as here, transaction(target) as there:
        for table in ordered_tables():
            if table.name in LEFT_OUT:
                continue
            columns = [table.c[name] for name in written_columns(table)]
            rows = here.execution_options(yield_per=ROWS).execute(select(*columns))
            for part in rows.mappings().partitions(ROWS):
                there.execute(insert(table), [dict(row) for row in part])
