"""The charts: Vega-Lite drawn to SVG, without browser or network, then made fit to stand inside a page."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import altair as alt
import vl_convert

from promo.language import _
from promo.report.fontfile import FAMILY, font_folder
from promo.report.model import DISTINCT
from promo.report.selection import currency_of, main_metrics
from promo.report.words import figure, metric_name, number, origin_name, share, short_day
from promo.store.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from promo.report.model import Goal, Group, Report
    from promo.report.selection import DaySeries

# Each colour stands for a CSS variable of the page, so that dark mode and print change the charts too.
INK, FAINT, LINE, BAND, PAPER = "#1d2521", "#6a756f", "#c9d0cb", "#e9ede9", "#fffffe"
ORIGINS = {
    Origin.MEASURED: "#0f766e",
    Origin.ENTERED: "#b45309",
    Origin.REPORTED: "#3b62b8",
    Origin.ESTIMATED: "#85769c",
}
# Told apart by lightness too, for print in grey and for eyes that see colours otherwise.
SERIES = ("#1b6b5f", "#d08a2e", "#4a72c4", "#a8478a", "#7fb069", "#8a5a44", "#5aa9bd", "#b9b24a")
VARIABLES = {
    INK: "--ink",
    FAINT: "--faint",
    LINE: "--line",
    BAND: "--band",
    PAPER: "--paper",
    **{colour: f"--{origin.value}" for origin, colour in ORIGINS.items()},
    **{colour: f"--series-{place}" for place, colour in enumerate(SERIES)},
}
WIDE, NARROW, GROUPS = 860, 340, 400  # px: a page, a phone, half a page
MOST = 1.5  # shares of a goal drawn at most; the number beside says the rest
BROADEST = 44  # px of a day's bar


def goal_chart(report: Report, width: int) -> str:
    """Draw every goal as a bar on its own scale: the mark is the goal, the colours are the origins."""
    currency = currency_of(report)
    most = min(MOST, max([1.1, *(goal.share or 0 for goal in report.goals)]))
    rows = [
        {
            "place": row,
            "name": metric_name(goal.metric),
            "share": share(goal.share),
            "words": _goal_words(goal, currency),
        }
        for row, goal in enumerate(report.goals)
    ]
    bars = [{"place": row, **bar} for row, goal in enumerate(report.goals) for bar in _goal_bars(goal, most)]
    narrow = width == NARROW  # on a phone the words stand above the bar, else beside it
    beside = 86 + max((_text_width(str(row["words"])) for row in rows), default=0)
    left, right, step, drop, rise = (0, 0, 52, 9, -14) if narrow else (124, max(200, beside), 38, 0, 0)
    plot = width - left - right
    place = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    along = alt.Scale(domain=[0, most], nice=False)
    base = alt.Chart(alt.Data(values=rows)).encode(y=place)
    band = base.mark_bar(height=16, color=BAND, yOffset=drop).encode(
        x=alt.datum(0, scale=along, axis=None), x2=alt.datum(1)
    )
    value = (
        alt.Chart(alt.Data(values=bars))
        .mark_bar(height=10, yOffset=drop)
        .encode(y=place, x=alt.X("start:Q", scale=along, axis=None), x2="end:Q", color=_by_origin())
    )
    mark = base.mark_tick(thickness=2.5, height=24, color=INK, orient="vertical", yOffset=drop).encode(x=alt.datum(1))
    name = base.mark_text(align="left", dx=-left, dy=rise, fontWeight=600, color=INK)
    part = base.mark_text(align="right", dx=0 if narrow else 64, dy=rise, fontWeight=600, color=INK)
    words = base.mark_text(align="right" if narrow else "left", dx=-54 if narrow else 82, dy=rise, color=FAINT)
    layers = alt.layer(
        band,
        value,
        mark,
        name.encode(text="name:N", x=alt.value(0)),
        part.encode(text="share:N", x=alt.value(plot)),
        words.encode(text="words:N", x=alt.value(plot)),
    ).properties(width=plot, height=step * len(rows))
    return _svg(
        layers,
        title=_("Goals and what came"),
        description="; ".join(f"{row['name']}: {row['words']} ({row['share']})" for row in rows),
        left=left,
        right=right,
        bottom=4,
    )


def _goal_words(goal: Goal, currency: str) -> str:
    target = figure(goal.metric, goal.target, currency)
    if goal.total is None:
        return _("no number yet, goal {target}", target=target)
    value = figure(goal.metric, goal.total.value, currency)
    return _("{value} of {target}", value=f"≥ {value}" if goal.total.at_least else value, target=target)


def _goal_bars(goal: Goal, most: float) -> list[dict[str, Any]]:
    if goal.total is None or goal.target <= 0:
        return []
    bars, end = [], 0.0
    for origin in goal.total.origins:
        value = goal.total.value if goal.metric in DISTINCT else goal.total.counted[origin]
        start, end = end, min(end + value / goal.target, most)
        bars.append({"start": start, "end": end, "origin": origin.value})
    return bars


def group_chart(report: Report, groups: Sequence[Group], metric: str, *, name: Callable[[str | None], str]) -> str:
    """Draw one metric as a bar for each channel or kind, coloured by origin, the value written at its end."""
    bars: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    currency = currency_of(report)
    for group in groups:
        total, end = group.totals.get(metric), 0.0
        if total is None:
            continue
        for origin in total.origins:
            start, end = end, end + (total.value if metric in DISTINCT else total.counted[origin])
            bars.append({"group": _short(name(group.key)), "start": start, "end": end, "origin": origin.value})
        words = figure(metric, total.value, currency)
        ends.append({"group": _short(name(group.key)), "end": end, "words": f"≥ {words}" if total.at_least else words})
    left, right, most = 128, 76, max((end["end"] for end in ends), default=0) or 1
    across = alt.Y(
        "group:N",
        sort=None,
        axis=alt.Axis(title=None, domain=False, ticks=False, labelAlign="left", labelLimit=left - 8, labelPadding=left),
    )
    along = alt.Scale(domain=[0, most], nice=False)
    shape = alt.Chart(alt.Data(values=bars)).mark_bar(height=13, cornerRadiusEnd=2)
    layers = alt.layer(
        shape.encode(y=across, x=alt.X("start:Q", scale=along, axis=None), x2="end:Q", color=_by_origin()),
        alt.Chart(alt.Data(values=ends))
        .mark_text(align="left", dx=6, color=INK, fontWeight=600)
        .encode(y=across, x=alt.X("end:Q", scale=along), text="words:N"),
    ).properties(width=GROUPS - left - right, height=24 * len(ends))
    title = metric_name(metric)
    return _svg(
        layers,
        title=title,
        description="; ".join(f"{end['group']}: {end['words']}" for end in ends),
        left=left,
        right=right,
        bottom=4,
    )


def day_chart(report: Report, series: DaySeries, width: int, *, name: Callable[[str | None], str]) -> str:
    """Draw one metric over time, stacked by channel; the colours stand in the legend of the page."""
    values = [
        {"day": day.isoformat(), "channel": place, "value": value}
        for place, numbers in enumerate(series.values.values())
        for day, value in zip(series.days, numbers, strict=True)
        if value
    ]
    every = max(1, -(-len(series.days) // (4 if width == NARROW else 9)))
    shown = [day.isoformat() for day in series.days[::every]]
    labels = (
        "{" + ",".join(f"'{day.isoformat()}':'{short_day(day)}'" for day in series.days[::every]) + "}[datum.value]"
    )
    plot = width - 56
    gap = max(0.22, 1 - BROADEST * len(series.days) / plot)
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X(
                "day:O",
                scale=alt.Scale(
                    domain=[day.isoformat() for day in series.days], paddingInner=gap, paddingOuter=gap / 2
                ),
                axis=alt.Axis(
                    title=None,
                    values=shown,
                    labelExpr=labels,
                    labelAngle=0,
                    ticks=False,
                    labelPadding=10,
                    domainColor=LINE,
                ),
            ),
            y=alt.Y(
                "value:Q",
                stack="zero",
                scale=alt.Scale(nice=4),
                axis=alt.Axis(
                    title=None, tickCount=4, domain=False, ticks=False, gridColor=LINE, gridDash=[2, 3], labelPadding=6
                ),
            ),
            color=alt.Color(
                "channel:O",
                legend=None,
                scale=alt.Scale(domain=list(range(len(series.values))), range=list(series_colours(report, series))),
            ),
            order=alt.Order("channel:O"),
        )
        .properties(width=plot, height=170)
    )
    sums, top = series.sums, max(series.sums)
    highest = _("highest: {value} on {day}", value=number(top), day=short_day(series.days[sums.index(top)]))
    channels = ", ".join(f"{name(key)} {number(sum(numbers))}" for key, numbers in series.values.items())
    return _svg(
        chart,
        title=_("{metric} by day, {origin}", metric=metric_name(series.metric), origin=origin_name(series.origin)),
        description=f"{highest}; {channels}",
        left=48,
        right=8,
        bottom=30,
    )


def series_colours(report: Report, series: DaySeries) -> tuple[str, ...]:
    """Return a colour for each channel of `series`, the same in every chart of the report; they repeat beyond eight."""
    charted = sorted({day.channel or "" for day in report.days})
    places = {channel: place for place, channel in enumerate(charted)}
    return tuple(SERIES[places[key or ""] % len(SERIES)] for key in series.values)


def charted_metrics(report: Report, groups: Sequence[Group]) -> list[str]:
    """Return the metrics worth a chart by group: those with a number above 0 for several groups."""
    return [
        metric
        for metric in main_metrics(report)
        if sum(metric in group.totals and group.totals[metric].value > 0 for group in groups) > 1
    ]


def _by_origin() -> alt.Color:
    scale = alt.Scale(domain=[origin.value for origin in Origin], range=[ORIGINS[origin] for origin in Origin])
    return alt.Color("origin:N", legend=None, scale=scale)


def _text_width(words: str) -> int:
    """Return about how wide a line is, in px at the charts' 12.5 px; a little too much rather than too little."""
    return round(sum(12.6 if east_asian_width(character) in "WF" else 7.4 for character in words))


