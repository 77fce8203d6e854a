"""The embedded engine: one process in which APScheduler wakes the publisher at the next due moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from promo.delivery.query import last_event
from promo.engine.signals import graceful

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from promo.clock import Clock
    from promo.delivery.publisher import Publisher, Summary
    from promo.delivery.state import State

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often the daemon looks at what no due moment announces."""

    watch: timedelta = timedelta(seconds=1)  # has another process written to the ledger?
    plan: timedelta = timedelta(minutes=1)  # all due moments anew, so that a clock that was set cannot strand them
    after_error: timedelta = timedelta(seconds=15)
    collect: timedelta = timedelta(minutes=5)
    horizon: timedelta = timedelta(hours=1)
    maintain: timedelta = timedelta(days=1)


class Daemon:
    """What `promo run` runs: a job for each channel at its next due moment, and a handful of regular ones.

    `on_collect` and `on_horizon` are called now and then in a thread of their own: they read the channels' counts
    and extend the rolling plan.
    """

    def __init__(
        self,
        publisher: Publisher,
        *,
        clock: Clock,
        on_collect: Callable[[], object] | None = None,
        on_horizon: Callable[[], object] | None = None,
        on_summary: Callable[[Summary], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._publisher = publisher
        self._clock = clock
        self._callbacks = {"collect": on_collect, "horizon": on_horizon}
        self._on_summary = on_summary or (lambda _summary: None)
        self._pace = pace or Pace()
        self._stop = threading.Event()
        self._busy: set[str] = set()  # channels with a job under way: it plans the next one itself
        self._lock = threading.Lock()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(publisher.channels) + 4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Run until `stop`, Ctrl-C or SIGTERM; the calls under way are finished and written before it returns."""
        with graceful(self.stop):
            self._add_regular_jobs()
            self._scheduler.start()
            log.info("engine started", worker=self._publisher.worker, channels=sorted(self._publisher.channels))
            try:
                self._watch()
            finally:
                self._publisher.stop()
                self._scheduler.shutdown(wait=True)
                log.info("engine stopped", worker=self._publisher.worker)

    def stop(self) -> None:
        """Ask `run` to return; safe from any thread and from a signal handler."""
        self._publisher.stop()
        self._stop.set()

    def _watch(self) -> None:
        """Plan anew whenever the ledger has an event more, whoever wrote it, and once a minute in any case."""
        seen: int | None = None
        planned_at: datetime | None = None
        while not self._stop.is_set():
            now = self._clock.now()
            try:
                latest = last_event(self._publisher.engine)
                if latest != seen or planned_at is None or not planned_at <= now < planned_at + self._pace.plan:
                    seen, planned_at = latest, now
                    self._plan_all()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while; the daemon stays
                log.warning("ledger not readable", kind=type(error).__name__)
                seen = None
            self._clock.wait(now + self._pace.watch, self._stop)

    def _plan_all(self) -> None:
        self._plan("sweep")
        for name in self._publisher.channels:
            self._plan(name)

    def _plan(self, name: str, *, after: timedelta = timedelta(0)) -> None:
        """Set the job of one channel (or of the sweep) to its next due moment."""
        due = self._publisher.next_sweep() if name == "sweep" else self._publisher.next_due(name)
        with self._lock:
            if self._stop.is_set() or name in self._busy:
                return
            job = f"due:{name}"
            if due is None:
                if self._scheduler.get_job(job) is not None:
                    self._scheduler.remove_job(job)
                return
            when = max(due, self._clock.now() + after)
            self._scheduler.add_job(
                self._work, "date", run_date=when, args=[name], id=job, name=job, replace_existing=True
            )

    def _work(self, name: str) -> None:
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)
        after = timedelta(0)
        try:
            self._on_summary(self._publisher.sweep() if name == "sweep" else self._publisher.run_channel(name))
        except Exception as error:  # noqa: BLE001 - one channel's or the database's trouble must not end the daemon
            log.error("run failed", channel=name, kind=type(error).__name__, error=str(error)[:500])  # noqa: TRY400 - a traceback may hold a request
            after = self._pace.after_error
        finally:
            with self._lock:
                self._busy.discard(name)
        self._plan(name, after=after)

    def _add_regular_jobs(self) -> None:
        for name, every in (("collect", self._pace.collect), ("horizon", self._pace.horizon)):
            if self._callbacks[name] is not None:
                self._scheduler.add_job(
                    self._regular,
                    "interval",
                    seconds=every.total_seconds(),
                    args=[name],
                    id=name,
                    next_run_time=self._clock.now(),
                )
        self._scheduler.add_job(self._maintain, "interval", seconds=self._pace.maintain.total_seconds(), id="maintain")

    def _regular(self, name: str) -> None:
        callback = self._callbacks[name]
        if callback is None or self._stop.is_set():
            return
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - a mistake in a campaign file must not end the daemon
            log.error("regular job failed", job=name, kind=type(error).__name__, error=str(error)[:500])  # noqa: TRY400 - as above

    def _maintain(self) -> None:
        maintain(self._publisher.engine)


def maintain(engine: Engine) -> None:
    """Let SQLite renew its statistics and empty its write-ahead log; PostgreSQL does that by itself."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()  # outside of any transaction: a checkpoint cannot run in one
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA optimize")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()
        finally:
            connection.close()


def run_now(publisher: Publisher, delivery: str) -> State:
    """Publish one delivery at once (`promo publish ID --now`); a signal lets the call under way finish."""
    with graceful(publisher.stop):
        return publisher.publish_now(delivery)


def run_once(publisher: Publisher, *, limit: int | None = None) -> Summary:
    """Do what is due now and return (`promo tick`); a signal lets the call under way finish. Ticks may overlap."""
    with graceful(publisher.stop):
        return publisher.run_due(limit)
