"""Values people write in YAML: durations, money, local times, names in two languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from promo.language import _, language

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue

_ADDRESS = re.compile(r"[^@\s<>,;:\"'()\[\]\\]{1,64}@(?:[^@\s<>,;:\"'()\[\]\\.]+\.)*[^@\s<>,;:\"'()\[\]\\.]{2,63}")
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)", re.ASCII)
_LONGEST = timedelta(days=3660)
_MOST_MONEY = Decimal(10) ** 15  # more is a slip, and no chart could show it
_WEB = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
_LIKE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
D = TypeVar("D", bound=date)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class BadValueError(ValueError):
    """A value that does not fit, with a hint and a stable code for the problem it becomes."""

    def __init__(self, message: str, *, hint: str | None = None, code: str = "bad-value") -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def parse_duration(value: Any) -> timedelta:
    """Read `90s`, `15m`, `2h`, `1d 12h`, `2w`; 0 is allowed. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if value == 0 and not isinstance(value, bool):
        return timedelta(0)
    if isinstance(value, str) and 0 < len(value.strip()) <= 60:
        rest, seconds = value.strip(), 0.0
        while rest and (part := _DURATION.match(rest)):
            seconds += float(part[1]) * _UNITS[part[2]]
            rest = rest[part.end() :].strip()
        if not rest and seconds <= _LONGEST.total_seconds():
            return timedelta(seconds=seconds)
    raise ValueError(_("a duration is written as 90s, 15m, 2h, 1d 12h or 2w"))


def format_duration(value: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it: `1d 12h`."""
    seconds, parts = int(value.total_seconds()), []
    for unit in ("w", "d", "h", "m", "s"):
        count, seconds = divmod(seconds, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


Duration = Annotated[
    timedelta,
    PlainValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["15m", "2h", "35d"]}),
]


def _lasting(value: timedelta) -> timedelta:
    if not value:
        raise ValueError(_("more than nothing is needed here: 90s, 15m, 2h"))
    return value


LastingDuration = Annotated[Duration, AfterValidator(_lasting)]


def parse_local_time(value: Any) -> datetime:
    """Read `2027-03-08 10:00[:30][+08:00]`; naive unless an offset is given. A date alone is midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive on purpose: the campaign's zone
    if isinstance(value, str):
        text = value.strip()
        try:
            return _of_our_time(datetime.fromisoformat(text))
        except BadValueError:
            raise
        except ValueError:
            if _LIKE_DAY.match(text):
                raise BadValueError(
                    _("{value} does not exist in the calendar", value=f"`{text[:40]}`"),
                    hint=_("a time is written as 2027-03-08 10:00"),
                    code="no-such-time",
                ) from None
    raise ValueError(_("a time is written as 2027-03-08 10:00"))


def _of_our_time(day: D) -> D:
    """Refuse years that are slips; near the calendar's ends no time zone could be reckoned with. Raises ValueError."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        message = _(
            "the year {year} is not one from {first} to {last}", year=day.year, first=_FIRST_YEAR, last=_LAST_YEAR
        )
        raise BadValueError(message, code="no-such-time")
    return day


LocalTime = Annotated[
    datetime,
    PlainValidator(parse_local_time),
    PlainSerializer(lambda moment: moment.isoformat(sep=" ")),
    WithJsonSchema({"type": "string", "examples": ["2027-03-08 10:00"]}),
]


def parse_day(value: Any) -> date:
    """Read `2027-03-08`. Raises ValueError, also for days that do not exist."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            return _of_our_time(date.fromisoformat(text))
        except BadValueError:
            raise
        except ValueError:
            if _LIKE_DAY.fullmatch(text):
                raise BadValueError(
                    _("{value} does not exist in the calendar", value=f"`{text}`"),
                    hint=_("a day is written as 2027-03-08"),
                    code="no-such-time",
                ) from None
    raise ValueError(_("a day is written as 2027-03-08"))


def parse_day_or_time(value: Any) -> date | datetime:
    """Read `2027-03-08` as a day and `2027-03-08 10:00` as a time. Raises ValueError."""
    if isinstance(value, str) and len(value.strip()) <= len("2027-03-08"):
        return parse_day(value)
    return parse_local_time(value)


Day = Annotated[
    date,
    PlainValidator(parse_day),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-03-08"]}),
]


DayOrTime = Annotated[
    date | datetime,
    PlainValidator(parse_day_or_time),
    PlainSerializer(lambda moment: moment.isoformat(sep=" ") if isinstance(moment, datetime) else moment.isoformat()),
    WithJsonSchema({"type": "string", "examples": ["2027-03-08", "2027-03-08 10:00"]}),
]


def parse_address(value: Any) -> str:
    """Read one e-mail address. Raises ValueError; whether somebody reads there, nobody can check here."""
    if isinstance(value, str) and len(value) <= 254 and _ADDRESS.fullmatch(value.strip()):
        return value.strip()
    raise BadValueError(_("this is no e-mail address"), hint=_("write it as name@company.example"), code="bad-address")


Address = Annotated[
    str,
    PlainValidator(parse_address),
    WithJsonSchema({"type": "string", "format": "email", "examples": ["wang.li@company.example"]}),
]


def parse_person(value: Any) -> str:
    """Read a person: an e-mail address, or a name. Raises ValueError where something with an @ is no address."""
    if isinstance(value, str) and "@" in value:
        return parse_address(value)
    if isinstance(value, str) and 0 < len(value.strip()) <= 100 and value.isprintable():
        return value.strip()
    raise BadValueError(_("a person is written as an e-mail address or a name"), code="bad-address")


Person = Annotated[
    str,
    PlainValidator(parse_person),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 100, "examples": ["wang.li@company.example"]}),
]