def _short(words: str, longest: int = 18) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"


@cache
def _register_fonts() -> None:
    """Text is measured with the face the page brings along; an unknown family would have no width."""
    vl_convert.register_font_directory(str(font_folder()))


def _svg(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,
    *,
    title: str,
    description: str,
    left: int,
    right: int,
    bottom: int,
) -> str:
    """Draw a chart and fit it into the page: its colours and its type are the page's, a reader hears its numbers."""
    _register_fonts()
    styled = chart.configure(
        font=FAMILY,
        background="transparent",
        padding={"left": left, "right": right, "top": 6, "bottom": bottom},
        autosize=alt.AutoSizeParams(type="none"),  # the margins are ours: charts below each other stay in line
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=FAINT, labelFontSize=12),
        text=alt.MarkConfig(fontSize=12.5),
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict(validate=False))
    return _fit(svg, title=title, description=description)


def _fit(svg: str, *, title: str, description: str) -> str:
    svg = re.sub(r' (?:aria-[a-z]+|role|font-family|class|pointer-events|stroke-miterlimit)="[^"]*"', "", svg)
    svg = re.sub(r'(fill|stroke)="(#[0-9a-f]{6})"', _variable, svg)
    head = re.match(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>', svg)
    if head is None:
        raise ValueError("vl-convert drew no SVG")
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    width, height = head[1], head[2]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>'
    return opening + words + svg[head.end() :]


def _variable(found: re.Match[str]) -> str:
    name = VARIABLES.get(found[2])
    return f'{found[1]}="var({name})"' if name else found[0]
