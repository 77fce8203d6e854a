"""calendar: a month of deliveries."""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from promo.cli.completing import a_campaign
from promo.cli.context import Session
from promo.cli.delivery_row import MARKS, delivery_as_plain
from promo.cli.options import as_json
from promo.cli.output import console, print_json
from promo.delivery import query
from promo.delivery.state import word
from promo.language import _, language, plural
from promo.language.width import cells, shorten

EARLIEST, LATEST = 1970, 9998  # beyond them weeks or time zones leave the calendar
MOST = 8  # lines of one day; `promo list` has them all


@click.command(help=_("Show a month of deliveries, a week a row."))
@click.argument("month", required=False, metavar="[YYYY-MM]")
@click.option("--campaign", metavar="ID", shell_complete=a_campaign, help=_("Of this campaign."))
@as_json
@click.pass_obj
def calendar_command(session: Session, month: str | None, campaign: str | None, as_json: bool) -> None:
    """Print the month: weeks as rows, the deliveries of each day inside."""
    app = session.app
    zone = ZoneInfo(app.workspace.settings.timezone)
    today = app.clock.now().astimezone(zone).date()
    first = _month(month, today)
    last = date(first.year, first.month, months.monthrange(first.year, first.month)[1])
    start = datetime(first.year, first.month, 1, tzinfo=zone).astimezone(UTC)
    until = (datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)).astimezone(UTC)
    rows = query.list_deliveries(app.ledger, campaign=campaign, start=start, until=until)
    if as_json:
        print_json([delivery_as_plain(row) for row in rows])
        return
    days: dict[date, list[Any]] = {}
    for row in rows:
        days.setdefault(row.due_at.astimezone(zone).date(), []).append(row)
    screen = console()
    screen.print(_month_table(first, days, today, zone, width=screen.width))
    click.echo(
        plural("{count} delivery", "{count} deliveries", len(rows))
        + "   "
        + "  ".join(f"{MARKS[s]} {word(s)}" for s in sorted({r.state for r in rows}))
    )


def _month(word: str | None, today: date) -> date:
    if word is None:
        return today.replace(day=1)
    try:
        first = date.fromisoformat(f"{word}-01")
    except ValueError:
        first = date.min
    if not EARLIEST <= first.year <= LATEST:
        raise click.UsageError(_("a month is written as 2027-03"))
    return first


def _month_table(first: date, days: dict[date, list[Any]], today: date, zone: ZoneInfo, *, width: int) -> Any:
    from babel.dates import format_date, get_day_names
    from rich.box import SQUARE
    from rich.table import Table
    from rich.text import Text

    locale = "zh_Hans_CN" if language() == "zh" else "en"
    names = get_day_names("abbreviated", locale=locale)
    table = Table(
        box=SQUARE,
        title=format_date(first, "MMMM y" if locale == "en" else "y年M月", locale=locale),
        show_lines=True,
        expand=True,
        padding=(0, 0),
    )
    for number in range(7):
        table.add_column(names[number], ratio=1, overflow="fold")
    for week in months.Calendar().monthdatescalendar(first.year, first.month):
        cells = []
        for day in week:
            cell = Text()
            if day.month == first.month:
                cell.append(str(day.day), style="bold reverse" if day == today else "bold")
                groups = _grouped(days.get(day, []), zone)
                fits = MOST if len(groups) <= MOST else MOST - 1
                for group, count in groups[:fits]:
                    cell.append("\n" + _line(*group, count, room=(width - 8) // 7))
                if len(groups) > fits:
                    left = sum(count for _group, count in groups[fits:])
                    cell.append("\n" + _("+{count} more", count=left), style="dim")
            cells.append(cell)
        table.add_row(*cells)
    return table


def _line(at: str, activity: str, state: str, count: int, *, room: int) -> str:
    head, times = f"{MARKS.get(state, ' ')}{at}", f" ×{count}" if count > 1 else ""
    if cells(f"{head} {activity}{times}") <= room:
        return f"{head} {activity}{times}"
    return f"{head}\n{shorten(activity, room - len(times))}{times}"


def _grouped(rows: list[Any], zone: ZoneInfo) -> list[tuple[tuple[str, str, str], int]]:
    groups: dict[tuple[str, str, str], int] = {}
    for row in sorted(rows, key=lambda r: r.due_at):
        key = (row.due_at.astimezone(zone).strftime("%H:%M"), row.activity.split("/")[0], row.state)
        groups[key] = groups.get(key, 0) + 1
    return list(groups.items())
