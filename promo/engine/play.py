"""Playing a ledger on a virtual clock: from one due moment to the next, as fast as the machine allows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from promo.delivery.publisher import Summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from promo.clock import VirtualClock
    from promo.delivery.publisher import Publisher

NUDGE = timedelta(seconds=1)


def play(
    publisher: Publisher,
    clock: VirtualClock,
    until: datetime,
    on_moment: Callable[[datetime], None] | None = None,
) -> Summary:
    """Run the publisher at every moment at which it has something to do, until `until`; return all that it did.

    `on_moment` is called before each run, with the clock already there: to extend a horizon, collect counts or
    inject trouble. The clock ends at `until`.
    """
    done = Summary()
    ran_at: datetime | None = None
    while not publisher.stopped:
        due = publisher.next_due()
        if due is None or due > until:
            break
        # What was due at the last run and did not move (somebody else holds it) must not hold up the clock.
        clock.move_to(max(due, ran_at + NUDGE) if ran_at is not None and due <= ran_at else due)
        if on_moment is not None:
            on_moment(clock.now())
        ran_at = clock.now()
        done += publisher.run_due()
    clock.move_to(until)
    return done
