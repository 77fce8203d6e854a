"""channels and connectors: where deliveries can go."""

from __future__ import annotations

import click

from promo.app.access import access
from promo.cli.abilities import abilities, settings_table
from promo.cli.completing import a_channel, a_connector
from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import print_json, print_table
from promo.language import _, language
from promo.language.again import again
from promo.registry import Registry


@click.command(help=_("List the channels; with --check ask each one whether it lets us in."))
@click.argument("names", nargs=-1, metavar="[CHANNEL]...", shell_complete=a_channel)
@click.option("--check/--no-check", default=True, help=_("Ask each channel. Publishes nothing."))
@as_json
@click.pass_obj
def channels_command(session: Session, names: tuple[str, ...], check: bool, as_json: bool) -> None:
    """Print each channel's access; exit code 1 when one does not let us in."""
    rows = access(session.app, names, ask=check)
    if as_json:
        print_json([vars(row) for row in rows])
    else:
        marks = {"ok": "✓", "failed": "✗", "paused": "‖", "not asked": " "}
        print_table(
            [_("channel"), _("connector"), _("access"), _("account or reason")],
            [
                [row.channel, row.connector, f"{marks[row.access]} {_access_name(row.access)}", again(row.detail)]
                for row in rows
            ],
        )
    if any(row.access == "failed" for row in rows):
        raise click.exceptions.Exit(1)


def _access_name(access: str) -> str:
    return {"ok": _("ok"), "failed": _("no access"), "paused": _("paused"), "not asked": _("not asked")}[access]


@click.command(help=_("List the connectors and their abilities; with NAME the settings of one."))
@click.argument("name", required=False, shell_complete=a_connector)
@as_json
def connectors_command(name: str | None, as_json: bool) -> None:
    """Print the table of abilities, or one connector's settings."""
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
                *(
                    str(abilities(k)[c])
                    for c in ("text", "images", "thread", "idempotency", "lookup", "delete", "metrics")
                ),
            ]
            for k in kinds
        ],
    )
    click.echo()
    widest = max(len(k.name) for k in kinds)
    for k in kinds:
        click.echo(f"{k.name:<{widest}}  {k.title_zh if language() == 'zh' else k.title}")
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
