"""The page of all commands, made from the commands themselves: `python -m promo.cli.reference > docs/commands.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from promo.cli import COMMANDS, promo
from promo.language import _, use


def reference() -> str:
    """Return every command with its arguments and options as Markdown, in English."""
    use("en")
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Every command"
    yield ""
    yield "`promo [-C DIR] [--lang en|zh] COMMAND …`, made by `python -m promo.cli.reference`."
    yield ""
    yield "Exit codes: 0 done; 1 the files have errors, or something failed; 2 a wrong word; 3 the plan no longer fits;"
    yield "4 a delivery's state does not allow it; 5 a secret has no value; 70 a fault of promo itself; 130 stopped."
    with click.Context(promo, info_name="promo") as context:
        for name, (_module, line) in COMMANDS.items():
            command = promo.get_command(context, name)
            if isinstance(command, click.Group):
                for inner, below in command.commands.items():
                    yield from _section(f"{name} {inner}", below, line, context)
            elif command is not None:
                yield from _section(name, command, line, context)


def _section(name: str, command: click.Command, line: str, context: click.Context) -> Iterator[str]:
    yield ""
    yield f"## {name}"
    yield ""
    with click.Context(command, info_name=name, parent=context) as inner:
        yield f"`promo {name} {' '.join(command.collect_usage_pieces(inner))}`"
        yield ""
        yield command.help or _(line)
        rows = [
            r
            for p in command.get_params(inner)
            if isinstance(p, click.Option) and "--help" not in p.opts and (r := p.get_help_record(inner))
        ]
    if rows:
        yield ""
        yield "| option | meaning |"
        yield "| --- | --- |"
        yield from (f"| `{option}` | {meaning} |" for option, meaning in rows)


if __name__ == "__main__":
    click.echo(reference(), nl=False)
