"""What a rehearsal saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TroubleKind(StrEnum):
    """What a person should look at before it happens."""

    MISSED = "missed"  # its window passed
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # a person would have to decide
    HELD = "held"  # not approved in time
    WAITED = "waited"  # went out later than planned: rate limit, Retry-After, a pause
    PAUSED = "paused"  # the channel's access was lost
    COLLISION = "collision"  # several deliveries of one channel in one minute
    CLOCK_CHANGE = "clock_change"  # daylight saving begins or ends
    EXPIRY = "expiry"  # a channel's access ends
    DAYS_UNKNOWN = "days_unknown"  # the data about holidays ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """One delivery that went out, or would have."""

    delivery: str
    campaign: str
    activity: str
    channel: str
    occurrence: str
    part: str
    timezone: str
    state: str
    due_at: datetime
    out_at: datetime | None  # when it was published or handed over
    tries: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One thing to look at."""

    kind: TroubleKind
    at: datetime
    channel: str
    deliveries: tuple[str, ...] = ()
    detail: str = ""
    wait: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The whole: every delivery between `begin` and `until`, by time, and what to look at."""

    begin: datetime
    until: datetime
    played: tuple[Played, ...]
    troubles: tuple[Trouble, ...]
    seconds: float  # of real time it took
