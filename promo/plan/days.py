"""Sets of days by name: dates, weekends, public holidays of a country, China's real days off and make-up days.

Public holidays come from the library `holidays` (ISO 3166 codes, `DE-BY` for a part of a country). China's days off
and make-up working days are set each autumn by the State Council's notice; `chinese_calendar` holds those notices.
For years without a notice the two Chinese rules match nothing, and `known_until` says so: nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from promo.campaign.model import Schedule

SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Days:
    """A set of days. Its rules say nothing about days after `known_until` (None: they know every day)."""

    dates: frozenset[date] = frozenset()
    rules: tuple[Callable[[date], bool], ...] = ()
    known_until: date | None = None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day in self.dates or any(rule(day) for rule in self.rules))

    def __bool__(self) -> bool:
        return bool(self.dates or self.rules)


@lru_cache(maxsize=4096)
def parse_days(entries: tuple[str, ...]) -> Days:
    """Return the days that `2027-04-05`, `weekends`, `holidays CN`, `days off CN`, `make-up days CN` name.

    The entries are checked where the campaign is read.
    """
    dates: set[date] = set()
    rules: list[Callable[[date], bool]] = []
    known_until: date | None = None
    for entry in entries:
        *name, country = entry.split()
        match [word.lower() for word in name]:
            case ["holidays"]:
                rules.append(_holiday_rule(country))
            case ["days", "off"]:
                rules.append(_is_chinese_day_off)
                known_until = chinese_data_end()
            case ["make-up", "days"]:
                rules.append(_is_make_up_day)
                known_until = chinese_data_end()
            case _ if entry.lower() == "weekends":
                rules.append(_is_weekend)
            case _:
                dates.add(date.fromisoformat(entry))
    return Days(dates=frozenset(dates), rules=tuple(rules), known_until=known_until)


def schedule_days(schedule: Schedule) -> tuple[Days, Days]:
    """Return the days a schedule skips, and those it fires on in addition."""
    return parse_days(schedule.skip), parse_days(schedule.also)


def last_known_year() -> int:
    """Return the last year the installed `chinese_calendar` has a notice for."""
    from chinese_calendar import holidays

    return max(holidays).year


@cache
def chinese_data_end() -> date:
    """Return the last day of the last known year."""
    return date(last_known_year(), 12, 31)


def _is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def _is_chinese_day_off(day: date) -> bool:
    from chinese_calendar import holidays, workdays

    if day > chinese_data_end():
        return False
    return day in holidays or (_is_weekend(day) and day not in workdays)


def _is_make_up_day(day: date) -> bool:
    from chinese_calendar import workdays

    return day in workdays


@cache
def _holiday_rule(code: str) -> Callable[[date], bool]:
    country, _dash, part = code.partition("-")
    return lambda day: day in _holidays_of(country, part, day.year)


@cache
def _holidays_of(country: str, part: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=part or None, years=year))
