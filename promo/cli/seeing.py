"""status, calendar, list, show, channels, connectors: what there is."""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import console, local, print_json, print_table
from promo.language import _, language, plural

# state → its mark in tables; words alone carry the meaning, the mark helps the eye
MARKS = {
    "planned": "·",
    "awaiting_approval": "?",
    "scheduled": "○",
    "publishing": "▶",
    "pending": "…",
    "handed_over": "→",
    "published": "●",
    "done": "✓",
    "failed": "✗",
    "uncertain": "⁇",
    "missed": "–",
    "rejected": "⊘",
    "cancelled": "⌫",
}


def state_name(state: str) -> str:
    """Return the state in the reader's language."""
    return {
        "planned": _("planned"),
        "awaiting_approval": _("awaiting approval"),
        "scheduled": _("scheduled"),
        "publishing": _("publishing"),
        "pending": _("pending at the channel"),
        "handed_over": _("handed over"),
        "published": _("published"),
        "done": _("done"),
        "failed": _("failed"),
        "uncertain": _("uncertain"),
        "missed": _("missed"),
        "rejected": _("rejected"),
        "cancelled": _("cancelled"),
    }.get(state, state)


@click.command(help=_("Show counts by state, what is next, paused channels, and everything that needs a person."))
@as_json
@click.pass_obj
def status_command(session: Session, as_json: bool) -> None:  # noqa: FBT001 - click calls it by keyword
    """Print the state of the workspace."""
    app = session.app
    status = app.status()
    if as_json:
        print_json(status.as_dict())
        return
    zone = app.workspace.settings.timezone
    counts = {state: count for state, count in status.counts.items() if count}
    if not counts:
        click.echo(_("The ledger is empty. Next: promo plan, then promo apply"))
        return
    print_table([_("state"), _("deliveries")], [[f"{MARKS.get(s, ' ')} {state_name(s)}", str(c)] for s, c in counts.items()])
    if status.next_due is not None:
        click.echo("\n" + _("Next: {moment} ({zone})", moment=local(status.next_due, zone), zone=zone))
    for channel in status.paused:
        click.echo(_("Paused: {channel}: {reason}  → promo resume {channel}", channel=channel.channel, reason=channel.reason))
    for row in status.uncertain:
        click.echo(_("Uncertain: {delivery} {what}  → promo resolve {delivery}", delivery=row.id, what=_what(row)))
    for row in status.failed:
        click.echo(_("Failed: {delivery} {what}: {reason}  → promo retry {delivery}", delivery=row.id, what=_what(row), reason=row.reason))
    for row in status.held:
        click.echo(_("Held, not approved in time: {delivery} {what}  → promo approve {delivery}", delivery=row.id, what=_what(row)))
    for row in status.tasks_overdue:
        click.echo(_("Overdue task: {delivery} {what}, {owner}", delivery=row.delivery, what=row.what, owner=row.owner))


def _what(row: Any) -> str:
    return f"{row.campaign}/{row.activity} → {row.channel}"


@click.command("list", help=_("List deliveries by time."))
@click.option("--campaign", metavar="ID", help=_("Of this campaign."))
@click.option("--channel", metavar="NAME", help=_("Of this channel."))
@click.option("--state", "states", multiple=True, metavar="STATE", help=_("In this state; may be given several times."))
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help=_("At most this many."))
@as_json
@click.pass_obj
def list_command(session: Session, campaign: str | None, channel: str | None, states: tuple[str, ...], limit: int, as_json: bool) -> None:  # noqa: FBT001 - click calls it by keyword
    """Print the deliveries."""
    app = session.app
    rows = app.deliveries(campaign=campaign, channel=channel, states=states, limit=limit)
    if as_json:
        print_json([dict(row._mapping) for row in rows])
        return
    zone = app.workspace.settings.timezone
    print_table(
        [_("delivery"), _("due ({zone})", zone=zone), _("state"), _("channel"), _("activity"), _("text")],
        [[r.id, local(r.due_at, zone), state_name(r.state), r.channel, f"{r.campaign}/{r.activity}", _excerpt(r)] for r in rows],
    )
    if len(rows) == limit:
        click.echo(_("There may be more: --limit"))


