"""The picture cache: finished files named by the digest of all that went in, and digests of input files."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any


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
    """Pictures in a folder, each with a JSON file of what is known about it. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _stem(self, key: str) -> Path:
        return self.folder / key[:1] / key  # a folder for each first letter: making folders is slow

    def find(self, key: str) -> tuple[Path, dict[str, Any]] | None:
        """Return the picture's path and facts; a file that does not match its facts counts as absent."""
        try:
            facts = json.loads(self._stem(key).with_suffix(".json").read_text("utf-8"))
            path = self._stem(key).with_suffix(facts["suffix"])
            data = path.read_bytes()
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if hashlib.sha256(data).hexdigest() != facts["sha256"]:
            return None
        with suppress(OSError):
            os.utime(path)  # pruning begins with what was not used for longest
        return path, facts

    def keep(self, key: str, data: bytes, suffix: str, facts: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
        """Write the picture, then its facts, each whole or not at all."""
        stem = self._stem(key)
        stem.parent.mkdir(parents=True, exist_ok=True)
        facts = {**facts, "suffix": suffix, "sha256": hashlib.sha256(data).hexdigest()}
        _write(stem.with_suffix(suffix), data)
        _write(stem.with_suffix(".json"), json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
        return stem.with_suffix(suffix), facts

    def prune(self, max_bytes: int) -> int:
        """Delete the pictures not used for longest until the rest take at most `max_bytes`; return bytes freed."""
        pictures = []
        for facts in self.folder.glob("*/*.json"):
            for path in facts.parent.glob(f"{facts.stem}.*"):
                if path != facts:
                    with suppress(OSError):
                        stat = path.stat()
                        pictures.append((stat.st_mtime_ns, stat.st_size, path, facts))
        total, freed = sum(size for _when, size, _path, _facts in pictures), 0
        for _when, size, path, facts in sorted(pictures):
            if total - freed <= max_bytes:
                break
            facts.unlink(missing_ok=True)  # first, so that nobody finds facts without their picture
            path.unlink(missing_ok=True)
            freed += size
        return freed


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
