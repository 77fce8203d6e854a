"""What travels in a queue: bundles of (delivery, fence) pairs as plain JSON, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from promo.delivery.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

log = structlog.get_logger(__name__)

TASK = "promo.carry_out"  # the one task that workers know
QUEUE = "promo"
LANES = 4  # bundles of a batch at most, until they are full: they run side by side
MOST = 10  # jobs of one bundle

Bundle = list[list[Any]]  # [["1f0c9a7b2d3e", 4], …]


def bundles(jobs: Sequence[Job]) -> list[Bundle]:
    """Pack jobs that were claimed together: alone while they are few, several a bundle when they pile up."""
    size = min(max(-(-len(jobs) // LANES), 1), MOST)
    pairs = [[job.delivery, job.fence] for job in jobs]
    return [pairs[start : start + size] for start in range(0, len(pairs), size)]


def unpacked(bundle: Iterable[Any]) -> list[Job]:
    """Return the jobs of a bundle; what is no pair of id and fence is said in the log and left out."""
    jobs = []
    for pair in bundle:
        match pair:
            case [str(delivery), int(fence)]:
                jobs.append(Job(delivery, fence))
            case _:
                log.error("not a job of promo", kind=type(pair).__name__)
    return jobs


def carefully(carry_out: Callable[[Job], object]) -> Callable[[Job], None]:
    """Return `carry_out` without its errors: they are logged, and the ledger's lease decides what follows."""

    def carry(job: Job) -> None:
        try:
            carry_out(job)
        except Exception as error:  # noqa: BLE001 - one delivery's or the database's trouble must not end the worker
            log.error("job failed", delivery=job.delivery, fence=job.fence, kind=type(error).__name__)  # noqa: TRY400 - a traceback may hold a request

    return carry
