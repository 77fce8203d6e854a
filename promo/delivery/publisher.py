"""The publisher: takes what is due, sends it once, writes what became of it, whoever wakes it and how often."""

from __future__ import annotations

import random as random_module
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from promo.clock import VirtualClock
from promo.delivery import due
from promo.delivery.claim import claim_due
from promo.delivery.crew import Crew
from promo.delivery.finish import safe_words
from promo.delivery.lane import Lane
from promo.delivery.move import refused
from promo.delivery.observer import Observer
from promo.delivery.query import find
from promo.delivery.queue import Queue
from promo.delivery.rate import gate, pause
from promo.delivery.settle import doubtful
from promo.delivery.state import State
from promo.delivery.steady import Steady
from promo.delivery.sweep import Swept, sweep, tell_swept
from promo.delivery.tally import fold
from promo.delivery.turns import Turns
from promo.delivery.wait import Waits
from promo.errors import NotFound, Refused
from promo.language import _
from promo.language.again import again
from promo.store.database import reading, transaction
from promo.store.tables import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from promo.clock import Clock
    from promo.delivery.job import Job
    from promo.delivery.queue import Enqueue
    from promo.delivery.request import Render
    from promo.delivery.step import Step
    from promo.registry import Channel
    from promo.workspace import Workspace

