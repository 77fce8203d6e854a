"""init, check, schema, doctor, completion: the workspace itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import console, print_json, progress
from promo.errors import ProblemsFound, PromoError
from promo.language import _, language, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from promo.app.problems import Checked

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


@click.command(help=_("Make a new workspace in DIR: a brand, a first campaign, and channels that need no account."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help=_("The brand's name. Default: the folder's."))
@click.pass_obj
def init_command(session: Session, folder: Path, name: str | None) -> None:
    """Write the starter files; existing files are never touched."""
    from promo.app.workspace import App
    from promo.starter import write_starter

    written = write_starter(folder, name=name or folder.resolve().name, language=language(), today=session.today)
    App.open(folder.resolve(), clock=session.clock)
    for path in written:
        click.echo(f"  {path}")
    click.echo(plural("{count} file written.", "{count} files written.", len(written)))
    click.echo(_("Next: cd {folder} && promo check && promo plan", folder=folder))


@click.command(
    help=_("Check every file of the workspace and show every mistake with its place. Exit code 1 for errors.")
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help=_("How mistakes are written."),
)
@click.option("--no-pictures", is_flag=True, help=_("Do not look at pictures: quicker where many are new."))
@click.pass_obj
def check_command(session: Session, form: Literal["text", "json", "github"], no_pictures: bool) -> None:
    """Print every problem of every file."""
    from promo.source.show import format_problems

    with progress(_("checking")) as advance:
        checked = _check(session, advance)
    if checked.deliveries and not no_pictures:
        with progress(_("looking at pictures")) as advance:
            checked = session.app.check_pictures(checked, progress=advance)
    shown = format_problems(checked.problems, form, root=session.root)
    if shown:
        click.echo(shown)
    if form == "text":
        warnings = len(checked.problems) - checked.errors
        errors = plural("{count} error", "{count} errors", checked.errors)
        click.echo(
            _(
                "{what}: {errors}, {warnings}.",
                what=_checked_words(checked),
                errors=errors,
                warnings=plural("{count} warning", "{count} warnings", warnings),
            )
        )
    if checked.errors:
        raise click.exceptions.Exit(1)


def _check(session: Session, advance: Callable[[int, int], None]) -> Checked:
    try:
        app = session.app
    except ProblemsFound as found:
        from promo.app.check import check_rest

        return check_rest(session.root, found.problems, progress=advance)
    return app.check(progress=advance)


def _checked_words(checked: Checked) -> str:
    """Say what was checked: files where some could not be read, else what is in them."""
    if not checked.files and checked.errors:
        return "promo.yaml"
    if len(checked.campaigns) < checked.files:
        return plural("{count} campaign file", "{count} campaign files", checked.files)
    return _(
        "{campaigns}, {activities}",
        campaigns=plural("{count} campaign", "{count} campaigns", len(checked.campaigns)),
        activities=plural(
            "{count} activity", "{count} activities", sum(len(c.campaign.activities) for c in checked.campaigns)
        ),
    )


@click.command(help=_("Write the JSON Schemas of this workspace to .promo/schema, or print one."))
@click.argument("what", required=False, type=click.Choice(["campaign", "workspace", "brand", "layout"]))
@click.pass_obj
def schema_command(session: Session, what: str | None) -> None:
    """Write or print the schemas."""
    from promo.app.schemas import schemas as schemas_of

    schemas = schemas_of(session.app)
    if what:
        print_json(schemas[what])
        return
    folder = session.app.workspace.state_folder / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    import json

    for name, schema in schemas.items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        click.echo(f"  {path.relative_to(session.root)}")
    click.echo(_("Editors find them by the first line of each file: # yaml-language-server: $schema=…"))


@click.command(
    help=_("Check Python, fonts, database, clock, time zones, connectors and secrets; name each fault's cure.")
)
@as_json
@click.pass_obj
def doctor_command(session: Session, as_json: bool) -> None:
    """Print each finding with its cure; exit code 1 when something is broken."""
    from promo.clock import SystemClock
    from promo.doctor import Finding, examine_files, examine_machine, examine_workspace

    findings = list(examine_machine(SystemClock().now().date()))
    try:
        findings += [*examine_workspace(session.app), *examine_files(session.app)]
    except PromoError as error:  # without a workspace the machine is still worth a look
        findings.append(Finding(level="error", what=_("workspace"), found=error.message, cure=error.hint or ""))
    if as_json:
        print_json([vars(f) for f in findings])
    else:
        for finding in findings:
            console().print(f"{MARKS[finding.level]} {finding.what}: {finding.found}")
            if finding.cure:
                console().print(f"    → {finding.cure}")
    if any(f.level == "error" for f in findings):
        raise click.exceptions.Exit(1)


@click.command(help=_('Print the completion script. For bash: eval "$(promo completion bash)"'))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print click's script for that shell."""
    from click.shell_completion import get_completion_class

    from promo.cli import promo

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(promo, {}, "promo", "_PROMO_COMPLETE").source())
