"""The clock by which leases end: the machine's, but for the hour by which somebody has just set it forward."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from promo.clock import VirtualClock, monotonic

if TYPE_CHECKING:
    from datetime import datetime

    from promo.clock import Clock

SET = 1.0  # seconds; a clock that gains more than that on the monotonic one was set


class Steady:
    """Judges leases of the time before a clock was set forward by the time that has really passed.

    Without it another process's call, sent a second ago, would be taken for lost, and what a look-up does not find yet
    would be sent again. `longest`: the longest lease; when that has passed, no lease from before is left.
    """

    def __init__(self, clock: Clock, longest: timedelta) -> None:
        self._clock = clock
        self._longest = longest
        self._lock = threading.Lock()
        self._offset = clock.now().timestamp() - monotonic()
        self._behind = timedelta(0)
        self._until = 0.0  # monotonic

    def now(self) -> datetime:
        """Return the moment up to which leases are over. To be asked at least every few minutes."""
        with self._lock:
            now, instant = self._clock.now(), monotonic()
            offset = now.timestamp() - instant
            if instant >= self._until:
                self._behind = timedelta(0)
            gained, self._offset = offset - self._offset, offset
            if gained > SET and not isinstance(self._clock, VirtualClock):
                self._behind += timedelta(seconds=gained)
                self._until = instant + self._longest.total_seconds()
            return now - self._behind