log = structlog.get_logger(__name__)
NOW = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What one run did: each delivery it touched, with the state it left it in, in order."""

    outcomes: tuple[tuple[str, State], ...] = ()
    held: tuple[str, ...] = ()  # not approved in time; somebody should be told

    def __add__(self, other: Summary) -> Summary:
        """Join two runs."""
        return Summary(outcomes=self.outcomes + other.outcomes, held=self.held + other.held)

    def count(self, state: State) -> int:
        """Return how many deliveries ended in `state`."""
        return sum(1 for _id, reached in self.outcomes if reached is state)


class Publisher:
    """Publishes what is due, each channel in its own lane, so that a slow one delays no other.

    `render` turns a delivery's `visual` into a finished picture. `worker` names this process in the ledger.
    On a virtual clock everything runs in one thread, in the order of the channels' names.
    `on_step` is called at the named points of each publication, `observer` hears what is worth counting.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        clock: Clock,
        render: Render,
        workspace: Workspace,
        worker: str | None = None,
        role: str = "tick",
        random: random_module.Random | None = None,
        observer: Observer | None = None,
        on_step: Callable[[Step, str], None] | None = None,
    ) -> None:
        self.engine = engine
        self.channels = channels
        self.clock = clock
        self._zone = ZoneInfo(workspace.settings.timezone)
        self._crew = Crew(
            engine,
            clock=clock,
            render=render,
            root=workspace.root,
            worker=worker,
            role=role,
            random=random or random_module.SystemRandom(),
            observer=observer or Observer(),
            on_step=on_step or (lambda _step, _id: None),
        )
        self._steady = Steady(clock, max((one.settings.timeout for one in channels.values()), default=NOW))
        self._queue = Queue(self._crew, channels)
        self._waits = Waits(self._crew.observer)
        self._turns = {name: Turns() for name in channels}
        self._lanes: dict[str, Lane] = {}
        self._broken: set[str] = set()  # channels whose settings their connector refuses

    @property
    def worker(self) -> str:
        """Return this process's name in the ledger."""
        return self._crew.pulse.worker

    def sign(self) -> None:
        """Write now and then that this process lives; called by whatever turns in it, however often."""
        self._crew.writer.sign()

    @property
    def observer(self) -> Observer:
        """Return whoever hears what this process does."""
        return self._crew.observer

    # -- one round -------------------------------------------------------------------------------------------

    def run_due(self, limit: int | None = None) -> Summary:
        """Sweep, settle and publish everything due now, at most `limit` deliveries a channel; return what was done.

        Safe beside any number of other processes doing the same.
        """
        summary = self.sweep()
        names = self.channels_with_work()
        if isinstance(self.clock, VirtualClock):
            for name in names:
                summary += self.run_channel(name, limit)
            return summary
        outcomes: list[tuple[str, State]] = []
        self.open_lanes(on_outcome=lambda delivery, state: outcomes.append((delivery, state)), limit=limit)
        try:
            for name in names:
                self.wake(name)
            for name in names:
                self._lanes[name].wait()
        finally:
            self.close_lanes()
        return summary + Summary(outcomes=tuple(outcomes))

    def run_channel(self, name: str, limit: int | None = None) -> Summary:
        """Settle and publish what one channel has due now, one after the other, in this thread."""
        channel, turns = self.channels[name], self._turns[name]
        outcomes: list[tuple[str, State]] = []
        with reading(self.engine) as connection:
            doubts = doubtful(connection, name, self.clock.now())
        for row in doubts:
            if self.stopped:
                break
            if row.id not in self._crew.writer.in_flight:
                outcomes += self._crew.settle(channel, row)
        while not self.stopped and (limit is None or len(outcomes) < limit):
            held = self._crew.claim(
                channel,
                lambda connection, now, detail: claim_due(
                    connection, channel, now, pulse=self._crew.pulse, turns=turns, limit=1, detail=detail
                ),
            )
            if not held:
                break
            outcomes += self._crew.carry(channel, held[0])
        return Summary(outcomes=tuple(outcomes))

    def sweep(self) -> Summary:
        """Write what time alone has done: leases over, windows passed, approvals late. Adds up the counts, too."""
        fold(self.engine)
        in_flight = frozenset(self._crew.writer.in_flight)
        swept: Swept = sweep(
            self.engine,
            self.clock.now(),
            in_flight=in_flight,
            leases=self._steady.now(),
            breathe=not isinstance(self.clock, VirtualClock),
        )
        tell_swept(swept)
        for state, ids in ((State.UNCERTAIN, swept.uncertain), (State.SCHEDULED, swept.freed)):
            if ids:
                self._crew.observer.expired(state=state, count=len(ids))
        return Summary(
            outcomes=(
                *((i, State.UNCERTAIN) for i in swept.uncertain),
                *((i, State.SCHEDULED) for i in swept.freed),
                *((i, State.MISSED) for i in swept.missed),
            ),
            held=swept.held,
        )

    # -- lanes: day in, day out ------------------------------------------------------------------------------

    def open_lanes(
        self,
        *,
        on_outcome: Callable[[str, State], None],
        on_dry: Callable[[str], None] | None = None,
        ahead: timedelta = NOW,
        limit: int | None = None,
    ) -> None:
        """Make a lane for each usable channel; nothing happens in it before `wake`.

        `on_outcome` hears of each delivery's new state, `on_dry` of a channel with nothing more to claim for now:
        both are called by the lanes' threads. Deliveries are claimed `ahead` of their moment and sent at it, at most
        `limit` of them on each channel.
        """
        self._crew.writer.start()
        self._crew.hands.open()
        self._lanes = {
            name: Lane(
                channel,
                self._crew,
                self._turns[name],
                tell=on_outcome,
                dry=on_dry or (lambda _name: None),
                ahead=ahead,
                limit=limit,
            )
            for name, channel in self._usable().items()
        }

    def wake(self, channel: str) -> None:
        """Have a channel's lane look for what is due or in doubt; returns at once."""
        lane = self._lanes.get(channel)
        if lane is not None:
            lane.wake()

    def close_lanes(self) -> None:
        """Let the calls under way finish, and write them."""
        for lane in self._lanes.values():
            lane.wait()
        self._lanes = {}
        self._crew.hands.close()
        self._crew.writer.stop()

    # -- an engine's queue -----------------------------------------------------------------------------------

    def hand_out(
        self, enqueue: Enqueue, *, channel: str | None = None, ahead: timedelta = NOW, limit: int = 100
    ) -> int:
        """Claim what is due `ahead` of its moment, at most `limit` a channel, and write its jobs; return how many.

        `channel`: of that one alone. `enqueue(connection, jobs)` writes the jobs within the transaction of their
        claims. What is in doubt is kept for the worker that gets its job.
        """
        usable = self._usable()
        names = self.channels_with_work(ahead) if channel is None else [channel]
        return sum(
            self._queue.hand_out(usable[name], self._turns[name], enqueue, ahead=ahead, limit=limit)
            for name in names
            if name in usable and not self.stopped
        )

    def open_queue(self, *, on_free: Callable[[str], None] | None = None) -> None:
        """Begin to carry out jobs: their writes are grouped. `on_free` hears of each channel with a place more."""
        self._queue.on_free = on_free or (lambda _channel: None)
        self._crew.writer.start()

    def carry_out(self, job: Job) -> State | None:
        """Do one job of a queue, from any thread; return the delivery's new state.

        None: there was nothing to do, because the delivery has gone on without this job.
        """
        return self._queue.carry_out(job)

    def close_queue(self) -> None:
        """Write what is waiting to be written, after the last `carry_out`."""
        self._crew.writer.stop()

    # -- one delivery ----------------------------------------------------------------------------------------

    def publish_now(self, delivery: str) -> State:
        """Publish one delivery at once: its time and window are ignored, its approval and its channel's gate are not.

        Returns the state it ended in. Raises NotFound, and Refused where its state or its channel does not allow it.
        """
        row = find(self.engine, delivery)
        channel = self._usable().get(row.channel)
        if channel is None:
            raise NotFound(
                _(
                    "the channel {name} of delivery {id} is not in promo.yaml, or cannot be used",
                    name=row.channel,
                    id=row.id,
                ),
                hint=_("see: promo channels"),
            )
        if row.state != State.SCHEDULED:
            raise refused(row, _("publish"))
        with self._crew.writer.running():
            held = self._crew.claim_one(channel, deliveries.c.id == row.id, whenever=True)
            if held is None:
                raise self._why_not(channel, row.id)
            [(_id, state)] = self._crew.carry(channel, held) or [(row.id, State(find(self.engine, row.id).state))]
            return state

    # -- when ------------------------------------------------------------------------------------------------

    def channels_with_work(self, ahead: timedelta = NOW) -> list[str]:
        """Return the names of the channels that have something to send or to settle by `ahead` from now."""
        by = self.clock.now() + ahead
        return sorted(name for name, moment in self.next_moments(ahead).items() if moment <= by)

    def next_moments(self, ahead: timedelta = NOW) -> dict[str, datetime]:
        """Return when each channel is to be woken next (in the past: now); those without work are left out.

        Exact up to `ahead` from now, and for the earliest; a later one may prove to be too early.
        """
        now = self.clock.now()
        usable = self._usable()
        with reading(self.engine) as connection:
            return due.next_moments(connection, usable, now, by=now + ahead, waits=self._waits)

    def next_due(self, channel: str | None = None) -> datetime | None:
        """Return when this publisher should be woken next (perhaps in the past: now); None: nothing is waiting.

        With `channel`: when that channel has something to send or to settle.
        """
        now = self.clock.now()
        usable = self._usable()
        with reading(self.engine) as connection:
            if channel is not None:
                return due.next_due(connection, {n: c for n, c in usable.items() if n == channel}, now)
            moments = (
                due.next_due(connection, usable, now),
                due.next_sweep(connection, frozenset(self._crew.writer.in_flight)),
            )
        return min((moment for moment in moments if moment is not None), default=None)

    def next_sweep(self) -> datetime | None:
        """Return when time itself next ends a lease, a window or an approval's deadline."""
        self._steady.now()  # it notices here, too, that the clock was set
        with reading(self.engine) as connection:
            return due.next_sweep(connection, frozenset(self._crew.writer.in_flight))

    def stop(self) -> None:
        """Take nothing new; the calls under way are finished and written."""
        self._crew.stop()

    @property
    def stopped(self) -> bool:
        """Return whether `stop` was called."""
        return self._crew.stopped

    def _usable(self) -> dict[str, Channel]:
        """Return the channels whose connector can be built; the others are paused, so that a person sees why."""
        for name, channel in self.channels.items():
            if name in self._broken:
                continue
            try:
                channel.limits  # noqa: B018 - builds the connector
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                words = safe_words(error)
                with transaction(self.engine) as connection:
                    pause(connection, name, reason=words, by="promo", at=self.clock.now())
                self._broken.add(name)
                log.warning("channel unusable", channel=name, error=words)
        return {name: channel for name, channel in self.channels.items() if name not in self._broken}

    def _why_not(self, channel: Channel, delivery: str) -> Refused:
        with reading(self.engine) as connection:
            shut = gate(connection, channel.name, channel.rate, self.clock.now())
        if shut.paused:
            return Refused(
                _("the channel {name} is paused: {reason}", name=channel.name, reason=again(shut.reason)),
                hint=_("open it with: promo resume {name}", name=channel.name),
            )
        if shut.opens_at is not None:
            return Refused(
                _(
                    "the channel {name} lets nothing out until {moment}",
                    name=channel.name,
                    moment=shut.opens_at.astimezone(self._zone).isoformat(sep=" ", timespec="seconds"),
                )
            )
        row = find(self.engine, delivery)
        if row.state == State.SCHEDULED:
            return Refused(
                _("the channel {name} is busy with other deliveries", name=channel.name), hint=_("ask again after that")
            )
        return refused(row, _("publish"))
