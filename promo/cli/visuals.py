"""render: pictures to look at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from promo.app.choice import Choice
from promo.app.compare import compare_approved
from promo.app.picture import Picture, draw, make_folder, put, put_explained
from promo.app.preview import stop_at
from promo.app.sheet import check_kind, make_sheet
from promo.cli.comparing import show_compared
from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import local, print_json, progress
from promo.cli.picking import picking
from promo.errors import ProblemsFound
from promo.language import _

if TYPE_CHECKING:
    from promo.visual.model import Finding


@click.command(
    help=_(
        "Render pictures into out/visuals. Campaigns and activities are taken from their files as they are now, "
        "applied or not, each picture once; a DELIVERY, and everything with --ledger, as it was applied, each with "
        "its own QR code. Without a name: everything."
    )
)
@picking
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 64), help=_("How many processes draw. Default: one for each core.")
)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help=_("Where to put them."))
@click.option(
    "--sheet",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Put all pictures on one contact sheet instead, a PDF or PNG."),
)
@click.option(
    "--explain", is_flag=True, help=_("Beside each picture what the style guide says of it, each spot marked.")
)
@click.option("--diff", is_flag=True, help=_("Compare with the last approved pictures; show where they differ."))
@click.option("--watch", is_flag=True, help=_("A live page: pictures in every format, drawn again as files change."))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=None, help=_("With --watch: the page's port. Default: a free one.")
)
@click.option("--exit-code", is_flag=True, help=_("With --diff: exit code 1 when a picture differs."))
@as_json
@click.pass_obj
def render_command(
    session: Session,
    choice: Choice,
    jobs: int | None,
    out: Path | None,
    sheet: Path | None,
    explain: bool,
    diff: bool,
    watch: bool,
    port: int | None,
    exit_code: bool,
    as_json: bool,
) -> None:
    """Render and say where each picture lies, and what the style guide says of it."""
    _one_of(sheet=sheet is not None, explain=explain, diff=diff, watch=watch, json=watch and as_json)
    if port is not None and not watch:
        raise click.UsageError(_("--port goes with --watch"))
    if watch:
        _show_live(session, choice, port or 0)
        return
    if exit_code and not diff:
        raise click.UsageError(_("--exit-code goes with --diff"))
    app = session.app
    folder = out or app.workspace.output_folder / "visuals"
    if sheet is not None:
        check_kind(sheet)
    else:
        make_folder(folder)
    found = choice.find(app)
    with progress(_("rendering")) as advance:
        done = draw(app, found.wanted, jobs=jobs, progress=advance)
    differs = False
    if diff:
        rows = compare_approved(app, done, folder)
        show_compared(rows, as_json=as_json)
        differs = exit_code and any(row.different for row in rows)
    elif sheet is not None:
        files = make_sheet(app, done, sheet)
        print_json(files) if as_json else click.echo("\n".join(map(str, files)))
    else:
        done = put_explained(done, folder) if explain else put(done, folder)
        print_json([_plain(picture) for picture in done]) if as_json else _show_all(done)
    if not done and not found.problems and not as_json:
        click.echo(_("Nothing here has a picture."))
    wrong = [picture for picture in done if picture.wrong]
    for picture in wrong:
        click.echo(f"{picture.wanted.what}: {picture.wrong}", err=True)
    stop_at(found.problems)
    if wrong or differs:
        raise click.exceptions.Exit(1)


def _show_live(session: Session, choice: Choice, port: int) -> None:
    """Serve the live page until Ctrl-C; a word that is wrong from the start is told at once."""
    from promo.app.live import Live
    from promo.app.workspace import App
    from promo.web.live.serve import serve_live

    with suppress(ProblemsFound):  # the page shows the problems, and the pictures once they are mended
        choice.find(session.app)
    live = Live(lambda: App.open(session.root, clock=session.clock), choice)
    serve_live(
        live,
        session.root,
        port=port,
        ready=lambda url: click.echo(_("Watching: {url} (Ctrl-C ends)", url=url)),
    )


def _one_of(**ways: bool) -> None:
    chosen = [f"--{name}" for name, wanted in ways.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError(_("choose one of {options}", options=", ".join(chosen)))


def _show_all(pictures: Sequence[Picture]) -> None:
    for picture in pictures:
        if picture.visual is not None:
            size = f"{picture.visual.width}×{picture.visual.height}"
            for file in picture.files:
                click.echo("  ".join(part for part in (str(file), size, _when(picture)) if part))
            for finding in picture.visual.findings:
                click.echo(f"    {severity(finding)}: {finding.message}")


def _when(picture: Picture) -> str:
    """Return the moments it is for where there are several, the next first: `2027-03-08 10:00 and 3 more`."""
    first, *others = picture.wanted.dates or (None,)
    if not others:
        return ""
    return _("{first} and {count} more", first=local(first, picture.wanted.timezone), count=len(others))


def severity(finding: Finding) -> str:
    """Return how bad a finding is, in the reader's language."""
    return _("error") if finding.severity == "error" else _("warning")


def _plain(picture: Picture) -> dict[str, Any]:
    wanted, visual = picture.wanted, picture.visual
    told: dict[str, Any] = {
        "delivery": wanted.delivery or None,
        "campaign": wanted.campaign or None,
        "activity": wanted.activity or None,
        "channels": wanted.channels,
        "placements": wanted.placements,
        "dates": wanted.dates,
        "layout": wanted.layout,
        "format": wanted.format,
        "language": wanted.language,
        "files": picture.files,
    }
    if visual is None:
        return {**told, "error": str(picture.wrong)}
    return {
        **told,
        "width": visual.width,
        "height": visual.height,
        "sha256": visual.sha256,
        "findings": [asdict(finding) for finding in visual.findings],
    }
