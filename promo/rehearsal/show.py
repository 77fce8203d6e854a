"""A rehearsal as a table for people and as plain data for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.delivery.state import word
from promo.language import _, plural
from promo.rehearsal.model import Rehearsal, TroubleKind
from promo.source.value import format_duration

if TYPE_CHECKING:
    from rich.console import RenderableType

EXCERPT = 30  # terminal cells; a Chinese character takes two


def kind_word(kind: TroubleKind) -> str:
    """Return the kind of trouble in the reader's language."""
    return {
        TroubleKind.MISSED: _("missed window"),
        TroubleKind.FAILED: _("failed"),
        TroubleKind.UNCERTAIN: _("uncertain"),
        TroubleKind.HELD: _("not approved"),
        TroubleKind.WAITED: _("waited"),
        TroubleKind.PAUSED: _("channel paused"),
        TroubleKind.COLLISION: _("collision"),
        TroubleKind.CLOCK_CHANGE: _("clock change"),
        TroubleKind.EXPIRY: _("access ends"),
        TroubleKind.DAYS_UNKNOWN: _("holidays unknown"),
    }[kind]


def as_plain(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return the rehearsal as plain data."""
    return {
        "begin": rehearsal.begin,
        "until": rehearsal.until,
        "played": [asdict(one) for one in rehearsal.played],
        "troubles": [
            {**asdict(trouble), "wait": None if trouble.wait is None else trouble.wait.total_seconds()}
            for trouble in rehearsal.troubles
        ],
    }


def show_rehearsal(rehearsal: Rehearsal, zone: ZoneInfo) -> RenderableType:
    """Return what would go out when, then what to look at, then the sums."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table

    def table(*columns: str) -> Table:
        made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for number, column in enumerate(columns):
            made.add_column(column, no_wrap=number < 2, overflow="fold")
        return made

    out = table(_("due ({zone})", zone=zone.key), _("out"), _("state"), _("channel"), _("activity"), _("text"))
    for one in rehearsal.played:
        due, gone = one.due_at.astimezone(zone), one.out_at.astimezone(zone) if one.out_at is not None else None
        went = "" if gone is None else f"{gone:%H:%M}" if gone.date() == due.date() else f"{gone:%m-%d %H:%M}"
        name = f"{one.campaign}/{one.activity}" + ("" if one.part == "main" else f" ({one.part})")
        out.add_row(f"{due:%Y-%m-%d %H:%M}", went, word(one.state), one.channel, name, _excerpt(one.text))
    look = table(_("at"), _("look at"), _("channel"), _("deliveries"), _("why"))
    for trouble in rehearsal.troubles:
        ids = ", ".join(trouble.deliveries[:3]) + (
            f" +{len(trouble.deliveries) - 3}" if len(trouble.deliveries) > 3 else ""
        )
        wait = [format_duration(trouble.wait)] if trouble.wait is not None else []
        why = " ".join([*wait, trouble.detail])
        look.add_row(
            f"{trouble.at.astimezone(zone):%Y-%m-%d %H:%M}", kind_word(trouble.kind), trouble.channel, ids, why
        )
    parts: list[RenderableType] = [out, ""]
    parts += [look, ""] if rehearsal.troubles else [_("Nothing to look at: no wait, no miss, no collision."), ""]
    gone_out = sum(1 for one in rehearsal.played if one.out_at is not None)
    parts.append(
        _(
            "{out}, {look} (rehearsed in {seconds} s; the ledger is untouched).",
            out=plural("{count} delivery would go out", "{count} deliveries would go out", gone_out),
            look=plural("{count} thing to look at", "{count} things to look at", len(rehearsal.troubles)),
            seconds=f"{rehearsal.seconds:.1f}",
        )
    )
    return Group(*parts)


def _excerpt(text: str) -> str:
    from rich.cells import cell_len, set_cell_size

    line = " ".join(text.split())
    return line if cell_len(line) <= EXCERPT else set_cell_size(line, EXCERPT - 1).rstrip() + "…"
