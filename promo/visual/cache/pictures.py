"""The picture cache: finished files named by the digest of all that went in, and digests of input files."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Sequence
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
        if not all(preview.is_file() for preview in self.previews(key, facts.get("previews", 0))):
            return None
        with suppress(OSError):
            os.utime(path)  # pruning begins with what was not used for longest
        return path, facts

    def previews(self, key: str, count: int) -> tuple[Path, ...]:
        """Return the paths of the PNG previews of a print file's pages."""
        return tuple(self._stem(key).with_suffix(f".{number}.png") for number in range(1, count + 1))

    def keep(
        self, key: str, data: bytes, suffix: str, facts: dict[str, Any], *, previews: Sequence[bytes] = ()
    ) -> tuple[Path, dict[str, Any]]:
        """Write the picture, then its facts, each whole or not at all; a print file after `previews` of its pages."""
        stem = self._stem(key)
        stem.parent.mkdir(parents=True, exist_ok=True)
        facts = {**facts, "suffix": suffix, "sha256": hashlib.sha256(data).hexdigest(), "previews": len(previews)}
        for path, preview in zip(self.previews(key, len(previews)), previews, strict=True):
            _write(path, preview)
        _write(stem.with_suffix(suffix), data)
        _write(stem.with_suffix(".json"), json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
        return stem.with_suffix(suffix), facts

    def prune(self, max_bytes: int) -> int:
        """Delete the pictures not used for longest until the rest take at most `max_bytes`; return bytes freed."""
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


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
