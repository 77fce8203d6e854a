"""Sets of days by name: dates, weekends, public holidays of a country, China's real days off and make-up days.

Public holidays come from the library `holidays` (ISO 3166 codes, `DE-BY` for a part of a country). China's days off
and make-up working days are set each autumn by the State Council's notice; `chinese_calendar` holds those notices.
After the last year that is known a rule matches nothing, and `ends` says so: nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from promo.campaign.model import Schedule

SATURDAY = 5
CHINESE = "chinese-calendar"


@dataclass(frozen=True, kw_only=True, slots=True)
class DataEnd:
    """Where the data of a rule ends: of `country`, after `last`, until a newer `package` is installed."""

    country: str
    last: date
    package: str

    def message(self) -> str:
        """Return what will happen after it, in the reader's language."""
        what = _("China's days off and make-up days") if self.package == CHINESE else self._holidays()
        return _(
            "{what} are known until {day}: later ones are neither left out by `skip` nor added by `also`",
            what=what,
            day=self.last,
        )

    def hint(self) -> str:
        """Return what to do about it."""
        if self.package == CHINESE:
            return _("update chinese-calendar once the notice is out, or name the days in `skip`")
        return _(
            "update the library: pip install --upgrade {package}; or name the days in `skip`", package=self.package
        )

    def _holidays(self) -> str:
        return _("the public holidays of {country}", country=self.country)


@dataclass(frozen=True, kw_only=True)
class Days:
    """A set of days. Its rules say nothing about days after the `ends` of their data.

    `countries` are those whose public holidays are among them, as `DE-BY`.
    """

    dates: frozenset[date] = frozenset()
    rules: tuple[Callable[[date], bool], ...] = ()
    ends: tuple[DataEnd, ...] = ()
    countries: tuple[str, ...] = ()

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day in self.dates or any(rule(day) for rule in self.rules))

    def __bool__(self) -> bool:
        return bool(self.dates or self.rules)

    def estimates(self, first: date, last: date) -> list[tuple[str, date]]:
        """Return the holidays in [first, last] whose day the library only estimates, each with its country."""
        years = range(first.year, last.year + 1)
        return sorted(
            (code, day)
            for code in self.countries
            for year in years
            for day in _holidays_of(code, year).estimated
            if first <= day <= last
        )


@lru_cache(maxsize=4096)
def parse_days(entries: tuple[str, ...]) -> Days:
    """Return the days that `2027-04-05`, `weekends`, `holidays CN`, `days off CN`, `make-up days CN` name.

    The entries are checked where the campaign is read.
    """
    dates: set[date] = set()
    rules: list[Callable[[date], bool]] = []
    ends: list[DataEnd] = []
    countries: list[str] = []
    for entry in entries:
        *name, country = entry.split()
        match [word.lower() for word in name]:
            case ["holidays"]:
                rules.append(_holiday_rule(country))
                ends.append(DataEnd(country=country, last=_last_holidays(country), package="holidays"))
                countries.append(country)
            case ["days", "off"]:
                rules.append(_is_chinese_day_off)
                ends.append(_chinese_end())
            case ["make-up", "days"]:
                rules.append(_is_make_up_day)
                ends.append(_chinese_end())
            case _ if entry.lower() == "weekends":
                rules.append(_is_weekend)
            case _:
                dates.add(date.fromisoformat(entry))
    return Days(
        dates=frozenset(dates),
        rules=tuple(rules),
        ends=tuple(dict.fromkeys(ends)),
        countries=tuple(dict.fromkeys(countries)),
    )


def schedule_days(schedule: Schedule) -> tuple[Days, Days]:
    """Return the days a schedule skips, and those it fires on in addition."""
    return parse_days(schedule.skip), parse_days(schedule.also)


@cache
def chinese_data_end() -> date:
    """Return the last day of the last year the installed `chinese_calendar` has a notice for."""
    from chinese_calendar import holidays

    return date(max(holidays).year, 12, 31)


def _chinese_end() -> DataEnd:
    return DataEnd(country="CN", last=chinese_data_end(), package=CHINESE)


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
    return lambda day: day in _holidays_of(code, day.year).days


@dataclass(frozen=True, kw_only=True, slots=True)
class _Year:
    days: frozenset[date]
    estimated: frozenset[date]


@cache
def _holidays_of(code: str, year: int) -> _Year:
    from holidays import country_holidays

    country, _dash, part = code.partition("-")
    found = country_holidays(country, subdiv=part or None, years=year)
    # The library writes "(estimated)", in the country's language, behind the name of a day that is not certain.
    label = getattr(found, "estimated_label", None)
    mark = found.tr(label).replace("%s", "").strip() if label else ""
    estimated = frozenset(day for day, name in found.items() if mark and mark in name)
    return _Year(days=frozenset(found), estimated=estimated)


@cache
def _last_holidays(code: str) -> date:
    from holidays import country_holidays

    return date(country_holidays(code.partition("-")[0]).end_year, 12, 31)
