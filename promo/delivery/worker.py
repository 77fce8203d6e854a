"""Signs of life: which processes are at work on the ledger, so that a dead one does not keep a channel's places."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select

from promo.delivery.state import State
from promo.store.tables import Moment, deliveries, in_state, workers

if TYPE_CHECKING:
    from datetime import datetime

BEAT = timedelta(seconds=5)  # between two signs of a process that holds deliveries
IDLE = timedelta(minutes=1)  # between two signs of one that holds none, so that people see that it is there
SILENCE = timedelta(seconds=20)  # after which nobody counts on it; its leases run on all the same


class Pulse:
    """The signs of life of one process."""

    def __init__(self, worker: str, role: str) -> None:
        self.worker = worker
        self.role = role
        self._lock = threading.Lock()
        self._started: datetime | None = None
        self._last: datetime | None = None
        self._idle = False  # when it gave its last sign

    def due(self, now: datetime, *, idle: bool = False) -> bool:
        """Return whether it is time for a sign; `idle`: of a process that holds nothing."""
        begins = self._idle and not idle
        return begins or self._last is None or not self._last <= now < self._last + (IDLE if idle else BEAT)

    def beat(self, connection: Connection, now: datetime, *, idle: bool = False) -> None:
        """Write that this process lives, and works unless it is `idle`; not if it has just done so."""
        from sqlalchemy.dialects import postgresql, sqlite

        with self._lock:
            if not self.due(now, idle=idle):
                return
            self._last, self._idle = now, idle
            self._started = self._started or now
        worked = {} if idle else {"worked_at": now}
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        sign = dialect.insert(workers).values(
            worker=self.worker, role=self.role, started_at=self._started, seen_at=now, **worked
        )
        again = {"seen_at": now, "role": self.role, **worked}
        connection.execute(sign.on_conflict_do_update(index_elements=[workers.c.worker], set_=again))

    def unsaid(self) -> None:
        """Forget the last sign: its transaction was undone."""
        self._last = None


def in_hand() -> ColumnElement[bool]:
    """Return the condition for deliveries under way in a process that lives, or waiting in an engine's queue.

    Its parameters: `now`, and `seen`, the moment after which a process that lives was seen (`SILENCE` before).
    """
    living = select(workers.c.worker).where(workers.c.seen_at > bindparam("seen", type_=Moment))
    return and_(
        in_state(State.PUBLISHING),
        deliveries.c.lease_until > bindparam("now", type_=Moment),
        or_(deliveries.c.worker.is_(None), deliveries.c.worker.in_(living)),
    )
