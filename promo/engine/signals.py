"""Ctrl-C and SIGTERM: the first asks to finish the call under way, the second ends the process at once."""

from __future__ import annotations

import _thread
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def graceful(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the first Ctrl-C or SIGTERM while inside; the second leaves with 128 + its number.

    `stop` runs in a thread of its own: whatever lock the interrupted line holds, it may wait for that. Leaving at once
    is safe: what was being sent is `uncertain` in the ledger once its lease is over. Outside the main thread, where
    Python allows no handlers, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(128 + number)
        asked = True
        _thread.start_new_thread(stop, ())  # `threading` takes locks of its own to start one

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
