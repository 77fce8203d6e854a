"""Taking up claimed deliveries in a worker: what many threads want at the same time is taken in one statement."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Row, select, tuple_

from promo.delivery.claim import Claim, take
from promo.delivery.job import Job
from promo.delivery.settle import IN_DOUBT, take_reserved
from promo.delivery.state import State
from promo.store.tables import deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from promo.delivery.crew import Crew
    from promo.registry import Channel

log = structlog.get_logger(__name__)

Taken = Claim | Row[Any] | None  # to be sent; or in doubt, with its campaign's `brand`; None: the job is stale


class Takings:
    """The wish, shared by a process's threads, to take up the deliveries of their jobs."""

    def __init__(self, crew: Crew, channels: Mapping[str, Channel]) -> None:
        self._crew = crew
        self._channels = channels
        self._lock = threading.Lock()
        self._wanted: list[_Ticket] = []
        self._asked: list[_Ticket] = []  # those the writer is about
        self._wishing = False
        self._held: list[Claim] = []  # what `fill` has taken up in the transaction under way

    @property
    def order(self) -> str:
        """Come first: taking up locks no channel."""
        return ""

    def take(self, job: Job) -> Taken:
        """Take up one job's delivery; returns when that is committed. Raises what the ledger met."""
        ticket = _Ticket(job)
        with self._lock:
            self._wanted.append(ticket)
            wish, self._wishing = not self._wishing, True
        if wish:
            self._crew.writer.submit(self)
        return ticket.result()

    def fill(self, connection: Connection, now: datetime) -> dict[Job, Claim | Row[Any]]:
        """Take up what is wanted by now. Where it is called again, its first transaction was undone."""
        with self._lock:
            self._asked += self._wanted
            self._wanted = []
            jobs = list(dict.fromkeys(ticket.job for ticket in self._asked))
        self._held = held = take(connection, jobs, self._channels, now, pulse=self._crew.pulse)
        self._crew.hold(held)
        found: dict[Job, Claim | Row[Any]] = {Job(one.id, one.fence): one for one in held}
        rest = [job for job in jobs if job not in found]
        if not rest:
            return found
        self._tell_unknown(connection, rest)
        reserved = take_reserved(connection, rest, self._channels, now, worker=self._crew.pulse.worker)
        return found | {Job(row.id, row.fence): row for row in reserved}

    def undone(self) -> None:
        """Hold nothing of what `fill` took up; what it took up before that is committed, and stays in hand."""
        held, self._held = self._held, []
        self._crew.let_go(held)

    def _tell_unknown(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Say which jobs are for channels that this machine lacks: they wait for another."""
        for row in connection.execute(
            select(*deliveries.c["id", "channel"]).where(
                tuple_(deliveries.c.id, deliveries.c.fence).in_(jobs),
                in_state(State.PUBLISHING, *IN_DOUBT),
                deliveries.c.channel.not_in(sorted(self._channels)),
            )
        ):
            log.error("channel not in this machine's promo.yaml", channel=row.channel, delivery=row.id)

    def granted(self, result: Mapping[Job, Claim | Row[Any]]) -> None:
        """Give each thread what it asked for; the same job twice is given to the first."""
        self._held = []  # committed: no longer to be undone
        left = dict(result)
        for name in {one.row.channel for one in left.values() if isinstance(one, Claim)}:
            self._crew.held(
                self._channels[name], [o for o in left.values() if isinstance(o, Claim) and o.row.channel == name]
            )
        for ticket in self._next():
            ticket.give(left.pop(ticket.job, None))

    def refused(self, error: Exception) -> None:
        """Tell every thread that asked."""
        for ticket in self._next():
            ticket.fail(error)

    def _next(self) -> list[_Ticket]:
        """Return those whose turn is over, and wish again for those that came meanwhile."""
        with self._lock:
            asked, self._asked = self._asked, []
            self._wishing = again = bool(self._wanted)
        if again:
            self._crew.writer.submit(self)
        return asked


class _Ticket:
    """One thread that waits for its delivery."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._done = threading.Event()
        self._taken: Taken = None
        self._error: Exception | None = None

    def give(self, taken: Taken) -> None:
        self._taken = taken
        self._done.set()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._done.set()

    def result(self) -> Taken:
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._taken
