"""The channel itself: posts, faults and counts in one SQLite file, so that they outlive processes."""

from __future__ import annotations

import json
import sqlite3  # noqa: TID251 - a file of its own, not a ledger
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from promo.testing.applies import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS post (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, content TEXT NOT NULL, counts TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, wait REAL NOT NULL);
CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL);
"""


class Busy(Exception):
    """The channel asks to come back after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"busy for {wait}")
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post as the channel shows it."""

    id: int
    key: str
    content: Mapping[str, Any]


class StandInChannel:
    """What a network's server is to a connector. Its calls raise what a network library would.

    ConnectionRefusedError: nothing arrived. ConnectionResetError: it arrived, its answer did not.
    PermissionError: wrong password. Busy: come back later.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    # What tests do

    def fail(self, fault: Fault, *, times: int = 1, wait: timedelta = timedelta(seconds=7)) -> None:
        """Let the next `times` calls meet that fault."""
        with self._transaction() as database:
            rows = [(fault.value, wait.total_seconds())] * times
            database.executemany("INSERT INTO fault (name, wait) VALUES (?, ?)", rows)

    def posts(self, key: str | None = None) -> list[Post]:
        """Return the posts it shows, all or those of one key, oldest first."""
        if not self.file.exists():
            return []
        with self._transaction() as database:
            rows = database.execute("SELECT id, key, content FROM post WHERE ? IN (key, '') ORDER BY id", (key or "",))
            return [Post(id=id_, key=key_, content=json.loads(content)) for id_, key_, content in rows]

    def calls(self) -> int:
        """Return how often it was called."""
        if not self.file.exists():
            return 0
        with self._transaction() as database:
            return int(database.execute("SELECT count(*) FROM call").fetchone()[0])

    def count(self, id_: int, **counts: int) -> None:
        """Set what it counts about one post, such as `likes=3`."""
        with self._transaction() as database:
            database.execute("UPDATE post SET counts = ? WHERE id = ?", (json.dumps(counts), id_))

    # What a connector calls

    def hello(self) -> str:
        """Return the account's name."""
        with self._call("hello"):
            return "stand-in"

    def publish(self, key: str, content: Mapping[str, Any], *, dedupe: bool) -> int:
        """Take a post and return its id; with `dedupe` a key known already gives the first post's id."""
        with self._call("publish") as database:
            known = database.execute("SELECT id FROM post WHERE key = ?", (key,)).fetchone() if dedupe else None
            if known is not None:
                return int(known[0])
            text = json.dumps(content, ensure_ascii=False)
            return int(database.execute("INSERT INTO post (key, content) VALUES (?, ?)", (key, text)).lastrowid or 0)

    def find(self, key: str) -> int | None:
        """Return the id of the first post of that key."""
        with self._call("find") as database:
            row = database.execute("SELECT min(id) FROM post WHERE key = ?", (key,)).fetchone()
            return row[0] if row[0] is None else int(row[0])

    def remove(self, id_: int) -> bool:
        """Remove a post; False when there is none of that id."""
        with self._call("remove") as database:
            return database.execute("DELETE FROM post WHERE id = ?", (id_,)).rowcount == 1

    def counts(self, id_: int) -> Mapping[str, int]:
        """Return what it counts about one post."""
        with self._call("counts") as database:
            row = database.execute("SELECT counts FROM post WHERE id = ?", (id_,)).fetchone()
            return dict(json.loads(row[0])) if row is not None else {}

    @contextmanager
    def _call(self, what: str) -> Iterator[sqlite3.Connection]:
        """Meet the next fault: before the work, or, where an answer is lost, after it."""
        with self._transaction() as database:
            row = database.execute("SELECT id, name, wait FROM fault ORDER BY id LIMIT 1").fetchone()
            fault, wait = (Fault(row[1]), timedelta(seconds=row[2])) if row is not None else (None, timedelta(0))
            if row is not None:
                database.execute("DELETE FROM fault WHERE id = ?", (row[0],))
            if fault is not Fault.REFUSED:
                database.execute("INSERT INTO call (what) VALUES (?)", (what,))
        match fault:
            case Fault.REFUSED:
                raise ConnectionRefusedError
            case Fault.BUSY:
                raise Busy(wait)
            case Fault.NO_ACCESS:
                raise PermissionError
        with self._transaction() as database:
            yield database
        if fault is Fault.LOST_ANSWER:
            raise ConnectionResetError

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as database:
            database.executescript(_TABLES)
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")
