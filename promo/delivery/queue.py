"""Deliveries by way of an engine's queue: claimed and handed out here, taken up and carried out in any process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, select

from promo.delivery.claim import Claim, claim_due, take
from promo.delivery.job import Job
from promo.delivery.settle import IN_DOUBT, doubtful, reserve
from promo.delivery.state import State
from promo.delivery.writer import End
from promo.store.database import reading
from promo.store.tables import campaigns, deliveries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row

    from promo.delivery.crew import Crew
    from promo.delivery.turns import Turns
    from promo.registry import Channel

log = structlog.get_logger(__name__)

Enqueue = Callable[[Connection, Sequence[Job]], None]  # writes jobs within the transaction it is given


class Queue:
    """One process's end of an engine's queue: the ticker's, or the worker's."""

    def __init__(self, crew: Crew, channels: Mapping[str, Channel]) -> None:
        self._crew = crew
        self._channels = channels

    def hand_out(self, channel: Channel, turns: Turns, enqueue: Enqueue, *, ahead: timedelta, limit: int) -> int:
        """Claim a channel's next deliveries and write their jobs, in one transaction; return how many."""
        jobs: list[Job] = []

        def claim(connection: Connection, now: datetime) -> list[Claim]:
            jobs.clear()
            held = claim_due(
                connection,
                channel,
                now,
                pulse=self._crew.pulse,
                turns=turns,
                limit=limit,
                by=now + ahead,
                queued=True,
            )
            jobs.extend(Job(one.id, one.fence) for one in held)
            jobs.extend(
                Job(row.id, row.fence)
                for row in doubtful(connection, channel.name, now, limit=limit)
                if reserve(connection, row, now, channel.settings.timeout)
            )
            if jobs:
                enqueue(connection, jobs)
            return held

        for one in self._crew.claim(channel, claim):
            self._crew.writer.in_flight.discard(one.id)  # the queue has it now
        return len(jobs)

    def carry_out(self, job: Job) -> State | None:
        """Take up one job's delivery, send it or settle it, and write what became of it."""
        row = self._row(job)
        channel = None if row is None else self._channels.get(row.channel)
        if row is None or channel is None:
            log.info("stale job" if row is None else "unknown channel", delivery=job.delivery, fence=job.fence)
            return None
        if State(row.state) in IN_DOUBT:
            return next((state for _id, state in self._crew.settle(channel, row, reserved=True)), None)
        taking = _Taking(self._crew, channel, job)
        self._crew.writer.submit(taking)
        held = taking.result()
        if held is None:
            log.info("stale job", delivery=job.delivery, fence=job.fence)
            return None
        return self._carry(channel, held)

    def _carry(self, channel: Channel, held: Claim) -> State | None:
        try:
            ended = self._crew.sender.send(channel, held)
            if ended is None:
                return None
            done = threading.Event()
            states: list[State | None] = []

            def written(state: State | None) -> None:
                states.append(state)
                done.set()

            self._crew.writer.submit(End(ended, written))
            done.wait()
        finally:
            self._crew.writer.in_flight.discard(held.id)
        self._crew.after(channel, held, states[0])
        return states[0]

    def _row(self, job: Job) -> Row[Any] | None:
        """Return the delivery while it is as the job knows it."""
        with reading(self._crew.engine) as connection:
            row = connection.execute(
                select(deliveries, campaigns.c.brand).join(campaigns).where(deliveries.c.id == job.delivery)
            ).first()
        here = row is not None and row.fence == job.fence and State(row.state) in {State.PUBLISHING, *IN_DOUBT}
        return row if here else None


class _Taking:
    """The wish to take up one delivery."""

    def __init__(self, crew: Crew, channel: Channel, job: Job) -> None:
        self._crew = crew
        self._channel = channel
        self._job = job
        self._done = threading.Event()
        self._held: list[Claim] = []
        self._error: Exception | None = None

    def fill(self, connection: Connection, now: datetime) -> list[Claim]:
        held = take(connection, [self._job], self._channel, now, pulse=self._crew.pulse)
        self._crew.hold(held)
        return held

    def granted(self, result: list[Claim]) -> None:
        self._crew.held(self._channel, result)
        self._held = result
        self._done.set()

    def refused(self, error: Exception) -> None:
        self._error = error
        self._done.set()

    def result(self) -> Claim | None:
        """Wait for the writer. Raises what it met."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._held[0] if self._held else None
