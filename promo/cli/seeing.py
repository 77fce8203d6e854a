"""status, calendar, list, show, channels, connectors: what there is."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import console, local, print_json, print_table, shorten
from promo.delivery import query
from promo.delivery.state import State, word
from promo.errors import UserMistake
from promo.exposure.query import samples_of
from promo.language import _, language, plural
from promo.source.suggest import did_you_mean

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


@click.command(help=_("Show counts by state, what is next, paused channels, and everything that needs a person."))
@as_json
@click.pass_obj
def status_command(session: Session, as_json: bool) -> None:
    """Print the state of the workspace."""
    app = session.app
    now = query.status(app.ledger, app.clock.now())
    if as_json:
        print_json(_status_as_plain(now))
        return
    zone = app.workspace.settings.timezone
    if not now.counts:
        click.echo(_("The ledger is empty. Next: promo plan, then promo apply"))
        return
    counts = [(state, now.counts[state]) for state in State if now.counts.get(state)]
    print_table([_("state"), _("deliveries")], [[f"{MARKS[s]} {word(s)}", str(c)] for s, c in counts])
    click.echo()
    if now.next_due is not None:
        due = local(now.next_due.due_at, zone)
        click.echo(_("Next: {moment} {what}", moment=due, what=_what(now.next_due)))
    for line in _needs_a_person(now):
        click.echo(line)


def _needs_a_person(now: query.Status) -> Iterator[str]:
    for channel in now.channels:
        if channel.paused:
            yield _(
                "Paused: {channel}: {reason}  → promo resume {channel}", channel=channel.channel, reason=channel.reason
            )
    for row in now.uncertain:
        yield _("Uncertain: {delivery} {what}  → promo resolve {delivery}", delivery=row.id, what=_what(row))
    for row in now.held:
        yield _(
            "Held, not approved in time: {delivery} {what}  → promo approve {delivery}",
            delivery=row.id,
            what=_what(row),
        )
    if now.counts.get(State.AWAITING_APPROVAL):
        waiting = now.counts[State.AWAITING_APPROVAL]
        yield plural(
            "{count} waits for approval  → promo approve", "{count} wait for approval  → promo approve", waiting
        )
    if now.counts.get(State.FAILED):
        failed = now.counts[State.FAILED]
        yield plural(
            "{count} failed  → promo list --state failed", "{count} failed  → promo list --state failed", failed
        )
    if now.open_tasks:
        yield plural(
            "{count} task is open: a proof closes it  → promo log DELIVERY --proof FILE",
            "{count} tasks are open: a proof closes each  → promo log DELIVERY --proof FILE",
            now.open_tasks,
        )


def _status_as_plain(now: query.Status) -> dict[str, Any]:
    def rows(found: Iterable[Any]) -> list[dict[str, Any]]:
        return [_delivery_as_plain(row) for row in found]

    return {
        "now": now.now,
        "counts": {state.value: count for state, count in now.counts.items()},
        "next": None if now.next_due is None else _delivery_as_plain(now.next_due),
        "channels": [
            {
                "channel": c.channel,
                "counts": {state.value: count for state, count in c.counts.items()},
                "paused": c.paused,
                "reason": c.reason,
                "blocked_until": c.blocked_until,
                "expires_at": c.expires_at,
            }
            for c in now.channels
        ],
        "uncertain": rows(now.uncertain),
        "held": rows(now.held),
        "overdue": rows(now.overdue),
        "open_tasks": now.open_tasks,
    }


def _delivery_as_plain(row: Any) -> dict[str, Any]:
    names = ("id", "campaign", "activity", "channel", "occurrence", "part", "kind", "type", "state", "reason")
    return {name: getattr(row, name) for name in (*names, "due_at", "published_at", "remote_id", "remote_url")}


def _what(row: Any) -> str:
    return f"{row.campaign}/{row.activity} → {row.channel}"


@click.command("list", help=_("List deliveries by time."))
@click.option("--campaign", metavar="ID", help=_("Of this campaign."))
@click.option("--channel", metavar="NAME", help=_("Of this channel."))
@click.option("--state", "states", multiple=True, metavar="STATE", help=_("In this state; may be given several times."))
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help=_("At most this many."))
@as_json
@click.pass_obj
def list_command(
    session: Session, campaign: str | None, channel: str | None, states: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """Print the deliveries."""
    app = session.app
    rows = query.list_deliveries(app.ledger, campaign=campaign, channel=channel, states=_states(states), limit=limit)
    if as_json:
        print_json([{**_delivery_as_plain(row), "content": row.content} for row in rows])
        return
    zone = app.workspace.settings.timezone
    print_table(
        [_("delivery"), _("due ({zone})", zone=zone), _("state"), _("channel"), _("activity"), _("text")],
        [
            [
                r.id,
                local(r.due_at, zone),
                word(r.state),
                r.channel,
                f"{r.campaign}/{r.activity}",
                shorten(r.content.get("title") or r.content.get("text") or "", 30),
            ]
            for r in rows
        ],
    )
    if len(rows) == limit:
        click.echo(_("There may be more: --limit"))


def _states(words: tuple[str, ...]) -> list[State] | None:
    for name in words:
        if name not in set(State):
            raise UserMistake(_("there is no state {name}", name=name), hint=did_you_mean(name, list(State)))
    return [State(name) for name in words] or None


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
        print_json([_delivery_as_plain(row) for row in rows])
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


@click.command(help=_("Show one delivery: its content, each attempt, each approval, its numbers, every event."))
@click.argument("delivery", metavar="DELIVERY")
@as_json
@click.pass_obj
def show_command(session: Session, delivery: str, as_json: bool) -> None:
    """Print the whole history of one delivery."""
    app = session.app
    identity = query.find(app.ledger, delivery).id
    history = query.history(app.ledger, identity)
    story: dict[str, Any] = {
        "delivery": dict(history.delivery._mapping),
        "samples": [dict(s._mapping) for s in samples_of(app.ledger, identity)],
        **{
            name: [dict(line._mapping) for line in getattr(history, name)]
            for name in ("attempts", "approvals", "placements", "tasks", "proofs", "links", "events")
        },
    }
    if as_json:
        print_json(story)
        return
    row, zone = story["delivery"], app.workspace.settings.timezone
    click.echo(
        f"{row['id']}  {row['campaign']}/{row['activity']} → {row['channel']}  {row['occurrence']}"
        + (f" ({row['part']})" if row["part"] != "main" else "")
    )
    click.echo(f"{_('state')}: {word(row['state'])}" + (f" · {row['reason']}" if row["reason"] else ""))
    click.echo(
        f"{_('due')}: {local(row['due_at'], zone)} {zone}"
        + (f" … {local(row['window_until'], zone)}" if row["window_until"] else "")
    )
    for label, value in (
        (_("published at"), local(row["published_at"], zone)),
        (_("remote"), row["remote_url"] or row["remote_id"]),
        ("key", row["key"]),
        (_("digest"), row["digest"]),
    ):
        if value:
            click.echo(f"{label}: {value}")
    content = row["content"]
    for label, value in (
        (_("title"), content.get("title")),
        (_("text"), content.get("text")),
        (_("link"), content.get("link")),
    ):
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
            print_table(
                [_heading(c) for c in columns],
                [[_cell(line[c], zone) for c in columns] for line in story[name]],
                title=_heading(name),
            )


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
def channels_command(session: Session, names: tuple[str, ...], check: bool, as_json: bool) -> None:
    """Print each channel's access; exit code 1 when one does not let us in."""
    rows = session.app.access(names, ask=check)
    if as_json:
        print_json([vars(row) for row in rows])
    else:
        marks = {"ok": "✓", "failed": "✗", "paused": "‖", "not asked": " "}
        print_table(
            [_("channel"), _("connector"), _("access"), _("account or reason")],
            [
                [row.channel, row.connector, f"{marks[row.access]} {_access_name(row.access)}", row.detail]
                for row in rows
            ],
        )
    if any(row.access == "failed" for row in rows):
        raise click.exceptions.Exit(1)


def _access_name(access: str) -> str:
    return {"ok": _("ok"), "failed": _("no access"), "paused": _("paused"), "not asked": _("not asked")}[access]


@click.command(help=_("List the connectors and their abilities; with NAME the settings of one."))
@click.argument("name", required=False)
@as_json
@click.pass_obj
def connectors_command(session: Session, name: str | None, as_json: bool) -> None:
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
        [
            _("connector"),
            _("publishes to"),
            _("text"),
            _("pictures"),
            _("thread"),
            _("if uncertain"),
            _("look up"),
            _("delete"),
            _("numbers"),
        ],
        [
            [
                k.name,
                k.title_zh if language() == "zh" else k.title,
                *(
                    str(abilities(k)[c])
                    for c in ("text", "images", "thread", "idempotency", "lookup", "delete", "metrics")
                ),
            ]
            for k in kinds
        ],
    )
    for broken in registry.broken():
        click.echo(
            _(
                "{name} ({package}) cannot be loaded: {reason}",
                name=broken.name,
                package=broken.package,
                reason=broken.reason,
            ),
            err=True,
        )
