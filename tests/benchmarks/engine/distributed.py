"""Deliveries through Procrastinate beside its bare jobs, and their lateness beside a bare scheduler.

As a script it is one of the processes: `worker URL ROOT PLACES [NOTES]`, `ticker URL ROOT PLACES`, `bare URL`.
"""

import asyncio
import importlib.util
import statistics
import sys
import time
from pathlib import Path

import psycopg
from sqlalchemy import func, select

WORKERS, THREADS = 2, 32  # processes, and jobs at once in each, ours and bare ones alike
CHANNELS, PLACES = 8, 25
COUNT, BATCH = 2000, 100  # deliveries of one round; jobs written by one commit
ROUNDS = 3
LATE, SPAN = 120, 12.0  # moments for the lateness


def measure(runs):
    """Three rounds of the rate and one race of the lateness, whatever `runs` is."""
    from engine_rooms import load, server

    rooms, late = load(), load("lateness")
    rooms.quiet()
    late.READY = 10.0  # seconds: a ticker, two workers and the peer start at once
    rates = {"ours": [], "bare": []}
    with rooms.folder() as root, server(root) as url:
        for _round in range(ROUNDS):
            rates["ours"].append(our_rate(rooms, late, url, root))
            rates["bare"].append(bare_rate(late, url))
        clean(rooms, url, root)
        ours, bare = late.race(
            root,
            url,
            lambda notes: processes(late, url, root, notes),
            lambda moments, notes: late.begin("bare", moments, notes),
            count=LATE,
            span=SPAN,
        )
    how = (
        f"connector in a worker process ({LATE} deliveries within {SPAN:g} s, PostgreSQL with fsync, Procrastinate, "
        f"one ticker, two workers)"
    )
    return [
        overhead_row(rates),
        late.row("late-distributed-p50", ours, bare, 0.5, 5, how=how),
        late.row("late-distributed-p99", ours, bare, 0.99, 8, how=how),
    ]


# -- the rate ----------------------------------------------------------------------------------------------------


def our_rate(rooms, late, url, root):
    """Deliveries a second from the first claim to the last receipt: ticker here, workers in processes of their own."""
    from promo.engine.procrastinate import ProcrastinateQueue
    from promo.engine.ticker import Ticker

    engine, workspace, channels = rooms.station(url, root, channels=CHANNELS, concurrency=PLACES)
    rooms.empty(engine)
    queue = ProcrastinateQueue(engine)
    queue.prepare()
    rooms.fill(engine, COUNT, channels=CHANNELS)
    words = ("worker", url, root, PLACES)
    with late.running(*(late.begin(__file__, *words) for _n in range(WORKERS))):
        wait_for_workers(url)
        ticker = Ticker(
            engine, channels, clock=rooms.SystemClock(), render=None, workspace=workspace, role="run", queue=queue
        )
        began = time.perf_counter()
        ticker.open_lanes(on_outcome=lambda _delivery, _state: None)
        for name in channels:
            ticker.wake(name)
        while published(engine) < COUNT:
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        ticker.close_lanes()
    engine.dispose()
    return COUNT / seconds


def published(engine):
    from promo.delivery.state import State
    from promo.store.database import reading
    from promo.store.tables import deliveries

    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(deliveries.c.state == State.PUBLISHED)).scalar_one()


def bare_rate(late, url):
    """No-op jobs a second from the first batch to the last one's end, in the same database."""
    app = bare_app(url)
    with (
        psycopg.connect(url) as connection,
        psycopg.connect(url, autocommit=True) as asking,
        late.running(*(late.begin(__file__, "bare", url) for _n in range(WORKERS))),
    ):
        wait_for_workers(url)
        began = time.perf_counter()
        deferrer = app.configure_task("noop", queue="bare", connection=connection)
        for start in range(0, COUNT, BATCH):
            deferrer.batch_defer(*({"delivery": f"{n:012x}", "fence": 1} for n in range(start, start + BATCH)))
            connection.commit()
        while asking.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()[0]:
            time.sleep(0.02)
        return COUNT / (time.perf_counter() - began)


