"""Cron and RRULE → naive local times; what a clock change does to them is decided in `localtime`.

The grammar is checked where the campaign is read (`promo.campaign.recurrence`): what comes in here can be read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from promo.errors import UserMistake
from promo.language import _
from promo.plan.localtime import local_time
from promo.plan.rule import SECOND, Rule, read_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from promo.plan.days import Days

MOST = 10_000  # occurrences of one activity in one horizon; more is a slip of the pen, such as `* * * * *`
KEPT = 1024  # searches: activities that differ in their time of day share one
_ONE_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - cron runs on local times


def cron_times(expression: str, lower: datetime, upper: datetime, added: Days | None = None) -> list[datetime]:
    """Return the local times of a cron expression in [lower, upper], on its own days and on those of `added`.

    Raises UserMistake where there are too many.
    """
    minute, hour, *days = expression.split()
    found: Iterable[date] = _cron_days(" ".join(days), lower.date(), upper.date())
    if added:
        found = sorted({*found, *(day for day in _days_between(lower.date(), upper.date()) if day in added)})
    clock = _cron_clock(f"{minute} {hour}")
    moments = (datetime.combine(day, each) for day in found for each in clock)
    return _not_too_many((moment for moment in moments if lower <= moment <= upper), upper)


@lru_cache(maxsize=KEPT)
def _cron_clock(fields: str) -> tuple[time, ...]:
    from cronsim import CronSim

    times = CronSim(f"{fields} * * *", _ONE_DAY - SECOND)
    return tuple(moment.time() for moment in takewhile(lambda moment: moment.date() == _ONE_DAY.date(), times))


@lru_cache(maxsize=KEPT)
def _cron_days(fields: str, first: date, last: date) -> tuple[date, ...]:
    from cronsim import CronSim

    days = CronSim(f"0 0 {fields}", _ONE_DAY)
    return tuple(day for day in _days_between(first, last) if day.month in days.months and days.match_day(day))


def rrule_times(rule: str, first: datetime, lower: datetime, upper: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the local times of an RFC 5545 rule in [lower, upper]; DTSTART is the naive `first`.

    UNTIL may be a local time, a UTC time (Z) or a day, which counts in full. COUNT counts from `first`. Raises
    UserMistake where there are too many.
    """
    read = read_rule(rule, first)
    end = _ended(read, upper, zone)
    if read.count is not None:
        end = min(end, _counted_end(read, end))
    return _not_too_many(read.moments(lower, end), upper)


def cron_fires(expression: str, lower: datetime, upper: datetime) -> bool:
    """Whether a cron expression names any local time in [lower, upper]; no more is looked for than the first."""
    from cronsim import CronSim, CronSimError

    try:
        return next(CronSim(expression, lower - SECOND)) <= upper
    except (StopIteration, CronSimError):  # cronsim gives up after fifty years
        return False


def rrule_fires(rule: str, first: datetime, lower: datetime, upper: datetime, zone: ZoneInfo) -> bool:
    """Whether a rule names any local time in [lower, upper]; no more is looked for than the first."""
    read = read_rule(rule, first)
    return next(read.moments(lower, _ended(read, upper, zone)), None) is not None


def _ended(rule: Rule, upper: datetime, zone: ZoneInfo) -> datetime:
    return upper if rule.until is None else min(upper, _until(rule.until, zone))


@lru_cache(maxsize=KEPT)
def _counted_end(rule: Rule, end: datetime) -> datetime:
    return rule.counted_end(end)


def names_no_hour(rule: str) -> bool:
    """Whether a rule takes its time of day from its first time."""
    return "BYHOUR" not in rule.upper() and "HOURLY" not in rule.upper()


def _until(written: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(written.removesuffix("Z"))
    if "T" not in written:
        return end_of(moment)
    return local_time(moment.replace(tzinfo=UTC), zone) if written.endswith("Z") else moment


def _days_between(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _not_too_many(times: Iterable[datetime], upper: datetime) -> list[datetime]:
    found = list(islice(times, MOST + 1))
    if len(found) > MOST:
        raise UserMistake(
            _(
                "it fires more than {most} times between {lower} and {upper}",
                most=MOST,
                lower=found[0].date(),
                upper=upper.date(),
            )
        )
    return found


def start_of(day: date) -> datetime:
    """Return the first local time of a day."""
    return datetime.combine(day, time.min)


def end_of(day: date) -> datetime:
    """Return the last local time of a day."""
    return datetime.combine(day, time.max)
