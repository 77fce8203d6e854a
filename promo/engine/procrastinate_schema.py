"""Procrastinate's tables in the ledger's database: made when missing, brought up to date by its own migrations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from procrastinate.schema import SchemaManager
from sqlalchemy import text

from promo.store.database import Alone, alone, reading, transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

TABLE = "procrastinate_jobs"
MARK = "kept by promo, schema "  # the comment on that table says which migration was the last


def bring_up_to_date(engine: Engine) -> None:
    """Make Procrastinate's tables or run its missing migrations, in one transaction; two processes take turns.

    Tables that another program made are left to it: its own deployment migrates them.
    """
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    newest = steps[-1].stem
    with reading(engine) as connection:
        if _found(connection) == newest:
            return
    with transaction(engine) as connection:
        alone(connection, Alone.MIGRATE)
        found = _found(connection)
        if found is None:
            _run(connection, SchemaManager.get_schema())
        elif found:
            for step in steps:
                if step.stem > found:
                    _run(connection, step.read_text(encoding="utf-8"))
        if found != "":
            _run(connection, f"COMMENT ON TABLE {TABLE} IS '{MARK}{newest}'")


def _found(connection: Connection) -> str | None:
    """Return the last migration that promo ran; None: there are no tables; empty: they are not promo's."""
    # Read as rows: `to_regclass` may answer from a cache that another process's commit has not reached yet.
    row = connection.execute(
        text(
            "SELECT obj_description(oid, 'pg_class') AS mark FROM pg_class"
            " WHERE relname = :name AND pg_table_is_visible(oid)"
        ),
        {"name": TABLE},
    ).first()
    if row is None:
        return None
    mark = row.mark or ""
    return mark.removeprefix(MARK) if mark.startswith(MARK) else ""


def _run(connection: Connection, script: str) -> None:
    """Run many statements at once: the driver does so only for a text without parameters."""
    cursor = connection.connection.cursor()
    cursor.execute(script)
    cursor.close()
