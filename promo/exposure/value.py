"""The words of `promo log`: `headcount=320 spend=1200 CNY`."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from promo.connector import METRICS
from promo.errors import UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

_GLUED = re.compile(r"(?P<number>[\d.,]+)\s*(?P<currency>[A-Z]{3})", re.ASCII)
LARGEST = 1e15  # beyond it a number is a slip of the keys, and floats lose whole units


def parse_values(words: Sequence[str], *, currency: str | None) -> dict[str, float]:
    """Read `metric=value` words; `currency` (ISO 4217) is the campaign's, None where it names none.

    Counts are whole numbers ≥ 0; `spend` is an amount in the campaign's currency, written `1200`, `1200 CNY` or
    `1200CNY` (the currency may be a word of its own). Raises UserMistake for the first word that is wrong.
    """
    values: dict[str, float] = {}
    for word in _joined(words):
        metric, equals, written = (part.strip() for part in word.partition("="))
        if not equals or not written:
            raise UserMistake(_("{word} is no metric=value", word=word), hint=_("as in: headcount=320"))
        if metric not in METRICS:
            raise UserMistake(_("there is no metric {metric}", metric=metric), hint=did_you_mean(metric, METRICS))
        if metric in values:
            raise UserMistake(_("{metric} is given twice", metric=metric))
        values[metric] = _money(written, currency) if metric == "spend" else _count(metric, written)
    return values


def _joined(words: Sequence[str]) -> list[str]:
    """Give a currency that stands as a word of its own back to the amount before it."""
    joined: list[str] = []
    for word in words:
        if joined and re.fullmatch("[A-Z]{3}", word, re.ASCII):
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


def _count(metric: str, written: str) -> float:
    try:
        value = float(written.replace(",", "").replace("_", ""))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and 0 <= value <= LARGEST and value.is_integer()):
        raise UserMistake(
            _("{metric}={value}: a whole number from 0 is wanted", metric=metric, value=written),
            hint=_("as in: headcount=320"),
        )
    return value


def _money(written: str, currency: str | None) -> float:
    glued = _GLUED.fullmatch(written)
    text = f"{glued['number']} {glued['currency']}" if glued else written
    try:
        if currency is not None and re.fullmatch(r"[\d.,]+", text, re.ASCII):
            money = Money(Decimal(text.replace(",", "")), currency)
        else:
            money = Money.parse(text)
    except (ValueError, InvalidOperation):
        raise UserMistake(
            _("spend={value}: an amount from 0 is wanted", value=written),
            hint=_("as in: spend='1200 {currency}'", currency=currency or "CNY"),
        ) from None
    if currency is not None and money.currency != currency:
        raise UserMistake(
            _("spend={value}: this campaign reckons in {currency}", value=written, currency=currency),
            hint=_("change it at the rate you paid, then log it in {currency}", currency=currency),
        )
    if not money.amount.is_finite() or not 0 <= money.amount <= Decimal(LARGEST):
        raise UserMistake(_("spend={value}: an amount from 0 is wanted", value=written))
    return float(money.amount)
