"""When a channel lets the next delivery out: pauses, its own Retry-After, and its rate limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from promo.delivery.state import State
from promo.delivery.worker import SILENCE, in_hand
from promo.store.tables import attempts, channels, deliveries, events, in_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from promo.connector import RateLimit
    from promo.registry import Channel


SKEW = timedelta(minutes=5)  # by which the clocks of several machines may differ
CONTENDED_AGAIN = timedelta(seconds=0.02)  # as long as the commit of a busy process lasts; see `Contended`


class Contended(Exception):
    """Another process is claiming on this channel at this very moment: try again after `CONTENDED_AGAIN`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """One channel's gate at one moment. `opens_at` None: open now; `paused`: shut until a person resumes it.

    `why` it opens no earlier: `rate` (its limit) or `retry_after` (as the channel asked).
    """

    paused: bool
    opens_at: datetime | None
    reason: str = ""
    why: str = ""

    @property
    def open(self) -> bool:
        """Return whether a delivery may go out now."""
        return not self.paused and self.opens_at is None


def gate(
    connection: Connection,
    channel: str,
    rate: RateLimit | None,
    now: datetime,
    *,
    rows: Mapping[str, Row[Any]] | None = None,
) -> Gate:
    """Look at a channel's gate; `rows` are those of `channel_rows`, where many are looked at.

    The rate limit is counted over the attempts themselves: at most `calls` of them in any `per`, over all processes,
    with no counter that a crash could leave wrong.
    """
    if rows is None:
        row = connection.execute(select(channels).where(channels.c.channel == channel)).first()
    else:
        row = rows.get(channel)
    if row is not None and row.paused:
        return Gate(paused=True, opens_at=None, reason=row.reason)
    opens_at = row.blocked_until if row is not None and row.blocked_until and row.blocked_until > now else None
    if rate is not None:
        free_at = _free_at(connection, channel, rate, now)
        if free_at is not None and (opens_at is None or free_at > opens_at):
            return Gate(paused=False, opens_at=free_at, why="rate")
    return Gate(paused=False, opens_at=opens_at, why="" if opens_at is None else "retry_after")


def channel_rows(connection: Connection) -> Mapping[str, Row[Any]]:
    """Read what stands in the way of every channel."""
    return {row.channel: row for row in connection.execute(select(channels))}


def room(connection: Connection, channel: Channel, now: datetime, *, wait: bool = True) -> int:
    """Return how many deliveries may be claimed on a channel now, whatever is due; 0 or less: none.

    Counts its pause, its Retry-After, what its rate limit leaves, and the places that others hold: `concurrency` of
    them, over all processes that live. Other claims on this channel wait until the transaction ends. Without `wait`,
    raises Contended where this one would have to.
    """
    name = {"channel": channel.name}
    row = connection.execute(_LOCKED if wait else _FREE, name).first()
    if row is None:
        if not wait and connection.execute(_KNOWN, name).first() is not None:
            raise Contended
        ensure(connection, channel.name)
        row = connection.execute(_LOCKED, name).one()
    if row.paused or (row.blocked_until is not None and row.blocked_until > now):
        return 0
    busy = connection.execute(_BUSY, name | {"now": now, "seen": now - SILENCE}).scalar_one()
    places = channel.settings.concurrency - busy
    rate = channel.rate
    if rate is None or places <= 0:
        return places
    window = _window(channel.name, rate, now)
    spent = connection.execute(_COUNT, {"calls": rate.calls, **window}).scalar_one()
    queued = connection.execute(_QUEUED, window).scalar_one()
    return min(places, rate.calls - spent - queued)


def _free_at(connection: Connection, channel: str, rate: RateLimit, now: datetime) -> datetime | None:
    found = connection.execute(_OLDEST, {"before": rate.calls - 1, **_window(channel, rate, now)})
    oldest: datetime | None = found.scalar()
    return None if oldest is None else oldest + rate.per


