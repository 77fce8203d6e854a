"""One delivery on its way: claim, make ready, send, record; and settling one that is in doubt."""

from __future__ import annotations

import threading
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, select
from sqlalchemy.exc import OperationalError

from promo.connector import Handover, Pending, Receipt
from promo.delivery import claim as claims
from promo.delivery import settle
from promo.delivery.approval import approved_bytes
from promo.delivery.finish import record_answer, record_error, record_other_picture, safe_words
from promo.delivery.request import (
    build_request,
    bytes_digest,
    read_attachments,
    receipt_from,
    refuse_broken,
    render_media,
)
from promo.delivery.state import State
from promo.errors import OutcomeUnknown, PromoError
from promo.language import _
from promo.store.database import reading, transaction
from promo.store.tables import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from sqlalchemy import ColumnElement, Engine, Row

    from promo.clock import Clock
    from promo.delivery.request import Render
    from promo.registry import Channel
    from promo.visual.model import Finding

log = structlog.get_logger(__name__)

RECORD_TRIES = 5  # a receipt is worth a wait
RECORD_AGAIN = timedelta(seconds=2)


class Step(StrEnum):
    """The points of one publication that `on_step` hears of, in their order."""

    CLAIMING = "claiming"  # before the attempt is written
    CLAIMED = "claimed"  # the attempt is committed
    SENDING = "sending"  # all is ready, the connector is called next
    ANSWERED = "answered"  # the connector has answered, nothing of that is written
    RECORDING = "recording"  # the answer is written, but not committed
    RECORDED = "recorded"


