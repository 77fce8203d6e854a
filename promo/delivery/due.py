"""When the publisher has something to do next."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, or_, select

from promo.delivery.rate import gate
from promo.delivery.settle import IN_DOUBT, counts
from promo.delivery.state import State
from promo.delivery.sweep import WAITING
from promo.store.tables import deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from promo.delivery.wait import Waits
    from promo.registry import Channel

INSTANT = timedelta(microseconds=1)  # a window's last moment still belongs to it


def next_due(connection: Connection, channels: Mapping[str, Channel], now: datetime) -> datetime | None:
    """Return the earliest moment at which any of `channels` can send or settle something; in the past: now."""
    return min(next_moments(connection, channels, now, by=now).values(), default=None)


def next_moments(
    connection: Connection, channels: Mapping[str, Channel], now: datetime, *, by: datetime, waits: Waits | None = None
) -> dict[str, datetime]:
    """Return when each of `channels` can next send or settle something; a moment in the past means now.

    Counts what stands in the way: waits of retries, Retry-After and rate limits; but a moment after both `by` and the
    earliest of all may prove to be too early. Deliveries of unknown or paused channels wait for a person. `waits` hears
    of what is due and has to wait.
    """
    sends, looks = _sends(connection, now), _looks(connection)
    waiting = [
        *((sends[name], name, channel.rate) for name, channel in channels.items() if name in sends),
        *(
            (looks[name], name, channel.rate if counts(channel.limits) else None)
            for name, channel in channels.items()
            if name in looks
        ),
    ]
    found: dict[str, datetime] = {}
    first: datetime | None = None
    for earliest, name, rate in sorted(waiting, key=itemgetter(0)):
        moment = earliest
        if first is None or moment <= by or moment < first:  # else whatever its gate: a gate only delays
            here = gate(connection, name, rate, now)
            if here.paused:
                continue
            if waits is not None and earliest <= now:
                waits.met(name, here, now)
            moment = moment if here.opens_at is None else max(moment, here.opens_at)
            first = moment if first is None else min(first, moment)
        found[name] = min(found.get(name, moment), moment)
    return found


def next_sweep(connection: Connection, in_flight: Collection[str] = ()) -> datetime | None:
    """Return the earliest moment at which a lease, a window or an approval's deadline is over."""
    c = deliveries.c
    leases = select(func.min(c.lease_until)).where(in_state(State.PUBLISHING), c.id.not_in(list(in_flight)))
    windows = select(func.min(c.window_until)).where(in_state(*WAITING), c.window_until.is_not(None))
    approvals = select(func.min(c.approve_by)).where(in_state(State.AWAITING_APPROVAL))
    lease, window, approval = (connection.execute(query).scalar() for query in (leases, windows, approvals))
    moments = [lease, None if window is None else window + INSTANT, approval]
    return min((moment for moment in moments if moment is not None), default=None)


def _sends(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return each channel's earliest moment to send something, whatever its gate."""
    c = deliveries.c
    # What comes too late for its window is the sweep's business.
    in_time = or_(c.window_until.is_(None), c.window_until >= c.ready_at, c.window_until >= now)
    return _earliest(connection, c.ready_at, in_state(State.SCHEDULED), in_time)


def _looks(connection: Connection) -> dict[str, datetime]:
    """Return each channel's earliest moment to settle something in doubt, whatever its gate."""
    c = deliveries.c
    return _earliest(connection, c.not_before, in_state(*IN_DOUBT), c.not_before.is_not(None))


def _earliest(
    connection: Connection, moment: ColumnElement[datetime], *where: ColumnElement[bool]
) -> dict[str, datetime]:
    name = deliveries.c.channel
    return {row[0]: row[1] for row in connection.execute(select(name, func.min(moment)).where(*where).group_by(name))}
