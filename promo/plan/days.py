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

from promo.errors import UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean

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
    """Read `2027-04-05`, `weekends`, `holidays CN`, `days off CN`, `make-up days CN`. Raises UserMistake."""
    dates: set[date] = set()
    rules: list[Callable[[date], bool]] = []
    known_until: date | None = None
    for entry in entries:
        words = entry.split()
        name, country = " ".join(words[:-1]).lower(), words[-1].upper() if words else ""
        if entry.strip().lower() == "weekends":
            rules.append(_is_weekend)
        elif name == "holidays":
            rules.append(_holiday_rule(country))
        elif name in ("days off", "make-up days"):
            if country != "CN":
                raise UserMistake(_("`{name}` are known for CN only, not for {country}", name=name, country=country))
            rules.append(_is_chinese_day_off if name == "days off" else _is_make_up_day)
            known_until = chinese_data_end()
        else:
            dates.add(_day(entry))
    return Days(dates=frozenset(dates), rules=tuple(rules), known_until=known_until)


def schedule_days(schedule: Schedule) -> tuple[Days, Days]:
    """Return the days a schedule skips, and those it fires on in addition. Raises UserMistake."""
    return parse_days(schedule.skip), parse_days(schedule.also)


def chinese_data_end() -> date:
    """Return the last day the installed `chinese_calendar` has a notice for."""
    from chinese_calendar import holidays

    return date(max(holidays).year, 12, 31)


def _day(entry: str) -> date:
    try:
        return date.fromisoformat(entry.strip())
    except ValueError:
        kinds = ("weekends", "holidays CN", "days off CN", "make-up days CN")
        raise UserMistake(
            _(
                "`{entry}` names no days: write 2027-04-05, weekends, holidays CN, days off CN or make-up days CN",
                entry=entry,
            ),
            hint=did_you_mean(entry, kinds),
        ) from None


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
    _holidays_of(country, part, 2000)  # an unknown country is said now, not at the first day looked up
    return lambda day: day in _holidays_of(country, part, day.year)


@cache
def _holidays_of(country: str, part: str, year: int) -> frozenset[date]:
    from holidays import country_holidays, list_supported_countries

    try:
        return frozenset(country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        known = list_supported_countries()
        if country in known:
            raise UserMistake(
                _("no holidays are known for {part} of {country}", part=part, country=country),
                hint=did_you_mean(part, known[country]),
            ) from None
        raise UserMistake(
            _("no holidays are known for the country {country}", country=country),
            hint=_("write its two letters: holidays CN, holidays DE-BY"),
        ) from None
