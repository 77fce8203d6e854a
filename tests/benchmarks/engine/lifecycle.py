"""Full lifecycles a second: claim, attempt, call, receipt, each durable, beside the bare commits of the same disk."""

import multiprocessing
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
from sqlalchemy import BigInteger, cast, func, select, update

from promo.delivery.claim import claim_due
from promo.delivery.state import State
from promo.delivery.turns import Turns
from promo.delivery.worker import Pulse
from promo.engine.embedded import run_once
from promo.store.database import reading, transaction
from promo.store.sqlite import sqlite3
from promo.store.tables import deliveries, in_state
from promo.store.wake import announce

COUNT = 4000
WARM = 200  # deliveries before those that are timed: a daemon starts its threads and builds its statements once
CHANNELS, PLACES = 8, 25
TWO_HOURS = 7_200_000_000  # microseconds


def rate(count, work):
    """Return how many a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def raw_sqlite(root, count=2000):
    """Single inserts a second into a bare table, each a durable commit of its own."""
    file = root / "raw.db"
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE raw (id INTEGER PRIMARY KEY, words TEXT)")

    def insert():
        for _n in range(count):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO raw (words) VALUES (?)", ("x" * 100,))
            connection.execute("COMMIT")

    found = rate(count, insert)
    connection.close()
    return found


def published(engine):
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(deliveries.c.state == State.PUBLISHED)).scalar_one()


def ours(rooms, root, n):
    """Lifecycles a second of one process: eight channels, twenty-five calls at once on each."""
    engine, workspace, channels = rooms.station(
        f"sqlite:///{root}/ours-{n}.db", root, channels=CHANNELS, concurrency=PLACES
    )
    rooms.fill(engine, WARM + COUNT, channels=CHANNELS)
    publisher = rooms.publisher(engine, workspace, channels)
    run_once(publisher, limit=WARM // CHANNELS)
    assert published(engine) == WARM
    found = rate(COUNT, lambda: run_once(publisher))
    assert published(engine) == WARM + COUNT
    engine.dispose()
    return found


def contending(rooms, root, n, count=COUNT // 8):
    """Lifecycles a second of eight threads, one a channel, each with a connection of its own and commits of its own."""
    url = f"sqlite:///{root}/threads-{n}.db"
    engine, _workspace, _channels = rooms.station(url, root, channels=CHANNELS)
    rooms.fill(engine, WARM + count, channels=CHANNELS)
    crew = [rooms.station(url, root, channels=CHANNELS) for _thread in range(CHANNELS)]
    publishers = {f"channel-{k}": rooms.publisher(*one, worker=f"w{k}") for k, one in enumerate(crew)}
    for name, one in publishers.items():
        one.run_channel(name, WARM // CHANNELS)
    threads = [threading.Thread(target=one.run_channel, args=[name]) for name, one in publishers.items()]

    def work():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = rate(count, work)
    assert published(engine) == WARM + count
    for one in (engine, *(each[0] for each in crew)):
        one.dispose()
    return found


def claims(rooms, root, n):
    """Claims a second in batches of a hundred, each batch one durable commit."""
    engine, _workspace, channels = rooms.station(f"sqlite:///{root}/claims-{n}.db", root, channels=1, concurrency=200)
    rooms.fill(engine, WARM + COUNT, channels=1)
    turns, pulse, channel = Turns(), Pulse("benchmark", "run"), channels["channel-0"]
    channel.settings.__dict__["concurrency"] = WARM + COUNT  # nothing is finished here

    def work(count):
        got = 0
        while got < count:
            with transaction(engine) as connection:
                held = claim_due(connection, channel, datetime.now(UTC), pulse=pulse, turns=turns, limit=100)
            assert held
            got += len(held)

    work(WARM)
    found = rate(COUNT, lambda: work(COUNT))
    engine.dispose()
    return found


# -- PostgreSQL ---------------------------------------------------------------------------------------------


def raw_claims(url, count=1500, workers=2):
    """Bare claims a second over two connections: one UPDATE of one row, skipping locked ones, and its commit."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS raw_claims")
        connection.execute("CREATE TABLE raw_claims (id integer PRIMARY KEY, state text, due integer, words text)")
        connection.execute(
            "INSERT INTO raw_claims SELECT n, 'scheduled', n, repeat('x', 300) FROM generate_series(1, %s) n",
            (count * workers,),
        )
        connection.execute("CREATE INDEX ON raw_claims (due) WHERE state = 'scheduled'")
        connection.execute("ANALYZE raw_claims")

    def claim():
        with psycopg.connect(url, autocommit=True) as mine:
            for _n in range(count):
                mine.execute(
                    "UPDATE raw_claims SET state = 'publishing' WHERE id = (SELECT id FROM raw_claims"
                    " WHERE state = 'scheduled' ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
                ).fetchone()

    threads = [threading.Thread(target=claim) for _worker in range(workers)]

    def work():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return rate(count * workers, work)


