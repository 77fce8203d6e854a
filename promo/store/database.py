"""The database: opening it, its two kinds of transaction, and bringing its schema up to date."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from enum import IntEnum
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolExhausted

from promo.clock import monotonic
from promo.errors import PromoError, UserMistake
from promo.language import _
from promo.store.sqlite import sqlite3
from promo.store.wake import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "0004"  # the newest revision; a test holds it and the folder of migrations together
COPYING = "copying-"  # how the revision of a ledger begins that is not whole yet; see `promo.store.target`
MIGRATIONS = Path(__file__).parent / "migrations"
PROGRAM = "promo"  # the name of our connections in PostgreSQL's pg_stat_activity
LOG_PAGES = 4000  # of 4 KiB, after which SQLite's log is written back: pages that change often are then written once
BUSY_SECONDS = 30  # how long SQLite waits for another writer before it gives up
# What a database raises that is full, locked, restarting, cut off, or has ended a session that stood still, and what a
# pool raises whose connections are all in use: it passes.
AWAY = (OperationalError, InterfaceError, InternalError, PoolExhausted)
# How long PostgreSQL is waited for that was there a moment ago: without these, a cable that is cut keeps a worker for
# a quarter of an hour. libpq's words (PostgreSQL 18, 32.1.2), unless the address has its own.
PATIENCE = {
    "connect_timeout": "10",  # seconds
    "tcp_user_timeout": "20000",  # milliseconds without an acknowledgement
    "keepalives_idle": "15",  # seconds without a word from there
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
# A worker that stands still in a transaction keeps a channel locked: the server ends it, unless told otherwise.
_END_IDLE = """
SELECT set_config('idle_in_transaction_session_timeout', '60s', false)
WHERE current_setting('idle_in_transaction_session_timeout') = '0'
"""


def open_database(url: str, *, migrate: bool = True, named: str = "") -> Engine:
    """Open the ledger at `url` (SQLAlchemy's form), make it where there is none, and bring its schema up to date.

    SQLite files run in WAL mode with full synchronisation: what is committed survives a power cut. Without `migrate`
    the schema stays as it is, if there is one. `named`: where people wrote the address, unless in promo.yaml.
    Raises UserMistake for a URL that cannot be used and PromoError for a ledger newer than this program.
    """
    named = named or _("`database:` in promo.yaml")
    place = _parse(url, named)
    engine = _sqlite(place) if place.get_backend_name() == "sqlite" else _server(place)
    try:
        if migrate:
            bring_up_to_date(engine)
        else:
            engine.connect().close()
    except DBAPIError as error:
        engine.dispose()
        # str(error.orig) names a file or a host; SQLAlchemy's own text could repeat the URL with its password.
        raise PromoError(
            _("the database {url} cannot be opened: {reason}", url=_shown(place), reason=_first_line(error.orig)),
            hint=_("check {place}", place=named)
            if place.get_backend_name() == "sqlite"
            else _("check {place}, and that the database runs", place=named),
        ) from None
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that may write: committed at the end, rolled back by any exception.

    On a SQLite file all of a process's transactions that write take turns on one connection, which alone writes its
    log back, too. They take the database's write lock at once, so that what they read is still true when they write.
    """
    pen: _Pen | None = engine.get_execution_options().get("promo_pen")
    if pen is not None:
        with pen.hold(engine) as connection, connection.begin():
            yield connection
        return
    with engine.connect().execution_options(promo_write=True) as connection, connection.begin():
        yield connection
        tell(connection)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one consistent view that blocks no writer."""
    with engine.connect() as connection, connection.begin():
        yield connection


def tidy(engine: Engine) -> None:
    """Let SQLite renew its statistics and empty its log, on the connection that writes; PostgreSQL does so itself."""
    pen: _Pen | None = engine.get_execution_options().get("promo_pen")
    if pen is not None:
        with pen.hold(engine) as connection:
            driver = connection.connection.driver_connection
            connection.rollback()  # what follows cannot be done in a transaction
            if driver is not None:
                driver.execute("PRAGMA optimize")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Pen:
    """The one connection of this process that writes into a SQLite file, and the lock that it is handed on by."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._connection: Connection | None = None

    @contextmanager
    def hold(self, engine: Engine) -> Iterator[Connection]:
        """Wait for the connection and have it alone."""
        if self._holder == threading.get_ident():
            raise RuntimeError("a transaction in a transaction of the same thread would wait for itself")
        with self._lock:
            self._holder = threading.get_ident()
            try:
                if self._connection is None or self._connection.closed or self._connection.invalidated:
                    self._connection = engine.connect().execution_options(promo_write=True)
                yield self._connection
            finally:
                self._holder = None

    def put_down(self, _engine: Engine) -> None:
        """Close the connection; the next transaction opens another."""
        with self._lock:
            if self._connection is not None:
                if not self._connection.closed and not self._connection.invalidated:
                    self._connection.detach()  # else its pool, disposed of already, would keep the file open
                self._connection.close()
                self._connection = None


class Alone(IntEnum):
    """What only one process does at a time. The numbers name PostgreSQL's advisory locks; any would do."""

    MIGRATE = 779_203
    APPLY = 779_204  # a plan: what it was compared with must still be true
    SWEEP = 779_205  # many rows in one statement: two such could wait for each other
    FOLD = 779_206  # adding up counts: who comes second has nothing to do


def alone(connection: Connection, what: Alone, *, wait: bool = True) -> bool:
    """Keep others from doing `what` until this transaction ends; False: somebody does, and `wait` is off.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.dialect.name != "postgresql":
        return True
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    answer = connection.execute(text(f"SELECT {function}(:what)"), {"what": int(what)}).scalar()
    return wait or bool(answer)


def bring_up_to_date(engine: Engine) -> None:
    """Run the missing migrations, all in one transaction. Alembic is only imported when there are any."""
    with reading(engine) as connection:
        if revision_of(connection) == HEAD:
            return
    with transaction(engine) as connection:
        alone(connection, Alone.MIGRATE)
        revision = revision_of(connection)  # another process may have done it while this one waited for the lock
        if revision == HEAD:
            return
        if revision is not None and revision.startswith(COPYING):
            raise PromoError(
                _("a ledger is being copied into this database and is not whole yet"),
                hint=_("finish it with: promo database copy"),
            )
        if revision is not None and revision not in known_revisions():
            raise PromoError(
                _(
                    "this ledger was written by a newer promo (schema {revision}, known here up to {head})",
                    revision=revision,
                    head=HEAD,
                ),
                hint=_("install the newer promo, or name another database in promo.yaml"),
            )
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def known_revisions() -> frozenset[str]:
    """Return the revisions this program knows, from the names of its migration files."""
    return frozenset(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the schema; None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _parse(url: str, named: str) -> URL:
    try:
        place = make_url(url)
        place.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        raise UserMistake(
            _("the database address cannot be read ({place})", place=named),
            hint=_("write sqlite:///.promo/promo.db or postgresql://user@host/name"),
        ) from None
    if place.get_backend_name() not in {"sqlite", "postgresql"}:
        raise UserMistake(
            _("promo keeps its ledger in SQLite or PostgreSQL, not in {name}", name=place.get_backend_name()),
            hint=_("write sqlite:///.promo/promo.db or postgresql://user@host/name"),
        )
    return place


def _options() -> dict[str, Any]:
    return {
        "json_serializer": partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
        # Two of three documents in a delivery are null; psycopg gives bytes.
        "json_deserializer": lambda text: None if text in {"null", b"null"} else json.loads(text),
    }


def _server(place: URL) -> Engine:
    patient = place.update_query_dict({name: value for name, value in PATIENCE.items() if name not in place.query})
    try:
        options = _options() | {"connect_args": {"application_name": PROGRAM}}
        engine = create_engine(patient, pool_pre_ping=True, **options)
    except ModuleNotFoundError as error:
        raise UserMistake(
            _("the database {url} needs the Python package {name}", url=_shown(place), name=error.name),
            hint=_("install it with: pip install 'promo[postgres]'"),
        ) from None
    event.listen(engine, "connect", _prepare_server)
    return engine


def _prepare_server(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(_END_IDLE)
    cursor.close()
    connection.commit()


def _sqlite(place: URL) -> Engine:
    options = _options()
    if place.database in {None, "", ":memory:"}:
        # One connection for all: each further one would be an empty ledger of its own.
        options |= {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    else:
        try:
            Path(str(place.database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserMistake(
                _(
                    "the folder of the database {url} cannot be made: {reason}",
                    url=_shown(place),
                    reason=error.strerror,
                ),
            ) from None
    engine = create_engine(place, module=sqlite3, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    if "poolclass" not in options:
        pen = _Pen()
        engine.update_execution_options(promo_pen=pen)
        event.listen(engine, "engine_disposed", pen.put_down)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the module's own BEGIN would come too late; `_begin_sqlite` says it
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _switch_to_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    # The switch wants the file for itself and does not heed busy_timeout: two that open a new ledger at once would
    # find it locked. A file that is in WAL mode already answers at once.
    give_up = monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("promo_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def trouble(error: BaseException) -> str:
    """Return an error in one line for the log: what the database says of itself (full, locked, gone), or our own words.

    Never a statement with its values; of other errors, which may hold anything, only the class is named.
    """
    if isinstance(error, DBAPIError):
        return _first_line(error.orig)
    if isinstance(error, PoolExhausted):
        return "all connections to the database are in use"
    return str(error) if isinstance(error, PromoError) else type(error).__name__


def _shown(place: URL) -> str:
    return place.render_as_string(hide_password=True)


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
