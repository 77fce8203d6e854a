"""Whose turn it is: campaigns that share a channel go out in turns, whatever one of them has piled up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Turns:
    """Remembers for one channel which campaign was served when, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._round = 0
        self._served: dict[str, int] = {}

    def order(self, campaigns: Iterable[str]) -> list[str]:
        """Return the campaigns, the one that has waited longest for its turn first."""
        with self._lock:
            return sorted(campaigns, key=lambda name: (self._served.get(name, -1), name))

    def served(self, campaign: str) -> None:
        """Note that a campaign has had its turn."""
        with self._lock:
            self._round += 1
            self._served[campaign] = self._round
