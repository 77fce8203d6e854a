"""Whether anybody is at work where something could have gone out: deliveries wait for ever where no process lives."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, delete, exists, func, select
from sqlalchemy.exc import DBAPIError

from promo.delivery.due import earliest_sends
from promo.delivery.query import A_TICK
from promo.delivery.rate import channel_rows, gate
from promo.delivery.state import State
from promo.delivery.worker import Pulse
from promo.store.database import reading, transaction
from promo.store.tables import deliveries, in_state, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from promo.registry import Channel

TICK, WORKER = "tick", "worker"  # roles of processes
BETWEEN_TICKS = timedelta(hours=1)  # cron may come as rarely as that
KEPT = timedelta(days=1)  # each tick is a process of its own: the signs of old ones are deleted


class Missing(StrEnum):
    """Who is not there."""

    PUBLISHER = "publisher"  # what is due is not taken
    WORKER = "worker"  # what was handed out is not taken up


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """Who is `missing`, None where nothing waits for anybody; and when one of that kind was last seen.

    `alive`: one is there, and does not do it.
    """

    missing: Missing | None
    seen_at: datetime | None
    alive: bool = False


def attendance(
    engine: Engine, channels: Callable[[], Mapping[str, Channel]], now: datetime, *, handed_out: bool
) -> Attendance:
    """Look whether something could have gone out for longer than A_TICK, and nobody has worked since.

    What stands behind a pause, a Retry-After or a rate limit waits for that and not for a process. `handed_out`: by
    way of an engine's queue. `channels` are asked for only where nobody was seen.
    """
    before = now - A_TICK
    with reading(engine) as connection:
        columns = (workers.c.role, func.max(workers.c.seen_at), func.max(workers.c.worked_at))
        rows = connection.execute(select(*columns).group_by(workers.c.role)).all()
        if handed_out and _queued(connection, before):
            who, rows = Missing.WORKER, [row for row in rows if row[0] == WORKER]
        else:
            who, rows = Missing.PUBLISHER, [row for row in rows if row[0] != WORKER]
        works = any(
            worked_at is not None and worked_at >= now - (BETWEEN_TICKS if role == TICK else A_TICK)
            for role, _seen_at, worked_at in rows
        )
        missing = not works and (who is Missing.WORKER or _could_go(connection, channels(), before, now))
        last = max((row[1] for row in rows), default=None)
        alive = missing and any(role != TICK and seen_at >= before for role, seen_at, _worked_at in rows)
        return Attendance(missing=who if missing else None, seen_at=last, alive=alive)


def sign_in(engine: Engine, worker: str, now: datetime) -> None:
    """Write that a tick is here, whether or not it finds anything to do; forget those of long ago.

    A ledger that cannot be written is no reason to do nothing: what follows tells of it.
    """
    with suppress(DBAPIError), transaction(engine) as connection:
        connection.execute(delete(workers).where(workers.c.role == TICK, workers.c.seen_at < now - KEPT))
        Pulse(worker, TICK).beat(connection, now)


def _queued(connection: Connection, before: datetime) -> bool:
    c = deliveries.c
    waiting = exists().where(in_state(State.PUBLISHING), c.worker.is_(None), c.changed_at < before)
    return bool(connection.execute(select(waiting)).scalar())


def _could_go(connection: Connection, channels: Mapping[str, Channel], before: datetime, now: datetime) -> bool:
    """Whether something was ready at `before` on a channel that has stood open since."""
    rows = channel_rows(connection)
    for name, ready_at in earliest_sends(connection, now).items():
        if ready_at > before or name not in channels:
            continue
        try:
            rate = channels[name].rate
        except Exception:  # noqa: BLE001, S112 - a plugin may raise anything; whoever publishes pauses such a channel
            continue
        if gate(connection, name, rate, before, rows=rows).open:
            return True
    return False
