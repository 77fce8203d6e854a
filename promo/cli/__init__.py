"""The command line: parse, call one function, print.

Each command's module is imported when the command is run, so `promo --help` costs click alone.
"""

from __future__ import annotations

import sys

import click

from promo.language import _, language, use

TYPE_CHECKING = False  # `typing` costs every start some milliseconds
if TYPE_CHECKING:
    from promo.cli.context import Session

# command → (module in promo.cli, its one line in the list of commands)
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("workspace", "Make a new workspace that passes `promo check` at once."),
    "check": ("workspace", "Check every file and show every mistake."),
    "schema": ("workspace", "Write JSON Schema, so that editors complete and check as one types."),
    "plan": ("planning", "Show what would change in the ledger; write nothing."),
    "apply": ("planning", "Write the plan into the ledger."),
    "render": ("visuals", "Render pictures: of campaigns, deliveries, layouts; live while one edits."),
    "layouts": ("layouts", "List the layouts with their formats and fields."),
    "rehearse": ("rehearsal", "Play the coming weeks on a virtual clock; publish nothing."),
    "run": ("publishing", "Publish each delivery at its time, until stopped (the daemon)."),
    "worker": ("publishing", "Publish what `promo run` hands out, on this machine (engine procrastinate or celery)."),
    "tick": ("publishing", "Publish what is due now, then end (for cron)."),
    "publish": ("publishing", "Publish one delivery now."),
    "health": ("health", "Ask a running promo whether it can do its work."),
    "status": ("status", "Show counts, what is next, and what needs a person."),
    "calendar": ("month", "Show a month of deliveries."),
    "list": ("listing", "List deliveries."),
    "show": ("story", "Show one delivery's whole history."),
    "approve": ("steering", "Approve deliveries."),
    "reject": ("steering", "Reject deliveries."),
    "cancel": ("steering", "Cancel deliveries that are not published yet."),
    "retry": ("steering", "Put a failed or missed delivery back on the schedule."),
    "resolve": ("steering", "Settle an uncertain delivery: was it published or not?"),
    "pause": ("steering", "Pause a channel."),
    "resume": ("steering", "Resume a paused channel."),
    "channels": ("channels", "List the channels and check each one's access."),
    "connectors": ("channels", "List the connectors and what each can do."),
    "collect": ("measuring", "Read the counts of published deliveries from their channels."),
    "log": ("measuring", "Enter a number by hand, with its proof."),
    "report": ("measuring", "Report a campaign's reach."),
    "serve": ("measuring", "Serve tracked links and reports on this machine."),
    "database": ("database", "Move the ledger between SQLite and PostgreSQL; check that both say the same."),
    "doctor": ("workspace", "Check the environment; name each fault with its cure."),
    "completion": ("workspace", "Print the script that completes promo's words in your shell."),
}


class Commands(click.Group):
    """The commands, each loaded when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's shape
        """Return the names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's shape
        """Import the command's module and return it."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"promo.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when the word is unknown."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from promo.source.suggest import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            text = _("there is no command {name}: {hint}", name=args[0], hint=hint)
            raise click.UsageError(text if hint else _("there is no command {name}", name=args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's shape
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_module, line) in COMMANDS.items()])


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"promo {version('promo')}")
        ctx.exit()


@click.command(
    cls=Commands,
    name="promo",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Campaigns as code: check, plan, render, publish once, measure, report."),
    epilog=_("Begin with: promo init my-brand && cd my-brand && promo check"),
)
@click.option("-C", "--workspace", "folder", metavar="DIR", help=_("The workspace's folder. Default: here or above."))
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    help=_("The language to speak. Default: PROMO_LANG, the workspace's language, or LANG."),
)
@click.option("--log", "log_format", type=click.Choice(["text", "json"]), help=_("How the log on stderr is written."))
@click.option("-v", "--verbose", is_flag=True, help=_("Log more."))
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=_("Show the version.")
)
@click.pass_context
def promo(ctx: click.Context, folder: str | None, lang: str | None, log_format: str | None, verbose: bool) -> None:
    """Keep what every command needs; nothing is opened before a command asks."""
    from promo.cli.context import Session

    if lang:
        use(lang)  # type: ignore[arg-type]  # click.Choice holds it to en and zh
    if ctx.obj is None:
        ctx.obj = Session(folder=folder, log_format=log_format, verbose=verbose, chosen_language=bool(lang))


def main(arguments: list[str] | None = None, *, session: Session | None = None) -> None:
    """Run the command line and end the process with its exit code. Never shows a traceback.

    `session` is what the commands stand on; the demo and tests give one with a clock of their own.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if "--lang" in words[:-1]:  # before the help texts of the commands are read
        wanted = words[words.index("--lang") + 1]
        if wanted in ("en", "zh"):
            use(wanted)  # type: ignore[arg-type]  # just checked
    if language() == "zh":
        from promo.cli.clicks import speak_chinese

        speak_chinese()
    try:
        code = promo.main(args=words, prog_name="promo", standalone_mode=False, obj=session)
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.Abort:
        click.echo(_("stopped"), err=True)
        code = 130
    except click.ClickException as error:
        from promo.cli.errors import show_usage_error

        code = show_usage_error(error)
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except Exception as error:  # noqa: BLE001 - the last line of defence: one clear line, the traceback to a file
        from promo.cli.errors import show_error

        code = show_error(error)
    sys.exit(code if isinstance(code, int) else 0)
