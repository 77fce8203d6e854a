"""The Celery adapter: jobs go through RabbitMQ, sent after the commit; the lease is the outbox."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery

from promo.engine.bundle import QUEUE, TASK, bundles, carefully, unpacked
from promo.engine.line import SECONDS, TROUBLE, Blocked, Line
from promo.engine.queue import TURN, Queue, unheard
from promo.errors import PromoError
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kombu.connection import Connection as Broker
    from sqlalchemy import Connection

    from promo.delivery.job import Job
    from promo.engine.bundle import Bundle

log = structlog.get_logger(__name__)

NOWHERE = "promo.nowhere"  # a queue that nobody declares: the broker confirms what goes there, and throws it away
KEPT = 10_000  # bundles that wait for a broker; more are left to their leases
# Celery 5.7, "Configuration and defaults" (read 2026-11-22). Nothing is sent before its time: promo's ledger holds
# the schedule, so neither `eta` nor a result backend is wanted.
SETTINGS: dict[str, Any] = {
    "accept_content": ["json"],
    "broker_connection_retry_on_startup": True,
    "broker_connection_timeout": SECONDS,
    "broker_connection_max_retries": None,  # a worker waits for its broker for ever
    "broker_transport_options": {"confirm_publish": True},
    "result_backend": None,
    "task_acks_late": True,  # a bundle whose worker dies goes to another; fences keep it from being sent twice
    "task_default_queue": QUEUE,
    "task_ignore_result": True,
    "task_publish_retry": False,  # `recover` sends what could not be sent
    "task_serializer": "json",
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # Decision 0100: it lets every thread that acknowledges read the connection, and they take each other's answers.
    "worker_enable_prefetch_count_reduction": False,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_prefetch_multiplier": 1,
    "worker_redirect_stdouts": False,
    "worker_send_task_events": False,
}


class CeleryQueue(Queue):
    """Sends bundles to RabbitMQ. `broker`: amqp://…, which may hold a password and is never shown."""

    def __init__(self, broker: str) -> None:
        self._app = Celery(QUEUE, broker=broker, set_as_current=False)
        self._app.conf.update(SETTINGS)
        self._carry: Callable[[list[Any]], None] = lambda _bundle: None  # of the worker that runs
        self._app.task(self._task(), name=TASK, shared=False)
        self._unsent: deque[Bundle] = deque(maxlen=KEPT)
        self._sending = threading.Lock()
        self._line = Line(self._app.connection_for_write, opened=self._declare)
        self._probe = Line(self._app.connection_for_write, opened=self._declare)  # asks while the other is busy

    def _declare(self, connection: Broker) -> None:
        self._app.amqp.queues[QUEUE].bind(connection.default_channel).declare()

    def _task(self) -> Callable[[list[Any]], None]:
        def carry_out(bundle: list[Any]) -> None:  # registered once, whoever carries
            self._carry(bundle)

        return carry_out

    def prepare(self) -> None:
        """Declare the durable queue. Raises PromoError where the broker does not answer."""
        try:
            self._line.open()
        except TROUBLE as error:
            raise PromoError(
                _("the broker does not answer: {reason}", reason=_reason(error)),
                hint=_("check `broker:` in promo.yaml and that RabbitMQ runs"),
            ) from None

    def check(self) -> None:
        """Send a message to nobody. Raises PromoError where the broker does not confirm it: away, or under an alarm."""
        try:
            self._probe.send(lambda producer: producer.publish("", routing_key=NOWHERE))
        except Blocked:
            raise PromoError(_("the broker takes no messages: its memory or its disk is short")) from None
        except TROUBLE as error:
            raise PromoError(_("the broker does not answer: {reason}", reason=_reason(error))) from None

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Wait for the commit: a message cannot be taken back."""

    def committed(self, jobs: Sequence[Job]) -> None:
        """Send the jobs, each bundle confirmed by the broker. What cannot be sent is kept for `recover`."""
        self._send(deque(bundles(jobs)))

    def recover(self) -> int:
        """Send what could not be sent before."""
        with self._sending:
            waiting, self._unsent = self._unsent, deque(maxlen=KEPT)
        before = len(waiting)
        self._send(waiting)
        return before - len(self._unsent)

    def _send(self, waiting: deque[Bundle]) -> None:
        if not waiting:
            return
        with self._sending:
            try:
                while waiting:
                    self._line.send(lambda producer: self._app.send_task(TASK, args=[waiting[0]], producer=producer))
                    waiting.popleft()
            except TROUBLE as error:
                log.warning("broker not reachable", kind=type(error).__name__, unsent=len(waiting))
                self._unsent.extend(waiting)

    def run_worker(
        self,
        carry_out: Callable[[Job], object],
        *,
        concurrency: int,
        stop: threading.Event,
        turned: Callable[[], None] = unheard,
    ) -> None:
        """Consume until `stop` is set. A broker that goes away is waited for."""
        from celery.worker import WorkController
        from celery.worker import state as worker_state
        from kombu.asynchronous import set_event_loop

        carry = carefully(carry_out)
        pool = ThreadPoolExecutor(concurrency, thread_name_prefix="worker")

        def carry_bundle(bundle: list[Any]) -> None:
            for _done in pool.map(carry, unpacked(bundle)):
                pass

        self._carry = carry_bundle
        self._app.set_default()  # where the threads of Celery's pool look for their task
        set_event_loop(None)  # else a second run in one process would get the first one's, which is closed
        state: Any = worker_state
        worker: Any = WorkController(
            app=self._app,
            pool_cls="threads",
            concurrency=concurrency,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )

        def turn() -> None:
            turned()
            # Decision 0101: Celery may miss the end of its connection, and make another that takes nothing.
            channel = worker.consumer.task_consumer and worker.consumer.task_consumer.channel
            if worker.consumer.connection and channel and not channel.is_open:
                raise ConnectionAbortedError  # as if it had been noticed: the loop ends, and Celery starts it anew

        worker.timer.call_repeatedly(TURN, turn)

        def end() -> None:
            # While it waits for its broker the worker's loop does not turn, and that is as it should be.
            while not stop.wait(TURN):
                if worker.consumer is None or worker.consumer.connection is None:
                    turned()
            state.should_stop = 0
            if worker.consumer is not None:
                worker.consumer.call_soon(int)  # wakes a loop that has nothing to do

        threading.Thread(target=end, name="stop", daemon=True).start()
        try:
            worker.start()
        finally:
            state.should_stop = None
            pool.shutdown()

    def close(self) -> None:
        """Close the connections to the broker."""
        self._line.close()
        self._probe.close()
        self._app.close()


def _reason(error: Exception) -> str:
    """Return what the system says of a connection, or the error's class: its text could show the broker's address."""
    cause = error.__cause__ or error  # Kombu wraps what its driver raises
    return str(getattr(cause, "strerror", None) or type(cause).__name__)
