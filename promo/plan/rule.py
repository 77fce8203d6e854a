"""One rule of RFC 5545, taken apart: its days, its times of day, and where COUNT ends it.

Libraries count a rule off from its first time. Here what DTSTART implies is written out, and each day of a span is
asked whether the rule names it: a rule of twenty years costs what one of a month does, and one that never fires ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, TypeVar

from promo.plan.ruledays import ONE_DAY, DayRule, rule_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
CHOOSES_DAYS = ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY")
_T = TypeVar("_T")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PIECE = timedelta(days=99)  # of a long span; a plan's usual horizon is one piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule with its first time, naive and local. `positions` are BYSETPOS in a week, month or year."""

    first: datetime
    days: DayRule
    times: tuple[time, ...]
    hours: int  # an hourly rule fires in every so many hours from the first; 0 for any other rule
    positions: tuple[int, ...]
    count: int | None
    until: str | None  # as written

    def moments(self, lower: datetime, upper: datetime) -> Iterator[datetime]:
        """Yield the rule's local times in [lower, upper], not before its first; COUNT and UNTIL are not heeded."""
        lower = max(lower, self.first)
        if upper < lower:
            return
        found = self._placed(lower.date(), upper.date()) if self.positions else self._plain(lower, upper)
        yield from (moment for moment in found if lower <= moment <= upper)

    def counted_end(self, end: datetime) -> datetime:
        """Return the last local time that COUNT allows, or `end` where it is not reached by then."""
        begin, left = self.first, self.count
        if left is None:
            return end
        each, second = self._each_period(), self._second_period()
        if each and second <= end:
            before = sum(1 for _moment in self.moments(begin, second - SECOND))
            if left > before:
                whole = min((left - before - 1) // each, (end - second) // self._period())
                begin, left = second + whole * self._period(), left - before - whole * each
        return next(islice(self.moments(begin, end), left - 1, None), end)

    def _plain(self, lower: datetime, upper: datetime) -> Iterator[datetime]:
        first, last = lower.date(), upper.date()
        while first <= last:  # piece by piece: what COUNT makes go through years is never held whole
            end = min(first + PIECE, last)
            for day in rule_days(self.days, first, end):
                yield from self._times_of(day)
            first = end + ONE_DAY

    def _placed(self, first: date, last: date) -> Iterator[datetime]:
        day = first
        while day <= last:
            begin, end = self.days.bounds(day)
            among = [moment for each in rule_days(self.days, begin, end) for moment in self._times_of(each)]
            yield from _picked(among, self.positions)
            day = end + ONE_DAY

    def _times_of(self, day: date) -> Iterator[datetime]:
        for each in self.times:
            moment = datetime.combine(day, each)
            if not self.hours or ((moment - self._first_hour()) // HOUR) % self.hours == 0:
                yield moment

    def _first_hour(self) -> datetime:
        return self.first.replace(minute=0, second=0)

    def _period(self) -> timedelta:
        if self.hours:
            return self.hours * HOUR
        return self.days.interval * (7 if self.days.freq == "WEEKLY" else 1) * ONE_DAY

    def _second_period(self) -> datetime:
        """Return where the period after that of the first time begins; days, weeks and hours only."""
        if self.hours:
            return self._first_hour() + self._period()
        day = self.first.date() if self.days.freq == "DAILY" else self.days.bounds(self.first.date())[0]
        return datetime.combine(day, time.min) + self._period()

    def _each_period(self) -> int:
        """Return how many times each whole hour, day or week has, or 0 where that is not always the same."""
        days = self.days
        if self.positions or days.months or days.month_days or days.year_days:
            return 0
        if self.hours:
            every_hour = len(self.times) % 24 == 0 and len({each.hour for each in self.times}) == 24
            return len(self.times) // 24 if every_hour and not days.weekdays else 0
        match days.freq:
            case "DAILY" if not days.weekdays:
                return len(self.times)
            case "WEEKLY":
                return len(self.times) * len(days.weekdays)
        return 0


@lru_cache(maxsize=4096)
def read_rule(rule: str, first: datetime) -> Rule:
    """Take apart a rule that `promo.campaign.rule` has checked; its DTSTART is the naive `first`."""
    parts = dict(part.split("=", 1) for part in rule.upper().removeprefix("RRULE:").split(";") if part)
    freq, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    if not any(name in parts for name in CHOOSES_DAYS):
        if freq == "YEARLY":
            parts.setdefault("BYMONTH", str(first.month))
        if freq in ("YEARLY", "MONTHLY"):
            parts["BYMONTHDAY"] = str(first.day)
        if freq == "WEEKLY":
            parts["BYDAY"] = WEEKDAYS[first.weekday()]
    hourly = freq == "HOURLY"
    days = _day_rule(parts, "DAILY" if hourly else freq, 1 if hourly else interval, first.date())
    times, positions = _times(parts, first), tuple(_numbers(parts, "BYSETPOS"))
    if hourly and positions:
        minutes = sorted({each.replace(hour=0) for each in times})
        kept = set(_picked(minutes, positions))
        times = tuple(each for each in times if each.replace(hour=0) in kept)
    elif freq == "DAILY" and positions:
        times = tuple(_picked(times, positions))
    return Rule(
        first=first,
        days=days,
        times=times,
        hours=interval if hourly else 0,
        positions=() if freq in ("HOURLY", "DAILY") else positions,
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=parts.get("UNTIL"),
    )


def _day_rule(parts: Mapping[str, str], freq: str, interval: int, first: date) -> DayRule:
    named = [day for day in parts.get("BYDAY", "").split(",") if day]
    rule = DayRule(
        freq=freq,
        interval=interval,
        week_starts=WEEKDAYS.index(parts.get("WKST", "MO")),
        months=frozenset(_numbers(parts, "BYMONTH")),
        week_numbers=frozenset(_numbers(parts, "BYWEEKNO")),
        year_days=frozenset(_numbers(parts, "BYYEARDAY")),
        month_days=frozenset(_numbers(parts, "BYMONTHDAY")),
        weekdays=frozenset(WEEKDAYS.index(day) for day in named if len(day) == 2),
        counted=frozenset((WEEKDAYS.index(day[-2:]), int(day[:-2])) for day in named if len(day) > 2),
    )
    return replace(rule, phase=rule.period(first) % interval)


def _times(parts: Mapping[str, str], first: datetime) -> tuple[time, ...]:
    hours = _numbers(parts, "BYHOUR") or (range(24) if parts["FREQ"] == "HOURLY" else [first.hour])
    minutes = _numbers(parts, "BYMINUTE") or [first.minute]
    seconds = _numbers(parts, "BYSECOND") or [first.second]
    return tuple(sorted({time(hour, minute, second) for hour, minute, second in product(hours, minutes, seconds)}))


def _numbers(parts: Mapping[str, str], name: str) -> list[int]:
    return [int(number) for number in parts[name].split(",")] if name in parts else []


def _picked(among: Sequence[_T], positions: Iterable[int]) -> list[_T]:
    """Return what stands at these places of a sorted sequence: 1 is the first, -1 the last."""
    places = {place - 1 if place > 0 else len(among) + place for place in positions}
    return [among[place] for place in sorted(places) if 0 <= place < len(among)]
