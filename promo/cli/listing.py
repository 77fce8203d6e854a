"""list: deliveries by time."""

from __future__ import annotations

import click

from promo.app.names import campaign_names
from promo.app.workspace import App
from promo.cli.completing import a_campaign, a_channel, a_state
from promo.cli.context import Session
from promo.cli.delivery_row import MARKS, delivery_as_plain
from promo.cli.options import as_json
from promo.cli.output import console, local, print_json, print_table
from promo.delivery import query
from promo.delivery.state import State, word
from promo.errors import NotFound, UserMistake
from promo.language import _
from promo.language.width import cells, shorten
from promo.source.suggest import did_you_mean

GAP = 2  # cells between two columns
NARROWEST, WORDS = 12, 40  # cells of a delivery's words: fewer say nothing, more say no more


@click.command("list", help=_("List deliveries by time."))
@click.option("--campaign", metavar="ID", shell_complete=a_campaign, help=_("Of this campaign."))
@click.option("--channel", metavar="NAME", shell_complete=a_channel, help=_("Of this channel."))
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    shell_complete=a_state,
    help=_("In this state; may be given several times."),
)
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
    if not rows:
        click.echo(_nothing(app, campaign, channel))
        return
    zone = app.workspace.settings.timezone
    columns = [_("delivery"), _("due ({zone})", zone=zone), _("state"), _("channel"), _("activity")]
    cut = [
        [r.id, local(r.due_at, zone), f"{MARKS[r.state]} {word(r.state)}", r.channel, f"{r.campaign}/{r.activity}"]
        for r in rows
    ]
    room = console().width - _width(columns, cut)
    if room < NARROWEST:  # a line a delivery, as long as it goes: first without its words, then with its mark alone
        if room < -GAP:
            columns[1:3] = [_("due"), ""]
            cut = [[id, due, state[0], *more] for id, due, state, *more in cut]
    else:
        columns.append(_("text"))
        for line, r in zip(cut, rows, strict=True):
            line.append(shorten(r.content.get("title") or r.content.get("text") or "", min(room, WORDS)))
    print_table(columns, cut)
    if columns[2] == "":
        click.echo("\n" + "  ".join(f"{MARKS[s]} {word(s)}" for s in State if s in {r.state for r in rows}))
    if len(rows) == limit:
        click.echo(_("There may be more: --limit"))


def _width(columns: list[str], rows: list[list[str]]) -> int:
    """Return the cells such a table takes, with the gap before one more column."""
    return sum(max(map(cells, column)) + GAP for column in zip(columns, *rows, strict=True))


def _nothing(app: App, campaign: str | None, channel: str | None) -> str:
    """Say that there is nothing; a name nobody knows is the likeliest reason. Raises NotFound."""
    for name, known, text in (
        (campaign, campaign_names(app), _("there is no campaign {name} in the ledger", name=campaign)),
        (channel, app.workspace.settings.channels, _("there is no channel {channel}", channel=channel)),
    ):
        if name is not None and name not in known:
            raise NotFound(text, hint=did_you_mean(name, known))
    return _("No delivery fits.")


def _states(words: tuple[str, ...]) -> list[State] | None:
    for name in words:
        if name not in set(State):
            raise UserMistake(_("there is no state {name}", name=name), hint=did_you_mean(name, list(State)))
    return [State(name) for name in words] or None
