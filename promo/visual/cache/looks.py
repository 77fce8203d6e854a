"""What was found on pictures, kept by their look: everything that goes into a picture but the link of its QR code."""

from __future__ import annotations

import json
import sqlite3  # noqa: TID251 - a file of its own, not a ledger
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

MOST = 200_000  # looks kept; those not asked for longest go first
_ASKED_AT_ONCE = 500
_TABLE = "CREATE TABLE IF NOT EXISTS looks (look TEXT PRIMARY KEY, notes TEXT NOT NULL, used INTEGER NOT NULL)"


class LookCache:
    """Findings without words, in one small database beside the pictures. It may be deleted at any time.

    Several processes may share it. What is damaged or locked counts as absent: then pictures are looked at again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def known(self, looks: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """Return what was found on those of the looks that were seen before."""
        found: dict[str, list[dict[str, Any]]] = {}
        wanted = list(dict.fromkeys(looks))
        if not wanted or not self.file.exists():
            return found
        with suppress(sqlite3.Error, ValueError), self._open() as database:
            for start in range(0, len(wanted), _ASKED_AT_ONCE):
                part = wanted[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = database.execute(f"SELECT look, notes FROM looks WHERE look IN ({marks})", part)  # noqa: S608 - question marks only
                found.update((look, json.loads(notes)) for look, notes in rows)
                database.execute(
                    f"UPDATE looks SET used = unixepoch() WHERE used < unixepoch() - 86400 AND look IN ({marks})",  # noqa: S608 - question marks only
                    part,
                )
        return found

    def keep(self, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Keep what was found on looks; without a word where that cannot be written."""
        rows = [(look, json.dumps(notes, ensure_ascii=False)) for look, notes in found.items()]
        if not rows:
            return
        try:
            self._write(rows)
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):  # no database, or a damaged one
                self.file.unlink(missing_ok=True)
                with suppress(sqlite3.Error, OSError):
                    self._write(rows)
        except OSError:
            return

    def _write(self, rows: list[tuple[str, str]]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.execute(_TABLE)
            database.executemany("INSERT OR REPLACE INTO looks VALUES (?, ?, unixepoch())", rows)
            database.execute(
                "DELETE FROM looks WHERE look IN (SELECT look FROM looks ORDER BY used DESC LIMIT -1 OFFSET ?)", (MOST,)
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=5)) as database, database:
            yield database
