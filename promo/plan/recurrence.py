"""Cron and RRULE → naive local times; what a clock change does to them is decided in `localtime`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from promo.errors import UserMistake
from promo.language import _
from promo.plan.localtime import local_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

MOST = 10_000  # occurrences of one activity in one horizon; more is a slip of the pen, such as `* * * * *`
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?", re.IGNORECASE)
_COUNT = re.compile(r"COUNT=(\d+)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def cron_times(expression: str, lower: datetime, upper: datetime) -> tuple[datetime, ...]:
    """Return the local times of a cron expression in [lower, upper]. Raises UserMistake."""
    from cronsim import CronSim, CronSimError

    try:
        times = CronSim(expression, lower - timedelta(seconds=1))
    except CronSimError as error:
        raise UserMistake(
            _("`{expression}` is no cron expression: {what}", expression=expression, what=error),
            hint=_("five fields: minute hour day month weekday, such as 30 9 * * MON-FRI"),
        ) from None
    return _up_to(upper, times)


def on_any_day(expression: str) -> str:
    """Return the expression with its hours and minutes on every day."""
    fields = expression.split()
    return " ".join([*fields[:-3], "*", "*", "*"])


@lru_cache(maxsize=4096)
def rrule_times(rule: str, first: datetime, lower: datetime, upper: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the local times of an RFC 5545 rule in [lower, upper]; DTSTART is the naive `first`. Raises UserMistake.

    UNTIL may be a local time, a UTC time (Z) or a day, which counts in full. COUNT counts from `first`.
    """
    from dateutil.rrule import rrulestr

    text = rule.strip().removeprefix("RRULE:").upper()
    if "\n" in text or "DTSTART" in text:
        raise UserMistake(_("write one rule only; its first time stands in `start`"))
    if "FREQ=SECONDLY" in text:
        raise UserMistake(_("a rule that fires every second is refused"))
    end = upper
    if until := _UNTIL.search(text):
        end = min(upper, _until(until, zone))
        text = _UNTIL.sub("", text)
    most = None
    if count := _COUNT.search(text):
        most = int(count[1])
        text = _COUNT.sub("", text)
    if end < first:
        return ()
    text = ";".join(part for part in text.split(";") if part)
    try:
        # The end is given to the rule itself: one that never matches (30 February) then stops there.
        times = rrulestr(f"{text};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=first)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UserMistake(
            _("`{rule}` is no rule of RFC 5545", rule=rule),
            hint=_("such as FREQ=WEEKLY;BYDAY=TU;BYHOUR=9;BYMINUTE=30"),
        ) from None
    return _up_to(end, (moment for moment in islice(times, most) if moment >= lower))


def names_no_hour(rule: str) -> bool:
    """Whether a rule takes its time of day from its first time."""
    return "BYHOUR" not in rule.upper() and "HOURLY" not in rule.upper() and "MINUTELY" not in rule.upper()


def _until(found: re.Match[str], zone: ZoneInfo) -> datetime:
    try:
        day = datetime.strptime(found[1], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
        if not found[2]:
            return datetime.combine(day, time.max)
        moment = datetime.strptime(found[1] + found[2], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local, unless Z follows
    except ValueError:
        raise UserMistake(_("`{until}` is no time: UNTIL=20270402 or UNTIL=20270402T180000Z", until=found[0])) from None
    return local_time(moment.replace(tzinfo=UTC), zone) if found[3] else moment


def _up_to(upper: datetime, times: Iterator[datetime]) -> tuple[datetime, ...]:
    found: list[datetime] = []
    for moment in times:
        if moment > upper:
            break
        found.append(moment)
        if len(found) > MOST:
            raise UserMistake(
                _(
                    "it fires more than {most} times between {lower} and {upper}",
                    most=MOST,
                    lower=found[0].date(),
                    upper=upper.date(),
                )
            )
    return tuple(found)


def start_of(day: date) -> datetime:
    """Return the first local time of a day."""
    return datetime.combine(day, time.min)


def end_of(day: date) -> datetime:
    """Return the last local time of a day."""
    return datetime.combine(day, time.max)
