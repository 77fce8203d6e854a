"""The functions and filters of templates: dates, numbers and money in the reader's language, and bounded text."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2.runtime import Context, Undefined
from jinja2.utils import pass_context

from promo.language import _
from promo.source.value import Money, parse_local_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

MAX_TEXT = 100_000  # characters any single value may have
MAX_RANGE = 1_000
_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}


class UnfitError(Exception):
    """A function or filter was given something it cannot use; the message is for the template's author."""


def bounded(text: str) -> str:
    """Return `text`, or raise UnfitError where it is too long."""
    if len(text) > MAX_TEXT:
        raise UnfitError(_("the text grows beyond {count} characters", count=MAX_TEXT))
    return text


def _locale(context: Mapping[str, Any] | Context) -> str:
    return _LOCALES.get(str(context.get("language", "en")), "en")


def _moment(value: Any) -> datetime:
    if isinstance(value, Undefined):
        str(value)  # raises, and names the variable
    if isinstance(value, str) and len(value) > 40:
        raise UnfitError(_("a time is written as 2027-03-08 10:00"))
    try:
        return parse_local_time(value)
    except ValueError as error:
        raise UnfitError(str(error)) from None


def _occurrence(context: Context) -> datetime:
    return _moment(context.get("occurrence"))


@pass_context
def days_until(context: Context, day: Any) -> int:
    """Return how many days after the day of this delivery `day` is; negative once it is past."""
    return (_moment(day).date() - _occurrence(context).date()).days


@pass_context
def date_of(context: Context, *values: Any) -> str:
    """Write a day, `date(day, form)`, or the day of this delivery, `date(form)`; forms as for the filter."""
    if len(values) > 2:
        raise UnfitError(_("write date(form) or date(day, form)"))
    if len(values) == 2 or (values and not isinstance(values[0], str)):
        return date_filter(context, *values)
    return date_filter(context, _occurrence(context), *values)


@pass_context
def date_filter(context: Context, value: Any, form: str = "medium") -> str:
    """Write a day as `form`: short, medium, long, full or a CLDR pattern such as `yyyy-MM-dd`."""
    return _formatted(format_date, _moment(value), form, context)


@pass_context
def time_filter(context: Context, value: Any, form: str = "short") -> str:
    """Write the time of day as `form`: short, medium or a CLDR pattern such as `HH:mm`."""
    moment = _moment(value)
    return _formatted(format_time, moment.replace(tzinfo=None), form, context)


def _formatted(write: Any, value: datetime, form: Any, context: Context) -> str:
    if not isinstance(form, str) or len(form) > 60:
        raise UnfitError(_("a date format is short, medium, long, full or a pattern such as yyyy-MM-dd"))
    try:
        return _written(write, value.date() if write is format_date else value, form, _locale(context))
    except (AttributeError, KeyError, ValueError):
        raise UnfitError(_("a date format is short, medium, long, full or a pattern such as yyyy-MM-dd")) from None


@lru_cache(maxsize=4096)
def _written(write: Any, value: Any, form: str, locale: str) -> str:
    # Babel reads its locale data anew each time, and a campaign writes the same days over and over.
    return str(write(value, form, locale=locale))


def _number(value: Any) -> Decimal:
    if isinstance(value, Undefined):
        str(value)  # raises, and names the variable
    try:
        found = Decimal(str(value).replace(",", "").strip()[:40])
    except InvalidOperation:
        raise UnfitError(_("{value} is no number", value=f"`{str(value)[:40]}`")) from None
    if not found.is_finite() or abs(found.adjusted()) > 30:
        raise UnfitError(_("{value} is no number", value=f"`{str(value)[:40]}`"))
    return found


@pass_context
def number_filter(context: Context, value: Any, digits: int | None = None) -> str:
    """Write a number with the language's separators; `digits` after the point, default: as they are."""
    number = _number(value)
    if digits is not None:
        number = round(number, max(0, min(int(digits), 10)))
    return str(format_decimal(number, locale=_locale(context), decimal_quantization=digits is not None))


@pass_context
def money_filter(context: Context, value: Any, currency: str | None = None) -> str:
    """Write an amount: `20000 CNY`, or a number with its ISO 4217 currency."""
    if isinstance(value, Undefined):
        str(value)  # raises, and names the variable
    if currency is None:
        try:
            money = Money.parse(value)
        except ValueError as error:
            raise UnfitError(str(error)) from None
        amount, currency = money.amount, money.currency
    else:
        amount = _number(value)
    return str(format_currency(amount, str(currency)[:3], locale=_locale(context)))


@pass_context
def percent_filter(context: Context, value: Any) -> str:
    """Write 0.25 as 25 %."""
    return str(format_percent(_number(value), locale=_locale(context)))


def round_filter(value: Any, digits: Any = 0) -> int | float:
    """Round half up to `digits` after the point (0 to 10)."""
    if not isinstance(digits, int) or not 0 <= digits <= 10:
        raise UnfitError(_("a number is rounded to 0 to 10 digits"))
    rounded = _number(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return float(rounded) if digits else int(rounded)


def join_filter(values: Iterable[Any], by: str = "") -> str:
    """Join values into one text."""
    found: list[str] = []
    size = 0
    for value in values:
        found.append(str(value))
        size += len(found[-1]) + len(by)
        if size > MAX_TEXT:
            bounded(" " * (MAX_TEXT + 1))
    return by.join(found)


def replace_filter(value: Any, old: str, new: str) -> str:
    """Replace `old` by `new`."""
    text = str(value)
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        bounded(" " * (MAX_TEXT + 1))
    return text.replace(old, new)


def short_range(*limits: int) -> range:
    """Return `range(…)` of at most 1000 numbers."""
    if not 1 <= len(limits) <= 3 or not all(isinstance(limit, int) for limit in limits):
        raise UnfitError(_("range takes one to three whole numbers"))
    try:
        found = range(*limits)
        if len(found) <= MAX_RANGE:
            return found
    except (OverflowError, ValueError):
        pass
    raise UnfitError(_("range counts to {count} at most", count=MAX_RANGE))
