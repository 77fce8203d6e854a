"""Whether another process has the ledger open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from promo.store.database import PROGRAM
from promo.store.sqlite import sqlite3

if TYPE_CHECKING:
    from sqlalchemy import Engine


def others_present(engine: Engine) -> bool:
    """Whether a process besides this one has the ledger open now; the engine's own idle connections are closed first.

    SQLite lets only the sole user of a file leave its WAL mode (sqlite.org/pragma.html#pragma_journal_mode);
    PostgreSQL lists its connections in pg_stat_activity.
    """
    engine.dispose()
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            found = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = :program AND pid <> pg_backend_pid()"
            )
            return bool(connection.execute(found, {"program": PROGRAM}).scalar())
    file = sqlite3.connect(str(engine.url.database), timeout=0)
    try:
        file.execute("PRAGMA journal_mode = DELETE")
        file.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        return True
    finally:
        file.close()
    return False
