"""Every metric there is, with its labels: the code, the documentation and the dashboard go by this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

# Labels take few values: channels are those of promo.yaml, all others words of the code. Never a delivery or campaign.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric: its name as it is scraped, and what it says. `buckets` are those of a histogram."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    what: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


def _named(*metrics: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in metrics}


# Counted in one process since it started.
PROCESS: Mapping[str, Metric] = _named(
    Metric(
        name="promo_lateness_seconds",
        kind="histogram",
        what="From a delivery's due moment to the first call of its connector",
        labels=("channel",),
        buckets=SECONDS,
    ),
    Metric(
        name="promo_attempts_total",
        kind="counter",
        what="Calls of a connector's publish that were begun",
        labels=("channel",),
    ),
    Metric(
        name="promo_outcomes_total",
        kind="counter",
        what="What became of tries (call publish) and of look-ups (call look_up)",
        labels=("channel", "call", "outcome"),
    ),
    Metric(
        name="promo_call_seconds",
        kind="histogram",
        what="How long a connector's publish or lookup took",
        labels=("channel", "call"),
        buckets=SECONDS,
    ),
    Metric(
        name="promo_waits_total",
        kind="counter",
        what="How often something due had to wait: for the rate limit (rate) or as the channel asked (retry_after)",
        labels=("channel", "reason"),
    ),
    Metric(
        name="promo_wait_seconds_total",
        kind="counter",
        what="How long, in all, channels were shut for these reasons while something was due",
        labels=("channel", "reason"),
    ),
    Metric(
        name="promo_claim_batch_size",
        kind="histogram",
        what="Deliveries claimed in one commit",
        labels=("channel",),
        buckets=COUNTS,
    ),
    Metric(
        name="promo_commit_group_size",
        kind="histogram",
        what="Claims and finishes written in one commit of the ledger",
        buckets=COUNTS,
    ),
    Metric(
        name="promo_commit_seconds",
        kind="histogram",
        what="How long a commit of the ledger took",
        buckets=SECONDS,
    ),
    Metric(
        name="promo_ledger_write_errors_total",
        kind="counter",
        what="Commits of the ledger that were undone, by the class of the error",
        labels=("error",),
    ),
    Metric(
        name="promo_leases_expired_total",
        kind="counter",
        what="Leases that ran out, by the state their deliveries were left in",
        labels=("state",),
    ),
    Metric(
        name="promo_heartbeat_age_seconds",
        kind="gauge",
        what="How long ago a loop of the engine last turned",
        labels=("loop",),
    ),
    Metric(
        name="promo_ready",
        kind="gauge",
        what="1 where the process can do its work as far as this check goes, else 0",
        labels=("check",),
    ),
    Metric(
        name="promo_build_info",
        kind="gauge",
        what="Always 1; the labels say what runs",
        labels=("version", "python", "role", "database"),
    ),
)

# Read from the ledger when scraped: the same whichever process is asked.
LEDGER: Mapping[str, Metric] = _named(
    Metric(
        name="promo_deliveries",
        kind="gauge",
        what="Deliveries in the ledger",
        labels=("channel", "state"),
    ),
    Metric(
        name="promo_queue_age_seconds",
        kind="gauge",
        what="How long the oldest delivery that should be out has been due; 0: none is",
        labels=("channel",),
    ),
    Metric(
        name="promo_needs_person",
        kind="gauge",
        what="Deliveries in doubt that only a person can settle: promo resolve",
        labels=("channel",),
    ),
    Metric(
        name="promo_held",
        kind="gauge",
        what="Deliveries that nobody approved in time: promo approve",
        labels=("channel",),
    ),
    Metric(
        name="promo_channel_paused",
        kind="gauge",
        what="1 where the channel is paused until a person resumes it",
        labels=("channel",),
    ),
    Metric(
        name="promo_channel_shut_seconds",
        kind="gauge",
        what="How much longer the channel asked to be left alone (Retry-After)",
        labels=("channel",),
    ),
)
