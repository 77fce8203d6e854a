"""`promo worker`: takes jobs from the queue and publishes what they name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog

from promo.engine.dispatcher import Dispatcher
from promo.engine.queue import TURN
from promo.engine.signals import graceful
from promo.garbage import PASSING, collected_rarely

if TYPE_CHECKING:
    from promo.delivery.publisher import Publisher
    from promo.engine.queue import Queue

log = structlog.get_logger(__name__)

HUNG = 6 * TURN  # seconds without a turn: it hangs
LEAST, MOST = 4, 64  # threads of a worker whose number nobody chose


class Worker:
    """One process that carries out jobs, `concurrency` at once.

    When a delivery is written it hands out its channel's next itself: no ticker has to notice the free place.
    """

    def __init__(self, publisher: Publisher, queue: Queue, *, concurrency: int | None = None) -> None:
        self._publisher = publisher
        self._queue = queue
        places = sum(channel.settings.concurrency for channel in publisher.channels.values())
        self.concurrency = concurrency or min(max(places, LEAST), MOST)
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until `stop`, Ctrl-C or SIGTERM; the calls under way are finished and written before it returns.

        Raises PromoError where the queue cannot be reached at the start; later it is waited for.
        """
        with graceful(self.stop), collected_rarely(PASSING):
            self._queue.prepare()
            dispatcher = Dispatcher(self._publisher, self._queue, dry=lambda _channel: None, recovers=False)
            self._publisher.open_queue(on_free=dispatcher.free)
            log.info("worker started", worker=self._publisher.worker, concurrency=self.concurrency)
            try:
                self._queue.run_worker(
                    self._publisher.carry_out, concurrency=self.concurrency, stop=self._stop, turned=self._turned
                )
            finally:
                self._publisher.close_queue()
                dispatcher.close()
                log.info("worker stopped", worker=self._publisher.worker)

    def _turned(self) -> None:
        self._publisher.observer.beat(loop="worker", within=HUNG)

    def stop(self) -> None:
        """Ask `run` to return; safe from any thread and from a signal handler."""
        self._publisher.stop()
        self._stop.set()
