"""Printing: tables for people, JSON for machines, plain when not a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from promo.language.width import cells

if TYPE_CHECKING:
    from rich.console import Console

LONGEST_WORD = 13  # cells: longer ones, addresses mostly, may break in a narrow terminal


def console() -> Console:
    """Return a rich console on stdout: its colours and width follow the terminal; elsewhere COLUMNS, else 110."""
    from rich.console import Console

    given = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()
    return Console(width=None if given else 110, highlight=False, emoji=False, markup=False)


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "_asdict"):
        return value._asdict()
    return str(value)


def print_json(value: Any) -> None:
    """Print JSON, indented, Chinese as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> None:
    """Print a table; its first column never breaks, the others break between words as long as they can."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False, padding=(0, 1, 0, 0)
    )
    lines = [*rows]
    for number, column in enumerate(columns):
        words = [word for line in (columns, *lines) for word in line[number].split()]
        widest = min(max(map(cells, words), default=0), LONGEST_WORD)
        table.add_column(column, overflow="fold", no_wrap=number == 0, min_width=widest)
    for line in lines:
        table.add_row(*line)
    console().print(table)


def local(moment: datetime | None, zone: str, *, seconds: bool = False) -> str:
    """Write a moment in a zone: `2027-03-08 10:00`; empty for None."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal; elsewhere nothing. Yields a function of (done, all)."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
