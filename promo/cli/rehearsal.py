"""rehearse: the coming weeks on a virtual clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import console, print_json, progress
from promo.errors import UserMistake
from promo.language import _

LONGEST = timedelta(days=1100)  # three years; each day is played


@click.command(
    help=_("Play the campaigns on a virtual clock against stand-ins of the channels. The real ledger is untouched.")
)
@click.option("--until", required=True, metavar="DAY", help=_("The last day to play: 2027-06-30."))
@click.option("--from", "start", metavar="TIME", help=_("Where to begin. Default: now."))
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    help=_("Trouble: 'mastodon: 429 for 2h from 2027-03-05T09:00'. May be given several times."),
)
@click.option(
    "--approve/--no-approve", default=True, show_default=True, help=_("Suppose that everything is approved in time.")
)
@click.option("--no-pictures", is_flag=True, help=_("Do not look at pictures; applying will."))
@as_json
@click.pass_obj
def rehearse_command(
    session: Session,
    until: str,
    start: str | None,
    faults: tuple[str, ...],
    approve: bool,
    no_pictures: bool,
    as_json: bool,
) -> None:
    """Play and print what would go out, and what would go wrong."""
    from promo.cli.log import start_log
    from promo.rehearsal.fault import parse_fault
    from promo.rehearsal.rehearse import rehearse
    from promo.rehearsal.show import as_plain, show_rehearsal

    app = session.app
    zone = ZoneInfo(app.workspace.settings.timezone)
    end = _moment(until, zone, last=True)
    begin = _moment(start, zone) if start else app.clock.now()
    if end <= begin:
        raise UserMistake(
            _("--until must be later than the beginning"), hint=_("write a day to come: --until 2027-06-30")
        )
    if end - begin > LONGEST:
        raise UserMistake(
            _("a rehearsal plays at most {count} days", count=LONGEST.days), hint=_("write an earlier day: --until")
        )
    start_log(session.log_format, verbose=session.verbose, silent=True)  # its troubles are its result, not news
    trouble = [parse_fault(text, zone, set(app.channels)) for text in faults]
    with progress(_("rehearsing")) as advance:
        played = rehearse(
            app,
            begin=begin,
            until=end,
            faults=trouble,
            approve=approve,
            pictures=not no_pictures,
            progress=advance,
        )
    if as_json:
        print_json(as_plain(played))
    else:
        console().print(show_rehearsal(played, zone))


def _moment(word: str, zone: ZoneInfo, *, last: bool = False) -> datetime:
    from promo.source.value import parse_local_time

    try:
        moment = parse_local_time(word)
    except ValueError as error:
        raise UserMistake(str(error)) from None
    if last and len(word.strip()) == 10:
        moment = moment.replace(hour=23, minute=59, second=59)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
