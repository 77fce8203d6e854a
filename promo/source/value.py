"""Values people write in YAML: durations, money, local times, names in two languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from promo.language import _, language

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_duration(value: Any) -> timedelta:
    """Read `90s`, `15m`, `2h`, `1d 12h`, `2w`; 0 is allowed. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if value == 0 and not isinstance(value, bool):
        return timedelta(0)
    if isinstance(value, str) and value.strip():
        rest, seconds = value.strip(), 0.0
        while rest and (part := _DURATION.match(rest)):
            seconds += float(part[1]) * _UNITS[part[2]]
            rest = rest[part.end() :].strip()
        if not rest:
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
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["15m", "2h", "35d"]}),
]


def parse_local_time(value: Any) -> datetime:
    """Read `2027-03-08 10:00[:30][+08:00]`; naive unless an offset is given. A date alone is midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive on purpose: the campaign's zone
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            pass
    raise ValueError(_("a time is written as 2027-03-08 10:00"))


LocalTime = Annotated[
    datetime,
    BeforeValidator(parse_local_time),
    PlainSerializer(lambda moment: moment.isoformat(sep=" ")),
    WithJsonSchema({"type": "string", "examples": ["2027-03-08 10:00"]}),
]


def parse_day(value: Any) -> date:
    """Read `2027-03-08`. Raises ValueError, also for days that do not exist."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise ValueError(_("a day is written as 2027-03-08"))


Day = Annotated[
    date,
    BeforeValidator(parse_day),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-03-08"]}),
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
                    if amount.is_finite() and amount >= 0:
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
