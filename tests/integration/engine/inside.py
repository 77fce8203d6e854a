"""A queue within one process: what the suite of the engines holds the embedded one to, which in life needs no queue."""

import queue
import threading

from promo.engine.bundle import carefully
from promo.engine.queue import Queue, unheard

GLANCE = 0.1  # seconds between two looks at `stop`


class InsideQueue(Queue):
    """Jobs go to threads of this very process; what it holds when the process ends is freed by its leases."""

    def __init__(self):
        self._jobs = queue.SimpleQueue()

    def enqueue(self, connection, jobs):
        pass  # it waits for the commit

    def committed(self, jobs):
        for job in jobs:
            self._jobs.put(job)

    def run_worker(self, carry_out, *, concurrency, stop, turned=unheard):
        carry = carefully(carry_out)

        def work():
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
