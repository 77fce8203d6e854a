"""How long to wait: before the next try, and before an uncertain delivery is looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

BASE = timedelta(seconds=30)  # the first wait is at most this; each further one at most twice the one before
LONGEST = timedelta(hours=1)
SHORTEST = timedelta(seconds=1)
MOST_TRIES = 8  # in which nothing was sent; then the delivery has failed
SETTLE_FIRST = timedelta(seconds=30)
PENDING_LONGEST = timedelta(hours=6)
PENDING_FOR = timedelta(days=7)  # a channel that has not finished by then is a person's business


def try_again_wait(tries: int, random: Random) -> timedelta:
    """Return the wait after the `tries`-th try: exponential with full jitter, so that many do not come back as one."""
    ceiling = min(LONGEST, BASE * (1 << min(tries - 1, 16)))
    return max(SHORTEST, ceiling * random.random())


def settle_wait(doubtful_for: timedelta, *, longest: timedelta = LONGEST) -> timedelta:
    """Return the wait before the next look: half as long again as it has been in doubt, 30 s to `longest`."""
    return min(longest, max(SETTLE_FIRST, doubtful_for / 2))
