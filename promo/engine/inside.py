"""The embedded engine's queue: jobs go to threads of this very process."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from promo.engine.bundle import carefully
from promo.engine.queue import Queue, unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from promo.delivery.job import Job

GLANCE = 0.1  # seconds between two looks at `stop`


class InsideQueue(Queue):
    """A queue in memory: what it holds when the process ends is freed by its leases."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Wait for the commit: see `committed`."""

    def committed(self, jobs: Sequence[Job]) -> None:
        """Hand the jobs to the threads of `run_worker`."""
        for job in jobs:
            self._jobs.put(job)

    def run_worker(
        self,
        carry_out: Callable[[Job], object],
        *,
        concurrency: int,
        stop: threading.Event,
        turned: Callable[[], None] = unheard,
    ) -> None:
        """See `Queue.run_worker`."""
        carry = carefully(carry_out)

        def work() -> None:
            while not stop.is_set():
                turned()
                try:
                    job = self._jobs.get(timeout=GLANCE)
                except queue.Empty:
                    continue
                carry(job)

        threads = [threading.Thread(target=work, name=f"worker-{number}") for number in range(concurrency)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
