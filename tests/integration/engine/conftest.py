"""One suite for three engines: a database for each test, a broker, and processes that tests may kill."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text

from promo.clock import SystemClock
from promo.delivery.publisher import Publisher
from promo.engine.queue import open_queue
from promo.store.database import open_database, reading
from promo.store.tables import deliveries, events

HERE = Path(__file__).parent


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hall = load(HERE / "hall.py")
inside = load(HERE / "inside.py")
rabbitmq = load(HERE.parents[1] / "servers" / "rabbitmq.py")


@pytest.fixture(scope="session")
def rabbit(tmp_path_factory):
    """A RabbitMQ of this test run's own."""
    if rabbitmq.missing():
        say = pytest.fail if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT") else pytest.skip
        say(f"Debian's package {rabbitmq.missing()} is missing")
    broker = rabbitmq.Rabbit(tmp_path_factory.mktemp("rabbit"))
    broker.start()
    yield broker
    broker.close()


@pytest.fixture(scope="session")
def crew():
    """The process that forks tickers and workers."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "hall.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def template(postgres):
    """The name of a database whose schema is up to date: copying it is quicker than making one."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE engine_template"))
    server.dispose()
    place = make_url(postgres).set(database="engine_template").render_as_string(hide_password=False)
    open_database(place).dispose()
    return "engine_template"


@pytest.fixture(params=["embedded", "procrastinate", "celery"])
def engine_name(request):
    return request.param


class Hall:
    """One ledger, its receiver, and the processes at work on it."""

    def __init__(self, name, ledger, root, crew, broker):
        self.name = name
        self.ledger = ledger
        self.root = root
        self.broker = broker
        self.receiver = hall.Receiver()
        self.engine = open_database(ledger)
        self.channels = {}
        self._crew = crew
        self._running = {}  # pid → role

    def channel(self, name, *, concurrency=1, slow=0.0, timeout="20s"):
        """Open a channel for all that is started after this."""
        settings = {"receiver": self.receiver.url, "slow": slow}
        self.channels[name] = {
            "connector": "hall",
            "concurrency": concurrency,
            "timeout": timeout,
            "settings": settings,
        }

    @property
    def settings(self):
        broker = {"broker": self.broker.url} if self.broker else {}
        return {"database": "postgresql://here/x", "engine": self.name, "channels": self.channels, **broker}

    def fill(self, **options):
        return hall.fill(self.engine, **options)

    # -- in this process -------------------------------------------------------------------------------------

    @contextmanager
    def queue(self):
        """The engine's queue, ready for use."""
        _engine, workspace, _channels = hall.open_hall(self.ledger, self.root, self.settings)
        queue = inside.InsideQueue() if self.name == "embedded" else open_queue(workspace, self.engine)
        queue.prepare()
        yield queue
        queue.close()
        _engine.dispose()

    @contextmanager
    def working(self, queue, carry_out):
        """Carry out jobs in a thread of this process."""
        stop = threading.Event()
        thread = threading.Thread(
            target=queue.run_worker, args=[carry_out], kwargs={"concurrency": 2, "stop": stop}, daemon=True
        )
        thread.start()
        yield
        stop.set()
        thread.join(20)
        assert not thread.is_alive()

    def publisher(self, kind=Publisher, **options):
        engine, workspace, channels = hall.open_hall(self.ledger, self.root, self.settings)
        ways = {"clock": SystemClock(), "render": None, "workspace": workspace, "role": "worker"}
        return kind(engine, channels, **(ways | options))

    # -- in others -------------------------------------------------------------------------------------------

    def start(self, *roles, threads=8):
        """Start processes; return their ids."""
        order = {"ledger": self.ledger, "root": str(self.root), "settings": self.settings, "threads": threads}
        pids = [self._order({**order, "role": role})["pid"] for role in roles]
        self._running |= dict(zip(pids, roles, strict=True))
        return pids

    def end(self, pid, how=signal.SIGTERM):
        """End a process; return its exit code."""
        os.kill(pid, how)
        return self.over(pid)

    def over(self, pid):
        """Wait until a process has ended by itself; return its exit code."""
        del self._running[pid]
        return self._order({"wait": pid})["code"]

    def _order(self, order):
        self._crew.stdin.write(json.dumps(order) + "\n")
        self._crew.stdin.flush()
        return json.loads(self._crew.stdout.readline())

    def states(self):
        with reading(self.engine) as connection:
            return dict(connection.execute(select(deliveries.c.key, deliveries.c.state)).all())

    def wait_until_published(self, keys, seconds=30):
        """Wait until all of these are published."""
        wanted, give_up = set(keys), time.monotonic() + seconds
        while left := wanted - {key for key, state in self.states().items() if state == "published"}:
            assert time.monotonic() < give_up, self.story(left)
            time.sleep(0.05)

    def story(self, keys):
        """Return what happened to these, to be read in a failure."""
        with reading(self.engine) as connection:
            told = connection.execute(
                select(events.c.delivery, events.c.at, events.c.what, events.c.by, events.c.detail)
                .where(events.c.delivery.in_([key[:12] for key in keys]))
                .order_by(events.c.id)
            ).all()
        return "\n".join(f"{at:%H:%M:%S.%f} {delivery} {what} {by} {detail}" for delivery, at, what, by, detail in told)

    def close(self):
        for pid in list(self._running):
            with suppress(ProcessLookupError):
                self.end(pid, signal.SIGKILL)
        self.engine.dispose()
        self.receiver.close()


@pytest.fixture
def place(engine_name, database, template, tmp_path, crew, request):
    """A hall for one engine."""
    broker = request.getfixturevalue("rabbit") if engine_name == "celery" else None
    if broker:
        broker.empty()
    one = Hall(engine_name, database(template=template), tmp_path, crew, broker)
    yield one
    one.close()
