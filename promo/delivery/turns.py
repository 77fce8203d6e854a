"""Whose turn it is: campaigns that share a channel go out in turns, whatever one of them has piled up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Turns:
    """Remembers for one channel how much each campaign was given, in this process.

    Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): who comes back after a quiet time begins where the
    others stand, and neither has lost its share nor catches up on what it did not need.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stand = 0  # of the campaign that was served last, before that
        self._given: dict[str, int] = {}

    def order(self, campaigns: Iterable[str]) -> list[str]:
        """Return the campaigns, the one that was given least first."""
        names = list(campaigns)
        with self._lock:
            ahead = {name: given for name, given in self._given.items() if given > self._stand}
            self._given = dict.fromkeys(names, self._stand) | ahead  # who is quiet and not ahead is forgotten
            return sorted(names, key=lambda name: (self._given[name], name))

    def served(self, campaign: str, count: int) -> None:
        """Note that a campaign was given `count` places."""
        with self._lock:
            self._stand = self._given[campaign]
            self._given[campaign] += count
