"""database copy, database check: the ledger in another place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from promo.cli.context import Session
from promo.cli.options import as_json
from promo.cli.output import print_json, print_table, progress
from promo.errors import PromoError
from promo.language import _, plural

if TYPE_CHECKING:
    from promo.app.moving import Moved
    from promo.store.compare import TableCompared

Command = Callable[..., Any]


def _to(command: Command) -> Command:
    return click.option(
        "--to",
        "address",
        required=True,
        metavar="ADDRESS",
        help=_("The other database, as in promo.yaml; with a password: env:NAME, the variable that holds the address."),
    )(command)


@click.group(help=_("Move the ledger between SQLite and PostgreSQL, and check that both say the same."))
def database_command() -> None:
    """Hold the commands about the ledger's place."""


@database_command.command(
    "copy",
    help=_(
        "Copy the ledger into an empty database, then compare every row. Broken off, or with promo still at work, it"
        " goes on when it is run again. Exit code 1: not finished."
    ),
)
@_to
@as_json
@click.pass_obj
def copy(session: Session, address: str, as_json: bool) -> None:
    """Copy, compare, and say what to change in promo.yaml."""
    from promo.app.moving import move_ledger
    from promo.source.address import parse_address

    to = parse_address(address)
    with _bars() as advance:
        moved = move_ledger(session.app, to, progress=advance)
    if as_json:
        print_json(
            {
                "finished": moved.finished,
                "others": moved.others,
                "added": moved.copied.added,
                "changed": moved.copied.changed,
                "removed": moved.copied.removed,
                "nul": dict(moved.copied.nul),
                "tables": [_plain(table) for table in moved.tables],
            }
        )
    else:
        _show(moved.tables)
    for column, count in sorted(moved.copied.nul.items()):
        text = plural(
            "{column}: {count} text held the NUL character, which PostgreSQL cannot keep; ␀ stands there now",
            "{column}: {count} texts held the NUL character, which PostgreSQL cannot keep; ␀ stands there now",
            count,
            column=column,
        )
        click.echo(text, err=True)
    _end(moved, address, quiet=as_json)


@database_command.command("check", help=_("Compare every row of the ledger with a copy. Exit code 1: they differ."))
@_to
@as_json
@click.pass_obj
def check(session: Session, address: str, as_json: bool) -> None:
    """Compare and print."""
    from promo.app.moving import compare_with
    from promo.source.address import parse_address

    to = parse_address(address)
    with _bars() as advance:
        tables = compare_with(session.app, to, progress=advance)
    if as_json:
        print_json({"same": all(table.same for table in tables), "tables": [_plain(table) for table in tables]})
    else:
        _show(tables)
    _refuse_difference(tables)
    if not as_json:
        click.echo(_same_words(tables))


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    with progress(_("copying, comparing")) as advance:
        yield lambda _what, done, total: advance(done, total)


def _show(tables: Sequence[TableCompared]) -> None:
    rows = [
        (t.table, f"{t.here:,}", f"{t.there:,}", t.digest_here[:12], t.digest_there[:12], "✓" if t.same else "✗")
        for t in tables
    ]
    print_table((_("table"), _("rows here"), _("rows there"), _("digest here"), _("digest there"), _("same")), rows)


def _plain(table: TableCompared) -> dict[str, Any]:
    return {
        "table": table.table,
        "here": {"rows": table.here, "digest": table.digest_here},
        "there": {"rows": table.there, "digest": table.digest_there},
        "same": table.same,
    }


def _same_words(tables: Sequence[TableCompared]) -> str:
    count = sum(table.here for table in tables)
    return plural("Both say the same: {count} row.", "Both say the same: {count} rows.", count)


def _refuse_difference(tables: Sequence[TableCompared], *, hint: str | None = None) -> None:
    if names := [table.table for table in tables if not table.same]:
        raise PromoError(_("the two ledgers differ in: {names}", names=", ".join(names)), hint=hint)


def _end(moved: Moved, address: str, *, quiet: bool) -> None:
    """Say what is to be done next. Raises PromoError where the copy is not finished."""
    again = _("stop promo run, worker, serve and tick here, then run the same again: it carries over what has changed")
    _refuse_difference(moved.tables, hint=again)
    if moved.others:
        raise PromoError(
            _("everything is copied, but another process has the ledger here open: the copy stays closed"), hint=again
        )
    if quiet:
        return
    source, _colon, name = address.partition(":")
    setting = f"{{{source}: {name}}}" if source in ("env", "keyring") else address
    click.echo(_same_words(moved.tables))
    click.echo(_("Let nothing publish from here any more; then change two settings in promo.yaml, on every machine:"))
    click.echo(f"  database: {setting}")
    click.echo(f"  engine: {'procrastinate' if moved.server else 'embedded'}")