def _window(channel: str, rate: RateLimit, now: datetime) -> Mapping[str, Any]:
    # Attempts further in the future are from before a clock was set back: they would shut the channel until then.
    return {"channel": channel, "since": now - rate.per, "latest": now + SKEW}


# Built once, because every claim asks.
_CHANNEL = select(channels).where(channels.c.channel == bindparam("channel"))
_LOCKED = _CHANNEL.with_for_update()
_FREE = _CHANNEL.with_for_update(skip_locked=True)
_KNOWN = _CHANNEL.with_only_columns(channels.c.channel)
_BUSY = select(func.count()).where(deliveries.c.channel == bindparam("channel"), in_hand())
# The attempts that count now, the newest first.
_SPENT = (
    select(attempts.c.started_at)
    .where(
        attempts.c.channel == bindparam("channel"),
        attempts.c.started_at > bindparam("since"),
        attempts.c.started_at <= bindparam("latest"),
        or_(attempts.c.sent_at.is_not(None), attempts.c.outcome.is_(None)),  # over without a call: it cost nothing
    )
    .order_by(attempts.c.started_at.desc())
)
# Calls to come, of claims that have lain in an engine's queue for longer than the limit looks back.
_QUEUED = (
    select(func.count())
    .select_from(deliveries.join(attempts))
    .where(
        in_state(State.PUBLISHING),
        deliveries.c.channel == bindparam("channel"),
        deliveries.c.worker.is_(None),
        attempts.c.fence == deliveries.c.fence,
        attempts.c.started_at <= bindparam("since"),
    )
)
_COUNT = select(func.count()).select_from(_SPENT.limit(bindparam("calls")).subquery())  # no more than the limit
_OLDEST = _SPENT.limit(1).offset(bindparam("before"))  # of those that fill the limit


def note_access(connection: Connection, channel: str, expires_at: datetime | None) -> None:
    """Keep when a channel's access ends, as its last check said; rehearsals and `status` warn before that."""
    ensure(connection, channel)
    connection.execute(update(channels).where(channels.c.channel == channel).values(expires_at=expires_at))


def ensure(connection: Connection, channel: str) -> None:
    """Make the channel's row where there is none yet."""
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(channels).values(channel=channel, paused=False, paused_by="", reason="").on_conflict_do_nothing()
    )


def block(connection: Connection, channel: str, until: datetime) -> None:
    """Shut the channel until `until`, as the channel itself asked; an earlier moment changes nothing."""
    ensure(connection, channel)
    connection.execute(
        update(channels)
        .where(channels.c.channel == channel, channels.c.blocked_until.is_(None) | (channels.c.blocked_until < until))
        .values(blocked_until=until)
    )


def pause(connection: Connection, channel: str, *, reason: str, by: str, at: datetime) -> bool:
    """Shut the channel until a person resumes it; return False where it was paused already."""
    ensure(connection, channel)
    changed = connection.execute(
        update(channels)
        .where(channels.c.channel == channel, channels.c.paused.is_(False))
        .values(paused=True, paused_by=by, reason=reason)
    )
    return changed.rowcount == 1 and note_channel(
        connection, channel, what="paused", at=at, by=by, detail={"reason": reason}
    )


def resume(connection: Connection, channel: str, *, by: str, at: datetime) -> bool:
    """Open a paused channel again, and forget its Retry-After; return False where it was open."""
    changed = connection.execute(
        update(channels)
        .where(channels.c.channel == channel, channels.c.paused.is_(True) | channels.c.blocked_until.is_not(None))
        .values(paused=False, paused_by="", reason="", blocked_until=None)
    )
    return changed.rowcount == 1 and note_channel(connection, channel, what="resumed", at=at, by=by, detail={})


def note_channel(
    connection: Connection, channel: str, *, what: str, at: datetime, by: str, detail: Mapping[str, Any]
) -> bool:
    """Write an event about a channel; return True."""
    connection.execute(
        insert(events).values(delivery=None, channel=channel, at=at, what=what, by=by, detail=dict(detail))
    )
    return True