def _work(url, root, barrier, over, name):
    from engine_rooms import load

    from promo.engine.embedded import Daemon

    rooms = load()
    rooms.quiet()
    engine, workspace, channels = rooms.station(url, root, channels=CHANNELS, concurrency=PLACES)
    daemon = Daemon(rooms.publisher(engine, workspace, channels, worker=name), clock=rooms.SystemClock())
    threading.Thread(target=lambda: (over.wait(), daemon.stop()), daemon=True).start()
    barrier.wait()
    daemon.run()
    engine.dispose()


def ours_postgres(rooms, url, root):
    """Lifecycles a second of two daemons, each in a process of its own, on one PostgreSQL ledger."""
    engine, _workspace, _channels = rooms.station(url, root, channels=CHANNELS, concurrency=PLACES)
    rooms.empty(engine)
    rooms.fill(engine, WARM, channels=CHANNELS)
    context = multiprocessing.get_context("fork")
    barrier, over = context.Barrier(3), context.Event()
    engine.dispose()
    crew = [context.Process(target=_work, args=(url, root, barrier, over, f"w{n}")) for n in range(2)]
    for one in crew:
        one.start()
    barrier.wait()
    until(engine, WARM)
    rooms.fill(engine, COUNT, channels=CHANNELS, due=lambda n: timedelta(hours=1, milliseconds=n))
    with transaction(engine) as connection:
        connection.execute(update(deliveries).values(due_at=cast(deliveries.c.due_at, BigInteger) - TWO_HOURS))
        announce(connection)
        began = time.perf_counter()  # what follows is the commit, by which all of them are due
    until(engine, WARM + COUNT)
    found = COUNT / (time.perf_counter() - began)
    over.set()
    for one in crew:
        one.join()
    engine.dispose()
    return found


def until(engine, count):
    while left(engine):  # a question that an index answers: counting all of them every time would slow them down
        time.sleep(0.01)
    assert published(engine) == count


def left(engine):
    with reading(engine) as connection:
        wanted = select(deliveries.c.id).where(in_state(State.SCHEDULED, State.PUBLISHING)).limit(1)
        return connection.execute(wanted).first() is not None


def measure(runs):
    from engine_rooms import load, server

    rooms = load()
    rooms.quiet()
    seen = {name: [] for name in ("raw", "ours", "threads", "claims", "raw-pg", "pg")}
    with rooms.folder() as root, server(root) as url:
        for n in range(runs):
            seen["raw"].append(raw_sqlite(root))
            seen["ours"].append(ours(rooms, root, n))
            seen["threads"].append(contending(rooms, root, n))
            seen["claims"].append(claims(rooms, root, n))
            seen["raw-pg"].append(raw_claims(url))
            seen["pg"].append(ours_postgres(rooms, url, root))
    middle = {name: statistics.median(values) for name, values in seen.items()}
    raw = "single inserts a second on the same disk, each a durable commit (SQLite, WAL, synchronous FULL)"
    ours_what = (
        "full lifecycles a second (claim, attempt, call, receipt, events; SQLite FULL, one process, "
        f"{CHANNELS} channels × {PLACES} calls at once, a connector that says yes; of {COUNT} after {WARM} others)"
    )
    threads = "the same ÷ eight threads that claim and finish one by one, each on a connection of its own"
    postgres = (
        "full lifecycles a second, PostgreSQL, two daemons, a process each, from the commit by which all are due ÷ "
        "bare claims over two connections (UPDATE … SKIP LOCKED of one row, and its commit)"
    )
    batch = f"claims a second in batches of 100 (state, lease, attempt, event) ÷ {raw}"

    def row(name, mine, reference, aim, what):
        ratio = middle[mine] / middle[reference]
        return {
            "name": name,
            "ours": round(middle[mine], 1),
            "reference": round(middle[reference], 1),
            "ratio": round(ratio, 2),
            "aim": f"≥ {aim:g}",
            "holds": ratio >= aim,
            "what": what,
        }

    return [
        row("lifecycle-sqlite", "ours", "raw", 0.8, f"{ours_what} ÷ {raw}"),
        row("lifecycle-sqlite-threads", "ours", "threads", 6, threads),
        row("lifecycle-postgres", "pg", "raw-pg", 0.6, postgres),
        row("claim-batch", "claims", "raw", 20, batch),
    ]
