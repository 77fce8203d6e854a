"""Local times → instants, by one policy for the hours a clock change skips or repeats.

A gap (the clock jumps forward over the time): the first instant after the gap. A fold (the hour comes twice): the
first of the two. Worked out from PEP 495's `fold`, so every zone of the tz database is handled alike: whole
hours, Lord Howe's half hour, and the day that Samoa left out in December 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from promo.errors import UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean


@cache
def zone_named(name: str) -> ZoneInfo:
    """Return a zone of the tz database. Raises UserMistake for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise UserMistake(
            _("there is no time zone {name}", name=f"`{name}`"), hint=did_you_mean(name, available_timezones())
        ) from None


class Shift(StrEnum):
    """What a clock change did to a local time."""

    NONE = "none"
    GAP = "gap"  # the time does not exist; moved to the first one after the gap
    FOLD = "fold"  # the time comes twice; the first is taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """An instant in UTC, and how it came out of the local time."""

    at_utc: datetime
    shift: Shift = Shift.NONE


@lru_cache(maxsize=65536)
def resolve(local: datetime, zone: ZoneInfo) -> Resolved:
    """Return the instant of a naive local time in `zone`; an aware one is taken as it is."""
    if local.tzinfo is not None:
        return Resolved(at_utc=local.astimezone(UTC))
    first = local.replace(tzinfo=zone, fold=0)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return Resolved(at_utc=first.astimezone(UTC))
    at_utc = first.astimezone(UTC)
    if at_utc.astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return Resolved(at_utc=at_utc, shift=Shift.FOLD)
    return Resolved(at_utc=_end_of_gap(second.astimezone(UTC), at_utc, zone), shift=Shift.GAP)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of the clock change that lies in (before, after], to the second."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return (before + timedelta(seconds=high)).replace(microsecond=0)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive local time of an aware `moment`."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def shift_note(local: datetime, resolved: Resolved, zone: ZoneInfo) -> tuple[str, ...]:
    """Return what to tell a person about a clock change, or nothing."""
    match resolved.shift:
        case Shift.NONE:
            return ()
        case Shift.GAP:
            return (
                _(
                    "{wanted} does not exist in {zone} (the clock goes forward): {actual} instead",
                    wanted=local.isoformat(sep=" ", timespec="minutes"),
                    zone=zone.key,
                    actual=local_time(resolved.at_utc, zone).isoformat(sep=" ", timespec="minutes"),
                ),
            )
        case Shift.FOLD:
            return (
                _(
                    "{wanted} comes twice in {zone} (the clock goes back): the first is taken",
                    wanted=local.isoformat(sep=" ", timespec="minutes"),
                    zone=zone.key,
                ),
            )
