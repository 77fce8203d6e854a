"""status: counts, what is next, what needs a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from promo.app.attendance import look_round
from promo.cli.context import Session
from promo.cli.delivery_row import MARKS, delivery_as_plain
from promo.cli.options import as_json
from promo.cli.output import local, print_json, print_table
from promo.delivery import query
from promo.delivery.state import State, word
from promo.language import _, plural
from promo.language.again import again


@click.command(help=_("Show counts by state, what is next, paused channels, and everything that needs a person."))
@as_json
@click.pass_obj
def status_command(session: Session, as_json: bool) -> None:
    """Print the state of the workspace."""
    app = session.app
    now = query.status(app.ledger, app.clock.now())
    told = look_round(app)
    if as_json:
        print_json(_status_as_plain(now) | {"seen_at": told.attendance.seen_at, "missing": told.attendance.missing})
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
    for line in _needs_a_person(now, zone, handed_out=app.workspace.settings.engine != "embedded"):
        click.echo(line)
    if told.attendance.alive:
        click.echo(_("Nothing goes out: {found}  → {start}", found=told.found, start=told.start))
    elif told.start:
        click.echo(_("Nobody is at work: {found}  → {start}", found=told.found, start=told.start))


def _needs_a_person(now: query.Status, zone: str, *, handed_out: bool) -> Iterator[str]:
    for channel in now.channels:
        if channel.paused:
            yield _(
                "Paused: {channel}: {reason}  → promo resume {channel}",
                channel=channel.channel,
                reason=again(channel.reason),
            )
        elif channel.blocked_until is not None and channel.blocked_until > now.now:
            yield _(
                "Waiting: {channel} asked for patience until {moment}",
                channel=channel.channel,
                moment=local(channel.blocked_until, zone),
            )
    for row in now.uncertain:
        yield _("Uncertain: {delivery} {what}  → promo resolve {delivery}", delivery=row.id, what=_what(row))
    for row in now.held:
        yield _(
            "Held, not approved in time: {delivery} {what}  → promo approve {delivery}",
            delivery=row.id,
            what=_what(row),
        )
    yield from _and_more(now)
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
    if now.late_count:
        yield _overdue(now.late_count, local(now.overdue[0].due_at, zone), handed_out=handed_out)
    if now.open_tasks:
        yield plural(
            "{count} task is open: a proof closes it  → promo log DELIVERY --proof FILE",
            "{count} tasks are open: a proof closes each  → promo log DELIVERY --proof FILE",
            now.open_tasks,
        )


def _overdue(count: int, since: str, *, handed_out: bool) -> str:
    if handed_out:
        return plural(
            "{count} is overdue, since {moment}  → promo run, and promo worker",
            "{count} are overdue, the first since {moment}  → promo run, and promo worker",
            count,
            moment=since,
        )
    return plural(
        "{count} is overdue, since {moment}  → promo run, or promo tick",
        "{count} are overdue, the first since {moment}  → promo run, or promo tick",
        count,
        moment=since,
    )


def _and_more(now: query.Status) -> Iterator[str]:
    uncertain = now.counts.get(State.UNCERTAIN, 0) - len(now.uncertain)
    if uncertain > 0:
        yield plural(
            "… and {count} more uncertain  → promo list --state uncertain",
            "… and {count} more uncertain  → promo list --state uncertain",
            uncertain,
        )
    held = now.held_count - len(now.held)
    if held > 0:
        yield plural(
            "… and {count} more held  → promo list --state awaiting_approval",
            "… and {count} more held  → promo list --state awaiting_approval",
            held,
        )


def _status_as_plain(now: query.Status) -> dict[str, Any]:
    def rows(found: Iterable[Any]) -> list[dict[str, Any]]:
        return [delivery_as_plain(row) for row in found]

    return {
        "now": now.now,
        "counts": {state.value: count for state, count in now.counts.items()},
        "next": None if now.next_due is None else delivery_as_plain(now.next_due),
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
        "held_count": now.held_count,
        "overdue": rows(now.overdue),
        "overdue_count": now.overdue_count,
        "open_tasks": now.open_tasks,
    }


def _what(row: Any) -> str:
    return f"{row.campaign}/{row.activity} → {row.channel}"
