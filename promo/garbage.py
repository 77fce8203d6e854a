"""The garbage collector, held back while many objects are made: Python's own thresholds are 700, 10, 10."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

KEPT = (100_000, 50, 1_000)  # while files are read and compiled into thousands of objects that stay
PASSING = (10_000, 10, 10)  # while deliveries go through: their objects end soon, by themselves


@contextmanager
def collected_rarely(thresholds: tuple[int, int, int] = KEPT) -> Iterator[None]:
    """Let the collector run rarely inside.

    It walks through all that lives, again and again: two fifths of the time of reading ten thousand activities, a tenth
    of publishing. What cycles there are is collected all the same, a little later.
    """
    before = gc.get_threshold()
    gc.set_threshold(*thresholds)
    try:
        yield
    finally:
        gc.set_threshold(*before)
