"""A channel's lane: what is claimed for it is sent by as many threads as it has places, apart from all other lanes."""

from __future__ import annotations

import threading
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from promo.clock import monotonic
from promo.delivery.claim import Claim, claim_due
from promo.delivery.observer import Part
from promo.delivery.rate import CONTENDED_AGAIN, Contended
from promo.delivery.settle import doubtful
from promo.delivery.step import Step
from promo.delivery.writer import End
from promo.store.database import trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from promo.delivery.crew import Crew
    from promo.delivery.state import State
    from promo.delivery.turns import Turns
    from promo.registry import Channel

log = structlog.get_logger(__name__)

AFTER_ERROR = 15.0  # seconds; the ledger could not be asked
CONTENDED_MOST = timedelta(seconds=0.5)  # until the next try, where another process goes on claiming


class Lane:
    """Claims what is due on one channel, sends it, and claims again as soon as that is written.

    By up to as many threads as the channel's `concurrency`, and only while there is work. `tell` hears of each
    delivery's new state, `dry` that nothing more can be claimed for now; both are called by the crew's threads.
    """

    def __init__(
        self,
        channel: Channel,
        crew: Crew,
        turns: Turns,
        *,
        tell: Callable[[str, State], None],
        dry: Callable[[str], None],
        ahead: timedelta,
        limit: int | None = None,
    ) -> None:
        self._channel = channel
        self._crew = crew
        self._turns = turns
        self._tell = tell
        self._dry = dry
        self._ahead = ahead
        self._left = limit
        self._todo: deque[Claim | Row[Any]] = deque()
        self._state = threading.Condition()
        self._wishing = False  # a wish is on its way to the writer
        self._again = False  # woken meanwhile
        self._look = False  # also for what is in doubt
        self._looked = False  # just now: then what is due has its turn
        self._looking: set[str] = set()  # what is being settled
        self._held: list[Claim] = []  # what `fill` has claimed in the transaction under way
        self._contended = False  # in it, another process was claiming here
        self._patience = CONTENDED_AGAIN  # until the next try, should that be so
        self._pending = 0  # deliveries in hand
        self._working = 0  # threads that have not yet found that there is nothing left to do
        self._coming = False  # one of them has yet to begin
        self._shut_until: float | None = None  # monotonic; after an error of the ledger

    @property
    def order(self) -> str:
        """Return the name of its channel, which a claim locks."""
        return self._channel.name

    def wake(self) -> None:
        """Look for what is due or in doubt; returns at once."""
        with self._state:
            self._look = True
        self._wish()

    def wait(self) -> None:
        """Wait until there is nothing more to claim, and all is written."""
        with self._state:
            self._state.wait_for(lambda: not (self._wishing or self._pending or self._working))

    # -- claiming, in the writer's thread --------------------------------------------------------------------

    def _wish(self) -> None:
        with self._state:
            if self._crew.stopped or self._left == 0:
                return
            if self._wishing:
                self._again = True
                return
            if self._shut_until is not None and monotonic() < self._shut_until:
                return
            self._wishing = True
        self._crew.writer.submit(self)

    def fill(self, connection: Connection, now: datetime) -> tuple[list[Claim], Sequence[Row[Any]] | None]:
        """Claim what is due, or read what is in doubt (None: it was not its turn).

        Each of those in doubt keeps a place, to be sent again, and a thread, for which no claim must wait.
        """
        self._contended = False
        if self._crew.stopped:
            return [], None
        with self._state:
            look, settling = self._look and not (self._looking or self._looked), len(self._looking)
            places = self._channel.settings.concurrency
            limit = places if self._left is None else self._left
        name = self._channel.name
        self._crew.on_step(Step.CLAIMING, name)
        doubts = None
        if look:
            held_here = self._crew.writer.in_flight
            doubts = [row for row in doubtful(connection, name, now, limit=places) if row.id not in held_here]
            settling = len(doubts)
        with self._crew.observer.span(Part.CLAIM, channel=name) as detail:
            try:
                held = claim_due(
                    connection,
                    self._channel,
                    now,
                    pulse=self._crew.pulse,
                    turns=self._turns,
                    limit=limit,
                    by=now + self._ahead,
                    kept=settling,
                    wait=False,  # else the writer would wait, and with it every lane of this process
                    detail=detail,
                )
            except Contended:
                # What is in doubt waits, too: its threads would wait for the same lock, with a connection each.
                held, doubts, self._contended = [], None, True
        self._held = held
        self._crew.hold(held)
        return held, doubts

    def undone(self) -> None:
        """Hold nothing of what `fill` claimed; what it claimed before that is committed, and stays in hand."""
        held, self._held = self._held, []
        self._crew.let_go(held)

    def granted(self, result: tuple[list[Claim], Sequence[Row[Any]] | None]) -> None:
        """Hand what was claimed to the lane's threads."""
        held, doubts = result
        self._held = []  # committed: no longer to be undone
        with self._state:
            if self._shut_until is not None:
                log.info("claims again", channel=self._channel.name)
            again, self._again = self._again, False
            contended, self._shut_until = self._contended, None
            if doubts is not None:
                self._look = again  # perhaps for what has come into doubt since
                self._looking = {row.id for row in doubts}
            if not contended:  # else the turn is still to be had
                self._looked = bool(doubts)
                self._patience = CONTENDED_AGAIN
            self._pending += len(held) + len(doubts or ())
            if self._left is not None:
                self._left -= len(held)
            over = self._crew.stopped or self._left == 0
            again = not over and (again or (self._look and not (self._looking or held)))
            self._wishing = contended or again  # without a gap, in which `wait` would take it for over
        self._crew.held(self._channel, held)
        with self._state:
            self._todo.extend([*(doubts or ()), *held])
            if self._coming:
                self._crew.hands.hurry()
            self._staff()
            self._state.notify_all()
        if contended:
            self._crew.hands.do(self._wish_after_others)
        elif again:
            self._crew.writer.submit(self)
        elif not held:
            self._dry(self._channel.name)

    def _wish_after_others(self) -> None:
        self._crew.rest(self._patience.total_seconds())
        self._patience = min(2 * self._patience, CONTENDED_MOST)
        self._crew.writer.submit(self)

    def refused(self, error: Exception) -> None:
        """Leave the ledger alone for a while."""
        with self._state:
            if self._shut_until is None:  # said once, not every few seconds while the ledger is away
                log.error("claim failed", channel=self._channel.name, error=trouble(error))
            self._wishing = self._again = False
            self._shut_until = monotonic() + AFTER_ERROR
            self._state.notify_all()
        self._dry(self._channel.name)

    # -- sending, in the lane's own threads ------------------------------------------------------------------

    def _staff(self) -> None:
        """Ask for one more thread where something waits and a place is free; called with `_state` held.

        The next is asked for when this one begins. So there are as many as places where calls take their time, and few
        where they do not: threads that find nothing left cost more than such calls.
        """
        if self._todo and not self._coming and self._working < self._channel.settings.concurrency:
            self._crew.hands.do(self._work)
            self._working += 1
            self._coming = True

    def _work(self) -> None:
        with self._state:
            self._coming = False
        while True:
            with self._state:
                if not self._todo:
                    self._working -= 1
                    self._state.notify_all()
                    return
                task = self._todo.popleft()
                self._staff()
            if isinstance(task, Claim):
                self._carry(task)
            else:
                self._settle(task)

    def _carry(self, held: Claim) -> None:
        ended = self._crew.send(self._channel, held)
        if ended is None:
            self._let_go(held)
        else:
            self._crew.writer.submit(End(ended, lambda state: self._written(held, state)))
        self._wish()  # reaches the writer behind the end of this one, which frees its place

    def _written(self, held: Claim, state: State | None) -> None:
        try:
            self._crew.after(self._channel, held, state)
            if state is not None:
                self._tell(held.id, state)
        finally:
            self._let_go(held)

    def _let_go(self, held: Claim) -> None:
        self._crew.let_go([held])
        with self._state:
            self._pending -= 1
            self._state.notify_all()

    def _settle(self, row: Row[Any]) -> None:
        settled: list[tuple[str, State]] = []
        try:
            settled = self._crew.settle(self._channel, row)
            for delivery, state in settled:
                self._tell(delivery, state)
        except BaseException as error:  # noqa: BLE001 - the ledger is away, a plugin ends itself: it stays in doubt
            log.error("settling failed", delivery=row.id, error=trouble(error))  # noqa: TRY400 - a traceback may hold a request
        with self._state:
            self._looking.discard(row.id)
            self._pending -= 1
            self._look = self._look or bool(settled)  # there may be more of them than one look takes up
            self._state.notify_all()
        self._wish()