def _excerpt(row: Any, width: int = 40) -> str:
    text = " ".join((row.content.get("title") or row.content.get("text") or "").split())
    return text if len(text) <= width else text[: width - 1] + "…"


@click.command(help=_("Show a month of deliveries, a line a day."))
@click.argument("month", required=False, metavar="[YYYY-MM]")
@click.option("--campaign", metavar="ID", help=_("Of this campaign."))
@as_json
@click.pass_obj
def calendar_command(session: Session, month: str | None, campaign: str | None, as_json: bool) -> None:  # noqa: FBT001 - click calls it by keyword
    """Print the month: weeks as rows, the deliveries of each day inside."""
    app = session.app
    zone = ZoneInfo(app.workspace.settings.timezone)
    today = app.clock.now().astimezone(zone).date()
    first = _month(month, today)
    last = date(first.year, first.month, months.monthrange(first.year, first.month)[1])
    start = datetime(first.year, first.month, 1, tzinfo=zone).astimezone(UTC)
    until = (datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)).astimezone(UTC)
    rows = [r for r in app.between(start, until) if campaign in (None, r.campaign)]
    if as_json:
        print_json([{"delivery": r.id, "due": r.due_at, "state": r.state, "campaign": r.campaign, "activity": r.activity, "channel": r.channel} for r in rows])
        return
    days: dict[date, list[Any]] = {}
    for row in rows:
        days.setdefault(row.due_at.astimezone(zone).date(), []).append(row)
    console().print(_month_table(first, days, today, zone))
    click.echo(plural("{count} delivery", "{count} deliveries", len(rows)) + "   " + "  ".join(f"{MARKS[s]} {state_name(s)}" for s in sorted({r.state for r in rows})))


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
    table = Table(box=SQUARE, title=format_date(first, "MMMM y" if locale == "en" else "y年M月", locale=locale), show_lines=True, expand=True, padding=(0, 0))
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


@click.command(help=_("Show one delivery: its content, each attempt, each approval, its numbers, every event."))
@click.argument("delivery", metavar="DELIVERY")
@as_json
@click.pass_obj
def show_command(session: Session, delivery: str, as_json: bool) -> None:  # noqa: FBT001 - click calls it by keyword
    """Print the whole history of one delivery."""
    app = session.app
    story = app.story(delivery)
    if as_json:
        print_json(story)
        return
    row, zone = story["delivery"], app.workspace.settings.timezone
    click.echo(f"{row['id']}  {row['campaign']}/{row['activity']} → {row['channel']}  {row['occurrence']}" + (f" ({row['part']})" if row["part"] != "main" else ""))
    click.echo(f"{_('state')}: {state_name(row['state'])}" + (f" · {row['reason']}" if row["reason"] else ""))
    click.echo(f"{_('due')}: {local(row['due_at'], zone)} {zone}" + (f" … {local(row['window_until'], zone)}" if row["window_until"] else ""))
    for label, value in ((_("published at"), local(row["published_at"], zone)), (_("remote"), row["remote_url"] or row["remote_id"]), ("key", row["key"]), (_("digest"), row["digest"])):
        if value:
            click.echo(f"{label}: {value}")
    content = row["content"]
    for label, value in ((_("title"), content.get("title")), (_("text"), content.get("text")), (_("link"), content.get("link"))):
        if value:
            click.echo(f"{label}: {value}")
    for part in content.get("thread") or ():
        click.echo(f"  ↳ {part}")
    for name, columns in (
        ("attempts", ("number", "started_at", "finished_at", "outcome", "error")),
        ("approvals", ("at", "stage", "decision", "by", "comment")),
        ("tasks", ("task", "what", "owner", "due_at", "closed_at")),
        ("proofs", ("at", "kind", "by", "file", "note")),
        ("samples", ("at", "metric", "value", "origin", "source")),
        ("events", ("at", "what", "by", "detail")),
    ):
        if story[name]:
            click.echo()
            print_table([_heading(c) for c in columns], [[_cell(line[c], zone) for c in columns] for line in story[name]], title=_heading(name))


