"""The report for other programs: JSON with everything, CSV with one number a line."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from promo.report.model import Total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from promo.report.model import Report

COLUMNS = ("section", "name", "metric", "origin", "counts", "value", "goal", "day")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


def as_plain(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values: moments ISO 8601 in UTC, days ISO, money as a decimal string.

    A total carries `value`, `at_least`, `counted` and `beside` (origin → number) beside what they were made from.
    """
    found: dict[str, Any] = _plain(report)
    return {**found, "deliveries": report.deliveries}


def as_json(report: Report) -> str:
    """Return `as_plain` as indented JSON, ending with a newline."""
    return json.dumps(as_plain(report), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(report: Report) -> str:
    """Return one line a number, with the columns `COLUMNS`. Write it as utf-8-sig: spreadsheets look for the mark.

    Lines whose `counts` is `no` stand beside others about the same deliveries: a sum over them would count twice.
    People (`reach`) are never to be summed.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")  # RFC 4180
    writer.writeheader()
    for line in _lines(report):
        writer.writerow({name: _cell(value) for name, value in line.items()})
    return text.getvalue()


def _lines(report: Report) -> Iterator[dict[str, Any]]:
    goals = {goal.metric: goal.target for goal in report.goals}
    for metric in sorted({*report.totals, *goals}):
        if metric in report.totals:
            yield from _of_total("campaign", report.campaign, report.totals[metric], goal=goals.get(metric))
        else:
            yield {"section": "campaign", "name": report.campaign, "metric": metric, "goal": goals[metric]}
    yield {
        "section": "campaign",
        "name": report.campaign,
        "metric": "visitors",
        "origin": "measured",
        "counts": "yes",
        "value": report.visitors,
    }
    for section, groups in (("channel", report.channels), ("kind", report.kinds)):
        for group in groups:
            for total in group.totals.values():
                yield from _of_total(section, group.key or "", total)
    for place in report.placements:
        if place.scans is not None:
            line = {"section": "placement", "name": f"{place.activity}/{place.placement}", "metric": "scans"}
            yield {**line, "origin": "measured", "counts": "yes", "value": place.scans}
    for day in report.days:
        line = {"section": "day", "name": day.channel or "", "metric": day.metric, "origin": day.origin}
        yield {**line, "value": day.value, "day": day.day.isoformat()}
    for budget in report.budget.lines if report.budget else ():
        line = {"section": "budget", "name": budget.line or "", "metric": "spend", "counts": "yes"}
        yield {**line, "value": budget.spent, "goal": budget.planned}


def _of_total(section: str, name: str, total: Total, *, goal: float | None = None) -> Iterator[dict[str, Any]]:
    for counts, numbers in (("yes", total.counted), ("no", total.beside)):
        for origin, value in numbers.items():
            line = {"section": section, "name": name, "metric": total.metric, "origin": origin}
            yield {**line, "counts": counts, "value": value, "goal": goal}


def _cell(value: Any) -> str:
    """Write one cell. A word that a spreadsheet would take for a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}" if value < 1e10 else f"{value:.0f}"
    if isinstance(value, (int, Decimal)):
        return str(value)
    word = str(value)
    return f"'{word}" if word.startswith(_FORMULA) else word


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {name.name: _plain(getattr(value, name.name)) for name in dataclasses.fields(value)}
        return {**plain, "value": value.value, "at_least": value.at_least} if isinstance(value, Total) else plain
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _mapping(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(_plain(key)): _plain(item) for key, item in values.items()}
