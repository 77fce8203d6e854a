"""Slots: the times of a slot plan, and who gets which. A slot is held by one delivery of a channel at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo.plan.ledger import CANCELLED, OPEN
from promo.plan.localtime import WIDEST_SHIFT, local_time, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from promo.plan.days import Days
    from promo.plan.ledger import LedgerRow
    from promo.workspace import SlotPlan

MOVABLE = OPEN | {"rejected"}  # in these a delivery may still move to another slot
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def slot_times(
    plan: SlotPlan, zone: ZoneInfo, *, first: datetime, last: datetime, skipped: Days, added: Days
) -> Iterator[datetime]:
    """Yield the instants (UTC) of a slot plan in [first, last], in order, without the skipped days."""
    weekdays = {WEEKDAYS.index(day) for day in plan.days}
    # A time of the day before may have been moved here: half past eleven where the clock leaves midnight out.
    day, end = local_time(first, zone).date() - WIDEST_SHIFT, local_time(last, zone).date()
    before: datetime | None = None
    while day <= end:
        if (day.weekday() in weekdays or day in added) and day not in skipped:
            for time in sorted(set(plan.times)):
                moment = resolve(datetime.combine(day, time), zone).at_utc
                # Two times inside one gap fall on the same instant: one slot.
                if first <= moment <= last and moment != before:
                    before = moment
                    yield moment
        day += timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one delivery asks for: the next free slot of its channel in these bounds."""

    id: str  # the delivery's
    channel: str
    plan: SlotPlan
    zone: ZoneInfo
    first: datetime
    last: datetime
    skipped: Days
    added: Days


def keeps(request: Request, row: LedgerRow | None) -> datetime | None:
    """Return the time a delivery has in the ledger: as long as it is one of its plan's slots, or once it is history."""
    if row is None or row.state == CANCELLED:
        return None
    if row.state not in MOVABLE:
        return row.due_at
    if not request.first <= row.due_at <= request.last:
        return None
    times = slot_times(
        request.plan, request.zone, first=row.due_at, last=row.due_at, skipped=request.skipped, added=request.added
    )
    return next(times, None)


class SlotBook:
    """Which slot of which channel is taken."""

    def __init__(self, taken: Iterable[tuple[str, datetime]]) -> None:
        self._taken = set(taken)
        self._cursors: dict[tuple[object, ...], Iterator[datetime]] = {}

    def next_free(self, request: Request, start: datetime, horizon: datetime) -> datetime | None:
        """Take the first free slot in the request's bounds and [start, horizon]; None when there is none left."""
        first, last = max(request.first, start), min(request.last, horizon)
        # Slots are given out in order, so each run of requests of one kind goes on where the last one stopped.
        run = (request.channel, request.plan, request.zone, first, last, request.skipped, request.added)
        cursor = self._cursors.get(run)
        if cursor is None:
            cursor = self._cursors[run] = slot_times(
                request.plan, request.zone, first=first, last=last, skipped=request.skipped, added=request.added
            )
        for moment in cursor:
            if (request.channel, moment) not in self._taken:
                self._taken.add((request.channel, moment))
                return moment
        return None
