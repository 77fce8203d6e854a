"""health: ask a running promo whether it can do its work; for containers, systemd and people."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import click

from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import print_json
from promo.errors import PromoError, UserMistake
from promo.language import _

SECONDS = 6.0  # its own checks take two


@click.command(help=_("Ask a running promo whether it can do its work; ends with 0 when it can, else with 1."))
@click.argument("address", metavar="[ADDRESS]", required=False)
@click.option("--alive", is_flag=True, help=_("Ask only whether it runs, not whether its database answers."))
@as_json
@click.pass_obj
def health_command(session: Session, address: str | None, alive: bool, as_json: bool) -> None:
    """Ask, print what is wrong, and end by it."""
    status, said = _ask(address or _listening(session), "/health" if alive else "/ready")
    if as_json:
        print_json(said)
    else:
        good = status == 200
        click.echo((_("It is alive.") if alive else _("It is ready.")) if good else _("It cannot do its work:"))
        for name, check in said.get("checks", {}).items():
            if not check.get("ok"):
                click.echo(f"  {name}: {check.get('reason', '')}")
    if status != 200:
        raise click.exceptions.Exit(1)


def _listening(session: Session) -> str:
    from promo.workspace import open_workspace

    listen = open_workspace(session.root).settings.listen
    if listen is None:
        raise UserMistake(
            _("promo.yaml names no address to ask"),
            hint=_("say it: promo health 127.0.0.1:9464, or write `listen:` into promo.yaml"),
        )
    return str(listen).replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")


def _ask(address: str, path: str) -> tuple[int, dict[str, Any]]:
    """Return the status and the answer. Raises PromoError where nobody answers, or somebody else does."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            said = json.loads(answer.read(65536))
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise PromoError(_("nothing that runs promo answers at {address}: {why}", address=address, why=why)) from None
    if not isinstance(said, dict) or "checks" not in said:
        raise PromoError(_("what answers at {address} is not promo", address=address))
    return answer.status, said
