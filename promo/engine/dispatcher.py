"""Handing out: one thread of a process that claims what is due on the channels it is woken for, into the queue."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from promo.clock import monotonic
from promo.delivery.sender import AHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from promo.delivery.job import Job
    from promo.delivery.publisher import Publisher
    from promo.engine.queue import Queue

log = structlog.get_logger(__name__)

BATCH = 100  # claims of one transaction
SOON = 0.05  # seconds that a free place waits for more of them, so that one claim fills many
AFTER_ERROR = 2.0  # seconds
RECOVER = 20.0  # seconds between two looks for jobs that dead workers hold
HUNG = 120.0  # seconds without a turn: it hangs


class Dispatcher:
    """Answers wakes that pile up with one claim, so that a busy ledger sees few and large transactions.

    `dry` hears of a channel that has nothing more to claim for now; `recovers`: also brings back lost jobs.
    """

    def __init__(self, publisher: Publisher, queue: Queue, *, dry: Callable[[str], None], recovers: bool) -> None:
        self._publisher = publisher
        self._queue = queue
        self._dry = dry
        self._recover_at = 0.0 if recovers else float("inf")
        self._state = threading.Condition()
        self._woken: dict[str, float] = {}  # channel → when it is looked at
        self._freed: Counter[str] = Counter()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def wake(self, channel: str) -> None:
        """Have a channel looked at soon; returns at once."""
        with self._state:
            self._woken[channel] = 0.0
            self._state.notify()

    def free(self, channel: str) -> None:
        """Hear that a channel has a place more: filled at once where half of them are free, else a little later."""
        places = self._publisher.channels[channel].settings.concurrency
        with self._state:
            self._freed[channel] += 1
            if self._freed[channel] * 2 >= places:
                self._woken[channel] = 0.0
                self._state.notify()
            elif channel not in self._woken:
                self._woken[channel] = monotonic() + SOON
                self._state.notify()

    def close(self) -> None:
        """End; a claim under way is committed and sent first."""
        with self._state:
            self._ended = True
            self._state.notify()
        self._thread.join()

    def _run(self) -> None:
        beat = self._publisher.observer.beat
        while True:
            beat(loop="dispatcher", within=HUNG)
            self._publisher.sign()
            with self._state:
                if not self._ended and (rest := self._rest()) > 0:
                    self._state.wait(rest)
                if self._ended:
                    beat(loop="dispatcher", within=0)
                    return
                now = monotonic()
                woken = [name for name, moment in self._woken.items() if moment <= now]
                for name in woken:
                    del self._woken[name]
                    del self._freed[name]
            for name in woken:
                self._hand_out(name)
            if monotonic() >= self._recover_at:
                self._safely(self._queue.recover)
                self._recover_at = monotonic() + RECOVER

    def _rest(self) -> float:
        """Return how long nothing is to be done, in seconds, unless somebody calls."""
        first = min([*self._woken.values(), self._recover_at])
        return min(first - monotonic(), RECOVER)

    def _hand_out(self, channel: str) -> None:
        jobs: list[Job] = []

        def enqueue(connection: Connection, some: Sequence[Job]) -> None:
            self._queue.enqueue(connection, some)
            jobs.extend(some)

        try:
            count = self._publisher.hand_out(enqueue, channel=channel, ahead=AHEAD, limit=BATCH)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while; the process stays
            log.warning("nothing handed out", channel=channel, kind=type(error).__name__)
            with self._state:
                self._woken.setdefault(channel, monotonic() + AFTER_ERROR)
        else:
            if count >= BATCH:
                self.wake(channel)
            else:
                self._safely(self._dry, channel)
        # Even after an error: the commit may have arrived and its answer not. A job of an undone claim does nothing.
        self._safely(self._queue.committed, jobs)

    def _safely(self, call: Callable[..., object], *arguments: object) -> None:
        """Call somebody else's code: no error of it ends this thread, without which nothing goes out any more."""
        try:
            call(*arguments)
        except Exception as error:  # noqa: BLE001 - as said; leases free what was not sent
            log.error("queue failed", kind=type(error).__name__)  # noqa: TRY400 - a traceback may hold the broker's address
