"""Looking whether the ledger can be worked with at this moment, apart from the connections that work with it."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from promo.errors import PromoError
from promo.language import _
from promo.store.database import HEAD, LOG_PAGES
from promo.store.sqlite import sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

REVISION = "SELECT version_num FROM alembic_version"
# A name of its own each time: processes that ask at once must not wait for each other. It is never committed.
WRITE = """
INSERT INTO workers (worker, role, started_at, seen_at)
VALUES (:worker, 'probe', 0, 0)
"""
ROOM = LOG_PAGES * 4096  # bytes; what SQLite's log may take before it is written back


def prober(engine: Engine, *, seconds: float) -> Callable[[], None]:
    """Return a question: may I write into the ledger now, and is its schema ours? It raises PromoError where not.

    It writes a row and takes it back. Each time it opens a connection of its own: those of the pool may outlive the
    file or the server they talk to. The database itself is given `seconds` for each step; a network that swallows
    everything takes longer.
    """
    if engine.dialect.name == "postgresql":
        patience = {"connect_timeout": max(2, round(seconds))}  # libpq takes 1 for 2
        apart = create_engine(engine.url, poolclass=NullPool, connect_args=patience)
        return lambda: _ask_server(apart, seconds)
    name = engine.url.database
    if name in {None, "", ":memory:"}:
        return lambda: None  # it lives and dies with this process
    return lambda: _ask_file(Path(str(name)), seconds)


def _ask_server(engine: Engine, seconds: float) -> None:
    try:
        with engine.connect() as connection:
            # Not among the options of the connection: those are the ledger's own, as its sessions have them.
            limit = {"limit": str(round(seconds * 1000))}
            standby = connection.execute(
                text("SELECT pg_is_in_recovery() FROM set_config('statement_timeout', :limit, true)"), limit
            ).scalar()
            _compare(connection.execute(text(REVISION)).scalar())
            if standby:
                raise PromoError(_("the database takes no writes: it is a standby"))
            _try_write(connection)
    except DBAPIError as error:
        raise PromoError(_("the database does not answer ({kind})", kind=type(error.orig).__name__)) from None


def _try_write(connection: Connection) -> None:
    try:
        connection.execute(text(WRITE), {"worker": uuid.uuid4().hex})
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise PromoError(_("the database takes no writes ({kind})", kind=type(error.orig).__name__)) from None
    connection.rollback()


def _ask_file(path: Path, seconds: float) -> None:
    try:
        # rw: a file that is gone is not made anew.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=seconds)
        try:
            connection.isolation_level = None
            [revision] = connection.execute(REVISION).fetchone()
            _compare(revision)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(WRITE, {"worker": uuid.uuid4().hex})
            connection.execute("ROLLBACK")
        finally:
            connection.close()
        disk = shutil.disk_usage(path.resolve().parent)
    except (sqlite3.Error, OSError) as error:
        raise PromoError(_("the ledger cannot be written: {reason}", reason=str(error))) from None
    if disk.free < ROOM and disk.total:  # a file system that does not say has a size of 0
        raise PromoError(_("the ledger has no room: {free} MiB free on its disk", free=f"{disk.free / 2**20:.1f}"))


def _compare(revision: str | None) -> None:
    if revision != HEAD:
        raise PromoError(
            _("the ledger has schema {revision}, this program {head}", revision=revision or "?", head=HEAD)
        )
