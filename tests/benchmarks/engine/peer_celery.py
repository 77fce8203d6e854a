"""Our deliveries a second and their lateness beside Celery with ETAs on RabbitMQ.

As a script it is Celery's side: `BROKER MOMENTS NOTES [URL]` sends a task for each moment by its ETA, then works; with
a database each task writes down durably that it begins, and then that it is done, as a delivery does.
"""

import importlib.util
import json
import os
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

BURST = 600  # deliveries due at one moment
COUNT, SPAN = 80, 8.0  # moments for the lateness
PLACES = 25
ROUNDS = 3


def measure(runs):
    """Three bursts of each in turn, and one race over the same moments, whatever `runs` is."""
    from engine_rooms import load, server

    rooms, late, distributed = load(), load("lateness"), load("distributed")
    rooms.quiet()
    late.READY = 10.0  # seconds: a ticker, two workers and the peer start at once
    with rooms.folder() as root, server(root) as url, broker(root) as address:
        seen = {"single": [], "ours": [], "theirs": [], "careful": []}
        for n in range(ROUNDS):
            seen["single"].append(load("peer_apscheduler").our_rate(late, fresh(root, f"single-{n}")))
            seen["ours"].append(our_burst(rooms, late, distributed, url, root, n))
            seen["theirs"].append(their_burst(late, fresh(root, f"burst-{n}"), address))
            seen["careful"].append(their_burst(late, fresh(root, f"careful-{n}"), address, prepared(url)))
        rates = {name: statistics.median(found) for name, found in seen.items()}
        distributed.clean(rooms, url, root)
        mine, other = late.race(
            fresh(root, "race"),
            url,
            lambda notes: distributed.processes(late, url, root, notes),
            lambda moments, notes: late.begin(__file__, address, moments, notes),
            count=COUNT,
            span=SPAN,
        )
    return rows(late, rates, mine, other)


def fresh(root, name):
    folder = root / name
    folder.mkdir()
    return folder


def broker(root):
    """Return a RabbitMQ of this benchmark's own, to be entered."""
    path = Path(__file__).parents[2] / "servers" / "rabbitmq.py"
    spec = importlib.util.spec_from_file_location("bench_rabbitmq", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.running(fresh(root, "rabbit"))


def our_burst(rooms, late, distributed, url, root, n):
    """Return our deliveries a second, from their one moment to the last receipt."""
    distributed.clean(rooms, url, root)
    folder = fresh(root, f"ours-{n}")
    late.race(
        folder,
        url,
        lambda notes: distributed.processes(late, url, root, notes, PLACES),
        count=BURST,
        span=0.0,
        places=PLACES,
        patience=4.0,
    )
    return BURST / late.burst_seconds(folder, url, BURST)


def prepared(url):
    """Make the table of careful tasks; return the address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS careful")
        connection.execute("CREATE TABLE careful (name text PRIMARY KEY, begun float8 NOT NULL, receipt text)")
    return url


def their_burst(late, root, address, *more):
    """Return Celery's tasks a second, from their one ETA to the last one's call."""
    due = time.time() + late.READY
    moments, notes = root / "moments.json", root / "notes"
    moments.write_text(json.dumps([due] * BURST))
    give_up = due + 30
    with late.running(late.begin(__file__, address, moments, notes, *more)):
        while len(called := late.notes(notes)) < BURST and time.time() < give_up:
            time.sleep(0.2)
    return len(called) / (max(called.values()) - due)


def rows(late, rates, mine, other):
    peer = "Celery 5 on RabbitMQ, apply_async with an ETA each, two prefork processes, tasks that only note the time"
    ours_p50, theirs_p50 = late.percentile(mine, 0.5), late.percentile(other, 0.5)
    due = f"deliveries a second when {BURST} are due at once"
    return [
        _row(
            "peer-celery",
            rates["single"],
            rates["theirs"],
            5,
            f"deliveries a second when many are due at once (the embedded engine: one process, SQLite FULL, every "
            f"claim, attempt and receipt durable) ÷ {peer}, {BURST} due at once",
        ),
        _row(
            "peer-celery-careful",
            rates["ours"],
            rates["careful"],
            1,
            f"{due} (Procrastinate, one ticker, two workers, every claim, attempt and receipt durable) ÷ Celery as "
            f"above, its tasks writing down durably, in the same PostgreSQL, that they begin and that they are done "
            f"(ours ÷ tasks that only note the time: {rates['ours'] / rates['theirs']:.2f})",
        ),
        {
            "name": "peer-celery-late",
            "ours": round(ours_p50, 3),
            "reference": round(theirs_p50, 3),
            "ratio": round(theirs_p50 / ours_p50, 2),
            "aim": "≥ 1",
            "holds": theirs_p50 / ours_p50 >= 1,
            "what": (
                f"median milliseconds from due moment to call, theirs ÷ ours, {COUNT} moments within {SPAN:g} s on one "
                f"machine at once (p99: ours {late.percentile(mine, 0.99):.1f}, {peer}: "
                f"{late.percentile(other, 0.99):.1f})"
            ),
        },
    ]


def _row(name, ours, reference, aim, what):
    ratio = ours / reference
    return {
        "name": name,
        "ours": round(ours, 1),
        "reference": round(reference, 1),
        "ratio": round(ratio, 2),
        "aim": f"≥ {aim}",
        "holds": ratio >= aim,
        "what": what,
    }


def _celery(address, moments, path, url=None):
    import warnings

    from celery import Celery

    warnings.simplefilter("ignore")  # that it runs as root
    opened = []  # one connection in each of its processes

    app = Celery("peer", broker=address)
    app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    @app.task(name="note")
    def note(name):
        if url is not None:
            if not opened:
                opened.append(psycopg.connect(url, autocommit=True))
            opened[0].execute("INSERT INTO careful (name, begun) VALUES (%s, %s)", (name, time.time()))
        now = time.time()
        os.write(file, f"{name} {now!r}\n".encode())
        if url is not None:
            opened[0].execute("UPDATE careful SET receipt = 'done' WHERE name = %s", (name,))

    for n, moment in enumerate(json.loads(Path(moments).read_text())):
        note.apply_async(args=[str(n)], eta=datetime.fromtimestamp(moment, UTC))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Celery greets
    app.worker_main(["worker", "--concurrency=2", "--loglevel=CRITICAL"])


if __name__ == "__main__":
    _celery(*sys.argv[1:])
