"""Cron and RRULE → naive local times; what a clock change does to them is decided in `localtime`.

The grammar is checked where the campaign is read (`promo.campaign.recurrence`): what comes in here can be read.
"""

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
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

MOST = 10_000  # occurrences of one activity in one horizon; more is a slip of the pen, such as `* * * * *`
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?")
_COUNT = re.compile(r"COUNT=(\d+)")


@lru_cache(maxsize=4096)
def cron_times(expression: str, lower: datetime, upper: datetime) -> tuple[datetime, ...]:
    """Return the local times of a cron expression in [lower, upper]. Raises UserMistake where there are too many."""
    from cronsim import CronSim

    return _up_to(upper, CronSim(expression, lower - timedelta(seconds=1)))


def on_any_day(expression: str) -> str:
    """Return the expression with its hours and minutes on every day."""
    return " ".join([*expression.split()[:2], "*", "*", "*"])


@lru_cache(maxsize=4096)
def rrule_times(rule: str, first: datetime, lower: datetime, upper: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the local times of an RFC 5545 rule in [lower, upper]; DTSTART is the naive `first`.

    UNTIL may be a local time, a UTC time (Z) or a day, which counts in full. COUNT counts from `first`. Raises
    UserMistake where there are too many.
    """
    from dateutil.rrule import rrulestr

    text = rule.upper().removeprefix("RRULE:")
    end, most = upper, None
    if until := _UNTIL.search(text):
        end = min(upper, _until(until, zone))
        text = _UNTIL.sub("", text)
    if count := _COUNT.search(text):
        most = int(count[1])
        text = _COUNT.sub("", text)
    if end < first:
        return ()
    parts = [part for part in text.split(";") if part]
    # The end is given to the rule itself: one that never matches (30 February) then stops there.
    times = rrulestr(";".join([*parts, f"UNTIL={end:%Y%m%dT%H%M%S}"]), dtstart=first)
    return _up_to(end, (moment for moment in islice(times, most) if moment >= lower))


def names_no_hour(rule: str) -> bool:
    """Whether a rule takes its time of day from its first time."""
    return "BYHOUR" not in rule.upper() and "HOURLY" not in rule.upper()


def _until(found: re.Match[str], zone: ZoneInfo) -> datetime:
    day = datetime.fromisoformat(found[1])
    if not found[2]:
        return end_of(day.date())
    moment = datetime.fromisoformat(found[1] + found[2])
    return local_time(moment.replace(tzinfo=UTC), zone) if found[3] else moment


def _up_to(upper: datetime, times: Iterable[datetime]) -> tuple[datetime, ...]:
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