def parse_web_address(value: Any) -> str:
    """Read an address that begins with http:// or https:// and names a host. Raises ValueError."""
    if isinstance(value, str) and _WEB.fullmatch(value.strip()):
        return value.strip()
    raise BadValueError(
        _("this is no web address"), hint=_("write it as https://company.example"), code="bad-web-address"
    )


WebAddress = Annotated[
    str,
    PlainValidator(parse_web_address),
    WithJsonSchema({"type": "string", "pattern": "^https?://", "examples": ["https://company.example"]}),
]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217 code). Written `20000 CNY`."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, value: Any) -> Money:
        """Read `20000 CNY` or `CNY 20,000.50`. Raises ValueError."""
        if isinstance(value, Money):
            return value
        if isinstance(value, str):
            words = value.replace(",", "").split()
            if len(words) == 2 and re.fullmatch("[A-Z]{3}", words[0], re.ASCII):
                words.reverse()
            if len(words) == 2 and re.fullmatch("[A-Z]{3}", words[1], re.ASCII):
                try:
                    amount = Decimal(words[0])
                except InvalidOperation:
                    pass
                else:
                    if amount.is_finite() and 0 <= amount <= _MOST_MONEY:
                        return cls(amount, words[1])
        raise ValueError(_("an amount is written with its currency: 20000 CNY"))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^[\d,.]+ [A-Z]{3}$|^[A-Z]{3} [\d,.]+$", "examples": ["20000 CNY"]}


class LocalText(dict[str, str]):
    """A text in several languages, `{zh: …, en: …}`, or the same in all: a plain string."""

    @classmethod
    def parse(cls, value: Any) -> LocalText:
        """Read a string or a mapping of language codes. Raises ValueError."""
        if isinstance(value, LocalText):
            return value
        if isinstance(value, str):
            return cls({"": value})
        if isinstance(value, dict) and value and all(isinstance(v, str) for v in value.values()):
            return cls(value)
        raise ValueError(_("write a text, or one for each language: {{zh: …, en: …}}"))

    def in_language(self, wanted: str | None = None) -> str:
        """Return the text in `wanted` (default: the language in force), else the plain one, else the first."""
        return self.get(wanted or language()) or self.get("") or next(iter(self.values()), "")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda text: text[""] if set(text) == {""} else dict(text)
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
            ]
        }


def _said(text: LocalText) -> LocalText:
    if not all(words.strip() for words in text.values()):
        raise BadValueError(_("this text is empty"), hint=_("write it, or leave its key out"))
    return text


Said = Annotated[LocalText, AfterValidator(_said)]  # a text that says something in each of its languages
