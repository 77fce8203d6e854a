"""How late: from a delivery's due moment to the call of its connector, in processes of their own.

As a script it is one of those processes: `daemon URL ROOT NOTES [PLACES]` publishes until SIGTERM, `bare MOMENTS
NOTES` is a scheduler without a ledger, which only notes the time, `store FILE MOMENTS NOTES [JOURNAL]` the same with a
job store.
"""

import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
COUNT, SPAN = 200, 20.0  # moments, seconds
READY = 6.0  # seconds until the first moment: every process has started by then
CHANNELS, PLACES = 8, 4  # channels, and calls at once on each


def rooms():
    """Return the module `ledger.py` beside this one."""
    spec = importlib.util.spec_from_file_location("bench_engine_ledger", HERE / "ledger.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spread(start, count=COUNT, span=SPAN):
    """Return `count` moments, irregular and always the same, within `span` seconds from `start`."""
    chance = random.Random(20)
    return sorted(start + timedelta(seconds=chance.uniform(0, span)) for _n in range(count))


def begin(*words):
    """Start this script, or another that stands first among the words, in a process of its own."""
    script = [] if words and str(words[0]).endswith(".py") else [__file__]
    return subprocess.Popen([sys.executable, *script, *(str(word) for word in words)])


@contextmanager
def running(*processes):
    """End the processes after the block, politely."""
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def note(file, name):
    """Write down that something is called now; the moment is taken first."""
    now = time.time()
    os.write(file, f"{name} {now!r}\n".encode())


def notes(path):
    """Return what was noted: name → Unix seconds of its first call."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        name, at = line.split()
        found.setdefault(name, float(at))
    return found


def lateness(due, path):
    """Return how late each was, in milliseconds, ascending. `due`: name → moment. All must have been called."""
    called = notes(path)
    missing = due.keys() - called.keys()
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(due)} were never called: {path.name}")
    return sorted((called[name] - moment.timestamp()) * 1000 for name, moment in due.items())


def row(name, ours, bare, share, aim, *, how):
    """Return a row of the table: a percentile of our lateness ÷ that of the bare scheduler. `how`: to what, of what."""
    mine, theirs = percentile(ours, share), percentile(bare, share)
    return {
        "name": name,
        "ours": round(mine, 3),
        "reference": round(theirs, 3),
        "ratio": round(mine / theirs, 3),
        "aim": f"≤ {aim}",
        "holds": mine / theirs <= aim and ours[0] >= 0,
        "what": (
            f"milliseconds from due moment to {how}, worst {ours[-1]:.1f}, never early: earliest {ours[0]:.3f} "
            f"÷ a bare APScheduler date job for each moment that only notes the time (worst {bare[-1]:.1f})"
        ),
    }


def percentile(values, share):
    """Return the value that `share` of them do not exceed."""
    return values[min(len(values) - 1, int(share * len(values)))]


def race(root, url, start_ours, *others, count=COUNT, span=SPAN, places=PLACES, patience=2.0):
    """Let our processes and others meet the same moments; return the lateness of each, ours first.

    `start_ours(notes)` returns our processes, once the deliveries are in the ledger at `url`; each of `others` is
    called with a file of moments and one for its notes, and returns a process. `patience`: seconds after the last
    moment in which all must have been called.
    """
    ledger = rooms()
    engine, _workspace, _channels = ledger.station(url, root, channels=CHANNELS, concurrency=places)
    start = datetime.now(UTC) + timedelta(seconds=READY)
    moments = spread(start, count, span)
    ids = ledger.fill(engine, count, channels=CHANNELS, start=start, due=lambda n: moments[n] - start)
    engine.dispose()
    (root / "moments.json").write_text(json.dumps([moment.timestamp() for moment in moments]))
    files = [root / f"notes-{n}" for n in range(len(others) + 1)]
    processes = [other(root / "moments.json", file) for other, file in zip(others, files[1:], strict=True)]
    with running(*start_ours(files[0]), *processes):
        time.sleep(max(0.0, moments[-1].timestamp() + patience - time.time()))
    dues = [dict(zip(ids, moments, strict=True)), *([{str(n): m for n, m in enumerate(moments)}] * len(others))]
    return [lateness(due, file) for due, file in zip(dues, files, strict=True)]


def burst_seconds(root, url, count):
    """Return the seconds from the one moment at which `count` deliveries were due until the last had its receipt."""
    from sqlalchemy import func, select

    from promo.store.database import reading
    from promo.store.tables import deliveries

    engine, _workspace, _channels = rooms().station(url, root, channels=CHANNELS)
    with reading(engine) as connection:
        received = select(func.count(deliveries.c.published_at), func.max(deliveries.c.published_at))
        done, last = connection.execute(received).one()
    engine.dispose()
    if done != count:
        raise RuntimeError(f"{done} of {count} have a receipt")
    return last.timestamp() - min(json.loads((root / "moments.json").read_text()))


def noting(path):
    """Return a connector that notes each call in the file."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    class Noting(rooms().Null):
        def publish(self, request):
            note(file, request.delivery)
            return super().publish(request)

    return Noting


def _daemon(url, root, path, places=PLACES):
    from promo.clock import SystemClock
    from promo.engine.embedded import Daemon

    ledger = rooms()
    ledger.quiet()
    engine, workspace, channels = ledger.station(
        url, Path(root), channels=CHANNELS, concurrency=int(places), kind=noting(path)
    )
    Daemon(ledger.publisher(engine, workspace, channels), clock=SystemClock()).run()


OPEN = []  # the file in which `called` notes


def called(name):
    """Be a job: a stored one is found by its name in an importable module."""
    note(OPEN[0], name)


def _scheduler(moments, path, **options):
    from apscheduler.schedulers.background import BackgroundScheduler

    OPEN.append(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None}, **options)
    scheduler.start(paused=True)
    for n, moment in enumerate(json.loads(Path(moments).read_text())):
        scheduler.add_job(called, "date", run_date=datetime.fromtimestamp(moment, UTC), args=[str(n)])
    note(OPEN[0], "ready")
    scheduler.resume()
    time.sleep(3600)


def _bare(moments, path):
    _scheduler(moments, path)


def _store(file, moments, path, journal="DELETE"):
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from sqlalchemy import create_engine, event

    engine = create_engine(f"sqlite:///{file}")
    if journal != "DELETE":  # SQLite's own default, and so the job store's
        event.listen(engine, "connect", lambda raw, _record: raw.execute(f"PRAGMA journal_mode = {journal}"))
    _scheduler(moments, path, jobstores={"default": SQLAlchemyJobStore(engine=engine)})


if __name__ == "__main__":
    sys.modules["lateness"] = sys.modules["__main__"]
    called.__module__ = "lateness"
    {"daemon": _daemon, "bare": _bare, "store": _store}[sys.argv[1]](*sys.argv[2:])
