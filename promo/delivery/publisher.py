"""The publisher: takes what is due, sends it once, writes what became of it, whoever wakes it and how often."""

from __future__ import annotations

import os
import platform
import random as random_module
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, select
from sqlalchemy.exc import OperationalError

from promo.clock import VirtualClock
from promo.delivery import claim as claims
from promo.delivery import settle
from promo.delivery.approval import approved_bytes
from promo.delivery.due import next_due
from promo.delivery.finish import record_answer, record_error, record_other_picture, safe_words
from promo.delivery.move import refused
from promo.delivery.query import find
from promo.delivery.rate import gate, pause
from promo.delivery.request import build_request, bytes_digest, read_attachments, receipt_from, render_media
from promo.delivery.state import State
from promo.delivery.sweep import Swept, sweep
from promo.errors import NotFound, PromoError, Refused
from promo.language import _
from promo.store.database import reading, transaction
from promo.store.tables import campaigns, deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Engine, Row

    from promo.clock import Clock
    from promo.connector import Handover, Media, Pending, Receipt
    from promo.delivery.request import Render
    from promo.registry import Channel
    from promo.workspace import Workspace

log = structlog.get_logger(__name__)

RECORD_AGAIN = timedelta(seconds=2)


class Step(StrEnum):
    """The points of one publication that `on_step` hears of, in their order."""

    CLAIMING = "claiming"  # before the attempt is written
    CLAIMED = "claimed"  # the attempt is committed
    SENDING = "sending"  # all is ready, the connector is called next
    ANSWERED = "answered"  # the connector has answered, nothing of that is written
    RECORDING = "recording"  # the answer is written, but not committed
    RECORDED = "recorded"


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
        self._render = render
        self._workspace = workspace
        self._random = random or random_module.SystemRandom()
        self._on_step = on_step or (lambda _step, _id: None)
        self._stop = threading.Event()
        self._in_flight: set[str] = set()
        self._using = {name: threading.Lock() for name in channels}  # a connector serves one thread at a time
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
        swept: Swept = sweep(self.engine, self.clock.now(), in_flight=frozenset(self._in_flight))
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
        found = []
        for name, channel in sorted(self._usable().items()):
            with reading(self.engine) as connection:
                now = self.clock.now()
                waiting = [
                    (
                        gate(connection, name, rate, now),
                        connection.execute(select(deliveries.c.id).where(where).limit(1)).first(),
                    )
                    for rate, where in (
                        (channel.rate, claims.due_now(name, now)),
                        (None, settle.in_doubt(name, now)),  # a look-up spends nothing of the rate limit
                    )
                ]
            if any(here.open and row for here, row in waiting):
                found.append(name)
        return found

    def run_channel(self, name: str, limit: int | None = None) -> Summary:
        """Settle and publish what one channel has due now. Waits while another thread uses the channel's connector."""
        channel = self.channels[name]
        outcomes: list[tuple[str, State]] = []
        with self._using[name]:
            for row in self._in_doubt(name):
                if self._stop.is_set():
                    break
                outcomes += self._settle(channel, row)
            while not self._stop.is_set() and (limit is None or len(outcomes) < limit):
                now = self.clock.now()
                held = self._claim(channel, claims.due_now(name, now), now)
                if held is None:
                    break
                outcomes += self._publish(channel, held)
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
        with self._using[row.channel]:
            now = self.clock.now()
            held = self._claim(
                channel, and_(deliveries.c.id == row.id, deliveries.c.state == State.SCHEDULED), now, whenever=True
            )
            if held is None:
                raise self._why_not(channel, row.id, now)
            [(_id, state)] = self._publish(channel, held) or [(row.id, State(find(self.engine, row.id).state))]
        return state

    def next_due(self, channel: str | None = None) -> datetime | None:
        """Return when this publisher should be woken next (perhaps in the past: now); None: nothing is waiting."""
        wanted = {n: c for n, c in self._usable().items() if channel in {None, n}}
        in_flight = frozenset(self._in_flight)
        with reading(self.engine) as connection:
            return next_due(connection, wanted, self.clock.now(), sweeps=channel is None, in_flight=in_flight)

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
        return [row for row in rows if row.id not in self._in_flight]

    def _settle(self, channel: Channel, row: Row[Any]) -> list[tuple[str, State]]:
        now = self.clock.now()
        with reading(self.engine) as connection:
            doubt = claims.first_doubt(connection, row.id)
        match settle.way(row, channel.limits, now, first_doubt=doubt):
            case settle.Way.SEND_AGAIN:
                where = and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence)
                held = self._claim(channel, where, now, settles=True)
                return [] if held is None else self._publish(channel, held)
            case settle.Way.LOOK_UP:
                return self._look_up(channel, row, now, doubt)
            case settle.Way.PERSON:
                with transaction(self.engine) as connection:
                    settle.record_person(connection, row, now)
                log.warning("needs a person", delivery=row.id, channel=row.channel, state=row.state)
                return [(row.id, State(row.state))]

    def _look_up(
        self, channel: Channel, row: Row[Any], now: datetime, doubt: datetime | None
    ) -> list[tuple[str, State]]:
        with transaction(self.engine) as connection:
            if not settle.reserve(connection, row, now, channel.settings.timeout):
                return []
        error: Exception | None = None
        receipt = None
        try:
            request = build_request(row, reply_to=self._parent_receipt(row), first_attempt_at=doubt)
            receipt = channel.connector.lookup(request)
        except Exception as caught:  # noqa: BLE001 - a plugin may raise anything; it stays in doubt
            error = caught
        at = self.clock.now()
        with transaction(self.engine) as connection:
            if error is not None:
                state = settle.record_lookup_error(connection, row, error, at)
            elif receipt is not None:
                state = settle.record_found(connection, row, receipt, at)
            else:
                state = settle.record_absent(connection, row, at)
        said = "lookup failed" if error else "found" if receipt else "not found"
        log.info("looked up", delivery=row.id, channel=row.channel, said=said, state=state)
        return [] if state is None else [(row.id, state)]

    def _claim(self, channel: Channel, where: Any, now: datetime, **options: bool) -> claims.Claim | None:
        self._on_step(Step.CLAIMING, channel.name)
        with transaction(self.engine) as connection:
            held = claims.claim(connection, channel, now, worker=self.worker, where=where, **options)
            if held is not None:
                # Before the commit: from then on a sweep by another thread must know it is in good hands.
                self._in_flight.add(held.id)
        if held is not None:
            self._on_step(Step.CLAIMED, held.id)
        return held

    def _publish(self, channel: Channel, held: claims.Claim) -> list[tuple[str, State]]:
        try:
            state = self._send(channel, held)
        finally:
            self._in_flight.discard(held.id)
        self._on_step(Step.RECORDED, held.id)
        log.info("tried", delivery=held.id, channel=channel.name, attempt=held.number, state=state)
        return [] if state is None else [(held.id, state)]

    def _send(self, channel: Channel, held: claims.Claim) -> State | None:
        """Make ready, send, record. Everything before the connector's `publish` can fail without a doubt."""
        sending = False
        try:
            connector = channel.connector
            media = render_media(held.row, self._render)
            attachments = read_attachments(held.row, self._workspace.root)
            if not self._as_approved(held, (*media, *attachments)):
                with transaction(self.engine) as connection:
                    return record_other_picture(connection, held, self.clock.now())
            request = build_request(
                held.row,
                media=media,
                attachments=attachments,
                reply_to=self._parent_receipt(held.row),
                attempt=held.number,
                first_attempt_at=held.first_attempt_at,
            )
            if held.picture and not self._mark_sending(channel, held):
                return None
            self._on_step(Step.SENDING, held.id)
            sending = True
            answer = connector.publish(request)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; its class decides what follows
            return self._record_error(held, error, sending=sending)
        self._on_step(Step.ANSWERED, held.id)
        return self._record_answer(held, answer)

    def _record_answer(self, held: claims.Claim, answer: Receipt | Pending | Handover) -> State | None:
        for last in (False, False, False, False, True):
            try:
                with transaction(self.engine) as connection:
                    state = record_answer(connection, held, answer, self.clock.now())
                    self._on_step(Step.RECORDING, held.id)
                break
            except (
                OperationalError
            ) as error:  # a full disk, a locked or restarting database: the receipt is worth a wait
                log.error(
                    "receipt not written", delivery=held.id, remote_id=answer.remote_id, error=type(error).__name__
                )
                if last:
                    raise PromoError(
                        _(
                            "delivery {id} is published as {remote}, but the ledger cannot be written",
                            id=held.id,
                            remote=answer.remote_id,
                        ),
                        hint=_("mend the database; the delivery is uncertain until then"),
                    ) from None
                self.clock.wait(self.clock.now() + RECORD_AGAIN, threading.Event())
        if state is None:
            log.error("late receipt", delivery=held.id, remote_id=answer.remote_id, fence=held.fence)
        return state

    def _record_error(self, held: claims.Claim, error: Exception, *, sending: bool) -> State | None:
        words = safe_words(error)
        log.warning("try failed", delivery=held.id, channel=held.row.channel, error=words, kind=type(error).__name__)
        with transaction(self.engine) as connection:
            state = record_error(connection, held, error, self.clock.now(), sending=sending, random=self._random)
            self._on_step(Step.RECORDING, held.id)
        return state

    def _mark_sending(self, channel: Channel, held: claims.Claim) -> bool:
        with transaction(self.engine) as connection:
            return claims.mark_sending(connection, held, channel, self.clock.now())

    def _as_approved(self, held: claims.Claim, media: tuple[Media, ...]) -> bool:
        with reading(self.engine) as connection:
            wanted = approved_bytes(connection, held.id, held.row.digest)
        return not wanted or wanted == {bytes_digest(media)}

    def _parent_receipt(self, row: Row[Any]) -> Receipt | None:
        if row.parent is None:
            return None
        with reading(self.engine) as connection:
            parent = connection.execute(select(deliveries).where(deliveries.c.id == row.parent)).first()
        return None if parent is None else receipt_from(parent)

    def _why_not(self, channel: Channel, delivery: str, now: datetime) -> Refused:
        with reading(self.engine) as connection:
            shut = gate(connection, channel.name, channel.rate, now)
        if shut.paused:
            return Refused(
                _("the channel {name} is paused: {reason}", name=channel.name, reason=shut.reason),
                hint=_("open it with: promo channels resume {name}", name=channel.name),
            )
        if shut.opens_at is not None:
            return Refused(
                _(
                    "the channel {name} lets nothing out until {moment}",
                    name=channel.name,
                    moment=shut.opens_at.isoformat(),
                )
            )
        return refused(find(self.engine, delivery), _("publish"))
