"""The report as one HTML file: no script, no request, its type and charts inside."""

from __future__ import annotations

import os
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from promo.language import _, language, plural
from promo.report import chart, words
from promo.report.fontfile import FAMILY, font_for
from promo.report.model import NoteKind
from promo.report.remark import URGENT, sentence
from promo.report.selection import by_day, currency_of, main_metrics, shown_groups
from promo.store.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from promo.report.model import CampaignLine, Group, Report
    from promo.report.selection import DaySeries

# The page loads nothing and runs nothing: style and type are inside it.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
)

GROUP_CHARTS, DAY_CHARTS = 6, 3  # the tables have every metric


def write_html(report: Report, path: Path) -> Path:
    """Write the page to `path`, whole or not at all, and return it. In the language in force; about 150 to 400 KB."""
    page = render_html(report)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".report-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def render_html(report: Report) -> str:
    """Return the page, in the language in force."""
    body = (
        environment()
        .get_template("report.html")
        .render(
            report=report,
            urgent=[sentence(note, report) for note in report.notes if note.kind in URGENT],
            remarks=[sentence(note, report) for note in report.notes if note.kind not in URGENT | {NoteKind.RUNNING}],
            running=any(note.kind is NoteKind.RUNNING for note in report.notes),
            goals=_both(lambda width: chart.goal_chart(report, width)) if report.goals else None,
            channels=_grouped(report, report.channels, words.channel_name),
            kinds=_grouped(report, report.kinds, words.kind_name),
            days=_days(report),
            currency=currency_of(report),
            metrics=main_metrics(report),
            top_metrics=[metric for metric in main_metrics(report) if any(metric in top.figures for top in report.top)][
                :5
            ],
            origins=tuple(Origin),
        )
    )
    return dress(body, title=report.name.in_language())


def index_page(campaigns: Sequence[CampaignLine]) -> str:
    """Return the list of campaigns, each leading to `/campaigns/<id>`."""
    return dress(environment().get_template("index.html").render(campaigns=campaigns), title=_("Campaigns"))


def plain_page(heading: str, words: str) -> str:
    """Return a page that says one thing."""
    body = environment().get_template("plain.html").render(heading=heading, text=words)
    return dress(body, title=heading)


def dress(body: str, *, title: str) -> str:
    """Return a whole page around `body` (safe HTML): head, style, and a font with just its characters."""
    # The colour variables and the names of the faces follow the text, so they may hold any character already.
    style = environment().get_template("page.css").render()
    characters = frozenset(f"{body}{title}") | frozenset(map(chr, range(32, 127)))
    return (
        environment()
        .get_template("page.html")
        .render(
            body=Markup(body),  # noqa: S704 - rendered by our own autoescaping template
            title=title,
            style=Markup(style),  # noqa: S704 - our own file
            font=font_for(characters),
            family=FAMILY,
            policy=CONTENT_POLICY,
            language="zh-Hans" if language() == "zh" else "en",
        )
    )


@cache
def environment() -> Environment:
    """Return the Jinja2 environment of our own pages; everything is escaped unless marked safe."""
    found = Environment(
        loader=PackageLoader("promo.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"_": _, "plural": plural, "words": words, "chart": chart, "Origin": Origin}
    return found


def _both(draw: Callable[[int], str]) -> dict[str, Markup]:
    """Draw a chart for a page and for a phone: one picture scaled to both would have type of the wrong size."""
    return {"wide": Markup(draw(chart.WIDE)), "narrow": Markup(draw(chart.NARROW))}  # noqa: S704 - our own SVG


def _grouped(report: Report, groups: Sequence[Group], name: Callable[[str | None], str]) -> dict[str, Any]:
    metrics = main_metrics(report)
    return {
        "charts": [
            {"metric": metric, "svg": Markup(chart.group_chart(report, groups, metric, name=name))}  # noqa: S704 - our own SVG
            for metric in chart.charted_metrics(report, groups)[:GROUP_CHARTS]
        ],
        "rows": [(name(group.key), group) for group in shown_groups(groups, metrics)],
    }


def _days(report: Report) -> list[dict[str, Any]]:
    days: list[dict[str, Any]] = []
    for metric in main_metrics(report):
        series = by_day(report, metric)
        if series is not None and len(days) < DAY_CHARTS:
            days.append(
                {
                    "series": series,
                    "colours": [chart.VARIABLES[colour] for colour in chart.series_colours(report, series)],
                    "names": [words.channel_name(key) for key in series.values],
                    **_both(partial(_day_chart, report, series)),
                }
            )
    return days


def _day_chart(report: Report, series: DaySeries, width: int) -> str:
    return chart.day_chart(report, series, width, name=words.channel_name)
