"""What one delivery, one visit and one report cost: bytes on disk, seconds of CPU, by kind of ledger and engine."""

import http.client
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text, update

from promo.delivery.state import State
from promo.engine.procrastinate import ProcrastinateQueue
from promo.engine.ticker import Ticker
from promo.engine.worker import Worker
from promo.report.summary import summarize
from promo.store.database import open_database, reading, transaction
from promo.store.tables import campaigns, deliveries, links, metadata, visits

CHANNELS, PLACES = 8, 25  # few channels, much to do on each
MANY = 1000  # many, and on each no more to do than the fullest minute of a day brings
TICK = os.sysconf("SC_CLK_TCK")
VISITORS = 5000


def measure_costs(rooms, root, server, *, count):
    """Return every unit cost by its name; `server` is the address of a PostgreSQL that runs below `root`."""
    rooms.quiet()
    few = _embedded(rooms, f"sqlite:///{root}/few.db", root, CHANNELS, count)
    look = _look(rooms, f"sqlite:///{root}/look.db", root)
    embedded = _embedded(rooms, f"sqlite:///{root}/ledger.db", root, MANY, count)
    local = open_database(f"sqlite:///{root}/ledger.db")
    bytes_sqlite = _sqlite_bytes(root / "ledger.db", count)
    redirect = _redirect(rooms, root, local)
    _add_visits(local, count * 10)
    bytes_sqlite["visit"] = _per_row(_sqlite_tables(root / "ledger.db"), local, "visits")
    report = _report(local)
    local.dispose()
    rooms.empty(remote := open_database(server))
    distributed = _distributed(rooms, server, root, count)
    bytes_server = _server_bytes(remote, count)
    _add_visits(remote, count)
    with reading(remote) as connection:
        bytes_server["visit"] = _total(connection, "visits") / _count(connection, visits)
    remote.dispose()
    return {
        "cpu": {"embedded": embedded, "embedded-few": few, "look": look, **distributed, **redirect, **report},
        "bytes": {"sqlite": bytes_sqlite, "postgresql": bytes_server},
    }


def _embedded(rooms, url, root, many, count):
    """CPU seconds of one process a delivery: claim, call, receipt, with everything that is written."""
    engine, workspace, channels = rooms.station(url, root, channels=many, concurrency=PLACES)
    rooms.fill(engine, count, channels=many)
    began = time.process_time()
    rooms.publisher(engine, workspace, channels).run_due()
    spent = time.process_time() - began
    _all_published(engine, count)
    engine.dispose()
    return spent / count


def _look(rooms, url, root, times=20):
    """CPU seconds a channel that waits, each time the daemon looks when it has work next."""
    engine, workspace, channels = rooms.station(url, root, channels=MANY, concurrency=PLACES)
    rooms.fill(engine, MANY, channels=MANY)
    publisher = rooms.publisher(engine, workspace, channels)
    publisher.next_moments()
    began = time.process_time()
    for _time in range(times):
        publisher.next_moments()
    spent = time.process_time() - began
    engine.dispose()
    return spent / times / MANY


def _all_published(engine, count):
    with reading(engine) as connection:
        found = connection.execute(select(func.count()).where(deliveries.c.state == State.PUBLISHED)).scalar_one()
    if found != count:
        raise RuntimeError(f"{found} of {count} published")


# -- a ticker, a worker, Procrastinate and PostgreSQL --------------------------------------------------------------


def _ticker(rooms, url, root, pipe):
    engine, workspace, channels = rooms.station(url, root, channels=MANY, concurrency=PLACES)
    options = {"clock": rooms.SystemClock(), "render": lambda _spec: None, "workspace": workspace, "role": "run"}
    ticker = Ticker(engine, channels, queue=ProcrastinateQueue(engine), **options)
    handed = 0
    while not pipe.poll(0.2):
        handed += len(ticker.run_due().outcomes)
    pipe.send((_spent(), handed))
    engine.dispose()


def _worker(rooms, url, root, pipe):
    engine, workspace, channels = rooms.station(url, root, channels=MANY, concurrency=PLACES)
    worker = Worker(rooms.publisher(engine, workspace, channels), ProcrastinateQueue(engine), concurrency=32)
    threading.Thread(target=lambda: (pipe.recv(), worker.stop()), daemon=True).start()
    worker.run()
    pipe.send((_spent(), 0))
    engine.dispose()