class Sender:
    """Takes single deliveries through their steps, for one process.

    Outcomes are (id, state) pairs; none where another worker was faster.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        render: Render,
        root: Path,
        worker: str,
        random: Random,
        on_step: Callable[[Step, str], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._render = render
        self._root = root
        self._worker = worker
        self._random = random
        self._on_step = on_step
        self._drawing = threading.Lock()  # drawing keeps a processor busy: channels take turns at it
        self.in_flight: set[str] = set()  # what this very process is sending, whatever the ledger's leases say

    def settle(self, channel: Channel, row: Row[Any]) -> list[tuple[str, State]]:
        """Settle one delivery in doubt (a row of `deliveries` with its campaign's `brand`)."""
        now = self._clock.now()
        with reading(self._engine) as connection:
            doubt = claims.first_doubt(connection, row.id)
        match settle.way(row, channel.limits, now, first_doubt=doubt):
            case settle.Way.SEND_AGAIN:
                where = and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence)
                held = self.claim(channel, where, settles=True)
                return [] if held is None else self.publish(channel, held)
            case settle.Way.LOOK_UP:
                return self._look_up(channel, row, now, doubt)
            case settle.Way.PERSON:
                with transaction(self._engine) as connection:
                    settle.record_person(connection, row, now)
                log.warning("needs a person", delivery=row.id, channel=row.channel, state=row.state)
                return [(row.id, State(row.state))]

    def _look_up(
        self, channel: Channel, row: Row[Any], now: datetime, doubt: datetime | None
    ) -> list[tuple[str, State]]:
        with transaction(self._engine) as connection:
            if not settle.reserve(connection, row, now, channel.settings.timeout):
                return []
        error: Exception | None = None
        receipt = None
        try:
            request = build_request(row, reply_to=self._parent_receipt(row), first_attempt_at=doubt)
            receipt = channel.connector.lookup(request)
        except Exception as caught:  # noqa: BLE001 - a plugin may raise anything; it stays in doubt
            error = caught
        at = self._clock.now()
        with transaction(self._engine) as connection:
            if error is not None:
                state = settle.record_lookup_error(connection, row, error, at)
            elif receipt is not None:
                state = settle.record_found(connection, row, receipt, at)
            else:
                state = settle.record_absent(connection, row, at)
        said = "lookup failed" if error else "found" if receipt else "not found"
        log.info("looked up", delivery=row.id, channel=row.channel, said=said, state=state)
        return [] if state is None else [(row.id, state)]

    def claim(self, channel: Channel, where: ColumnElement[bool], **options: bool) -> claims.Claim | None:
        """Take the first delivery matching `where` (see `promo.delivery.claim.claim`), if the channel lets it out."""
        self._on_step(Step.CLAIMING, channel.name)
        held: claims.Claim | None = None
        try:
            with transaction(self._engine) as connection:
                held = claims.claim(connection, channel, self._clock, worker=self._worker, where=where, **options)
                if held is not None:
                    # Before the commit: from then on a sweep by another thread must know it is in good hands.
                    self.in_flight.add(held.id)
        except BaseException:
            if held is not None:
                self.in_flight.discard(held.id)
            raise
        if held is not None:
            self._on_step(Step.CLAIMED, held.id)
        return held

    def publish(self, channel: Channel, held: claims.Claim) -> list[tuple[str, State]]:
        """Send a claimed delivery and write what became of it."""
        try:
            state = self._send(channel, held)
        finally:
            self.in_flight.discard(held.id)
        self._on_step(Step.RECORDED, held.id)
        log.info("tried", delivery=held.id, channel=channel.name, attempt=held.number, state=state)
        return [] if state is None else [(held.id, state)]

    def _send(self, channel: Channel, held: claims.Claim) -> State | None:
        """Make ready, send, record. Everything before the connector's `publish` can fail without a doubt."""
        sending = False
        try:
            connector = channel.connector
            faults: list[Finding] = []
            with self._drawing:
                media = render_media(held.row, self._render, on_finding=faults.append)
            attachments = read_attachments(held.row, self._root)
            wanted = self._approved_bytes(held)
            if wanted and wanted != {bytes_digest((*media, *attachments))}:
                with transaction(self._engine) as connection:
                    return record_other_picture(connection, held, self._clock.now())
            if not wanted:  # what people approved, findings and all, goes out as they saw it
                refuse_broken(faults)
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
            if not isinstance(answer, (Receipt, Pending, Handover)):
                raise OutcomeUnknown(_("the connector gave no receipt"))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; its class decides what follows
            return self._record_error(held, error, sending=sending)
        self._on_step(Step.ANSWERED, held.id)
        return self._record_answer(held, answer)

    def _record_answer(self, held: claims.Claim, answer: Receipt | Pending | Handover) -> State | None:
        tries = 0
        while True:
            try:
                with transaction(self._engine) as connection:
                    state = record_answer(connection, held, answer, self._clock.now())
                    self._on_step(Step.RECORDING, held.id)
                break
            except OperationalError as error:  # the disk is full, the database locked or restarting
                trouble = type(error).__name__
            tries += 1
            log.error("receipt not written", delivery=held.id, remote_id=answer.remote_id, error=trouble)
            if tries == RECORD_TRIES:
                raise PromoError(
                    _(
                        "delivery {id} is published as {remote}, but the ledger cannot be written",
                        id=held.id,
                        remote=answer.remote_id,
                    ),
                    hint=_("mend the database; the delivery is uncertain until then"),
                )
            self._clock.wait(self._clock.now() + RECORD_AGAIN, threading.Event())
        if state is None:
            log.error("late receipt", delivery=held.id, remote_id=answer.remote_id, fence=held.fence)
        return state

    def _record_error(self, held: claims.Claim, error: Exception, *, sending: bool) -> State | None:
        words = safe_words(error)
        log.warning("try failed", delivery=held.id, channel=held.row.channel, error=words, kind=type(error).__name__)
        with transaction(self._engine) as connection:
            state = record_error(connection, held, error, self._clock.now(), sending=sending, random=self._random)
            self._on_step(Step.RECORDING, held.id)
        return state

    def _mark_sending(self, channel: Channel, held: claims.Claim) -> bool:
        with transaction(self._engine) as connection:
            return claims.mark_sending(connection, held, channel, self._clock.now())

    def _approved_bytes(self, held: claims.Claim) -> set[str]:
        with reading(self._engine) as connection:
            return approved_bytes(connection, held.id, held.row.digest)

    def _parent_receipt(self, row: Row[Any]) -> Receipt | None:
        if row.parent is None:
            return None
        with reading(self._engine) as connection:
            parent = connection.execute(select(deliveries).where(deliveries.c.id == row.parent)).first()
        return None if parent is None else receipt_from(parent)
