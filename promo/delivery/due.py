"""When the publisher has something to do next. Every question is answered from an index, a few rows of it."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from promo.delivery.rate import channel_rows, gate
from promo.delivery.settle import IN_DOUBT, counts
from promo.delivery.state import State
from promo.delivery.sweep import WAITING
from promo.delivery.waiting import FIRST_SENDS
from promo.store.tables import deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from promo.delivery.wait import Waits
    from promo.registry import Channel

FIRST_LOOKS = (
    select(deliveries.c.channel, func.min(deliveries.c.not_before))
    .where(in_state(*IN_DOUBT), deliveries.c.not_before.is_not(None))
    .group_by(deliveries.c.channel)
)
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
    sends, looks, rows = earliest_sends(connection, now), earliest_looks(connection), channel_rows(connection)
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
            here = gate(connection, name, rate, now, rows=rows)
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
    approvals = select(func.min(c.approve_by)).where(in_state(State.AWAITING_APPROVAL), c.approve_by.is_not(None))
    lease, window, approval = (connection.execute(query).scalar() for query in (leases, windows, approvals))
    moments = [lease, None if window is None else window + INSTANT, approval]
    return min((moment for moment in moments if moment is not None), default=None)


def earliest_sends(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return each channel's earliest moment to send something, whatever its gate; those without work are left out."""
    return {name: moment for name, moment in connection.execute(FIRST_SENDS, {"now": now}) if moment is not None}


def earliest_queued(connection: Connection) -> dict[str, datetime]:
    """Return, for each channel, when the oldest was ready that waits in an engine's queue for a worker."""
    c = deliveries.c
    waiting = select(c.channel, func.min(c.ready_at)).where(in_state(State.PUBLISHING), c.worker.is_(None))
    return {row[0]: row[1] for row in connection.execute(waiting.group_by(c.channel))}


def earliest_looks(connection: Connection) -> dict[str, datetime]:
    """Return each channel's earliest moment to settle something in doubt, whatever its gate."""
    return {row[0]: row[1] for row in connection.execute(FIRST_LOOKS)}
