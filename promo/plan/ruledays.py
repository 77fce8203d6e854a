"""Which days a rule of RFC 5545 names: each part of it is a question to the day (section 3.3.10, with its table)."""

from __future__ import annotations

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class DayRule:
    """The days of a rule. Empty parts ask nothing; numbers below zero count from the end of the month or year.

    A day's period (its year, month, week; else the day itself) is in phase where its number leaves the rest `phase`
    when it is divided by `interval`.
    """

    freq: str
    interval: int = 1
    phase: int = 0
    week_starts: int = 0  # 0 is Monday
    months: frozenset[int] = _NONE
    week_numbers: frozenset[int] = _NONE
    year_days: frozenset[int] = _NONE
    month_days: frozenset[int] = _NONE
    weekdays: frozenset[int] = _NONE
    counted: frozenset[tuple[int, int]] = frozenset()  # the second Tuesday: (1, 2)

    def __contains__(self, day: date) -> bool:
        return (
            (self.interval == 1 or self.period(day) % self.interval == self.phase)
            and (not self.months or day.month in self.months)
            and (not (self.weekdays or self.counted) or day.weekday() in self.weekdays or self._is_counted(day))
            and (not self.month_days or self._is_month_day(day))
            and (not self.year_days or self._is_year_day(day))
            and (not self.week_numbers or self._is_in_week(day))
        )

    def period(self, day: date) -> int:
        """Return the number of the period that a day is part of."""
        match self.freq:
            case "YEARLY":
                return day.year
            case "MONTHLY":
                return 12 * day.year + day.month - 1
            case "WEEKLY":
                return (day.toordinal() - 1 - self.week_starts) // 7
        return day.toordinal()

    def bounds(self, day: date) -> tuple[date, date]:
        """Return the first and the last day of the week, month or year that a day is part of."""
        match self.freq:
            case "WEEKLY":
                first = day - (day.weekday() - self.week_starts) % 7 * ONE_DAY
                return first, first + 6 * ONE_DAY
            case "MONTHLY":
                return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        return date(day.year, 1, 1), date(day.year, 12, 31)

    def _is_counted(self, day: date) -> bool:
        if not self.counted:
            return False
        if self.freq == "YEARLY" and not self.months:
            place, size = _year_day(day), _days_of(day.year)
        else:
            place, size = day.day, monthrange(day.year, day.month)[1]
        weekday = day.weekday()
        return (weekday, (place - 1) // 7 + 1) in self.counted or (weekday, (place - size - 1) // 7) in self.counted

    def _is_month_day(self, day: date) -> bool:
        return day.day in self.month_days or day.day - monthrange(day.year, day.month)[1] - 1 in self.month_days

    def _is_year_day(self, day: date) -> bool:
        place = _year_day(day)
        return place in self.year_days or place - _days_of(day.year) - 1 in self.year_days

    def _is_in_week(self, day: date) -> bool:
        # A week is of the year that holds four of its days, so that of its fourth.
        fourth = day + (3 - (day.weekday() - self.week_starts) % 7) * ONE_DAY
        number = (_year_day(fourth) - 1) // 7 + 1
        weeks = number + (_days_of(fourth.year) - _year_day(fourth)) // 7
        return number in self.week_numbers or number - weeks - 1 in self.week_numbers


@lru_cache(maxsize=1024)
def rule_days(rule: DayRule, first: date, last: date) -> tuple[date, ...]:
    """Return the days of a rule in [first, last]. Rules that differ in their time of day share one search."""
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return tuple(day for day in days if day in rule)


def _year_day(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _days_of(year: int) -> int:
    return 366 if isleap(year) else 365
