"""Options that several commands share."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Any

import click

from promo.cli.completing import a_campaign, a_channel, a_delivery
from promo.errors import UserMistake
from promo.language import _

Command = Callable[..., Any]


def as_json(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print JSON, for machines."))(command)


def by(command: Command) -> Command:
    """Add `--by NAME`: who does it; kept in the ledger."""
    return click.option(
        "--by", default=None, metavar="NAME", help=_("Who does this. Default: PROMO_BY, else the user.")
    )(command)


def listen(command: Command) -> Command:
    """Add `--listen ADDRESS`: where a process that publishes answers its monitors."""
    return click.option(
        "--listen",
        metavar="ADDRESS",
        callback=_address,
        help=_("Answer monitors there, such as 127.0.0.1:9464. Default: `listen:` in promo.yaml, else nowhere."),
    )(command)


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Any:
    if value is None:
        return None
    from promo.source.listen import parse_listen
    from promo.source.value import BadValueError

    try:
        return parse_listen(value)
    except BadValueError as error:
        raise UserMistake(str(error), hint=error.hint) from None


def person(name: str | None) -> str:
    """Return the given name, else PROMO_BY, else the account's name."""
    if name or os.environ.get("PROMO_BY"):
        return name or os.environ["PROMO_BY"]
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "unknown"


def chosen(command: Command) -> Command:
    """Add the ways to name deliveries: IDs, `--campaign`, `--activity`, `--channel`."""
    command = click.option("--channel", metavar="NAME", shell_complete=a_channel, help=_("All of this channel."))(
        command
    )
    command = click.option("--activity", metavar="ID", help=_("All of this activity."))(command)
    command = click.option("--campaign", metavar="ID", shell_complete=a_campaign, help=_("All of this campaign."))(
        command
    )
    return click.argument("deliveries", nargs=-1, metavar="[DELIVERY]...", shell_complete=a_delivery)(command)
