"""The one SQLite that opens a ledger: of the package pysqlite3 where it is there, else Python's own.

Two libraries in one process must not open the same file: closing it in one drops the locks of the other (SQLite, How To
Corrupt, section 2.2.1, 2025). Whoever opens a ledger's file takes `sqlite3` from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# SQLite's release notes of 3.51.3, 2026-03-13: until then two connections could lose writes when the log is reset.
SOUND = (3, 51, 3)

if TYPE_CHECKING:
    import sqlite3  # noqa: TID251 - the types of both
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3  # noqa: TID251 - here it is chosen

        if sqlite3.sqlite_version_info < SOUND:
            raise ImportError
    except ImportError:
        import sqlite3  # noqa: TID251 - as above

__all__ = ["SOUND", "sqlite3"]
