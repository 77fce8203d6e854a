"""Deliveries by way of an engine's queue: claimed and handed out here, taken up and carried out in any process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from promo.delivery.claim import Claim, claim_due
from promo.delivery.job import Job
from promo.delivery.settle import doubtful, places_kept, reserve
from promo.delivery.taking import Takings
from promo.delivery.writer import End

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from promo.delivery.crew import Crew
    from promo.delivery.state import State
    from promo.delivery.turns import Turns
    from promo.registry import Channel

log = structlog.get_logger(__name__)

Enqueue = Callable[[Connection, Sequence[Job]], None]  # writes jobs within the transaction it is given


class Queue:
    """One process's end of an engine's queue: the ticker's, or the worker's."""

    def __init__(self, crew: Crew, channels: Mapping[str, Channel]) -> None:
        self._crew = crew
        self._channels = channels
        self._takings = Takings(crew, channels)
        self.on_free: Callable[[str], None] = lambda _channel: None

    def hand_out(self, channel: Channel, turns: Turns, enqueue: Enqueue, *, ahead: timedelta, limit: int) -> int:
        """Claim a channel's next deliveries and write their jobs, in one transaction; return how many."""
        jobs: list[Job] = []

        def claim(connection: Connection, now: datetime, detail: Mapping[str, str]) -> list[Claim]:
            jobs.clear()
            doubts = doubtful(connection, channel.name, now, limit=min(limit, channel.settings.concurrency))
            held = claim_due(
                connection,
                channel,
                now,
                pulse=self._crew.pulse,
                turns=turns,
                limit=limit,
                by=now + ahead,
                kept=len(doubts) + places_kept(connection, channel, now),
                queued=True,
                detail=detail,
            )
            jobs.extend(  # first, because the channel may have them already
                Job(row.id, row.fence)
                for row in doubts
                if reserve(connection, row, now, channel.settings.timeout, worker=None)
            )
            jobs.extend(Job(one.id, one.fence) for one in held)
            if jobs:
                enqueue(connection, jobs)
            return held

        self._crew.let_go(self._crew.claim(channel, claim))  # the queue has them now
        return len(jobs)

    def carry_out(self, job: Job) -> State | None:
        """Take up one job's delivery, send it or settle it, and write what became of it."""
        taken = self._takings.take(job)
        if taken is None:
            log.info("stale job", delivery=job.delivery, fence=job.fence)
            return None
        name = taken.row.channel if isinstance(taken, Claim) else taken.channel
        channel = self._channels[name]
        try:
            if isinstance(taken, Claim):
                return self._carry(channel, taken)
            return next((state for _id, state in self._crew.settle(channel, taken, reserved=True)), None)
        finally:
            self.on_free(name)

    def _carry(self, channel: Channel, held: Claim) -> State | None:
        try:
            ended = self._crew.send(channel, held)
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
            self._crew.let_go([held])
        self._crew.after(channel, held, states[0])
        return states[0]
