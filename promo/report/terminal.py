"""The report in a terminal: 80 columns, readable without colour too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group as Lines
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from promo.language import _
from promo.report.remark import URGENT, sentence
from promo.report.selection import by_day, currency_of, main_metrics, shown_groups
from promo.report.words import (
    channel_name,
    day,
    figure,
    kind_name,
    metric_name,
    moment,
    money,
    number,
    origin_letter,
    origin_meaning,
    origin_name,
    share,
    short_day,
    state_name,
)
from promo.store.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import RenderableType

    from promo.report.model import Goal, Group, Report, Total

COLOURS = {Origin.MEASURED: "green", Origin.ENTERED: "yellow", Origin.REPORTED: "cyan", Origin.ESTIMATED: "magenta"}
BAR = 20  # cells of a full goal
COLUMNS = 4  # metrics side by side in 80 columns
SPARK = 46  # days in a sparkline, the last ones
ROWS = 20  # of placements and entries; the page has them all
_BLOCKS = " ▁▂▃▄▅▆▇█"


def render_report(report: Report) -> RenderableType:
    """Return the whole report for a rich console, in the language in force."""
    parts: list[RenderableType] = [_head(report)]
    if report.goals:
        parts += _section(_("Goals"), _goals(report))
    parts += _section(_("By channel"), _groups(report, report.channels, _("Channel"), channel_name))
    parts += _section(_("By kind"), _groups(report, report.kinds, _("Kind"), kind_name))
    if report.days:
        parts += _section(_("By day"), _days(report))
    if report.placements:
        parts += _section(_("Placements"), _placements(report))
    if report.budget:
        parts += _section(_("Budget"), _budget(report))
    if report.top:
        parts += _section(_("Strongest deliveries"), _top(report))
    if report.entries:
        parts += _section(_("Entered by people"), _entries(report))
    parts += _section(_("Where numbers come from"), _legend())
    if report.notes:
        parts += _section(_("Before you judge"), _notes(report))
    return Lines(*parts)


def _section(title: str, body: RenderableType) -> list[RenderableType]:
    return [Text(f"\n{title}", style="bold"), Padding(body, (0, 0, 0, 1))]


def _table(*columns: tuple[str, str]) -> Table:
    """Return a light table; each column is its heading and `left` or `right`."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), header_style="dim")
    for heading, side in columns:
        table.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    return table


def _head(report: Report) -> RenderableType:
    states = [f"{state_name(state)} {number(count)}" for state, count in sorted(report.states.items())]
    lines = Text()
    lines.append(f"{report.name.in_language()}\n", style="bold")
    lines.append(
        f"{report.campaign} · {day(report.first_day)} – {day(report.last_day)} · {report.timezone}\n", style="dim"
    )
    lines.append(_("As of {moment}", moment=moment(report.made_at, report.timezone)), style="dim")
    lines.append("\n\n")
    lines.append(
        _("{published} of {all} deliveries are out", published=number(report.published), all=number(report.deliveries))
    )
    lines.append(f"  ({', '.join(states)})\n" if states else "\n", style="dim")
    lines.append(
        _("{visitors} visitors, {visits} visits", visitors=number(report.visitors), visits=number(report.visits))
    )
    lines.append(f"  {origin_name(Origin.MEASURED)}", style=COLOURS[Origin.MEASURED])
    return lines


def _goals(report: Report) -> Table:
    table = _table(
        ("", "left"), ("", "left"), (_("Actual"), "right"), (_("Goal"), "right"), ("", "right"), (_("Origin"), "left")
    )
    currency = currency_of(report)
    for goal in report.goals:
        table.add_row(
            metric_name(goal.metric),
            _bar(goal),
            _at_least(goal.total, currency) if goal.total else "–",
            figure(goal.metric, goal.target, currency),
            share(goal.share),
            _origins(goal.total.origins) if goal.total else "",
        )
    return table


def _bar(goal: Goal) -> Text:
    """Return the bar of one goal; a number beyond the goal ends in ▶."""
    bar, filled = Text(), 0.0
    if goal.total is not None and goal.target > 0:
        for origin in goal.total.origins:
            value = goal.total.value if len(goal.total.origins) == 1 else goal.total.counted[origin]
            start, filled = round(filled), min(filled + value / goal.target * BAR, BAR)
            bar.append("█" * (round(filled) - start), style=COLOURS[origin])
        over = (goal.share or 0) > 1
        if over and len(bar):
            bar = Text("").join([bar[: BAR - 1], Text("▶", style=COLOURS[goal.total.origins[-1]])])
    bar.append("·" * (BAR - len(bar)), style="dim")
    bar.no_wrap = True
    return bar


def _at_least(total: Total, currency: str) -> str:
    return (
        f"≥ {figure(total.metric, total.value, currency)}"
        if total.at_least
        else figure(total.metric, total.value, currency)
    )


def _origins(origins: Iterable[Origin]) -> Text:
    return Text(" + ").join([Text(origin_name(origin), style=COLOURS[origin]) for origin in origins])


