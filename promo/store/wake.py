"""Hearing at once that somebody has changed the ledger: SQLite's data version, PostgreSQL's LISTEN and NOTIFY."""

from __future__ import annotations

import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any

import structlog

from promo.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    Pause = Callable[..., bool]  # (seconds, *files): wait, or until a file has news; True: told to stop

log = structlog.get_logger(__name__)

CHANNEL = "promo"  # of NOTIFY
MARK = "promo_announce"  # in a connection's `info`: the transaction that others are to be told of
EVERY = 0.05  # seconds between two looks at a SQLite file
ALIVE = 30.0  # seconds of silence after which a listener asks whether its server is still there
# Unlike select, poll takes files of any number, but not every system has it.
Ears: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)
AGAIN = (0.25, 15.0)  # seconds before a lost connection is opened again: first, and at most


def announce(connection: Connection) -> None:
    """Tell every daemon of this ledger, once this transaction is committed, that something may be due sooner.

    For plans, people's steps and rows that wait for a new moment; not for claims and receipts, because PostgreSQL
    lets transactions that notify commit one after the other. On SQLite every commit is seen anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.info[MARK] = connection.get_transaction()


def tell(connection: Connection) -> None:
    """Send what was announced in this transaction; called at its end, so that it is sent once."""
    if connection.dialect.name == "postgresql":
        announced = connection.info.pop(MARK, None)
        if announced is not None and announced is connection.get_transaction():  # not one that was rolled back
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


def watch(engine: Engine, changed: Callable[[], None]) -> Watch | None:
    """Return what calls `changed` after the commits of others, and when it may have missed some; None: nothing can.

    On a SQLite file `changed` hears of every commit, also of this process; on PostgreSQL (by psycopg) of those that
    `announce`. A ledger in memory has no others.
    """
    if engine.dialect.name == "sqlite":
        return Watch(engine, _look, changed) if engine.url.database not in {None, "", ":memory:"} else None
    return Watch(engine, _listen, changed) if engine.dialect.driver == "psycopg" else None


class Watch:
    """A thread that watches over a connection of its own, and opens another when that is lost."""

    def __init__(
        self, engine: Engine, look: Callable[[Any, Callable[[], None], Pause], None], changed: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._look = look
        self._changed = changed
        self._ear, self._mouth = socket.socketpair()  # by which the thread, asleep on another file, hears of the end
        self._ears = Ears()  # made once: it costs more than the look at a SQLite file, twenty times a second
        self._ears.register(self._ear, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="promo-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; returns when the thread has ended."""
        self._mouth.close()
        self._thread.join()
        self._ears.close()
        self._ear.close()

    def _run(self) -> None:
        wait, longest = AGAIN
        while True:
            began = monotonic()
            try:
                self._watch()
            except Exception as error:  # noqa: BLE001 - the server restarts, the disk is full: watch again later
                if monotonic() - began > longest:
                    wait = AGAIN[0]
                log.warning("ledger not watched", kind=type(error).__name__, again_in=wait)
            if self._pause(wait):
                return
            wait = min(wait * 2, longest)

    def _watch(self) -> None:
        borrowed = self._engine.raw_connection()
        borrowed.detach()  # the pool no longer counts it
        connection: Any = borrowed.dbapi_connection
        try:
            self._look(connection, self._changed, self._pause)
        finally:
            connection.close()

    def _pause(self, seconds: float, *files: int) -> bool:
        for file in files:
            self._ears.register(file, selectors.EVENT_READ)
        try:
            return any(key.fileobj is self._ear for key, _events in self._ears.select(seconds))
        finally:
            for file in files:
                self._ears.unregister(file)


def _look(connection: Any, changed: Callable[[], None], pause: Pause) -> None:
    """Ask SQLite every now and then whether another connection has committed: a glance at shared memory."""
    cursor = connection.cursor()
    seen: int | None = None
    while True:
        (version,) = cursor.execute("PRAGMA data_version").fetchone()
        if version != seen:
            seen = version
            changed()
        if pause(EVERY):
            return


def _listen(connection: Any, changed: Callable[[], None], pause: Pause) -> None:
    """Sleep until PostgreSQL notifies."""
    connection.autocommit = True
    connection.add_notify_handler(lambda _notice: changed())
    connection.execute(f"LISTEN {CHANNEL}")
    changed()  # whatever was committed before it listened
    while not pause(ALIVE, connection.fileno()):
        connection.execute("SELECT 1")  # hands out what has come, and fails where the server is gone
