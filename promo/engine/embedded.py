"""The embedded engine: one process in which APScheduler wakes the publisher at the next due moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor

from promo.clock import monotonic
from promo.delivery.sender import AHEAD
from promo.delivery.tally import fold
from promo.engine.scheduler import Scheduler
from promo.engine.signals import graceful
from promo.garbage import PASSING, collected_rarely
from promo.store.database import tidy, trouble
from promo.store.wake import watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from promo.clock import Clock
    from promo.delivery.publisher import Publisher, Summary
    from promo.delivery.state import State

log = structlog.get_logger(__name__)

QUIET = (0.05, 1.0)  # seconds a channel is left alone once it was woken: at first, and while that changes nothing
SET = 0.5  # seconds; a clock that has moved by more than that was set
HUNG = 30.0  # seconds in which the loop must have turned, else it hangs


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often the daemon looks at what no due moment and no other process announces."""

    settle: timedelta = timedelta(seconds=0.1)  # between two plans, however much is written
    watch: timedelta = timedelta(seconds=1)  # was the clock set?
    plan: timedelta = timedelta(minutes=1)  # everything anew, should a change have gone unheard
    after_error: timedelta = timedelta(seconds=15)
    collect: timedelta = timedelta(minutes=5)
    horizon: timedelta = timedelta(hours=1)
    maintain: timedelta = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Woken:
    """The last time a channel was woken, for what was due at `moment`."""

    moment: datetime
    quiet: float  # seconds for which it is left alone: longer each time that changes nothing
    until: float  # monotonic


