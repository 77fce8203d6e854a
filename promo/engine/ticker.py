"""A publisher whose lanes lead into a queue: it claims what is due, and workers send it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from promo.delivery.publisher import Publisher, Summary
from promo.delivery.state import State
from promo.engine.dispatcher import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from promo.delivery.job import Job
    from promo.engine.queue import Queue

NOW = timedelta(0)


class Ticker(Publisher):
    """Hands out instead of sending. Any number of them may tick beside each other.

    Everything else is the publisher's: a daemon runs it in the same way, and `publish_now` sends in this process.
    """

    def __init__(self, *arguments: Any, queue: Queue, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = queue
        self._dispatcher: Dispatcher | None = None

    def open_lanes(
        self,
        *,
        on_outcome: Callable[[str, State], None],  # noqa: ARG002 - the outcome is the worker's to tell
        on_dry: Callable[[str], None] | None = None,
        ahead: timedelta = NOW,  # noqa: ARG002 - a queue needs its time: as far ahead as claims may be
        limit: int | None = None,  # noqa: ARG002 - a dispatcher takes what is due
    ) -> None:
        """Begin to hand out; nothing happens before `wake`."""
        self._dispatcher = Dispatcher(self, self.queue, dry=on_dry or (lambda _channel: None), recovers=True)

    def wake(self, channel: str) -> None:
        """Have what is due or in doubt on a channel handed out; returns at once."""
        if self._dispatcher is not None:
            self._dispatcher.wake(channel)

    def close_lanes(self) -> None:
        """End; what is handed out is the workers' affair."""
        if self._dispatcher is not None:
            self._dispatcher.close()
            self._dispatcher = None

    def run_due(self, limit: int | None = None) -> Summary:
        """Sweep, and hand out what is due now, at most `limit` deliveries a channel; return what was handed out."""
        summary = self.sweep()
        jobs: list[Job] = []

        def enqueue(connection: Connection, some: Sequence[Job]) -> None:
            self.queue.enqueue(connection, some)
            jobs.extend(some)

        try:
            self.hand_out(enqueue, limit=limit or 1000)
        finally:
            self.queue.committed(jobs)
        return summary + Summary(outcomes=tuple((job.delivery, State.PUBLISHING) for job in jobs))
