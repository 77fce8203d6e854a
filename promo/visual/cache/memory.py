"""What this process keeps in memory: what was used last, within a number of bytes."""

from __future__ import annotations

import ctypes
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
LARGEST_SHARE = 0.6  # of the whole that one thing may take: a poster's ground is not worth all the others


class Memory:
    """Things by key, the one not used for longest forgotten first. Several threads may share it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit  # bytes
        self.size = 0
        self._things: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def largest(self) -> float:
        """Return how many bytes one thing may have to be kept."""
        return self.limit * LARGEST_SHARE

    def forget(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._things.clear()
            self.size = 0

    def find(self, key: Hashable) -> Any:
        """Return the thing, or None."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, thing: Any, size: int) -> bool:
        """Keep a thing of so many bytes, unless it takes more than `largest`; return whether it is kept."""
        if size > self.largest:
            return False
        with self._lock:
            before = self._things.pop(key, None)
            self.size += size - (before[1] if before else 0)
            self._things[key] = thing, size
            while self.size > self.limit:
                _key, (_thing, freed) = self._things.popitem(last=False)
                self.size -= freed
        return True

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """Return the thing, made and kept where it is not there. Two threads may both make it."""
        found: T | None = self.find(key)
        if found is None:
            found = make()
            self.keep(key, found, size(found))
        return found


def give_back() -> None:
    """Give freed memory back to the system: the C library (glibc) keeps tens of megabytes of it otherwise."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
