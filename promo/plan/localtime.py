"""Local times → instants, by one policy for the hours a clock change skips or repeats.

A gap (the clock jumps forward over the time): the first instant after the gap. A fold (the hour comes twice): the
first of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from promo.language import _
from promo.source.zone import ClockChange, after_gap, clock_change

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# A clock change moves a time by no more than Samoa's lost day: so far outside of bounds it may still fall inside.
WIDEST_SHIFT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """An instant in UTC, and the clock change that had a part in it."""

    at_utc: datetime
    change: ClockChange | None = None


@lru_cache(maxsize=65536)
def resolve(local: datetime, zone: ZoneInfo) -> Resolved:
    """Return the instant of a naive local time in `zone`; an aware one is taken as it is."""
    if local.tzinfo is not None:
        return Resolved(at_utc=local.astimezone(UTC))
    change = clock_change(local, zone)
    valid = after_gap(local, zone) if change is ClockChange.GAP else local
    return Resolved(at_utc=valid.replace(tzinfo=zone, fold=0).astimezone(UTC), change=change)


@lru_cache(maxsize=65536)
def steady_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """Return the offset from UTC that holds all through a local day and its neighbours; None near a clock change.

    The quick way to `resolve` for all but a few days of a year. No zone of the tz database has two changes within a
    week of each other, so that the two ends tell of what lies between (2026f; a test looks at every zone).
    """
    midnight = datetime.combine(day, time.min, zone)
    before = (midnight - timedelta(days=1)).utcoffset()
    return before if before == (midnight + timedelta(days=2)).utcoffset() else None


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive local time of an aware `moment`."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def shift_note(local: datetime, resolved: Resolved, zone: ZoneInfo) -> tuple[str, ...]:
    """Return what to tell a person about a clock change, or nothing."""
    written = local.isoformat(sep=" ", timespec="minutes")
    match resolved.change:
        case ClockChange.GAP:
            taken = local_time(resolved.at_utc, zone).isoformat(sep=" ", timespec="minutes")
            return (
                _(
                    "{written} does not exist in {zone}: the clock goes forward; {taken} is taken",
                    written=written,
                    zone=zone.key,
                    taken=taken,
                ),
            )
        case ClockChange.FOLD:
            return (
                _(
                    "{written} comes twice in {zone}: the clock goes back; the first is taken",
                    written=written,
                    zone=zone.key,
                ),
            )
        case None:
            return ()
