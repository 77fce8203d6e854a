"""The occurrences of a schedule: labels and instants, by the policy of docs/time.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from promo.plan.days import Days, schedule_days
from promo.plan.localtime import WIDEST_SHIFT, local_time, resolve, shift_note, steady_offset
from promo.plan.recurrence import cron_fires, cron_times, end_of, rrule_fires, rrule_times, start_of
from promo.source.zone import ClockChange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from promo.campaign.model import Period, Schedule

COUNTED_AT_ONCE = timedelta(days=90)  # of a schedule's past, which `count` begins with: it never lies in memory whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One instant of a schedule. `label` names it for ever; `local` is its aware time in the campaign's zone."""

    label: str
    at_utc: datetime
    local: datetime
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The first and last instant of a schedule, aware, in UTC, both included."""

    first: datetime
    last: datetime


def bounds(schedule: Schedule, zone: ZoneInfo, period: Period) -> Bounds:
    """Return `from` and `until` as instants; where they are missing, the campaign's period. A day counts in full."""
    first = schedule.from_ if schedule.from_ is not None else period.from_
    last = schedule.until if schedule.until is not None else period.until
    return Bounds(
        first=resolve(first if isinstance(first, datetime) else start_of(first), zone).at_utc,
        last=resolve(last if isinstance(last, datetime) else end_of(last), zone).at_utc,
    )


def occurrences(
    schedule: Schedule,
    zone: ZoneInfo,
    *,
    period: Period,
    start: datetime,
    until: datetime,
    days: tuple[Days, Days] | None = None,
) -> list[Occurrence]:
    """Return the occurrences of `at`, `cron` or `rrule` in [start, until], in order, none twice.

    `start` and `until` are aware. `days` are the skipped and the added days, by default those of the schedule. Slots
    depend on what other activities took and are dealt out in `promo.plan.slots`. Raises UserMistake for one that fires
    thousands of times.
    """
    chosen = days or schedule_days(schedule)
    if schedule.at:
        return _between(schedule, zone, period, start=start, until=until, days=chosen)
    limits = bounds(schedule, zone, period)
    start, until = max(start, limits.first), min(until, limits.last)
    if schedule.count is None:
        return _between(schedule, zone, period, start=start, until=until, days=chosen)
    kept: list[Occurrence] = []
    begin, left = limits.first, schedule.count  # counting begins with the first of all
    while left and begin <= until:
        end = min(begin + COUNTED_AT_ONCE, until)
        found = _between(schedule, zone, period, start=begin, until=end, days=chosen)[:left]
        kept += (occurrence for occurrence in found if occurrence.at_utc >= start)
        begin, left = end + datetime.resolution, left - len(found)
    return kept


def _between(
    schedule: Schedule, zone: ZoneInfo, period: Period, *, start: datetime, until: datetime, days: tuple[Days, Days]
) -> list[Occurrence]:
    skipped, added = days
    found: dict[datetime, tuple[datetime, ClockChange | None]] = {}
    for moment in _nominal_times(schedule, zone, period, start=start, until=until, added=added):
        nominal, at_utc, change = _resolved(moment, zone)
        if not start <= at_utc <= until or (skipped and nominal.date() in skipped):
            continue
        # Several times of one gap fall on the same instant: it fires once, under the time that exists if there is one.
        if at_utc not in found or change is not ClockChange.GAP:
            found[at_utc] = (nominal, change)
    single = len(schedule.at) == 1
    return [
        Occurrence(
            label="once" if single else label(nominal),
            at_utc=at_utc,
            local=at_utc.astimezone(zone),
            notes=() if change is None else shift_note(nominal, resolve(nominal, zone), zone),
        )
        for at_utc, (nominal, change) in sorted(found.items())
    ]


def _resolved(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime, ClockChange | None]:
    """Return the local time, naive, its instant in UTC, and the clock change between them."""
    if moment.tzinfo is None and (offset := steady_offset(moment.date(), zone)) is not None:
        return moment, (moment - offset).replace(tzinfo=UTC), None
    resolved = resolve(moment, zone)
    return moment if moment.tzinfo is None else local_time(resolved.at_utc, zone), resolved.at_utc, resolved.change


def label(nominal: datetime) -> str:
    """Return the label of a recurring occurrence: its local time as written, seconds only where there are any."""
    written = nominal.isoformat(timespec="seconds")
    return written if nominal.second else written[:-3]


def _nominal_times(
    schedule: Schedule, zone: ZoneInfo, period: Period, *, start: datetime, until: datetime, added: Days
) -> Iterable[datetime]:
    if schedule.at:
        return schedule.at
    if until < start:
        return ()
    lower, upper = local_time(start, zone) - WIDEST_SHIFT, local_time(until, zone) + WIDEST_SHIFT
    if schedule.cron is not None:
        return cron_times(schedule.cron, lower, upper, added)
    if schedule.rrule is not None:
        return rrule_times(schedule.rrule, first_time(schedule, period), lower, upper, zone)
    return ()


def fires(schedule: Schedule, zone: ZoneInfo, period: Period) -> bool:
    """Whether `cron` or `rrule` names any time from its first day to its last, `skip` and `add` apart."""
    limits = bounds(schedule, zone, period)
    lower, upper = local_time(limits.first, zone), local_time(limits.last, zone)
    if schedule.cron is not None:
        return cron_fires(schedule.cron, lower, upper)
    if schedule.rrule is not None:
        return rrule_fires(schedule.rrule, first_time(schedule, period), lower, upper, zone)
    return True


def first_time(schedule: Schedule, period: Period) -> datetime:
    """Return a rule's first local time (DTSTART): `start`, else `from`, else the first day of the period at 00:00."""
    first: date | datetime = schedule.start or schedule.from_ or period.from_
    if not isinstance(first, datetime):
        return start_of(first)
    return first.replace(tzinfo=None)


# No campaign lies outside; far enough from the ends of `datetime` for any arithmetic with durations.
FAR_PAST = datetime(1900, 1, 1, tzinfo=UTC)
FAR_FUTURE = datetime(2999, 1, 1, tzinfo=UTC)
