"""When the publisher has something to do next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, case, func, or_, select

from promo.delivery.rate import gate
from promo.delivery.settle import IN_DOUBT
from promo.delivery.state import State
from promo.delivery.sweep import WAITING
from promo.store.tables import deliveries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from promo.registry import Channel

INSTANT = timedelta(microseconds=1)  # a window's last moment still belongs to it


def next_due(connection: Connection, channels: Mapping[str, Channel], now: datetime) -> datetime | None:
    """Return the earliest moment at which any of `channels` can send or settle something.

    Counts what stands in the way: waits of retries, Retry-After and rate limits. A moment in the past means now.
    Deliveries of unknown or paused channels wait for a person, not for a moment.
    """
    moments = [_channel(connection, name, channel, now) for name, channel in channels.items()]
    return min((moment for moment in moments if moment is not None), default=None)


def next_sweep(connection: Connection, in_flight: Collection[str] = ()) -> datetime | None:
    """Return the earliest moment at which a lease, a window or an approval's deadline is over."""
    c = deliveries.c
    leases = select(func.min(c.lease_until)).where(c.state == State.PUBLISHING, c.id.not_in(list(in_flight)))
    windows = select(func.min(c.window_until)).where(c.state.in_(WAITING))
    approvals = select(func.min(c.approve_by)).where(c.state == State.AWAITING_APPROVAL)
    lease, window, approval = (connection.execute(query).scalar() for query in (leases, windows, approvals))
    moments = [lease, None if window is None else window + INSTANT, approval]
    return min((moment for moment in moments if moment is not None), default=None)


def _channel(connection: Connection, name: str, channel: Channel, now: datetime) -> datetime | None:
    c = deliveries.c
    ready = case((and_(c.not_before.is_not(None), c.not_before > c.due_at), c.not_before), else_=c.due_at)
    # What comes too late for its window is the sweep's business.
    in_time = or_(c.window_until.is_(None), c.window_until >= ready, c.window_until >= now)
    send = connection.execute(
        select(func.min(ready)).where(c.channel == name, c.state == State.SCHEDULED, in_time)
    ).scalar()
    look = connection.execute(select(func.min(c.not_before)).where(c.channel == name, c.state.in_(IN_DOUBT))).scalar()
    if send is None and look is None:
        return None
    here = gate(connection, name, channel.rate, now)
    if here.paused:
        return None
    earliest: datetime = min(moment for moment in (send, look) if moment is not None)
    return earliest if here.opens_at is None else max(earliest, here.opens_at)
