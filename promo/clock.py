"""The only source of time: a real clock, and a virtual one for rehearsals and tests."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the rest of promo may ask about time. All datetimes are aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    def wait(self, until: datetime, wake: threading.Event) -> bool:
        """Block until `until` or until `wake` is set; return True when woken early."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)

    def wait(self, until: datetime, wake: threading.Event) -> bool:
        """Block until `until` or until `wake` is set; return True when woken early."""
        return wake.wait(max(0.0, (until - self.now()).total_seconds()))


class VirtualClock:
    """A clock that stands still until it is moved; waiting moves it. Never goes back."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a virtual clock starts at an aware datetime")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the virtual moment, aware, in UTC."""
        return self._now

    def wait(self, until: datetime, wake: threading.Event) -> bool:
        """Jump to `until` at once, unless `wake` is already set."""
        if wake.is_set():
            return True
        self.move_to(until)
        return False

    def move_to(self, moment: datetime) -> None:
        """Move forward to `moment`; an earlier moment changes nothing."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self.move_to(self._now + by)


def monotonic() -> float:
    """Seconds on a clock that never goes back; for measuring durations only."""
    return time.monotonic()
