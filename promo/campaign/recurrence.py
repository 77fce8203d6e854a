"""The words of a schedule that have a grammar of their own: cron, sets of days, lateness, and rules (see `rule`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from promo.campaign.rule import parse_rrule
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import BadValueError, format_duration, parse_day, parse_duration

_ANY_START = datetime(2027, 1, 1)  # noqa: DTZ001 - rules are read on local times
_LONGEST = 300
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
