"""list: deliveries by time."""

from __future__ import annotations

import click

from promo.cli.context import Session
from promo.cli.delivery_row import delivery_as_plain
from promo.cli.options import as_json
from promo.cli.output import local, print_json, print_table
from promo.delivery import query
from promo.delivery.state import State, word
from promo.errors import UserMistake
from promo.language import _
from promo.language.width import shorten
from promo.source.suggest import did_you_mean


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
        print_json([{**delivery_as_plain(row), "content": row.content} for row in rows])
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
