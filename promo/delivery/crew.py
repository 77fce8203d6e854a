"""What all lanes of a process share: its sender, its writer, its signs of life; and settling what is in doubt."""

from __future__ import annotations

import os
import platform
import threading
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import structlog
from sqlalchemy import and_, select

from promo.clock import monotonic
from promo.delivery import claim as claims
from promo.delivery import settle
from promo.delivery.finish import Ended, safe_words
from promo.delivery.hands import Hands
from promo.delivery.observer import Part
from promo.delivery.outside import storable_answer
from promo.delivery.rate import CONTENDED_AGAIN, Contended
from promo.delivery.request import build_request, receipt_from
from promo.delivery.sender import Sender
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.delivery.worker import Pulse
from promo.delivery.writer import Writer
from promo.errors import OutcomeUnknown
from promo.language import _
from promo.store.database import reading, transaction
from promo.store.tables import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from sqlalchemy import ColumnElement, Connection, Engine, Row

    from promo.clock import Clock
    from promo.connector import Receipt
    from promo.delivery.observer import Observer
    from promo.delivery.request import Render
    from promo.registry import Channel

    # (connection, now, what belongs into the events) → the claims
    Take = Callable[[Connection, datetime, Mapping[str, str]], list[claims.Claim]]

log = structlog.get_logger(__name__)

PLACE_AGAIN = timedelta(seconds=0.1)  # until a full channel is asked for a place once more
PLACE_PATIENCE = timedelta(seconds=10)  # then the delivery in doubt is left to its next turn


