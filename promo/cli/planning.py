"""plan and apply."""

from __future__ import annotations

from pathlib import Path

import click

from promo.cli.context import Session
from promo.cli.options import as_json, by, person
from promo.cli.output import console, print_json, progress
from promo.delivery import query
from promo.delivery.state import State
from promo.language import _, plural
from promo.plan.model import Action


@click.command(help=_("Show the difference between the files and the ledger. Nothing is written."))
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Keep this plan, for `promo apply FILE`."),
)
@click.option("--all", "everything", is_flag=True, help=_("Show unchanged deliveries too."))
@click.option("--no-pictures", is_flag=True, help=_("Do not look at pictures; applying will."))
@as_json
@click.pass_obj
def plan_command(session: Session, out: Path | None, everything: bool, no_pictures: bool, as_json: bool) -> None:
    """Print the plan."""
    from promo.plan.file import write_plan
    from promo.plan.show import plan_as_json, show_plan

    with progress(_("planning")) as advance:
        plan = session.app.plan(progress=advance, pictures=not no_pictures)
    if as_json:
        print_json(plan_as_json(plan))
    else:
        screen = console()
        screen.print(show_plan(plan, everything=everything, width=screen.width))
    if out is not None:
        write_plan(out, plan)
        click.echo(_("The plan is kept in {file}. Next: promo apply {file}", file=out), err=as_json)


@click.command(
    help=_("Write the plan into the ledger: the plan in FILE exactly, else the present one after a question.")
)
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-y", "--yes", is_flag=True, help=_("Do not ask."))
@by
@click.pass_obj
def apply_command(session: Session, file: Path | None, yes: bool, by: str | None) -> None:
    """Apply a plan, all or nothing."""
    from promo.plan.file import read_plan
    from promo.plan.show import show_plan

    app = session.app
    if file is not None:
        plan = read_plan(file)
        with progress(_("looking at pictures")) as advance:
            app.refuse_pictures(plan, progress=advance)
    else:
        with progress(_("planning")) as advance:
            plan = app.plan(progress=advance, pictures=True)
        screen = console()
        screen.print(show_plan(plan, width=screen.width))
        if all(change.action in (Action.UNCHANGED, Action.KEPT) for change in plan.changes):
            return
        if not yes:
            click.confirm(_("Apply this plan?"), abort=True)
    applied = app.apply(plan, by=person(by))
    click.echo(
        _(
            "Applied: {added} added, {changed} changed, {cancelled} cancelled.",
            added=applied.added,
            changed=applied.changed,
            cancelled=applied.cancelled,
        )
    )
    waiting = query.status(app.ledger, app.clock.now()).counts.get(State.AWAITING_APPROVAL, 0)
    if waiting:
        click.echo(
            plural("{count} waits for approval  → promo approve", "{count} wait for approval  → promo approve", waiting)
        )
