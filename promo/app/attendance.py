"""Whether anybody publishes in a workspace, in words for `promo status` and `promo doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.delivery.attendance import Attendance, Missing, attendance
from promo.language import _

if TYPE_CHECKING:
    from promo.app.workspace import App


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is to be said: the fact, and what to start, or to ask where a process lives; nothing where all is well."""

    attendance: Attendance
    found: str
    start: str = ""


def look_round(app: App) -> Told:
    """Look whether what could go out has somebody to take it."""
    handed_out = app.workspace.settings.engine != "embedded"
    found = attendance(app.ledger, lambda: app.channels, app.clock.now(), handed_out=handed_out)
    zone = ZoneInfo(app.workspace.settings.timezone)
    moment = "" if found.seen_at is None else f"{found.seen_at.astimezone(zone):%Y-%m-%d %H:%M}"
    if found.alive:
        words = (
            _("what was handed out waits, and the worker that was seen at {moment} takes nothing", moment=moment)
            if found.missing is Missing.WORKER
            else _("what is due waits, and the process that was seen at {moment} takes nothing", moment=moment)
        )
        return Told(attendance=found, found=words, start="promo health")
    match found.missing:
        case None:
            words = _("last seen {moment}", moment=moment) if moment else _("nothing waits for it")
            return Told(attendance=found, found=words)
        case Missing.WORKER:
            words = (
                _("what was handed out waits, and no worker was seen since {moment}", moment=moment)
                if moment
                else _("what was handed out waits, and no worker was ever seen")
            )
            return Told(attendance=found, found=words, start="promo worker")
        case Missing.PUBLISHER:
            words = (
                _("what is due waits, and no process was seen since {moment}", moment=moment)
                if moment
                else _("what is due waits, and no process was ever seen")
            )
            start = _("promo run, and promo worker where none runs") if handed_out else _("promo run, or promo tick")
            return Told(attendance=found, found=words, start=start)
