"""What of a report is shown, and in which order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from promo.report.model import DISTINCT
from promo.store.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from promo.report.model import Group, Report

ORDER = (
    "impressions",
    "reach",
    "clicks",
    "scans",
    "headcount",
    "coverage",
    "likes",
    "shares",
    "comments",
    "replies",
    "views",
    "opens",
)
MOST_DAYS = 92  # beyond a quarter a bar stands for a week


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySeries:
    """One metric over time, from its most trusted origin. `values[channel][n]` belongs to `days[n]`.

    `step` is how many days one value covers; days without a number are there, with 0.
    """

    metric: str
    origin: Origin
    step: int
    days: tuple[date, ...]
    values: dict[str | None, tuple[float, ...]]

    @property
    def sums(self) -> tuple[float, ...]:
        """Return the value of each day over all channels."""
        return tuple(sum(column) for column in zip(*self.values.values(), strict=True))


def currency_of(report: Report) -> str:
    """Return the currency amounts are written in; empty where the campaign names none."""
    return report.budget.currency if report.budget else ""


def main_metrics(report: Report) -> tuple[str, ...]:
    """Return the metrics that have a number, those with a goal first. Money has a section of its own."""
    wanted = [goal.metric for goal in report.goals]
    known = [*wanted, *ORDER, *sorted(report.totals)]
    return tuple(dict.fromkeys(metric for metric in known if metric in report.totals and metric != "spend"))


def shown_groups(groups: Iterable[Group], metrics: Sequence[str]) -> list[Group]:
    """Return the groups with a delivery or with a number among `metrics`."""
    return [group for group in groups if group.deliveries or any(metric in group.totals for metric in metrics)]


def by_day(report: Report, metric: str) -> DaySeries | None:
    """Return a metric's days, None where it has numbers on fewer than two of them.

    People (`DISTINCT`) are never added up over posts, so they have no days. All metrics of a
    report have the same days, without a gap.
    A total that was corrected downwards is shown as 0, never below.
    """
    values = [value for value in report.days if value.metric == metric and metric not in DISTINCT]
    origin = next((origin for origin in Origin if any(value.origin is origin for value in values)), None)
    values = [value for value in values if value.origin is origin]
    if origin is None or len({value.day for value in values}) < 2:
        return None
    first, last = min(value.day for value in report.days), max(value.day for value in report.days)
    step = 1 if (last - first).days < MOST_DAYS else 7
    count = (last - first).days // step + 1
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0.0] * count)
    for value in values:
        sums[value.channel][(value.day - first).days // step] += value.value
    return DaySeries(
        metric=metric,
        origin=origin,
        step=step,
        days=tuple(first + timedelta(days=number * step) for number in range(count)),
        values={
            channel: tuple(max(0.0, number) for number in sums[channel])
            for channel in sorted(sums, key=lambda channel: (channel is None, channel or ""))
        },
    )
