"""The garbage collector, held back while many objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 50, 1_000)  # Python's own are 700, 10, 10


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Let the collector run rarely inside.

    Reading and compiling thousands of activities makes trees without cycles; walking all of them again and again
    took two fifths of the time. What cycles there are is collected all the same, a little later.
    """
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
