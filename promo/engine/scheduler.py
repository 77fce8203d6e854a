"""APScheduler's scheduler, for jobs that may be gone when they are removed."""

from __future__ import annotations

from contextlib import suppress

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler


class Scheduler(BackgroundScheduler):
    """Removes a job whether or not it is still there.

    A job of one moment that falls due is removed by the scheduler's own thread: it may be gone when somebody else wants
    to remove it. And once `shutdown` has begun, APScheduler 3.11 looks for jobs at another place, finds none, and the
    error ends its thread with a traceback.
    """

    def remove_job(self, job_id: str, jobstore: str | None = None) -> None:
        """Remove a job."""
        with suppress(JobLookupError):
            super().remove_job(job_id, jobstore)  # type: ignore[no-untyped-call]  # APScheduler has no types
