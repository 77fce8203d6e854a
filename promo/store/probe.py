"""Looking whether the ledger can be worked with at this moment, apart from the connections that work with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from promo.errors import PromoError
from promo.language import _
from promo.store.database import HEAD
from promo.store.sqlite import sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

REVISION = "SELECT version_num FROM alembic_version"


def prober(engine: Engine, *, seconds: float) -> Callable[[], None]:
    """Return a question: may I write into the ledger now, and is its schema ours? It raises PromoError where not.

    Each time it opens a connection of its own: those of the pool may outlive the file or the server they talk to.
    The database itself is given `seconds`; a network that swallows everything takes longer.
    """
    if engine.dialect.name == "postgresql":
        apart = create_engine(
            engine.url,
            poolclass=NullPool,
            connect_args={
                "connect_timeout": max(2, round(seconds)),  # libpq takes 1 for 2
                "options": f"-c statement_timeout={round(seconds * 1000)}",
            },
        )
        return lambda: _ask_server(apart)
    name = engine.url.database
    if name in {None, "", ":memory:"}:
        return lambda: None  # it lives and dies with this process
    return lambda: _ask_file(Path(str(name)), seconds)


def _ask_server(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            read_only = connection.execute(text("SELECT pg_is_in_recovery()")).scalar()
            revision = connection.execute(text(REVISION)).scalar()
    except DBAPIError as error:
        raise PromoError(_("the database does not answer ({kind})", kind=type(error.orig).__name__)) from None
    if read_only:
        raise PromoError(_("the database takes no writes: it is a standby"))
    _compare(revision)


def _ask_file(path: Path, seconds: float) -> None:
    try:
        # rw: a file that is gone is not made anew.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=seconds)
        try:
            connection.isolation_level = None
            [revision] = connection.execute(REVISION).fetchone()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise PromoError(_("the ledger cannot be written: {reason}", reason=str(error))) from None
    _compare(str(revision))


def _compare(revision: str | None) -> None:
    if revision != HEAD:
        raise PromoError(
            _("the ledger has schema {revision}, this program {head}", revision=revision or "?", head=HEAD)
        )
