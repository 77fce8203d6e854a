"""The heartbeat of a process: which of its loops turned when, and which are overdue."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from promo.clock import monotonic
from promo.delivery.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Heartbeat(Observer):
    """Remembers each loop's last turn. `now` counts seconds and never goes back, whatever is done to the clock."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._turned: dict[str, tuple[float, float]] = {}  # loop → when it turned, until when it should have again

    def beat(self, *, loop: str, within: float) -> None:
        """Hear that a loop has turned. `within` 0: it has ended, as it should."""
        now = self._now()
        with self._lock:
            if within:
                self._turned[loop] = now, now + within
            else:
                self._turned.pop(loop, None)

    def ages(self) -> Mapping[str, float]:
        """Return how many seconds ago each loop turned."""
        now = self._now()
        with self._lock:
            return {loop: now - at for loop, (at, _until) in sorted(self._turned.items())}

    def stuck(self) -> Mapping[str, float]:
        """Return the loops that should have turned again by now, with the seconds since they did."""
        now = self._now()
        with self._lock:
            return {loop: now - at for loop, (at, until) in sorted(self._turned.items()) if now > until}
