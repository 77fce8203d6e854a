"""The publisher: takes what is due, sends it once, writes what became of it, whoever wakes it and how often."""

from __future__ import annotations

import os
import platform
import random as random_module
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import and_, select

from promo.clock import VirtualClock
from promo.delivery import claim as claims
from promo.delivery import due, settle
from promo.delivery.finish import safe_words
from promo.delivery.move import refused
from promo.delivery.query import find
from promo.delivery.rate import gate, pause
from promo.delivery.sender import Sender
from promo.delivery.state import State
from promo.delivery.sweep import Swept, sweep
from promo.errors import NotFound, Refused
from promo.language import _
from promo.store.database import reading, transaction
from promo.store.tables import campaigns, deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine, Row

    from promo.clock import Clock
    from promo.delivery.request import Render
    from promo.delivery.sender import Step
    from promo.registry import Channel
    from promo.workspace import Workspace

log = structlog.get_logger(__name__)


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
    """Publishes what is due, each channel in its own thread, so that a slow one delays no other.

    `render` turns a delivery's `visual` into a finished picture. `worker` names this process in the ledger.
    On a virtual clock everything runs in one thread, in the order of the channels' names.
    `on_step` is called at the named points of each publication.
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
        random: random_module.Random | None = None,
        on_step: Callable[[Step, str], None] | None = None,
    ) -> None:
        self.engine = engine
        self.channels = channels
        self.clock = clock
        self.worker = worker or f"{platform.node()}:{os.getpid()}"[:128]
        self._zone = ZoneInfo(workspace.settings.timezone)
        self._stop = threading.Event()
        self._sender = Sender(
            engine,
            clock=clock,
            render=render,
            root=workspace.root,
            worker=self.worker,
            random=random or random_module.SystemRandom(),
            on_step=on_step or (lambda _step, _id: None),
        )
        self._broken: set[str] = set()  # channels whose settings their connector refuses

    def run_due(self, limit: int | None = None) -> Summary:
        """Sweep, settle and publish everything due now, at most `limit` deliveries a channel; return what was done.

        Safe beside any number of other processes doing the same.
        """
        summary = self.sweep()
        names = self.channels_with_work()
        if isinstance(self.clock, VirtualClock) or len(names) < 2:
            for name in names:
                summary += self.run_channel(name, limit)
            return summary
        with ThreadPoolExecutor(max_workers=len(names), thread_name_prefix="channel") as pool:
            for part in pool.map(lambda name: self.run_channel(name, limit), names):
                summary += part
        return summary

    def sweep(self) -> Summary:
        """Write what time alone has done: leases over, windows passed, approvals late."""
        swept: Swept = sweep(self.engine, self.clock.now(), in_flight=frozenset(self._sender.in_flight))
        for state, ids in (
            (State.UNCERTAIN, swept.uncertain),
            (State.SCHEDULED, swept.freed),
            (State.MISSED, swept.missed),
        ):
            for delivery in ids:
                log.warning("swept", delivery=delivery, state=state.value)
        for delivery in swept.held:
            log.warning("held", delivery=delivery, reason="not approved in time")
        return Summary(
            outcomes=(
                *((i, State.UNCERTAIN) for i in swept.uncertain),
                *((i, State.SCHEDULED) for i in swept.freed),
                *((i, State.MISSED) for i in swept.missed),
            ),
            held=swept.held,
        )

    def channels_with_work(self) -> list[str]:
        """Return the names of the channels that have something to send or to settle now."""
        usable = self._usable()
        with reading(self.engine) as connection:
            now = self.clock.now()
            to_send = self._channels_where(connection, claims.is_due(now))
            to_settle = self._channels_where(connection, settle.is_in_doubt(now))
            return [
                name
                for name, channel in sorted(usable.items())
                if (name in to_send and gate(connection, name, channel.rate, now).open)
                or (
                    name in to_settle
                    and gate(connection, name, channel.rate if settle.counts(channel.limits) else None, now).open
                )
            ]

    def run_channel(self, name: str, limit: int | None = None) -> Summary:
        """Settle and publish what one channel has due now. Waits while another thread uses the channel's connector."""
        channel = self.channels[name]
        outcomes: list[tuple[str, State]] = []
        with channel.in_use:
            for row in self._in_doubt(name):
                if self._stop.is_set():
                    break
                outcomes += self._sender.settle(channel, row)
            while not self._stop.is_set() and (limit is None or len(outcomes) < limit):
                held = self._sender.claim(channel, claims.due_now(name, self.clock.now()))
                if held is None:
                    break
                outcomes += self._sender.publish(channel, held)
        return Summary(outcomes=tuple(outcomes))

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
        with channel.in_use:
            where = and_(deliveries.c.id == row.id, deliveries.c.state == State.SCHEDULED)
            held = self._sender.claim(channel, where, whenever=True)
            if held is None:
                raise self._why_not(channel, row.id)
            [(_id, state)] = self._sender.publish(channel, held) or [(row.id, State(find(self.engine, row.id).state))]
        return state

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
                due.next_sweep(connection, frozenset(self._sender.in_flight)),
            )
        return min((moment for moment in moments if moment is not None), default=None)

    def next_sweep(self) -> datetime | None:
        """Return when time itself next ends a lease, a window or an approval's deadline."""
        with reading(self.engine) as connection:
            return due.next_sweep(connection, frozenset(self._sender.in_flight))

    def stop(self) -> None:
        """Take nothing new; the calls under way are finished and written."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Return whether `stop` was called."""
        return self._stop.is_set()

    def _usable(self) -> dict[str, Channel]:
        """Return the channels whose connector can be built; the others are paused, so that a person sees why."""
        for name, channel in self.channels.items():
            if name in self._broken:
                continue
            try:
                channel.limits  # noqa: B018 - builds the connector
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                self._broken.add(name)
                words = safe_words(error)
                log.warning("channel unusable", channel=name, error=words)
                with transaction(self.engine) as connection:
                    pause(connection, name, reason=words, by="promo", at=self.clock.now())
        return {name: channel for name, channel in self.channels.items() if name not in self._broken}

    @staticmethod
    def _channels_where(connection: Connection, condition: ColumnElement[bool]) -> set[str]:
        return set(connection.execute(select(deliveries.c.channel).where(condition).distinct()).scalars())

    def _in_doubt(self, name: str) -> list[Row[Any]]:
        with reading(self.engine) as connection:
            now = self.clock.now()
            if not gate(connection, name, None, now).open:
                return []
            rows = connection.execute(
                select(deliveries, campaigns.c.brand)
                .join(campaigns)
                .where(settle.in_doubt(name, now))
                .order_by(deliveries.c.due_at, deliveries.c.id)
            ).all()
        return [row for row in rows if row.id not in self._sender.in_flight]

    def _why_not(self, channel: Channel, delivery: str) -> Refused:
        with reading(self.engine) as connection:
            shut = gate(connection, channel.name, channel.rate, self.clock.now())
        if shut.paused:
            return Refused(
                _("the channel {name} is paused: {reason}", name=channel.name, reason=shut.reason),
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
        return refused(find(self.engine, delivery), _("publish"))