def _spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _distributed(rooms, url, root, count):
    """CPU seconds a delivery of the processes that hand out and carry out, and of PostgreSQL for both of them."""
    engine, _workspace, _channels = rooms.station(url, root, channels=MANY, concurrency=PLACES)
    ProcrastinateQueue(engine).prepare()
    rooms.fill(engine, count, channels=MANY)
    postgres = int((root / "postgres" / "postmaster.pid").read_text().split()[0])
    engine.dispose()
    before = _family(postgres)
    context = multiprocessing.get_context("fork")
    crew = {}
    for name, work in (("ticker", _ticker), ("worker", _worker)):
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(rooms, url, root, theirs))
        process.start()
        crew[name] = (process, ours)
    engine = open_database(url)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with reading(engine) as connection:
            waiting = connection.execute(
                select(func.count()).where(deliveries.c.state.in_((State.SCHEDULED, State.PUBLISHING)))
            ).scalar_one()
        if not waiting:
            break
        time.sleep(0.3)
    spent = {}
    for name, (process, pipe) in crew.items():
        pipe.send("end")
        spent[name] = pipe.recv()[0] / count
        process.join()
    _all_published(engine, count)
    engine.dispose()
    return {**spent, "postgresql": (_family(postgres) - before) / count}


def _family(pid):
    """CPU seconds of a process and of all its children, those that have ended included."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if path.parent.name == str(pid):
            total += sum(map(int, fields[11:15]))
        elif fields[1] == str(pid):
            total += sum(map(int, fields[11:13]))
    return total / TICK


# -- bytes -------------------------------------------------------------------------------------------------------


def _sqlite_tables(file):
    """Bytes of every table with its indexes.

    Asked of Python's own SQLite, in a process of its own: others come without `dbstat`, and two in one process must
    not open the same file.
    """
    query = "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name GROUP BY 1"
    code = "import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))"
    done = subprocess.run([sys.executable, "-c", code, str(file), query], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _sqlite_bytes(file, count):
    sizes = _sqlite_tables(file)
    return {name: sizes[table] / count for name, table in _TABLES.items()}


_TABLES = {"delivery": "deliveries", "attempts": "attempts", "events": "events"}  # each of them a delivery


def _server_bytes(engine, count):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # as an old ledger lies, without the room that quick updates leave behind
        connection.execute(text(f"VACUUM FULL {', '.join(metadata.tables)}"))
        return {name: _total(connection, table) / count for name, table in _TABLES.items()}


def _total(connection, table):
    return connection.execute(text(f"SELECT pg_total_relation_size('{table}')")).scalar_one()


def _count(connection, table):
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _per_row(sizes, engine, table):
    with reading(engine) as connection:
        return sizes[table] / _count(connection, metadata.tables[table])


# -- visits and reports --------------------------------------------------------------------------------------------


def _redirect(rooms, root, engine, *, seconds=4, threads=4):
    """CPU seconds a visit of `promo serve`, a process of its own."""
    with transaction(engine) as connection:
        first = connection.execute(select(deliveries.c.id).limit(1)).scalar_one()
        link = {"token": "measured1", "delivery": first, "target": "https://jinxiu.example/"}
        connection.execute(insert(links).values(**link, created_at=datetime.now(UTC)))
    (root / "promo.yaml").write_text(f"database: sqlite:///{root}/ledger.db\n", encoding="utf-8")
    words = [str(Path(sys.executable).parent / "promo"), "-C", str(root), "serve", "--port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PROMO_LANG": "en"})
    try:
        port = int(process.stdout.readline().split()[1].rpartition(":")[2])
        done = [0] * threads
        end = time.monotonic() + seconds
        before = _family(process.pid)

        def visit(number):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            while time.monotonic() < end:
                connection.request("GET", "/l/measured1", headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})
                answer = connection.getresponse()
                answer.read()
                done[number] += answer.status == 302
            connection.close()

        crew = [threading.Thread(target=visit, args=(number,)) for number in range(threads)]
        for one in crew:
            one.start()
        for one in crew:
            one.join()
        spent = _family(process.pid) - before
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    return {"visit": spent / sum(done)}


def _add_visits(engine, count):
    with transaction(engine) as connection:
        if connection.execute(select(links.c.token).limit(1)).scalar() is None:
            first = connection.execute(select(deliveries.c.id).limit(1)).scalar_one()
            link = {"token": "measured1", "delivery": first, "target": "https://jinxiu.example/"}
            connection.execute(insert(links).values(**link, created_at=datetime.now(UTC)))
        now = datetime.now(UTC)
        rows = [
            {"token": "measured1", "at": now + timedelta(seconds=n), "visitor": f"{n % VISITORS:032x}", "robot": False}
            for n in range(count)
        ]
        connection.execute(insert(visits), rows)


def _report(engine):
    """CPU seconds of a campaign's report, per visit that it counts."""
    with reading(engine) as connection:
        seen = _count(connection, visits)
        campaign = connection.execute(
            select(deliveries.c.campaign).join(links, links.c.delivery == deliveries.c.id).limit(1)
        ).scalar_one()
    period = {"from": "2027-03-01", "until": "2027-04-15"}
    document = {"name": {"en": "Spring"}, "period": period, "goals": {}, "brand": "jinxiu", "owner": "li"}
    with transaction(engine) as connection:
        connection.execute(update(campaigns).values(document=document))
    began = time.process_time()
    summarize(engine, campaign, now=datetime.now(UTC))
    return {"report-visit": (time.process_time() - began) / seen}
