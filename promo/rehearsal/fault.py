"""Trouble to rehearse: `mastodon: 429 for 2h from 2027-03-05T09:00`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from promo.errors import AccessLost, ChannelError, OutcomeUnknown, Rejected, TryAgain, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import format_duration, parse_duration, parse_local_time

_FORM = re.compile(r"(?P<channel>[^:]+):\s*(?P<trouble>\S+)\s+for\s+(?P<lasts>.+?)\s+from\s+(?P<start>.+)")


class Trouble(StrEnum):
    """What a channel does while the fault lasts."""

    LIMITED = "429"  # too many calls; it names the wait until the fault ends
    BROKEN = "500"  # an error after the content was taken: nobody knows
    AWAY = "away"  # cannot be reached; nothing was sent
    SILENT = "timeout"  # no answer: nobody knows, but the post is there
    CLOSED = "401"  # the access is lost
    REFUSING = "422"  # it refuses the content


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One channel's trouble between two moments (aware, UTC)."""

    channel: str
    trouble: Trouble
    start: datetime
    until: datetime

    def holds(self, channel: str, now: datetime) -> bool:
        """Whether `channel` is in this trouble now."""
        return channel == self.channel and self.start <= now < self.until

    def error(self, now: datetime) -> ChannelError:
        """Return what a connector would raise in this trouble."""
        what = _("{channel}: rehearsed trouble {trouble}", channel=self.channel, trouble=self.trouble.value)
        match self.trouble:
            case Trouble.LIMITED:
                return TryAgain(what, wait=self.until - now)
            case Trouble.AWAY:
                return TryAgain(what)
            case Trouble.CLOSED:
                return AccessLost(what)
            case Trouble.REFUSING:
                return Rejected(what)
            case Trouble.BROKEN | Trouble.SILENT:
                return OutcomeUnknown(what)

    def __str__(self) -> str:
        return f"{self.channel}: {self.trouble.value} for {format_duration(self.until - self.start)}"


def parse_fault(text: str, zone: ZoneInfo, channels: Collection[str]) -> Fault:
    """Read one `--fault`; a time without offset is local to `zone`. Raises UserMistake."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise UserMistake(
            _("the fault {text} cannot be read", text=repr(text)),
            hint=_("write: --fault 'mastodon: 429 for 2h from 2027-03-05T09:00'"),
        )
    channel = found["channel"].strip()
    if channel not in channels:
        raise UserMistake(_("there is no channel {channel}", channel=channel), hint=did_you_mean(channel, channels))
    known = {t.value for t in Trouble}
    if found["trouble"] not in known:
        raise UserMistake(
            _("there is no trouble {trouble}", trouble=found["trouble"]), hint=did_you_mean(found["trouble"], known)
        )
    try:
        lasts = parse_duration(found["lasts"])
        start = parse_local_time(found["start"])
    except ValueError as error:
        raise UserMistake(_("the fault {text} cannot be read", text=repr(text)), hint=str(error)) from None
    if lasts <= timedelta(0):
        raise UserMistake(_("the fault {text} lasts no time", text=repr(text)))
    aware = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
    return Fault(channel=channel, trouble=Trouble(found["trouble"]), start=aware, until=aware + lasts)
