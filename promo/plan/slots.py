"""Slots: the times of a slot plan, and who gets which. A slot is held by one delivery of a channel at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo.plan.ledger import CANCELLED, Ledger
from promo.plan.localtime import local_time, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from promo.plan.days import Days
    from promo.workspace import SlotPlan

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def slot_times(
    plan: SlotPlan, zone: ZoneInfo, *, first: datetime, last: datetime, skipped: Days, added: Days
) -> Iterator[datetime]:
    """Yield the instants (UTC) of a slot plan in [first, last], in order, without the skipped days."""
    weekdays = {WEEKDAYS.index(day) for day in plan.days}
    day, end = local_time(first, zone).date(), local_time(last, zone).date()
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


class SlotBook:
    """Which slot of which channel is taken, by whom; begins with the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._held: dict[str, datetime] = {}
        self._taken: set[tuple[str, datetime]] = set()
        self._cursors: dict[tuple[object, ...], Iterator[datetime]] = {}
        for row in ledger.rows.values():
            if row.state != CANCELLED and row.part == "main":
                self._held[row.id] = row.due_at
                self._taken.add((row.channel, row.due_at))

    def take(self, channel: str, moment: datetime) -> None:
        """Mark a slot as taken by a delivery with a fixed time."""
        self._taken.add((channel, moment))

    def held(self, delivery: str) -> datetime | None:
        """Return the time a delivery has in the ledger."""
        return self._held.get(delivery)

    def keeps(self, request: Request) -> datetime | None:
        """Return the time the delivery already has, where it still is one of its plan's slots."""
        moment = self.held(request.id)
        if moment is None or not request.first <= moment <= request.last:
            return None
        times = slot_times(
            request.plan, request.zone, first=moment, last=moment, skipped=request.skipped, added=request.added
        )
        return next(times, None)

    def next_free(self, request: Request, start: datetime, horizon: datetime) -> datetime | None:
        """Take the first free slot in the request's bounds and [start, horizon]; None when there is none left."""
        first, last = max(request.first, start), min(request.last, horizon)
        # Slots are given out in order, so each run of requests of one kind goes on where the last one stopped.
        run = (request.channel, request.plan, request.zone, first, last, id(request.skipped), id(request.added))
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
