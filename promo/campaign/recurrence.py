"""The words of a schedule that have a grammar of their own: cron, RRULE, sets of days, lateness."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from math import prod
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import BadValueError, format_duration, parse_day, parse_duration

_ANY_START = datetime(2027, 1, 1)  # noqa: DTZ001 - rules are read on local times
_UNTIL = re.compile(r"UNTIL=(\d{8}(?:T\d{6}Z?)?)(?=;|$)", re.IGNORECASE)
_LONGEST = 300
_NUMBERS = re.compile(r"[+-]?\d+(?:,[+-]?\d+)*", re.ASCII)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # at most, by month
_KINDS = ("weekends", "holidays CN", "days off CN", "make-up days CN")


def parse_cron(value: Any) -> str:
    """Check a cron expression of five fields. Raises ValueError."""
    if not isinstance(value, str):
        raise BadValueError(_("a cron expression is a text in quotes"), hint=_cron_hint(), code="bad-cron")
    return _checked_cron(" ".join(value[:_LONGEST].split()))


@lru_cache(maxsize=4096)
def _checked_cron(expression: str) -> str:
    from cronsim import CronSim, CronSimError

    try:
        if len(expression.split()) != 5:
            raise CronSimError(_("five fields are needed"))
        CronSim(expression, _ANY_START)
    except CronSimError as error:
        message = _("{value} is no cron expression: {reason}", value=f"`{expression}`", reason=_reason(str(error)))
        raise BadValueError(message, hint=_cron_hint(), code="bad-cron") from None
    return expression


def _reason(complaint: str) -> str:
    """Say in words which field cronsim's `Bad day-of-month` means."""
    match complaint:
        case "Bad minute":
            return _("the minute does not fit")
        case "Bad hour":
            return _("the hour does not fit")
        case "Bad day-of-month":
            return _("the day of the month does not fit")
        case "Bad month":
            return _("the month does not fit")
        case "Bad day-of-week":
            return _("the weekday does not fit")
    return complaint


def _cron_hint() -> str:
    return _("five fields: minute hour day month weekday, such as 30 9 * * MON-FRI")


def parse_rrule(value: Any) -> str:
    """Check one RRULE of RFC 5545, without DTSTART. Raises ValueError."""
    if not isinstance(value, str):
        raise BadValueError(_("a rule is a text in quotes"), hint=_rrule_hint(), code="bad-rrule")
    return _checked_rrule(value.strip())


@lru_cache(maxsize=4096)
def _checked_rrule(rule: str) -> str:
    from dateutil.rrule import rrulestr

    text = rule.removeprefix("RRULE:").upper()
    if len(text) > _LONGEST or "\n" in text or "DTSTART" in text:
        raise BadValueError(
            _("write one rule only; its first time stands in `start`"), hint=_rrule_hint(), code="bad-rrule"
        )
    if re.search("FREQ=(SECOND|MINUTE)LY", text):
        raise BadValueError(_("a rule that fires every second or minute is refused"), code="bad-rrule")
    try:
        rrulestr(_UNTIL.sub(r"UNTIL=20991231", text), dtstart=_ANY_START)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        message = _("{value} is no rule of RFC 5545", value=f"`{rule[:60]}`")
        raise BadValueError(message, hint=_rrule_hint(), code="bad-rrule") from None
    if _never_fires(text):
        raise BadValueError(_("this rule never fires"), hint=_rrule_hint(), code="bad-rrule")
    return rule


def _never_fires(text: str) -> bool:
    """Whether a rule that can be read matches no time: looking for one would go on to the year 9999."""
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    numbers = {key: [int(n) for n in value.split(",")] for key, value in parts.items() if _NUMBERS.fullmatch(value)}
    months = numbers.get("BYMONTH", list(range(1, 13)))
    if numbers.get("INTERVAL", [1])[0] < 1 or not all(1 <= month <= 12 for month in months):
        return True
    longest = max(_DAYS[month - 1] for month in months)
    if days := numbers.get("BYMONTHDAY"):
        return all(abs(day) > longest for day in days)
    # Of a day or hour only its hours and minutes can be counted off.
    times = {"DAILY": ("BYHOUR", "BYMINUTE", "BYSECOND"), "HOURLY": ("BYMINUTE", "BYSECOND")}.get(parts.get("FREQ", ""))
    size = prod(len(numbers.get(key, [0])) for key in times or ())
    return times is not None and all(abs(place) > size for place in numbers.get("BYSETPOS", [1]))


def _rrule_hint() -> str:
    return _("such as FREQ=WEEKLY;BYDAY=TU;BYHOUR=9;BYMINUTE=30")


def parse_days(value: Any) -> str:
    """Check a day or a set of days: `2027-04-05`, `weekends`, `holidays CN`, `days off CN`, `make-up days CN`."""
    if not isinstance(value, str):
        raise BadValueError(_days_message(str(value)), code="bad-days")
    return _checked_days(value.strip()[:_LONGEST])


@lru_cache(maxsize=4096)
def _checked_days(entry: str) -> str:
    if entry[:1].isdigit():
        parse_day(entry)
        return entry
    name, _space, code = entry.rpartition(" ")
    name = " ".join(name.lower().split())
    if entry.lower() == "weekends" or (name in ("holidays", "days off", "make-up days") and code == "CN"):
        return entry
    if name == "holidays":
        _check_country(code)
        return entry
    if name in ("days off", "make-up days"):
        message = _("`{name}` are known for CN only, not for {country}", name=name, country=code)
        raise BadValueError(message, hint=f"{name} CN", code="bad-days")
    raise BadValueError(_days_message(entry), hint=did_you_mean(entry, _KINDS), code="bad-days")


def _days_message(entry: str) -> str:
    return _(
        "`{entry}` names no days: write 2027-04-05, weekends, holidays CN, days off CN or make-up days CN",
        entry=entry[:60],
    )


def _check_country(code: str) -> None:
    from holidays import list_supported_countries

    known = list_supported_countries()
    country, _dash, part = code.partition("-")
    if country not in known:
        raise BadValueError(
            _("no holidays are known for the country {country}", country=country),
            hint=_("write its two letters: holidays CN, holidays DE-BY"),
            code="no-such-country",
        )
    if part and part not in known[country]:
        raise BadValueError(
            _("no holidays are known for {part} of {country}", part=part, country=country),
            hint=did_you_mean(part, known[country]),
            code="no-such-country",
        )


def parse_late(value: Any) -> timedelta | Literal["never", "always"]:
    """Read `never`, `always` or a duration. Raises ValueError."""
    if value == "never":
        return "never"
    if value == "always":
        return "always"
    try:
        return parse_duration(value)
    except ValueError:
        raise BadValueError(_("lateness is written as never, always, or a duration such as 2h")) from None


CronText = Annotated[
    str, PlainValidator(parse_cron), WithJsonSchema({"type": "string", "examples": ["30 9 * * MON-FRI"]})
]
RruleText = Annotated[
    str,
    PlainValidator(parse_rrule),
    WithJsonSchema({"type": "string", "examples": ["FREQ=WEEKLY;BYDAY=TU;BYHOUR=9;BYMINUTE=30"]}),
]
DaysText = Annotated[
    str, PlainValidator(parse_days), WithJsonSchema({"type": "string", "examples": ["2027-04-05", *_KINDS]})
]
Late = Annotated[
    timedelta | Literal["never", "always"],
    PlainValidator(parse_late),
    PlainSerializer(lambda late: late if isinstance(late, str) else format_duration(late)),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["2h", "never", "always"]}),
]
