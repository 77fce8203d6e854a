"""The Procrastinate adapter: jobs are rows of the ledger's own PostgreSQL, written in the claim's transaction."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import procrastinate
import structlog
from procrastinate.exceptions import ProcrastinateException
from psycopg import AsyncConnection, OperationalError
from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from promo.engine.bundle import QUEUE, TASK, bundles, carefully, unpacked
from promo.engine.procrastinate_schema import bring_up_to_date
from promo.engine.queue import TURN, Queue, unheard
from promo.errors import PromoError
from promo.language import _
from promo.store.database import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from procrastinate.connector import Notify
    from procrastinate.types import JSONDict
    from sqlalchemy import Connection, Engine

    from promo.delivery.job import Job
    from promo.engine.bundle import Bundle

log = structlog.get_logger(__name__)

POOL = 4  # connections of one worker process that fetch and finish jobs; deliveries use the ledger's own
POLL_SECONDS = 1.0  # a worker is woken by LISTEN; this is for a notice that got lost
BEAT_SECONDS = 5.0
SILENCE_SECONDS = 20.0  # after which a worker is taken for dead and its jobs are brought back
ECHOES = (0.015, 0.06)  # seconds after a notice, and after its first echo
AGAIN_SECONDS = 2.0  # between two tries to reach a database that went away
TROUBLE = (ProcrastinateException, OperationalError, SQLAlchemyError, OSError, TimeoutError)


class ProcrastinateQueue(Queue):
    """Queues in the database of the ledger (`engine`, on psycopg)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        arguments, options = engine.dialect.create_connect_args(engine.url)
        options.pop("context", None)  # SQLAlchemy's own adapters of values
        self._place = make_conninfo(*arguments, **options)  # may hold a password: never shown
        self._enqueuer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=self._place))

    def prepare(self) -> None:
        """Bring Procrastinate's tables up to date, beside the ledger's."""
        bring_up_to_date(self._engine)

    def check(self) -> None:
        """Ask for Procrastinate's table. Raises PromoError where the database or the table is not there."""
        try:
            with reading(self._engine) as connection:
                there = connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar()
        except SQLAlchemyError as error:
            raise PromoError(_("the queue does not answer ({kind})", kind=type(error).__name__)) from None
        if there is None:
            raise PromoError(_("the queue's tables are not there"))

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Write the jobs on the driver's connection below `connection`: they are committed or undone with it."""
        driver = connection.connection.driver_connection
        deferrer = self._enqueuer.configure_task(TASK, queue=QUEUE, connection=driver)
        if jobs:
            deferrer.batch_defer(*(_arguments(bundle) for bundle in bundles(jobs)))

    def recover(self) -> int:
        """Give jobs of dead workers back, each once; one that killed two workers is left to its lease."""
        try:
            return asyncio.run(self._recover())
        except TROUBLE as error:
            log.warning("queue not reachable", kind=type(error).__name__)
            return 0

    async def _recover(self) -> int:
        app = self._app()
        brought_back = 0
        async with app.open_async():
            stalled = await app.job_manager.get_stalled_jobs(
                queue=QUEUE, task_name=TASK, seconds_since_heartbeat=SILENCE_SECONDS
            )
            for job in stalled:
                with suppress(ProcrastinateException):  # another process was faster
                    if job.attempts == 0:
                        await app.job_manager.retry_job(job)
                        brought_back += 1
                    else:
                        await app.job_manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)
        return brought_back

    def run_worker(
        self,
        carry_out: Callable[[Job], object],
        *,
        concurrency: int,
        stop: threading.Event,
        turned: Callable[[], None] = unheard,
    ) -> None:
        """Work until `stop` is set. A database that goes away is waited for."""

        async def turning() -> None:
            while True:
                turned()
                await asyncio.sleep(TURN)

        async def work() -> None:
            turns = asyncio.create_task(turning())
            try:
                await self._work(carefully(carry_out), pool, concurrency, stop)
            finally:
                turns.cancel()

        with ThreadPoolExecutor(concurrency, thread_name_prefix="worker") as pool:
            asyncio.run(work())

    async def _work(
        self, carry: Callable[[Job], None], pool: ThreadPoolExecutor, concurrency: int, stop: threading.Event
    ) -> None:
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()

        def watch() -> None:
            stop.wait()
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(stopped.set)

        threading.Thread(target=watch, name="stop", daemon=True).start()

        async def carry_bundle(bundle: list[Any]) -> None:
            await asyncio.gather(*(loop.run_in_executor(pool, carry, job) for job in unpacked(bundle)))

        while not stopped.is_set():
            app = self._app()
            app.task(name=TASK, queue=QUEUE)(carry_bundle)
            try:
                async with app.open_async():
                    await self._run(app, concurrency, stopped)
            except TROUBLE as error:
                log.warning("queue not reachable", kind=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), AGAIN_SECONDS)

    async def _run(self, app: procrastinate.App, concurrency: int, stopped: asyncio.Event) -> None:
        work = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                delete_jobs="always",
                fetch_job_polling_interval=POLL_SECONDS,
                install_signal_handlers=False,
                update_heartbeat_interval=BEAT_SECONDS,
                stalled_worker_timeout=SILENCE_SECONDS,
            )
        )
        asked = asyncio.create_task(stopped.wait())
        await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if stopped.is_set():
            work.cancel()  # Procrastinate's worker then takes nothing new and waits for the jobs under way
        with suppress(asyncio.CancelledError):
            await work

    def _app(self) -> procrastinate.App:
        connector = _Connector(conninfo=self._place, min_size=1, max_size=POOL, configure=_one_statement_each)
        return procrastinate.App(connector=connector)


async def _one_statement_each(connection: AsyncConnection[Any]) -> None:
    """Have no transactions: whatever Procrastinate's worker does is one statement, and needs no BEGIN and COMMIT."""
    await connection.set_autocommit(True)


class _Connector(procrastinate.PsycopgConnector):
    """Says each notice again a little later.

    Procrastinate 3.10's worker forgets a notice that comes while it is fetching (`Worker._fetch_and_process_jobs`
    clears its event afterwards); the job would wait for the next poll.
    """

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Listen until cancelled."""
        echo: asyncio.Task[None] | None = None

        async def again(channel: str, payload: str) -> None:
            for pause in ECHOES:
                await asyncio.sleep(pause)
                await on_notification(channel=channel, payload=payload)

        async def heard(*, channel: str, payload: str) -> None:
            nonlocal echo
            await on_notification(channel=channel, payload=payload)
            if echo is not None:
                echo.cancel()
            echo = asyncio.create_task(again(channel, payload))

        await super().listen_notify(heard, channels)


def _arguments(bundle: Bundle) -> JSONDict:
    return {"bundle": [list(pair) for pair in bundle]}
