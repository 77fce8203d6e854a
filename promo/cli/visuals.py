"""render: the pictures of deliveries."""

from __future__ import annotations

from pathlib import Path

import click

from promo.app.picture import pictures, render_to
from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import print_json, progress
from promo.language import _


@click.command(help=_("Render the pictures of a campaign, an activity or single deliveries into out/visuals."))
@click.argument("names", nargs=-1, metavar="[CAMPAIGN | CAMPAIGN/ACTIVITY | DELIVERY]...")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help=_("Where to put them."))
@as_json
@click.pass_obj
def render_command(session: Session, names: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Render and say where each picture lies, and what the style guide says of it."""
    app = session.app
    todo = pictures(app, names)
    folder = out or app.workspace.output_folder / "visuals"
    rows = []
    with progress(_("rendering")) as advance:
        for done, delivery in enumerate(todo, start=1):
            rows += render_to(app, delivery, folder)
            advance(done, len(todo))
    if as_json:
        print_json(
            [
                {
                    "delivery": r.delivery,
                    "file": r.file,
                    "width": r.visual.width,
                    "height": r.visual.height,
                    "sha256": r.visual.sha256,
                    "findings": [f.message for f in r.visual.findings],
                }
                for r in rows
            ]
        )
        return
    for row in rows:
        click.echo(f"{row.file}  {row.visual.width}×{row.visual.height}")
        for finding in row.visual.findings:
            severity = _("error") if finding.severity == "error" else _("warning")
            click.echo(f"    {severity}: {finding.message}")
    if not rows:
        click.echo(_("No delivery here has a picture."))
