"""How mistakes reach a person: one clear line, and the exit code."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

import click

from promo.errors import ProblemsFound, PromoError
from promo.language import _


def show_usage_error(error: click.ClickException) -> int:
    """Print click's own complaint in one line with its hint. Returns the exit code."""
    click.echo(f"promo: {error.format_message()}", err=True)
    context = getattr(error, "ctx", None)
    if context is not None and isinstance(error, click.UsageError):
        click.echo("  " + _("see: {command} --help", command=context.command_path), err=True)
    return error.exit_code


def show_error(error: Exception) -> int:
    """Print a PromoError's line; for anything else one line and a file with the traceback. Returns the exit code."""
    if isinstance(error, ProblemsFound):
        from promo.source.show import format_problems

        click.echo(format_problems(error.problems, "text"), err=True)  # stdout may be read by a machine
    if isinstance(error, PromoError):
        click.echo(f"promo: {error.message}", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        return error.exit_code
    from promo.cli.outside import explain

    known = explain(error)
    if known is not None:
        click.echo(f"promo: {known}", err=True)
        return 1
    with tempfile.NamedTemporaryFile("w", prefix="promo-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    click.echo(
        "promo: "
        + _(
            "this is a fault of promo itself ({kind}); the details are in {file}",
            kind=type(error).__name__,
            file=Path(log.name),
        ),
        err=True,
    )
    return 70
