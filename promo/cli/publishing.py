"""run, worker, tick, publish: the ways into one publisher."""

from __future__ import annotations

import click

from promo.cli.completing import a_delivery
from promo.cli.context import Session
from promo.cli.options import as_json, listen
from promo.cli.output import print_json
from promo.delivery.query import find
from promo.delivery.state import State, word
from promo.language import _, plural
from promo.language.again import again

TYPE_CHECKING = False  # `typing` costs every start some milliseconds
if TYPE_CHECKING:
    from promo.source.listen import Listen


@click.command(help=_("Publish each delivery at its time until Ctrl-C or SIGTERM; a call under way is finished first."))
@listen
@click.pass_obj
def run_command(session: Session, listen: Listen | None) -> None:
    """Run the daemon."""
    from promo.app.daemon import run
    from promo.cli.log import start_log

    app = session.app
    start_log(session.log_format, verbose=session.verbose, quiet=False)
    run(app, listen=listen)


@click.command(
    help=_(
        "Publish what `promo run` or `promo tick` hands out, until Ctrl-C or SIGTERM; a call under way is finished"
        " first. Start as many as wanted, on any machine that has the workspace."
    )
)
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, 200),
    help=_("How many deliveries at once. Default: all that the channels allow, from 4 to 64."),
)
@listen
@click.pass_obj
def worker_command(session: Session, concurrency: int | None, listen: Listen | None) -> None:
    """Run a worker."""
    from promo.app.daemon import work
    from promo.cli.log import start_log

    app = session.app
    start_log(session.log_format, verbose=session.verbose, quiet=False)
    work(app, concurrency=concurrency, listen=listen)


@click.command(
    help=_("One round for cron: publish what is due, read counts, extend the horizon. Two at once are safe.")
)
@as_json
@click.pass_obj
def tick_command(session: Session, as_json: bool) -> None:
    """Do one round and print what happened."""
    done = session.app.tick()
    counts = {state: done.published.count(state) for state in State if done.published.count(state)}
    if as_json:
        print_json(
            {
                "deliveries": [{"delivery": i, "state": state.value} for i, state in done.published.outcomes],
                "held": list(done.published.held),
                "added": done.extended,
                "numbers": done.collected.samples,
            }
        )
        return
    for state, count in counts.items():
        click.echo(f"{word(state)}: {count}")
    if done.extended:
        click.echo(plural("{count} delivery came into view.", "{count} deliveries came into view.", done.extended))
    if not counts:
        click.echo(_("Nothing is due."))


@click.command(help=_("Publish one delivery now, whatever its time. An approval that is missing still holds it."))
@click.argument("delivery", metavar="DELIVERY", shell_complete=a_delivery)
@click.option("--now", is_flag=True, help=_("Yes, now: without this word nothing is sent."))
@click.pass_obj
def publish_command(session: Session, delivery: str, now: bool) -> None:
    """Publish through the same path as the daemon."""
    if not now:
        raise click.UsageError(_("say --now to publish {delivery} at once", delivery=delivery))
    app = session.app
    row = find(app.ledger, delivery)
    state = app.publish_now(row.id)
    row = find(app.ledger, row.id)
    click.echo(f"{row.id}: {word(state)} {row.remote_url or ''}".rstrip())
    if state not in (State.PUBLISHED, State.DONE, State.HANDED_OVER, State.PENDING):
        click.echo(f"  {again(row.reason)}", err=True)
        raise click.exceptions.Exit(1)
