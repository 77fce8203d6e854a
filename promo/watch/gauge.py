"""How the ledger stands, in numbers for a monitor: cheap enough to be read every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from promo.delivery.due import earliest_queued, earliest_sends
from promo.delivery.settle import IN_DOUBT
from promo.delivery.state import State
from promo.delivery.tally import tally
from promo.store.database import reading
from promo.store.tables import channels, deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class Gauge:
    """One number, by the name and the labels it has in `promo.watch.catalogue`."""

    name: str
    labels: tuple[str, ...]
    value: float


def gauges(engine: Engine, now: datetime, *, known: Collection[str] = ()) -> list[Gauge]:
    """Read the ledger's numbers, for every channel in it and those `known` from promo.yaml."""
    with reading(engine) as connection:
        return list(_gauges(connection, now, known))


def _gauges(connection: Connection, now: datetime, known: Collection[str]) -> Iterator[Gauge]:
    c = deliveries.c
    counted = tally(connection)
    for (channel, state), count in counted.items():
        yield Gauge(name="promo_deliveries", labels=(channel, state.value), value=count)
    asking = _count(connection, in_state(*IN_DOUBT), c.not_before.is_(None))
    held = _count(connection, in_state(State.AWAITING_APPROVAL), c.approve_by.is_(None))
    gates = {row.channel: row for row in connection.execute(select(channels))}
    names = sorted({*known, *gates, *(channel for channel, _state in counted)})
    oldest = earliest_sends(connection, now)
    for channel, moment in earliest_queued(connection).items():  # in a queue that nobody empties it grows old, too
        oldest[channel] = min(moment, oldest.get(channel, moment))
    for channel in names:
        gate, labels = gates.get(channel), (channel,)
        shut_until = None if gate is None else gate.blocked_until
        yield Gauge(name="promo_queue_age_seconds", labels=labels, value=_seconds(oldest.get(channel), now))
        yield Gauge(name="promo_needs_person", labels=labels, value=asking.get(channel, 0))
        yield Gauge(name="promo_held", labels=labels, value=held.get(channel, 0))
        yield Gauge(name="promo_channel_paused", labels=labels, value=float(gate is not None and gate.paused))
        yield Gauge(name="promo_channel_shut_seconds", labels=labels, value=_seconds(now, shut_until))


def _count(connection: Connection, *where: ColumnElement[bool]) -> dict[str, int]:
    query = select(deliveries.c.channel, func.count()).where(*where).group_by(deliveries.c.channel)
    return {row[0]: row[1] for row in connection.execute(query)}


def _seconds(start: datetime | None, end: datetime | None) -> float:
    return 0.0 if start is None or end is None else max(0.0, (end - start).total_seconds())
