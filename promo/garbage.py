"""The garbage collector, held back while many objects are made: Python's own thresholds are 700, 10, 10."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

KEPT = (100_000, 50, 1_000)  # while files are read and compiled into thousands of objects that stay
PASSING = (10_000, 10, 10)  # while deliveries go through: their objects end soon, by themselves
_USUAL = gc.get_threshold()
_lock = threading.Lock()
_wanted: list[tuple[int, int, int]] = []  # by all threads that are inside


@contextmanager
def collected_rarely(thresholds: tuple[int, int, int] = KEPT) -> Iterator[None]:
    """Let the collector run rarely inside; where several threads want that, as rarely as any of them wants.

    It walks through all that lives, again and again: two fifths of the time of reading ten thousand activities, a tenth
    of publishing. What cycles there are is collected all the same, a little later.
    """
    with _lock:
        _wanted.append(thresholds)
        gc.set_threshold(*max(_wanted))
    try:
        yield
    finally:
        with _lock:
            _wanted.remove(thresholds)
            gc.set_threshold(*max(_wanted, default=_USUAL))
