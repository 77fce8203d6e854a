"""The scheduler of the embedded engine: jobs that are gone already disturb nobody."""

import threading
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor

from promo.engine.scheduler import Scheduler


class StoppedMeanwhile(ThreadPoolExecutor):
    """Hands on a job just after another thread has begun to stop the scheduler."""

    def submit_job(self, job, run_times):
        scheduler = self._scheduler
        self.stopper = threading.Thread(target=scheduler.shutdown)
        self.stopper.start()
        while scheduler.running:
            self.stopper.join(0.001)
        super().submit_job(job, run_times)


def test_a_job_that_falls_due_while_it_is_stopped_runs_and_leaves_no_traceback(monkeypatch):
    faults, done = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", faults.append)
    executor = StoppedMeanwhile(1)
    scheduler = Scheduler(timezone=UTC, executors={"default": executor})
    scheduler.add_job(done.set, "date", run_date=datetime.now(UTC), misfire_grace_time=None)
    scheduler.start()
    assert done.wait(10)
    executor.stopper.join(10)
    assert not executor.stopper.is_alive()
    assert faults == []


def test_removing_a_job_that_has_run_is_no_fault():
    scheduler = Scheduler(timezone=UTC)
    done = threading.Event()
    scheduler.start()
    try:
        scheduler.add_job(done.set, "date", run_date=datetime.now(UTC), id="due", misfire_grace_time=None)
        assert done.wait(10)
        scheduler.remove_job("due")
        scheduler.remove_job("due")
        assert scheduler.get_jobs() == []
    finally:
        scheduler.shutdown()
