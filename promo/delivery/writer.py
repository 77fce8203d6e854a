"""The one writer of a process: what is waiting to be written goes into the ledger together, in one durable commit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from promo.clock import monotonic
from promo.delivery.finish import Ended, record, record_many, safe_words
from promo.delivery.step import Step
from promo.delivery.worker import BEAT, IDLE
from promo.errors import PromoError
from promo.language import _
from promo.store.database import AWAY, transaction, trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from random import Random

    from sqlalchemy import Connection, Engine

    from promo.clock import Clock
    from promo.delivery.observer import Observer
    from promo.delivery.state import State
    from promo.delivery.worker import Pulse

log = structlog.get_logger(__name__)

GROUP = 200  # pieces of one commit at most, so that nobody waits long for the write lock
LINGER = 0.0005  # seconds in which one more end is waited for: calls that began together end together
LINGER_MOST = 0.010  # seconds, for all of them
RECORD_TRIES = 5  # what the channel answered is worth a wait
HUNG = 120.0  # seconds; a SQLite file that others keep locked is waited for half a minute
RECORD_AGAIN = timedelta(seconds=2)


class Wish(Protocol):
    """Something to be written together with others. Its transaction may be undone and `fill` called again."""

    @property
    def order(self) -> str:
        """Return its place among others: the name of the channel it locks, if any."""

    def fill(self, connection: Connection, now: datetime) -> Any:
        """Write within this transaction and return the result."""

    def undone(self) -> None:
        """Forget what `fill` did: its transaction was undone, or its commit never answered."""

    def granted(self, result: Any) -> None:
        """Take the result: it is committed."""

    def refused(self, error: Exception) -> None:
        """Take the error: nothing was written."""


@dataclass(frozen=True, slots=True)
class End:
    """A try that is over, and who hears that it is written (None: the delivery went on without this worker)."""

    ended: Ended
    written: Callable[[State | None], None]


class Writer:
    """Writes into the ledger for all threads of a process, while `start`ed in a thread of its own.

    What arrives while one commit is under way goes into the next: the busier the ledger, the fewer commits a
    delivery needs. Where a group cannot be written, each piece is tried alone.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        random: Random,
        pulse: Pulse,
        observer: Observer,
        on_step: Callable[[Step, str], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._random = random
        self._pulse = pulse
        self._observer = observer
        self._on_step = on_step
        self._waiting: queue.SimpleQueue[End | Wish | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._sign_again_at = 0.0  # monotonic; after an error, until a sign is written
        self.in_flight: set[str] = set()  # what this very process holds, whatever the ledger's leases say

    def start(self) -> None:
        """Begin to write what is submitted."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting, and end."""
        self._stopping.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be started inside, which shows signs of life while a single call lasts."""
        if self._thread is not None:
            yield
            return
        self.start()
        try:
            yield
        finally:
            self.stop()

    def give_up_soon(self) -> None:
        """Stay no longer than a few tries with a ledger that cannot be written."""
        self._stopping.set()

    def submit(self, piece: End | Wish) -> None:
        """Have something written soon; it hears of it in the writer's thread."""
        self._waiting.put(piece)

    def _run(self) -> None:
        while True:
            self._turned()
            try:
                pieces = [self._waiting.get(timeout=BEAT.total_seconds())]
            except queue.Empty:
                self.sign()
                continue
            self._gather(pieces)
            try:
                self._write([piece for piece in pieces if piece is not None])
            except Exception as error:  # noqa: BLE001 - without its writer a process does nothing any more
                log.error("writer stumbled", kind=type(error).__name__, error=safe_words(error))  # noqa: TRY400 - a traceback may hold a request
            if None in pieces:
                self._observer.beat(loop="writer", within=0)
                return

    def _gather(self, pieces: list[End | Wish | None]) -> None:
        """Add what else is waiting and, after a first end, what other deliveries under way bring within a moment."""
        began = monotonic()
        ends = sum(isinstance(piece, End) for piece in pieces)
        while len(pieces) < GROUP:
            more = 0 < ends < len(self.in_flight) and monotonic() - began < LINGER_MOST
            try:
                piece = self._waiting.get(block=more, timeout=LINGER if more else None)
            except queue.Empty:
                return
            pieces.append(piece)
            ends += isinstance(piece, End)

    def _turned(self) -> None:
        """Show that the writer's thread lives. One that waits for a ledger that is away or locked does."""
        if threading.current_thread() is self._thread:
            self._observer.beat(loop="writer", within=HUNG)

    def sign(self) -> None:
        """Write that this process lives, where it is time for that; safe from any thread."""
        now, idle = self._clock.now(), not self.in_flight
        if not self._pulse.due(now, idle=idle) or monotonic() < self._sign_again_at:
            return
        try:
            with transaction(self._engine) as connection:
                self._pulse.beat(connection, now, idle=idle)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while
            self._pulse.unsaid()
            if not self._sign_again_at:  # said once: a full disk is not made fuller by its log
                log.warning("ledger not writable", error=trouble(error))
            self._sign_again_at = monotonic() + (IDLE if idle else BEAT).total_seconds()
        else:
            self._sign_again_at = 0.0

    def _write(self, pieces: Sequence[End | Wish]) -> None:
        # What has ended comes first: it makes room for what wants to be claimed.
        ends = [piece for piece in pieces if isinstance(piece, End)]
        # Claims lock their channels: in one order in every process, and never after what an error did to a channel.
        wishes = sorted((piece for piece in pieces if not isinstance(piece, End)), key=lambda wish: wish.order)
        if wishes and any(end.ended.error is not None for end in ends):
            self._write(ends)
            ends = []
        try:
            states, results = self._together(ends, wishes)
        except Exception:  # noqa: BLE001 - whatever it is, it will show again when each is written alone
            for end in ends:
                self._end_alone(end)
            for wish in wishes:
                self._fill_alone(wish)
            return
        for end, state in zip(ends, states, strict=True):
            _tell(end.written, state)
        for wish, result in zip(wishes, results, strict=True):
            _tell(wish.granted, result)

    def _together(self, ends: Sequence[End], wishes: Sequence[Wish]) -> tuple[list[State | None], list[Any]]:
        self._turned()
        began = monotonic()
        try:
            with transaction(self._engine) as connection:
                now = self._clock.now()
                states = record_many(connection, [end.ended for end in ends], now, self._random)
                for end in ends:
                    self._on_step(Step.RECORDING, end.ended.held.id)
                if self.in_flight:  # however busy it is: who shows no sign of life loses its places
                    self._pulse.beat(connection, now)
                results = [wish.fill(connection, now) for wish in wishes]
        except Exception as error:
            self._pulse.unsaid()
            for wish in wishes:
                wish.undone()
            self._observer.committed(
                pieces=len(ends) + len(wishes), seconds=monotonic() - began, error=type(error).__name__
            )
            raise
        self._observer.committed(pieces=len(ends) + len(wishes), seconds=monotonic() - began)
        return states, results

    def _end_alone(self, end: End) -> None:
        state = None
        try:
            state = self.write_alone(end.ended, patient=True)
        except Exception as error:  # noqa: BLE001 - its lease will make it uncertain; the others must be written
            log.error("outcome lost", delivery=end.ended.held.id, error=safe_words(error))  # noqa: TRY400 - a traceback may hold a request
        _tell(end.written, state)

    def _fill_alone(self, wish: Wish) -> None:
        try:
            _states, [result] = self._together((), (wish,))
        except Exception as error:  # noqa: BLE001 - it is the wish's own affair now
            _tell(wish.refused, error)
            return
        _tell(wish.granted, result)

    def write_alone(self, ended: Ended, *, patient: bool) -> State | None:
        """Write one try's end now, however long it takes; if not `patient`, raise PromoError after some tries."""
        tries = 0
        held = ended.held
        while True:
            self._turned()
            began = monotonic()
            try:
                with transaction(self._engine) as connection:
                    state = record(connection, ended, self._clock.now(), self._random)
                    self._on_step(Step.RECORDING, held.id)
            except AWAY as error:
                self._observer.committed(pieces=1, seconds=monotonic() - began, error=type(error).__name__)
                words = trouble(error)
            else:
                self._observer.committed(pieces=1, seconds=monotonic() - began)
                break
            tries += 1
            remote = None if ended.answer is None else ended.answer.remote_id
            if tries == 1:  # said once: a full disk is not made fuller by its log
                log.error("outcome not written", delivery=held.id, remote_id=remote, error=words)
            if tries >= RECORD_TRIES and (not patient or self._stopping.is_set()):
                raise PromoError(
                    _(
                        "delivery {id} is published as {remote}, but the ledger cannot be written",
                        id=held.id,
                        remote=remote,
                    )
                    if remote is not None
                    else _("what became of delivery {id} cannot be written into the ledger", id=held.id),
                    hint=_("mend the database; the delivery is uncertain until then"),
                )
            self._clock.wait(self._clock.now() + RECORD_AGAIN, threading.Event())
        if tries:
            log.info("outcome written after all", delivery=held.id, tries=tries, state=state)
        if state is None and ended.answer is not None:
            log.error("late receipt", delivery=held.id, remote_id=ended.answer.remote_id, fence=held.fence)
        return state


def _tell(hear: Callable[[Any], None], news: Any) -> None:
    """Call a listener; its fault must not keep the news from the others of its group."""
    try:
        hear(news)
    except Exception as error:  # noqa: BLE001 - a listener may raise anything
        log.error("listener failed", kind=type(error).__name__, error=safe_words(error))  # noqa: TRY400 - a traceback may hold a request
