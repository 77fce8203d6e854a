"""calendar: a month of deliveries."""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from promo.cli.context import Session
from promo.cli.delivery_row import MARKS, delivery_as_plain
from promo.cli.options import as_json
from promo.cli.output import console, print_json
from promo.delivery import query
from promo.delivery.state import word
from promo.language import _, language, plural


@click.command(help=_("Show a month of deliveries, a line a day."))
@click.argument("month", required=False, metavar="[YYYY-MM]")
@click.option("--campaign", metavar="ID", help=_("Of this campaign."))
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
    console().print(_month_table(first, days, today, zone))
    click.echo(
        plural("{count} delivery", "{count} deliveries", len(rows))
        + "   "
        + "  ".join(f"{MARKS[s]} {word(s)}" for s in sorted({r.state for r in rows}))
    )


def _month(word: str | None, today: date) -> date:
    if word is None:
        return today.replace(day=1)
    try:
        return date.fromisoformat(f"{word}-01")
    except ValueError:
        raise click.UsageError(_("a month is written as 2027-03")) from None


def _month_table(first: date, days: dict[date, list[Any]], today: date, zone: ZoneInfo) -> Any:
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
                for (at, activity, state), count in _grouped(days.get(day, []), zone):
                    cell.append(f"\n{MARKS.get(state, ' ')}{at} {activity}" + (f" ×{count}" if count > 1 else ""))
            cells.append(cell)
        table.add_row(*cells)
    return table


def _grouped(rows: list[Any], zone: ZoneInfo) -> list[tuple[tuple[str, str, str], int]]:
    groups: dict[tuple[str, str, str], int] = {}
    for row in sorted(rows, key=lambda r: r.due_at):
        key = (row.due_at.astimezone(zone).strftime("%H:%M"), row.activity.split("/")[0], row.state)
        groups[key] = groups.get(key, 0) + 1
    return list(groups.items())
