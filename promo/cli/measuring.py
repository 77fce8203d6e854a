"""collect, log, report, serve: what came back."""

from __future__ import annotations

from pathlib import Path

import click

from promo.app.measure import log
from promo.app.measure import report as report_of
from promo.cli.completing import a_campaign, a_delivery_or_campaign, a_metric
from promo.cli.context import Session
from promo.cli.options import as_json, by, person
from promo.cli.output import console, print_json
from promo.delivery.state import word
from promo.language import _, plural


@click.command(help=_("Read the counts that are due from the channels; --all reads every published delivery."))
@click.option("--all", "everything", is_flag=True, help=_("Every published delivery, due or not."))
@as_json
@click.pass_obj
def collect_command(session: Session, everything: bool, as_json: bool) -> None:
    """Collect and say how much."""
    got = session.app.collect(everything=everything)
    if as_json:
        print_json(vars(got))
        return
    click.echo(
        plural("{count} number read", "{count} numbers read", got.samples)
        + ", "
        + plural("{count} delivery asked.", "{count} deliveries asked.", got.asked)
    )
    for channel, message in got.failures:
        click.echo(f"  {channel}: {message}", err=True)


@click.command(help=_("Enter numbers by hand: promo log DELIVERY headcount=320 --proof photo.jpg --by zhao"))
@click.argument("target", metavar="DELIVERY | CAMPAIGN", shell_complete=a_delivery_or_campaign)
@click.argument("values", nargs=-1, metavar="METRIC=NUMBER...", shell_complete=a_metric)
@click.option(
    "--proof",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("A photo or document; a copy is kept."),
)
@click.option("--task", metavar="ID", help=_("The task this proof closes. Default: the one that asks for it."))
@click.option("--note", default="", help=_("A word to go with it."))
@click.option("--add", is_flag=True, help=_("On top of what was entered before; without it the newest number counts."))
@by
@click.pass_obj
def log_command(
    session: Session,
    target: str,
    values: tuple[str, ...],
    proof: Path | None,
    task: str | None,
    note: str,
    add: bool,
    by: str | None,
) -> None:
    """Write the numbers and close what the proof closes."""
    entered, state = log(session.app, target, values, proof=proof, task=task, note=note, by=person(by), add=add)
    for metric, value in entered.values.items():
        click.echo(f"{metric} = {value:,.0f}" if value.is_integer() else f"{metric} = {value:,.2f}")
    if entered.file is not None:
        click.echo(_("The proof is kept: {file}", file=entered.file))
    if state is not None:
        click.echo(f"{entered.subject.delivery}: {word(state)}")


@click.command(help=_("Report a campaign: goal against actual, by channel, kind and day, the origin of each number."))
@click.argument("campaign", required=False, shell_complete=a_campaign)
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help=_("Write one self-contained page.")
)
@click.option(
    "--csv",
    "csv_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write the numbers as CSV."),
)
@as_json
@click.pass_obj
def report_command(
    session: Session, campaign: str | None, html: Path | None, csv_file: Path | None, as_json: bool
) -> None:
    """Print the report, or write it."""
    from promo.report.export import as_csv, as_plain
    from promo.report.terminal import render_report

    report = report_of(session.app, campaign)
    if as_json:
        print_json(as_plain(report))
        return
    if html is not None:
        from promo.report.html import write_html  # brings the charts, which no other form of the report needs

        write_html(report, html)
        click.echo(_("The report is in {file}", file=html))
    if csv_file is not None:
        csv_file.write_text(as_csv(report), encoding="utf-8-sig")
        click.echo(_("The numbers are in {file}", file=csv_file))
    if html is None and csv_file is None:
        console().print(render_report(report))


@click.command(
    help=_("Serve tracked links (/l/…) and reports. Listens on this machine only, unless --host says otherwise.")
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("The address to listen on."))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8470, show_default=True, help=_("The port; 0 takes a free one.")
)
@click.pass_obj
def serve_command(session: Session, host: str, port: int) -> None:
    """Serve until stopped."""
    from promo.web.serve import serve

    app = session.app
    serve(
        app.ledger,
        app.workspace,
        app.clock,
        host=host,
        port=port,
        ready=lambda url: click.echo(_("Serving {url} (Ctrl-C ends)", url=url)),
    )
