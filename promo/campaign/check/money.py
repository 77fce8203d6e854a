"""Sums: the lines of a budget against its total, and the currency of goals."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from promo.language import _
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from promo.campaign.check.findings import Findings


def check_money(findings: Findings) -> None:
    """Note budget lines that exceed the total, unknown currencies, and a goal in another currency."""
    budget, spend = findings.campaign.budget, findings.campaign.goals.spend
    if spend is not None:
        _check_currency(findings, spend.currency, "goals", "spend")
    if budget is None:
        return
    _check_currency(findings, budget.total.currency, "budget", "total")
    together = sum(budget.lines.values(), Decimal(0))
    if together > budget.total.amount:
        findings.error(
            "over-budget",
            _("the lines add up to {sum}, the total is {total}", sum=f"{together:f}", total=str(budget.total)),
            "budget",
            "lines",
            at_key=True,
        )
    if spend is not None and spend.currency != budget.total.currency:
        findings.error(
            "other-currency",
            _("the budget is in {budget}, this goal in {goal}", budget=budget.total.currency, goal=spend.currency),
            "goals",
            "spend",
        )
    elif spend is not None and spend.amount > budget.total.amount:
        findings.warning("over-budget", _("more than the budget of {total}", total=str(budget.total)), "goals", "spend")


def _check_currency(findings: Findings, code: str, *keys: str) -> None:
    if code not in _currencies():
        findings.error(
            "no-such-currency",
            _("there is no currency {code}", code=f"`{code}`"),
            *keys,
            hint=did_you_mean(code, _currencies()),
        )


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())
