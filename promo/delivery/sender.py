"""One claimed delivery on its way to its channel: make ready, wait for its moment, call the connector."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from promo.clock import monotonic
from promo.connector import Handover, Pending, Receipt
from promo.delivery import claim as claims
from promo.delivery.finish import Ended, HeldBack, outcome_of, safe_words
from promo.delivery.observer import Part
from promo.delivery.outside import storable_answer
from promo.delivery.request import (
    build_request,
    bytes_digest,
    read_attachments,
    receipt_from,
    refuse_broken,
    render_media,
)
from promo.delivery.step import Step
from promo.errors import OutcomeUnknown
from promo.language import _
from promo.store.database import transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from promo.clock import Clock
    from promo.connector import Media, PublishRequest
    from promo.delivery.observer import Observer
    from promo.delivery.request import Render
    from promo.registry import Channel
    from promo.visual.model import Finding

log = structlog.get_logger(__name__)

AHEAD = timedelta(milliseconds=250)  # how long before its moment a delivery may be claimed and made ready
STRAY = timedelta(seconds=2)  # further off than any claim ahead, and longer than the way of one claimed in time


class Sender:
    """Takes claimed deliveries to their channels, for one process and from many threads."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        render: Render,
        root: Path,
        observer: Observer,
        on_step: Callable[[Step, str], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._render = render
        self._root = root
        self._observer = observer
        self._on_step = on_step
        self._drawing = threading.Lock()  # drawing keeps a processor busy: channels take turns at it

    def send(self, channel: Channel, held: claims.Claim) -> Ended | None:
        """Send a claimed delivery; return what came of it, to be written. None: the claim was lost, nothing was sent.

        Everything before the connector's `publish` can fail without a doubt.
        """
        with self._observer.span(Part.DELIVER, channel=channel.name, delivery=held.id, fence=held.fence):
            sending, began = False, 0.0
            try:
                request = self._make_ready(held)
                if request is None:
                    return Ended(held=held)
                if held.picture:
                    with transaction(self._engine) as connection:
                        lease_until = claims.mark_sending(connection, held, channel, self._clock.now())
                    if lease_until is None:
                        return None
                    held = replace(held, lease_until=lease_until, since=monotonic())
                with channel.lend() as connector:
                    self._wait(held)
                    self._on_step(Step.SENDING, held.id)
                    self._refuse_late(channel, held)
                    self._observer.called(channel=channel.name, late=self._late(held))
                    sending, began = True, monotonic()
                    with self._observer.span(Part.PUBLISH, channel=channel.name, delivery=held.id, fence=held.fence):
                        answer = connector.publish(request)
                if not isinstance(answer, (Receipt, Pending, Handover)):
                    raise OutcomeUnknown(_("the connector gave no receipt"))
                answer = storable_answer(answer)
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; its class decides what follows
                words, outcome = safe_words(error), outcome_of(error, sending=sending)
                log.warning(
                    "try failed", delivery=held.id, channel=channel.name, error=words, kind=type(error).__name__
                )
                self._answered(channel, outcome, began)
                return Ended(held=held, error=error, sending=sending)
            self._answered(channel, type(answer).__name__.lower().replace("receipt", "published"), began)
            self._on_step(Step.ANSWERED, held.id)
            return Ended(held=held, answer=answer, sending=True)

    def _make_ready(self, held: claims.Claim) -> PublishRequest | None:
        """Return the request, or None where its picture is not the one that was approved."""
        faults: list[Finding] = []
        media: tuple[Media, ...] = ()
        attachments: tuple[Media, ...] = ()
        if held.picture:
            with self._drawing, self._observer.span(Part.RENDER, channel=held.row.channel, delivery=held.id):
                media = render_media(held.row, self._render, on_finding=faults.append)
            attachments = read_attachments(held.row, self._root)
        if held.approved and held.approved != {bytes_digest((*media, *attachments))}:
            return None
        if not held.approved:  # what people approved, findings and all, goes out as they saw it
            refuse_broken(faults)
        return build_request(
            held.row,
            media=media,
            attachments=attachments,
            reply_to=None if held.parent is None else receipt_from(held.parent),
            attempt=held.number,
            first_attempt_at=held.first_attempt_at,
        )

    def _wait(self, held: claims.Claim) -> None:
        """Wait for the delivery's moment. Raises HeldBack where the clock was set back: it would take too long."""
        while (left := held.goes_at - self._clock.now()) > timedelta(0):
            if left > STRAY:
                raise HeldBack(_("the clock was set back while it waited for its moment"))
            self._clock.wait(held.goes_at, threading.Event())

    def _refuse_late(self, channel: Channel, held: claims.Claim) -> None:
        """Raise HeldBack where its window is over, or less than half of its lease is left.

        The call must be over when others may take it up. The channel is not to blame: the next try waits for nothing.
        """
        now, window = self._clock.now(), held.row.window_until
        if window is not None and now > window + STRAY and not held.settles:  # long in a queue, or long in the making
            raise HeldBack(_("its window passed before it could go out"))
        half = channel.settings.timeout / 2
        slept = monotonic() - held.since > half.total_seconds()
        if slept or held.lease_until - now < half:
            raise HeldBack(_("its lease was over before it could be sent"))

    def _late(self, held: claims.Claim) -> float | None:
        if held.number > 1 or held.row.due_at > held.goes_at:
            return None
        late: timedelta = self._clock.now() - held.row.due_at
        return late.total_seconds()

    def _answered(self, channel: Channel, outcome: str, began: float) -> None:
        seconds = monotonic() - began if began else None
        self._observer.answered(channel=channel.name, part=Part.PUBLISH, outcome=outcome, seconds=seconds)