def _heading(name: str) -> str:
    return {
        "attempts": _("attempts"), "approvals": _("approvals"), "tasks": _("tasks"), "proofs": _("proofs"), "samples": _("samples"), "events": _("events"),
        "number": _("number"), "started_at": _("started"), "finished_at": _("finished"), "outcome": _("outcome"), "error": _("error"), "at": _("at"), "stage": _("stage"),
        "decision": _("decision"), "by": _("by"), "comment": _("comment"), "task": _("task"), "what": _("what"), "owner": _("owner"), "due_at": _("due"),
        "closed_at": _("closed"), "kind": _("kind"), "file": _("file"), "note": _("note"), "metric": _("metric"), "value": _("value"), "origin": _("origin"),
        "source": _("source"), "detail": _("detail"),
    }[name]  # fmt: skip


def _cell(value: Any, zone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value, zone, seconds=True)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return "  ".join(f"{key}={item}" for key, item in value.items() if item not in (None, ""))
    return str(value)


@click.command(help=_("List the channels; with --check ask each one whether it lets us in."))
@click.argument("names", nargs=-1, metavar="[CHANNEL]...")
@click.option("--check/--no-check", default=True, help=_("Ask each channel. Publishes nothing."))
@as_json
@click.pass_obj
def channels_command(session: Session, names: tuple[str, ...], check: bool, as_json: bool) -> None:  # noqa: FBT001 - click calls it by keyword
    """Print each channel's access; exit code 1 when one does not let us in."""
    rows = session.app.channel_access(names, ask=check)
    if as_json:
        print_json([vars(row) for row in rows])
    else:
        marks = {"ok": "✓", "failed": "✗", "paused": "‖", "not asked": " "}
        print_table(
            [_("channel"), _("connector"), _("access"), _("account or reason")],
            [[row.channel, row.connector, f"{marks[row.access]} {_access_name(row.access)}", row.detail] for row in rows],
        )
    if any(row.access == "failed" for row in rows):
        raise click.exceptions.Exit(1)


def _access_name(access: str) -> str:
    return {"ok": _("ok"), "failed": _("no access"), "paused": _("paused"), "not asked": _("not asked")}[access]


@click.command(help=_("List the connectors and their abilities; with NAME the settings of one."))
@click.argument("name", required=False)
@as_json
@click.pass_obj
def connectors_command(session: Session, name: str | None, as_json: bool) -> None:  # noqa: FBT001 - click calls it by keyword
    """Print the table of abilities, or one connector's settings."""
    from promo.cli.abilities import abilities, settings_table
    from promo.registry import Registry

    registry = Registry()
    if name is not None:
        kind = registry.connector(name)
        if as_json:
            print_json({"name": name, "settings": kind.Settings.model_json_schema(), "abilities": abilities(kind)})
            return
        click.echo(f"{name}: {kind.title_zh if language() == 'zh' else kind.title}\n")
        print_table([_("setting"), _("type"), _("default"), _("meaning")], settings_table(kind))
        return
    kinds = [registry.connector(n) for n in registry.names if n not in {b.name for b in registry.broken()}]
    if as_json:
        print_json([{"name": k.name, "title": k.title, **abilities(k)} for k in kinds])
        return
    print_table(
        [_("connector"), _("publishes to"), _("text"), _("pictures"), _("thread"), _("if uncertain"), _("look up"), _("delete"), _("numbers")],
        [
            [k.name, k.title_zh if language() == "zh" else k.title, *(str(abilities(k)[c]) for c in ("text", "images", "thread", "idempotency", "lookup", "delete", "metrics"))]
            for k in kinds
        ],
    )
    for broken in registry.broken():
        click.echo(_("{name} ({package}) cannot be loaded: {reason}", name=broken.name, package=broken.package, reason=broken.reason), err=True)