class Crew:
    """One process at work on the ledger. Outcomes are (id, state) pairs; none where another process was faster."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        render: Render,
        root: Path,
        worker: str | None,
        role: str,
        random: Random,
        observer: Observer,
        on_step: Callable[[Step, str], None],
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.observer = observer
        self.on_step = on_step
        self.pulse = Pulse(worker or f"{platform.node()}:{os.getpid()}"[:128], role)
        self.sender = Sender(engine, clock=clock, render=render, root=root, observer=observer, on_step=on_step)
        self.writer = Writer(engine, clock=clock, random=random, pulse=self.pulse, observer=observer, on_step=on_step)
        self.hands = Hands()
        self._claiming: dict[str, threading.Lock] = defaultdict(threading.Lock)  # of channels, in the settling threads
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Return whether nothing new may be taken."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Take nothing new; what is under way is finished and written."""
        self._stop.set()
        self.writer.give_up_soon()

    def rest(self, seconds: float) -> None:
        """Wait, but no longer than until nothing new may be taken."""
        self._stop.wait(seconds)

    def claim(
        self, channel: Channel, take: Callable[[Connection, datetime, Mapping[str, str]], list[claims.Claim]]
    ) -> list[claims.Claim]:
        """Claim in a transaction of its own: `take` writes the claims and returns them."""
        self.on_step(Step.CLAIMING, channel.name)
        held: list[claims.Claim] = []
        try:
            with self.observer.span(Part.CLAIM, channel=channel.name) as detail, transaction(self.engine) as connection:
                held = take(connection, self.clock.now(), detail)
                self.hold(held)
        except BaseException:
            self.pulse.unsaid()
            self.let_go(held)
            raise
        self.held(channel, held)
        return held

    def hold(self, held: Sequence[claims.Claim]) -> None:
        """Know what is about to be committed: from then on a sweep by another thread must see it in good hands."""
        for one in held:
            self.writer.in_flight.add(one.id)
            self.on_step(Step.CLAIM_WRITTEN, one.id)

    def let_go(self, held: Sequence[claims.Claim]) -> None:
        """Forget what was claimed in a transaction that was undone, or given into other hands."""
        self.writer.in_flight.difference_update(one.id for one in held)

    def held(self, channel: Channel, held: Sequence[claims.Claim]) -> None:
        """Tell what is committed, and never raise: a fault of who listens here keeps nothing from being sent."""
        try:
            if held:
                self.observer.claimed(channel=channel.name, count=len(held))
            for one in held:
                self.on_step(Step.CLAIMED, one.id)
        except Exception as error:  # noqa: BLE001 - as said
            log.error("listener failed", kind=type(error).__name__, error=safe_words(error))  # noqa: TRY400 - a traceback may hold a request

    def claim_one(self, channel: Channel, where: ColumnElement[bool], **options: bool) -> claims.Claim | None:
        """Take the first delivery matching `where`, if its channel has a place for it (see `promo.delivery.claim`)."""
        held = self.claim(
            channel,
            lambda connection, now, detail: claims.claim_one(
                connection, channel, now, pulse=self.pulse, where=where, detail=detail, **options
            ),
        )
        return held[0] if held else None

    def send(self, channel: Channel, held: claims.Claim) -> Ended | None:
        """Send in one of many threads: whatever a plugin raises, even a wish to end Python, ends this try alone."""
        try:
            return self.sender.send(channel, held)
        except BaseException as error:  # noqa: BLE001 - as said
            kind = type(error).__name__
            log.error("sending broke off", delivery=held.id, channel=channel.name, kind=kind)  # noqa: TRY400 - a traceback may hold a request
            unknown = OutcomeUnknown(_("an unexpected {kind}", kind=kind))
            return Ended(held=held, error=unknown, sending=True)

    def carry(self, channel: Channel, held: claims.Claim, *, patient: bool = False) -> list[tuple[str, State]]:
        """Send a claimed delivery and write what became of it, in this thread; if `patient`, however long it takes."""
        try:
            ended = self.sender.send(channel, held)
            state = None if ended is None else self.writer.write_alone(ended, patient=patient)
        finally:
            self.writer.in_flight.discard(held.id)
        if ended is not None:
            self.after(channel, held, state)
        return [] if state is None else [(held.id, state)]

    def after(self, channel: Channel, held: claims.Claim, state: State | None) -> None:
        """Tell that a try's end is written."""
        self.observer.recorded(delivery=held.id, fence=held.fence, state="" if state is None else state.value)
        self.on_step(Step.RECORDED, held.id)
        log.info("tried", delivery=held.id, channel=channel.name, attempt=held.number, state=state)

    # -- what is in doubt ------------------------------------------------------------------------------------

    def settle(self, channel: Channel, row: Row[Any], *, reserved: bool = False) -> list[tuple[str, State]]:
        """Settle one delivery in doubt (a row of `deliveries` with its campaign's `brand`).

        `reserved`: an engine's queue has kept it for this process.
        """
        now = self.clock.now()
        with reading(self.engine) as connection:
            doubt = claims.first_doubt(connection, row.id)
        match settle.way(row, channel.limits, now, first_doubt=doubt):
            case settle.Way.SEND_AGAIN:
                held = self._claim_again(channel, row, now, reserved=reserved)
                return [] if held is None else self.carry(channel, held, patient=True)
            case settle.Way.LOOK_UP:
                return self._look_up(channel, row, now, doubt, reserved=reserved)
            case settle.Way.PERSON:
                with transaction(self.engine) as connection:
                    if settle.record_person(connection, row, now) is None:
                        return []
                log.warning("needs a person", delivery=row.id, channel=row.channel, state=row.state)
                return [(row.id, State(row.state))]

    def _claim_again(self, channel: Channel, row: Row[Any], now: datetime, *, reserved: bool) -> claims.Claim | None:
        """Claim one in doubt; one that is kept for this process waits for a place.

        Nobody waits within a transaction for others who claim on the channel: there are few connections, many threads.
        """
        where = and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence)
        while True:
            held, again, pause = None, reserved, PLACE_AGAIN
            try:
                with self._claiming[channel.name]:  # one of them at a time asks whether others do
                    if self.stopped and not reserved:
                        return None
                    held = self.claim_one(channel, where, settles=True, wait=False)
            except Contended:
                again, pause = True, CONTENDED_AGAIN
            if held is not None or not again or self.stopped or self.clock.now() - now >= PLACE_PATIENCE:
                return held
            if reserved and not self._reserved(row):
                return None
            self.clock.wait(self.clock.now() + pause, threading.Event())

    def _reserved(self, row: Row[Any]) -> bool:
        """Return whether a delivery in doubt is still kept for this process."""
        c = deliveries.c
        mine = (c.id == row.id, c.fence == row.fence, c.state == row.state, c.not_before > self.clock.now())
        with reading(self.engine) as connection:
            return connection.execute(select(c.id).where(*mine, c.worker == self.pulse.worker)).first() is not None

    def _look_up(
        self, channel: Channel, row: Row[Any], now: datetime, doubt: datetime | None, *, reserved: bool
    ) -> list[tuple[str, State]]:
        if not reserved:
            with transaction(self.engine) as connection:
                if not settle.reserve(connection, row, now, channel.settings.timeout, worker=self.pulse.worker):
                    return []
        self.on_step(Step.LOOKING_UP, row.id)
        error: Exception | None = None
        receipt: Receipt | None = None
        asked, began = self.clock.now(), monotonic()
        with self.observer.span(Part.LOOK_UP, channel=channel.name, delivery=row.id, fence=row.fence):
            try:
                request = build_request(row, reply_to=self._parent_receipt(row), first_attempt_at=doubt)
                with channel.lend() as connector:
                    found = connector.lookup(request)
                receipt = None if found is None else cast("Receipt", storable_answer(found))
            except Exception as caught:  # noqa: BLE001 - a plugin may raise anything; it stays in doubt
                error = caught
            said = "failed" if error else "found" if receipt else "not_found"
            self.observer.answered(channel=channel.name, part=Part.LOOK_UP, outcome=said, seconds=monotonic() - began)
        self.on_step(Step.LOOKED_UP, row.id)
        at = self.clock.now()
        with transaction(self.engine) as connection:
            if error is not None:
                state = settle.record_lookup_error(connection, row, error, at)
            elif receipt is not None:
                state = settle.record_found(connection, row, receipt, at)
            else:
                state = settle.record_absent(connection, row, at, asked=asked)
        log.info("looked up", delivery=row.id, channel=row.channel, said=said, state=state)
        return [] if state is None else [(row.id, state)]

    def _parent_receipt(self, row: Row[Any]) -> Receipt | None:
        if row.parent is None:
            return None
        with reading(self.engine) as connection:
            parent = connection.execute(select(deliveries).where(deliveries.c.id == row.parent)).first()
        return None if parent is None else receipt_from(parent)
