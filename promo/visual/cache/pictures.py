"""The picture cache: finished files named by the digest of all that went in, and digests of input files."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from promo.clock import SystemClock
from promo.visual.cache.shared import SharedStore

PRUNE_AFTER = 0.05  # of the limit that one process has written
PART = ".part-"  # how files begin that are being written
ABANDONED = 3600  # seconds


class FileDigests:
    """sha256 of files, read again only when size or time of change differ."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}
        self._lock = threading.Lock()

    def of(self, path: Path) -> str:
        """Return the digest in hexadecimal, or `missing` when there is no such file."""
        try:
            stat = path.stat()
        except OSError:
            return "missing"
        mark = stat.st_mtime_ns, stat.st_size
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == mark:
            return known[1]
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        with self._lock:
            self._known[path] = mark, digest
        return digest


class PictureCache:
    """Pictures in a folder, each with a JSON file of what is known about it. Several processes may share it.

    Every file is written whole or not at all, the facts last, and each read is held to the facts' digest: a process
    or machine that goes down leaves nothing that is taken for a picture. With a `limit` the folder is pruned by itself.
    What other machines have drawn is fetched from a `shared` store, and what is drawn here is put there.
    """

    def __init__(self, folder: Path, *, limit: int | None = None, shared: SharedStore | None = None) -> None:
        self.folder = folder
        self.limit = limit  # bytes
        self.shared = shared
        self._grown = 0  # bytes written by this process since it last pruned

    def _stem(self, key: str) -> Path:
        return self.folder / key[:1] / key  # a folder for each first letter: making folders is slow

    def find(self, key: str) -> tuple[Path, dict[str, Any]] | None:
        """Return the picture's path and facts; a file that does not match its facts counts as absent."""
        found = self._here(key)
        if found is None and self.shared is not None and (fetched := self.shared.fetch(key)) is not None:
            facts, data, previews = fetched
            found = self._write(key, facts, data, previews)
        return found

    def _here(self, key: str) -> tuple[Path, dict[str, Any]] | None:
        try:
            facts = json.loads(self._stem(key).with_suffix(".json").read_text("utf-8"))
            path = self._stem(key).with_suffix(facts["suffix"])
            data = path.read_bytes()
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if _digest(data) != facts["sha256"]:
            return None
        if not self._previews_match(key, facts):
            return None
        with suppress(OSError):
            os.utime(path)  # pruning begins with what was not used for longest
        return path, facts

    def _previews_match(self, key: str, facts: Mapping[str, Any]) -> bool:
        digests = facts.get("preview_digests", [])
        with suppress(OSError):
            found = [_digest(preview.read_bytes()) for preview in self.previews(key, facts.get("previews", 0))]
            return bool(found == digests)
        return False

    def previews(self, key: str, count: int) -> tuple[Path, ...]:
        """Return the paths of the PNG previews of a print file's pages."""
        return tuple(self._stem(key).with_suffix(f".{number}.png") for number in range(1, count + 1))

    def keep(
        self, key: str, data: bytes, suffix: str, facts: dict[str, Any], *, previews: Sequence[bytes] = ()
    ) -> tuple[Path, dict[str, Any]]:
        """Keep the picture, here and for others; of a print file `previews` of its pages too."""
        facts = {**facts, "suffix": suffix, "sha256": _digest(data), "previews": len(previews)}
        kept = self._write(key, facts, data, previews)
        if self.shared is not None:
            self.shared.put(key, facts, data, previews)
        return kept

    def _write(
        self, key: str, facts: dict[str, Any], data: bytes, previews: Sequence[bytes]
    ) -> tuple[Path, dict[str, Any]]:
        """Write the previews, the picture, then its facts, each whole or not at all."""
        stem = self._stem(key)
        if previews:
            facts = {**facts, "preview_digests": [_digest(preview) for preview in previews]}
        stem.parent.mkdir(parents=True, exist_ok=True)
        for path, preview in zip(self.previews(key, len(previews)), previews, strict=True):
            _write(path, preview)
        _write(stem.with_suffix(facts["suffix"]), data)
        _write(stem.with_suffix(".json"), json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
        self._grown += len(data) + sum(map(len, previews))
        if self.limit is not None and self._grown > self.limit * PRUNE_AFTER:
            self.prune(self.limit)
        return stem.with_suffix(facts["suffix"]), facts

    def prune(self, max_bytes: int) -> int:
        """Delete the pictures not used for longest until the rest take at most `max_bytes`; return bytes freed.

        What a process left half written when it was killed goes too.
        """
        self._grown = 0
        _sweep(self.folder)
        kept = []
        for facts in self.folder.glob("*/*.json"):
            files = [path for path in facts.parent.glob(f"{facts.stem}.*") if path != facts]
            with suppress(OSError):
                stats = [path.stat() for path in files]
                used = max((stat.st_mtime_ns for stat in stats), default=0)
                kept.append((used, sum(stat.st_size for stat in stats), facts, files))
        total, freed = sum(size for _used, size, _facts, _files in kept), 0
        for _used, size, facts, files in sorted(kept):
            if total - freed <= max_bytes:
                break
            facts.unlink(missing_ok=True)  # first, so that nobody finds facts without their picture
            for path in files:
                path.unlink(missing_ok=True)
            freed += size
        return freed


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sweep(folder: Path) -> None:
    """Delete parts that are older than any writing takes."""
    now = SystemClock().now().timestamp()
    for part in folder.glob(f"*/{PART}*"):
        with suppress(OSError):
            if part.stat().st_mtime < now - ABANDONED:
                part.unlink()


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=PART)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except OSError as error:  # a full disk does not say which
        raise OSError(error.errno, error.strerror, str(path.parent)) from None
    finally:
        Path(name).unlink(missing_ok=True)