def _groups(report: Report, groups: Iterable[Group], heading: str, name: Callable[[str | None], str]) -> Table:
    metrics = main_metrics(report)[:COLUMNS]
    table = _table(
        (heading, "left"), (_("Out"), "right"), (_("Visitors"), "right"), *((metric_name(m), "right") for m in metrics)
    )
    for group in shown_groups(groups, metrics):
        cells: list[str | Text] = [
            f"{number(group.published)}/{number(group.deliveries)}" if group.deliveries else "–",
            number(group.visitors) if group.visitors else "–",
        ]
        cells += [_cell(group.totals.get(metric), currency_of(report)) for metric in metrics]
        table.add_row(name(group.key), *cells)
    return table
    return table


def _cell(total: Total | None, currency: str) -> str | Text:
    """Return a number with the letters of its origins."""
    if total is None:
        return "–"
    cell = Text(_at_least(total, currency))
    for origin in total.origins:
        cell.append(f" {origin_letter(origin)}", style=COLOURS[origin])
    return cell


def _days(report: Report) -> RenderableType:
    table = _table(("", "left"), ("", "left"), (_("Highest"), "right"), (_("Origin"), "left"))
    for metric in main_metrics(report):
        series = by_day(report, metric)
        if series is None:
            continue
        sums = series.sums
        top = max(sums)
        span = f"{short_day(series.days[0])} – {short_day(series.days[-1])}"
        table.add_row(
            metric_name(metric),
            Text("\n").join([Text(_sparkline(sums[-SPARK:], top)), Text(span, style="dim")]),
            f"{number(top)}\n{short_day(series.days[sums.index(top)])}",
            _origins((series.origin,)),
        )
    return table if table.row_count else Text(_("Numbers of a single day only"), style="dim")


def _sparkline(values: Iterable[float], top: float) -> str:
    steps = len(_BLOCKS) - 1
    return "".join(_BLOCKS[-(-int(value * steps * 1000) // int(top * 1000)) if top else 0] for value in values)


def _placements(report: Report) -> Table:
    table = _table(
        (_("Activity"), "left"),
        (_("Placement"), "left"),
        (_("Copies"), "right"),
        (_("Scans"), "right"),
        (_("Visitors"), "right"),
    )
    for place in report.placements[:ROWS]:
        counts = (
            ("–", "–")
            if place.scans is None or place.visitors is None
            else (number(place.scans), number(place.visitors))
        )
        table.add_row(place.activity, place.name, number(place.copies), *counts)
    return table


def _budget(report: Report) -> Table:
    budget = report.budget
    table = _table((_("Line"), "left"), (_("Spent"), "right"), (_("Planned"), "right"), ("", "right"))
    if budget is None:
        return table
    for line in budget.lines:
        part = float(line.spent / line.planned) if line.planned else None
        planned = "–" if line.planned is None else money(line.planned, budget.currency)
        over = Text(share(part), style="bold red" if part is not None and part > 1 else "")
        table.add_row(line.line or _("on no line"), money(line.spent, budget.currency), planned, over)
    if budget.total is not None:
        part = float(budget.spent / budget.total) if budget.total else None
        total = (money(budget.spent, budget.currency), money(budget.total, budget.currency), share(part))
        table.add_row(_("Total"), *total, style="bold")
    return table


def _top(report: Report) -> Table:
    table = _table((_("Delivery"), "left"), (_("Channel"), "left"), (_("Numbers"), "left"))
    for delivery in report.top:
        numbers = Text(", ").join(
            [
                Text.assemble(
                    f"{metric_name(metric)} {figure(metric, delivery.figures[metric][1], currency_of(report))} ",
                    (origin_letter(delivery.figures[metric][0]), COLOURS[delivery.figures[metric][0]]),
                )
                for metric in main_metrics(report)
                if metric in delivery.figures
            ][:3]
        )
        what = Text.assemble((delivery.id, "bold"), f" {delivery.title}")
        what.truncate(34, overflow="ellipsis")
        table.add_row(what, delivery.channel, numbers)
    return table


def _entries(report: Report) -> Table:
    table = _table(
        (_("Counted"), "left"), (_("By"), "left"), (_("About"), "left"), (_("Number"), "right"), (_("Proof"), "left")
    )
    for entry in report.entries[:ROWS]:
        value = f"{metric_name(entry.metric)} {figure(entry.metric, entry.value, currency_of(report))}"
        about = entry.activity or channel_name(None)
        table.add_row(moment(entry.at, report.timezone), entry.by, about, value, _("yes") if entry.proof else "–")
    return table


def _legend() -> Table:
    table = Table.grid(padding=(0, 2))
    for origin in Origin:
        table.add_row(
            Text(f"{origin_letter(origin)} {origin_name(origin)}", style=COLOURS[origin]), origin_meaning(origin)
        )
    return table


def _notes(report: Report) -> Table:
    table = Table.grid(padding=(0, 1))
    for note in sorted(report.notes, key=lambda note: note.kind not in URGENT):
        urgent = note.kind in URGENT
        table.add_row("!" if urgent else "·", Text(sentence(note, report), style="yellow" if urgent else ""))
    return table