class Daemon:
    """What `promo run` runs: one job at the next due moment of all channels, and a handful of regular ones.

    The jobs only wake the channels' lanes. Whatever is committed into the ledger, by whomever, sets them anew at once.
    `on_collect` and `on_horizon` are called now and then in a thread of their own: they read the channels' counts
    and extend the rolling plan. `on_outcome` hears of each delivery's new state.
    """

    def __init__(
        self,
        publisher: Publisher,
        *,
        clock: Clock,
        on_collect: Callable[[], object] | None = None,
        on_horizon: Callable[[], object] | None = None,
        on_outcome: Callable[[str, State], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._publisher = publisher
        self._clock = clock
        self._on_outcome = on_outcome or (lambda _delivery, _state: None)
        self._pace = pace or Pace()
        self._callbacks = {"collect": on_collect, "horizon": on_horizon}
        self._stop = threading.Event()
        self._news = threading.Event()  # the jobs are to be set anew
        self._waking = threading.Lock()
        self._sweeping = threading.Lock()
        self._moments: dict[str, datetime] = {}  # by channel: when it has work next
        self._woken: dict[str, _Woken] = {}  # by channel
        self._scheduler = Scheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(8)},
            # Two: a job that is set anew while it ends must not be passed over.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Run until `stop`, Ctrl-C or SIGTERM; the calls under way are finished and written before it returns."""
        publisher = self._publisher
        ledger = watch(publisher.engine, self._news.set)
        with graceful(self.stop), collected_rarely(PASSING):
            publisher.open_lanes(on_outcome=self._on_outcome, ahead=AHEAD)
            self._set_regular_jobs()
            self._scheduler.start()
            if ledger is not None:
                ledger.start()
            log.info("engine started", worker=publisher.worker, channels=sorted(publisher.channels))
            try:
                self._attend()
            finally:
                publisher.stop()
                if ledger is not None:
                    ledger.stop()
                self._scheduler.shutdown(wait=True)
                publisher.close_lanes()
                log.info("engine stopped", worker=publisher.worker)

    def stop(self) -> None:
        """Ask `run` to return; safe from any thread and from a signal handler."""
        self._publisher.stop()
        self._stop.set()
        self._news.set()

    @property
    def jobs(self) -> list[str]:
        """Return the names of the jobs that are set: a handful, whatever the ledger holds."""
        return sorted(job.id for job in self._scheduler.get_jobs())

    # -- planning, in the thread of `run` ------------------------------------------------------------------

    def _attend(self) -> None:
        """Set the jobs whenever there is news, when the clock was set, and once a minute in any case."""
        again_at, offset, away = monotonic(), self._offset(), False
        while not self._stop.is_set():
            self._publisher.observer.beat(loop="daemon", within=HUNG)
            before, offset = offset, self._offset()
            if abs(offset - before) > SET:
                log.warning("clock was set", seconds=round(offset - before, 1))
                self._set_regular_jobs()
                self._news.set()
            if self._news.is_set() or monotonic() >= again_at:
                self._news.clear()
                again_at = monotonic() + self._pace.plan.total_seconds()
                try:
                    self._plan()
                except Exception as error:  # noqa: BLE001 - the database may be away for a while; the daemon stays
                    if not away:  # said once
                        log.warning("ledger not readable", error=trouble(error))
                    away = True
                    again_at = monotonic() + self._pace.after_error.total_seconds()
                else:
                    if away:
                        log.info("ledger readable again")
                    away = False
                self._rest(self._pace.settle)
            self._news.wait(self._pace.watch.total_seconds())

    def _offset(self) -> float:
        return self._clock.now().timestamp() - monotonic()

    def _rest(self, time: timedelta) -> None:
        self._stop.wait(time.total_seconds())

    def _plan(self) -> None:
        """Set one job to the next due moment, another to when time next ends a lease, a window or a deadline."""
        self._moments = self._publisher.next_moments(AHEAD)
        now, instant = self._clock.now(), monotonic()
        wakes = []
        for name, moment in self._moments.items():
            last = self._woken.get(name)
            quiet = max(0.0, last.until - instant) if last is not None else 0.0
            wakes.append(max(moment - AHEAD, now + timedelta(seconds=quiet)))
        self._set("due", self._wake, min(wakes, default=None))
        if not self._sweeping.locked():  # after a week off it takes a while; it asks for news at its end
            self._set("sweep", self._sweep, self._publisher.next_sweep())

    def _set(self, name: str, work: Callable[[], None], moment: datetime | None) -> None:
        if moment is not None:
            self._scheduler.add_job(work, "date", run_date=moment, id=name, name=name, replace_existing=True)
        else:
            self._scheduler.remove_job(name)

    def _set_regular_jobs(self) -> None:
        now = self._clock.now()
        for name, work, every in (
            ("collect", self._callbacks["collect"], self._pace.collect),
            ("horizon", self._callbacks["horizon"], self._pace.horizon),
            ("counts", self._count if self._publisher.engine.dialect.name == "postgresql" else None, self._pace.plan),
            ("maintain", self._maintain, self._pace.maintain),
        ):
            if work is not None:
                self._scheduler.add_job(
                    self._regular,
                    "interval",
                    seconds=every.total_seconds(),
                    args=[name, work],
                    id=name,
                    name=name,
                    max_instances=1,
                    next_run_time=now if name in self._callbacks else now + every,
                    replace_existing=True,
                )

    # -- the jobs, in threads of the scheduler -------------------------------------------------------------

    def _wake(self) -> None:
        """Wake the lanes of the channels that have work. One that was woken for it already is left alone for a while.

        It may be at it, or something is in its way that a due moment does not tell: places held by other processes.
        """
        with self._waking:
            by = self._clock.now() + AHEAD
            for name, moment in self._moments.items():
                last = self._woken.get(name)
                if moment > by or (last is not None and last.until > monotonic()):
                    continue
                first, longest = QUIET
                quiet = min(last.quiet * 2, longest) if last is not None and moment == last.moment else first
                self._woken[name] = _Woken(moment=moment, quiet=quiet, until=monotonic() + quiet)
                self._publisher.wake(name)
        self._news.set()

    def _sweep(self) -> None:
        if not self._sweeping.acquire(blocking=False):
            return
        nothing = True
        try:
            outcomes = self._publisher.sweep().outcomes
            nothing = not outcomes
            for delivery, state in outcomes:
                self._on_outcome(delivery, state)
        except Exception as error:  # noqa: BLE001 - as above
            log.error("sweep failed", error=trouble(error))  # noqa: TRY400 - as above
        if nothing:  # another process was at it, or the database is away
            self._rest(self._pace.watch)
        self._sweeping.release()
        self._news.set()

    def _regular(self, name: str, work: Callable[[], object]) -> None:
        if self._stop.is_set():
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a mistake in a campaign file must not end the daemon
            log.error("regular job failed", job=name, error=trouble(error))  # noqa: TRY400 - as above

    def _count(self) -> None:
        fold(self._publisher.engine)

    def _maintain(self) -> None:
        tidy(self._publisher.engine)


def run_now(publisher: Publisher, delivery: str) -> State:
    """Publish one delivery at once (`promo publish ID --now`); a signal lets the call under way finish."""
    with graceful(publisher.stop):
        return publisher.publish_now(delivery)


def run_once(publisher: Publisher, *, limit: int | None = None) -> Summary:
    """Do what is due now and return (`promo tick`); a signal lets the call under way finish. Ticks may overlap."""
    with graceful(publisher.stop), collected_rarely(PASSING):
        return publisher.run_due(limit)
