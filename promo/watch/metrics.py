"""Prometheus metrics: what one process has done, and how its ledger stands when it is asked."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from promo.delivery.observer import Observer, Part
from promo.watch.catalogue import LEDGER, PROCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from promo.watch.gauge import Gauge
    from promo.watch.health import Health


TEXT = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus' "Exposition formats": what every version of it reads


class Metrics(Observer):
    """Counts what it hears, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # a second gauge for each counter, which nobody reads
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._late = self._histogram("promo_lateness_seconds")
        self._attempts = self._counter("promo_attempts_total")
        self._outcomes = self._counter("promo_outcomes_total")
        self._calls = self._histogram("promo_call_seconds")
        self._waits = self._counter("promo_waits_total")
        self._waited = self._counter("promo_wait_seconds_total")
        self._batches = self._histogram("promo_claim_batch_size")
        self._groups = self._histogram("promo_commit_group_size")
        self._commits = self._histogram("promo_commit_seconds")
        self._errors = self._counter("promo_ledger_write_errors_total")
        self._expired = self._counter("promo_leases_expired_total")

    def add(self, collector: Collector) -> None:
        """Scrape this one, too."""
        self.registry.register(collector)

    def scrape(self) -> tuple[str, bytes]:
        """Return the content type and the text of everything, as Prometheus reads it."""
        return TEXT, generate_latest(self.registry)

    def _counter(self, name: str) -> Counter:
        metric = PROCESS[name]
        return Counter(name, metric.what, metric.labels, registry=self.registry)

    def _histogram(self, name: str) -> Histogram:
        metric = PROCESS[name]
        return Histogram(name, metric.what, metric.labels, buckets=metric.buckets, registry=self.registry)

    def claimed(self, *, channel: str, count: int) -> None:
        """Count a batch."""
        self._batches.labels(channel).observe(count)

    def waiting(self, *, channel: str, reason: str, seconds: float) -> None:
        """Count a wait and its length."""
        self._waits.labels(channel, reason).inc()
        self._waited.labels(channel, reason).inc(max(0.0, seconds))

    def called(self, *, channel: str, late: float | None) -> None:
        """Count a call, and how late it came."""
        self._attempts.labels(channel).inc()
        if late is not None:
            self._late.labels(channel).observe(max(0.0, late))

    def answered(self, *, channel: str, part: Part, outcome: str, seconds: float | None) -> None:
        """Count an outcome, and how long it took."""
        self._outcomes.labels(channel, part.value, outcome).inc()
        if seconds is not None:
            self._calls.labels(channel, part.value).observe(seconds)

    def committed(self, *, pieces: int, seconds: float, error: str | None = None) -> None:
        """Count a commit, or what undid it."""
        if error is not None:
            self._errors.labels(error).inc()
            return
        self._groups.observe(pieces)
        self._commits.observe(seconds)

    def expired(self, *, state: str, count: int) -> None:
        """Count leases that ran out."""
        self._expired.labels(state).inc(count)


class Standing(Collector):
    """What is read when somebody asks: health, heartbeats, the build, and the ledger if it answers in time."""

    def __init__(self, *, health: Health, ledger: Callable[[], Iterable[Gauge]], role: str, database: str) -> None:
        self._health = health
        self._ledger = ledger
        self._build = (version("promo"), platform.python_version(), role, database)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metrics without reading anything."""
        own = ("promo_heartbeat_age_seconds", "promo_ready", "promo_build_info")
        return iter([_family(name) for name in (*own, *LEDGER)])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read everything anew. Of a ledger that cannot be read nothing is said: `promo_ready` says that."""
        yield _family("promo_build_info", (self._build, 1))
        yield _family("promo_heartbeat_age_seconds", *(((n,), age) for n, age in self._health.heartbeat.ages().items()))
        report = self._health.ready()
        yield _family("promo_ready", *(((name,), float(check.ok)) for name, check in report.checks.items()))
        if not report.checks["database"].ok:
            return
        found: dict[str, GaugeMetricFamily] = {name: _family(name) for name in LEDGER}
        try:
            for gauge in self._ledger():
                found[gauge.name].add_metric(gauge.labels, gauge.value)
        except SQLAlchemyError:  # it went away just now
            return
        yield from found.values()


def _family(name: str, *samples: tuple[tuple[str, ...], float]) -> GaugeMetricFamily:
    metric = {**PROCESS, **LEDGER}[name]
    family = GaugeMetricFamily(name, metric.what, labels=metric.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family
