"""approve, reject, cancel, retry, resolve, pause, resume: what a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from promo.app.approval import approve, choose
from promo.cli.completing import a_channel, a_delivery
from promo.cli.context import Session
from promo.cli.options import by, chosen, person
from promo.delivery import steps
from promo.delivery.query import find
from promo.delivery.state import State, word
from promo.errors import NotFound, Refused
from promo.language import _, plural
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from promo.visual.model import Finding


def _each(rows: list[str], step: Callable[[str], State]) -> None:
    """Do one step for each delivery; a refused one is told and does not stop the others."""
    refused = 0
    for identity in rows:
        try:
            state = step(identity)
        except Refused as error:
            refused += 1
            click.echo(f"{identity}: {error}", err=True)
        else:
            click.echo(f"{identity}: {word(state)}")
    if not rows:
        click.echo(_("No delivery fits."))
    if refused:
        click.echo(plural("{count} was refused.", "{count} were refused.", refused), err=True)
        raise click.exceptions.Exit(Refused.exit_code)


@click.command(help=_("Approve deliveries: the exact text and the rendered picture. A later edit asks again."))
@chosen
@click.option("--stage", metavar="NAME", help=_("The stage. Default: the next one that is open."))
@click.option("--comment", default="", help=_("A word to go with it."))
@by
@click.pass_obj
def approve_command(
    session: Session,
    deliveries: tuple[str, ...],
    campaign: str | None,
    activity: str | None,
    channel: str | None,
    stage: str | None,
    comment: str,
    by: str | None,
) -> None:
    """Approve each delivery that waits."""
    app, who = session.app, person(by)
    rows = choose(
        app, deliveries, campaign=campaign, activity=activity, channel=channel, states=(State.AWAITING_APPROVAL,)
    )
    _each(rows, lambda i: approve(app, i, stage=stage, by=who, comment=comment, on_finding=lambda f: _tell(i, f)))


def _tell(delivery: str, finding: Finding) -> None:
    """Say what the style guide finds on a picture that is approved."""
    severity = _("error") if finding.severity == "error" else _("warning")
    click.echo(f"{delivery}: {severity}: {finding.message}", err=True)


@click.command(help=_("Reject deliveries: they are not published unless their content changes."))
@chosen
@click.option("--stage", metavar="NAME", help=_("The stage. Default: the next one that is open."))
@click.option("--comment", default="", help=_("Why; the author reads it."))
@by
@click.pass_obj
def reject_command(
    session: Session,
    deliveries: tuple[str, ...],
    campaign: str | None,
    activity: str | None,
    channel: str | None,
    stage: str | None,
    comment: str,
    by: str | None,
) -> None:
    """Reject each delivery that waits."""
    app, who = session.app, person(by)
    rows = choose(
        app, deliveries, campaign=campaign, activity=activity, channel=channel, states=(State.AWAITING_APPROVAL,)
    )
    _each(rows, lambda i: steps.reject(app.ledger, i, stage=stage, by=who, comment=comment, clock=app.clock))


@click.command(help=_("Cancel deliveries that are not published yet."))
@chosen
@click.option("--reason", default="", help=_("Why."))
@by
@click.pass_obj
def cancel_command(
    session: Session,
    deliveries: tuple[str, ...],
    campaign: str | None,
    activity: str | None,
    channel: str | None,
    reason: str,
    by: str | None,
) -> None:
    """Cancel each."""
    app, who = session.app, person(by)
    rows = choose(
        app,
        deliveries,
        campaign=campaign,
        activity=activity,
        channel=channel,
        states=(State.PLANNED, State.AWAITING_APPROVAL, State.SCHEDULED),
    )
    _each(rows, lambda i: steps.cancel(app.ledger, i, by=who, reason=reason, clock=app.clock))


@click.command(help=_("Put failed or missed deliveries back on the schedule."))
@chosen
@by
@click.pass_obj
def retry_command(
    session: Session,
    deliveries: tuple[str, ...],
    campaign: str | None,
    activity: str | None,
    channel: str | None,
    by: str | None,
) -> None:
    """Schedule each again."""
    app, who = session.app, person(by)
    rows = choose(
        app, deliveries, campaign=campaign, activity=activity, channel=channel, states=(State.FAILED, State.MISSED)
    )
    _each(rows, lambda i: steps.retry(app.ledger, i, by=who, clock=app.clock))


@click.command(help=_("Settle an uncertain delivery after looking at the channel: was it published or not?"))
@click.argument("delivery", metavar="DELIVERY", shell_complete=a_delivery)
@click.option("--published", "answer", flag_value="published", help=_("It is there; never send it again."))
@click.option("--not-published", "answer", flag_value="not-published", help=_("It is not there; send it again."))
@click.option("--url", help=_("Where it is."))
@by
@click.pass_obj
def resolve_command(session: Session, delivery: str, answer: str | None, url: str | None, by: str | None) -> None:
    """Write down what the person saw."""
    if answer is None:
        raise click.UsageError(_("say --published or --not-published"))
    app = session.app
    row = find(app.ledger, delivery)
    there = answer == "published"
    state = steps.resolve(app.ledger, row.id, published=there, url=url, by=person(by), clock=app.clock)
    click.echo(f"{row.id}: {word(state)}")


@click.command(help=_("Pause a channel: nothing is sent to it until `promo resume`."))
@click.argument("channel", shell_complete=a_channel)
@click.option("--reason", default="", help=_("Why."))
@by
@click.pass_obj
def pause_command(session: Session, channel: str, reason: str, by: str | None) -> None:
    """Pause it."""
    app = session.app
    _known(app.workspace.settings.channels, channel)
    steps.pause_channel(app.ledger, channel, by=person(by), reason=reason, clock=app.clock)
    click.echo(_("{channel} is paused.", channel=channel))


@click.command(help=_("Resume a paused channel."))
@click.argument("channel", shell_complete=a_channel)
@by
@click.pass_obj
def resume_command(session: Session, channel: str, by: str | None) -> None:
    """Resume it."""
    app = session.app
    _known(app.workspace.settings.channels, channel)
    resumed = steps.resume_channel(app.ledger, channel, by=person(by), clock=app.clock)
    click.echo(_("{channel} goes on.", channel=channel) if resumed else _("{channel} was not paused.", channel=channel))


def _known(channels: Iterable[str], name: str) -> None:
    if name not in channels:
        raise NotFound(_("there is no channel {channel}", channel=name), hint=did_you_mean(name, channels))
