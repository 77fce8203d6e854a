"""show: one delivery's whole history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from promo.cli.completing import a_delivery
from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import local, print_json, print_table
from promo.cli.story_words import in_words
from promo.delivery import query
from promo.delivery.state import word
from promo.exposure.query import samples_of
from promo.language import _
from promo.language.again import again

if TYPE_CHECKING:
    from promo.app.workspace import App


@click.command(help=_("Show one delivery: its content, each attempt, each approval, its numbers, every event."))
@click.argument("delivery", metavar="DELIVERY", shell_complete=a_delivery)
@as_json
@click.pass_obj
def show_command(session: Session, delivery: str, as_json: bool) -> None:
    """Print the whole history of one delivery."""
    app = session.app
    identity = query.find(app.ledger, delivery).id
    history = query.history(app.ledger, identity)
    story: dict[str, Any] = {
        "delivery": history.delivery._asdict(),
        "samples": [s._asdict() for s in samples_of(app.ledger, identity)],
        **{
            name: [line._asdict() for line in getattr(history, name)]
            for name in ("attempts", "approvals", "placements", "tasks", "proofs", "links", "events")
        },
    }
    if as_json:
        print_json(story)
        return
    row, zone = story["delivery"], app.workspace.settings.timezone
    _mark_old(story["approvals"], row["digest"])
    click.echo(
        f"{row['id']}  {row['campaign']}/{row['activity']} → {row['channel']}  {row['occurrence']}"
        + (f" ({row['part']})" if row["part"] != "main" else "")
    )
    click.echo(f"{_('state')}: {word(row['state'])}" + (f" · {again(row['reason'])}" if row["reason"] else ""))
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
    if row["visual"]:
        _show_picture(app, history.delivery)
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
                [[_cell(_named(name, c, line[c]), zone) for c in columns] for line in story[name]],
                title=_heading(name),
            )


def _show_picture(app: App, row: Any) -> None:
    """Say where the picture lies and what the style guide says of it. Of several the first is enough."""
    from promo.app.picture import draw, of_row
    from promo.cli.visuals import severity

    [picture] = draw(app, list(of_row(app, row))[:1])
    if picture.visual is None:
        click.echo(f"{_('picture')}: {picture.wrong}")
        return
    click.echo(f"{_('picture')}: {picture.visual.path}  {picture.visual.width}×{picture.visual.height}")
    for finding in picture.visual.findings:
        click.echo(f"  {severity(finding)}: {finding.message}")


def _mark_old(approvals: list[dict[str, Any]], digest: str) -> None:
    for given in approvals:
        if given["void"] or given["digest"] != digest:
            given["decision"] = _("{decision}, no longer valid", decision=given["decision"])


def _heading(name: str) -> str:
    return {
        "approvals": _("approvals"),
        "at": _("at"),
        "attempts": _("attempts"),
        "by": _("by"),
        "closed_at": _("closed"),
        "comment": _("comment"),
        "decision": _("decision"),
        "detail": _("detail"),
        "due_at": _("due"),
        "error": _("error"),
        "events": _("events"),
        "file": _("file"),
        "finished_at": _("finished"),
        "kind": _("kind"),
        "metric": _("metric"),
        "note": _("note"),
        "number": _("number"),
        "origin": _("origin"),
        "outcome": _("outcome"),
        "owner": _("owner"),
        "proofs": _("proofs"),
        "samples": _("samples"),
        "source": _("source"),
        "stage": _("stage"),
        "started_at": _("started"),
        "task": _("task"),
        "tasks": _("tasks"),
        "value": _("value"),
        "what": _("what"),
    }[name]


def _named(table: str, column: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if (table, column) == ("attempts", "error"):
        return again(value)
    return in_words("event" if (table, column) == ("events", "what") else column, value)


def _cell(value: Any, zone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value, zone, seconds=True)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        told = {key: item for key, item in value.items() if item not in (None, "", False)}
        return "  ".join(
            f"{_('state')}={word(item)}" if key == "state" else f"{key}={_inner(item)}" for key, item in told.items()
        )
    return str(value)


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_inner(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_inner, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else again(str(value))
