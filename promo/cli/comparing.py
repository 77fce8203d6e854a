"""What `promo render --diff` says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from promo.app.compare import Compared, percent
from promo.cli.output import local, print_json
from promo.language import _


def show_compared(rows: Sequence[Compared], *, as_json: bool) -> None:
    """Say of each picture whether it is the one that was approved."""
    if as_json:
        print_json([_plain(row) for row in rows])
        return
    for row in rows:
        click.echo(f"{row.picture.wanted.what}: {_sentence(row)}")
        if row.file is not None:
            click.echo(f"    {row.file}")


def _sentence(row: Compared) -> str:
    if row.approved is None:
        return _("no approved picture yet")
    when = local(row.approved.at, row.picture.wanted.timezone)
    if row.share is None:
        return _("approved by {by}, {when}, on another machine: its picture is not here", by=row.approved.by, when=when)
    if not row.different:
        return _("as approved by {by}, {when}", by=row.approved.by, when=when)
    told = _(
        "{share} % of the pixels differ from what {by} approved, {when}; likeness {likeness}",
        share=percent(row.share),
        by=row.approved.by,
        when=when,
        likeness=f"{row.likeness:.3f}",
    )
    return f"{told}; {_('its size is another')}" if row.resized else told


def _plain(row: Compared) -> dict[str, Any]:
    wanted = row.picture.wanted
    return {
        "delivery": wanted.delivery,
        "campaign": wanted.campaign,
        "activity": wanted.activity,
        "channels": wanted.channels,
        "format": wanted.format,
        "approved": row.approved and {"by": row.approved.by, "at": row.approved.at, "file": row.approved.file},
        "different": row.different,
        "percent": row.share,
        "likeness": row.likeness,
        "resized": row.resized,
        "file": row.file,
    }