def wait_for_workers(url):
    """Wait until Procrastinate's workers listen, and a little for what they do after that."""
    with psycopg.connect(url, autocommit=True) as connection:
        alive = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
        give_up = time.monotonic() + 60
        while connection.execute(alive).fetchone()[0] < WORKERS:
            if time.monotonic() > give_up:
                raise RuntimeError("the workers have not started")
            time.sleep(0.05)
    time.sleep(0.5)


def bare_app(url, kind="SyncPsycopgConnector", **options):
    import procrastinate

    return procrastinate.App(connector=getattr(procrastinate, kind)(conninfo=url, **options))


def overhead_row(rates):
    ours, bare = (statistics.median(rates[name]) for name in ("ours", "bare"))
    return {
        "name": "distributed-overhead",
        "ours": round(ours, 1),
        "reference": round(bare, 1),
        "ratio": round(ours / bare, 2),
        "aim": "≥ 0.95",
        "holds": ours / bare >= 0.95,
        "what": (
            f"deliveries a second through Procrastinate, whole (claim and job in one commit, worker, a connector that "
            f"says yes, receipt; a job carries up to ten deliveries of one claim) ÷ its bare no-op jobs a "
            f"second (one each, batch_defer of {BATCH}); {COUNT} of both, {WORKERS} worker "
            f"processes × {THREADS} at once, one PostgreSQL with fsync, interleaved"
        ),
    }


# -- the lateness ------------------------------------------------------------------------------------------------


def processes(late, url, root, notes, places=None):
    """Start one ticker and two workers."""
    words = (url, root, places or late.PLACES)
    workers = (late.begin(__file__, "worker", *words, notes) for _n in range(WORKERS))
    return [late.begin(__file__, "ticker", *words), *workers]


def clean(rooms, url, root):
    """Empty the ledger."""
    engine, *_rest = rooms.station(url, root)
    rooms.empty(engine)
    engine.dispose()


# -- the processes -----------------------------------------------------------------------------------------------


def _open(url, root, places, notes=None):
    from promo.engine.procrastinate import ProcrastinateQueue

    late = _sibling("lateness")
    rooms = late.rooms()
    rooms.quiet()
    engine, workspace, channels = rooms.station(
        url,
        Path(root),
        channels=CHANNELS,
        concurrency=int(places),
        kind=late.noting(notes) if notes else rooms.Null,
    )
    return rooms, engine, workspace, channels, ProcrastinateQueue(engine)


def _sibling(name):
    spec = importlib.util.spec_from_file_location(f"bench_{name}", Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _worker(url, root, places, notes=None):
    from promo.engine.worker import Worker

    rooms, engine, workspace, channels, queue = _open(url, root, places, notes)
    Worker(rooms.publisher(engine, workspace, channels), queue, concurrency=THREADS).run()


def _ticker(url, root, places):
    from promo.engine.embedded import Daemon
    from promo.engine.ticker import Ticker

    rooms, engine, workspace, channels, queue = _open(url, root, places)
    queue.prepare()
    clock = rooms.SystemClock()
    ticker = Ticker(engine, channels, clock=clock, render=None, workspace=workspace, role="run", queue=queue)
    Daemon(ticker, clock=clock).run()


def _bare(url):
    app = bare_app(url, "PsycopgConnector", min_size=1, max_size=4)

    @app.task(name="noop", queue="bare")
    async def noop(delivery, fence):
        pass

    async def work():
        async with app.open_async():
            await app.run_worker_async(queues=["bare"], concurrency=THREADS, delete_jobs="always")

    asyncio.run(work())


if __name__ == "__main__":
    {"worker": _worker, "ticker": _ticker, "bare": _bare}[sys.argv[1]](*sys.argv[2:])
