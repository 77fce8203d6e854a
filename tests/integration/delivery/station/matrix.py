"""One run of the crash matrix: three publishers on one ledger, struck over and over, until nothing is left to do."""

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from station.channels import KINDS, leases
from station.fault import KILL, NAP, ON_THE_WIRE, RECEIVED, SETTLING, STOP, Fate, Fault, deal, every_fault, token
from station.ledger import judge, key_of, prepare, trail
from station.worker import MUTANT_POINTS, MUTANTS, NOTHING_LEFT, work

WORKERS = 3
POLL = 0.004  # seconds
MORE, MOST_TIMES = 40, 20  # deliveries a channel that are planned when faults outlast the work, and how often
MORE_OVER = timedelta(seconds=5)  # within which they fall due
WAYS = ("daemon", "tick")  # how the publishers are woken, in turn


@dataclass
class Life:
    """One process: what is to strike it, and how it was woken."""

    faults: tuple
    wake_at: float | None = None  # of a process that stands still


@dataclass
class Run:
    """What struck, by name, and what came of it."""

    seed: int
    faults: Counter = field(default_factory=Counter)
    verdict: object = None
    seconds: float = 0.0

    def count(self, *hows):
        """Return how many faults were of these kinds."""
        return sum(count for name, count in self.faults.items() if name.split()[0] in hows)

    def as_json(self):
        """Return the run as plain values."""
        found = self.verdict
        return {
            "seed": self.seed,
            "kills": self.count(KILL, "random"),
            "zombies": self.count(STOP, NAP),
            "faults": dict(sorted(self.faults.items())),
            "published": found.published,
            "uncertain": found.uncertain,
            "doubled": len(found.doubled),
            "lost": len(found.lost),
            "wrong": found.faults[:20],
            "seconds": round(self.seconds, 1),
        }


class Crew:
    """Keeps the publishers going: forks, strikes, wakes and replaces them.

    Forking spares each of them the second it takes to import everything; what is killed is a real process.
    """

    def __init__(self, options, run, deck, shared):
        self._options = options
        self._run = run
        self._deck = deck  # of lives' faults
        self._shared = shared  # faults that strike whoever comes first
        self._random = random.Random(options.seed)
        self._planned = options.count  # deliveries a channel
        most = options.count + MORE * MOST_TIMES
        self._mine = {name: {key_of(name, n)[:12] for n in range(most)} for name in KINDS}
        self._leases = leases(options.lease)
        self._log = options.root / "faults.log"
        self._log.touch()
        self._read = 0
        self._lives = {}
        self._idle = 0  # publishers that found nothing left since the last one died
        self._born = 0
        self._kills_left = options.random_kills
        self._next_kill = time.monotonic() + 1

    def go(self):
        """Return when every publisher has found nothing left to do."""
        give_up = time.monotonic() + self._options.longest
        while self._lives or self._idle < WORKERS or self._deck or self._unmet():
            if time.monotonic() > give_up:
                raise TimeoutError(f"stuck: {self._lives}, {self._idle} idle")
            if self._idle == WORKERS:
                self._plan_more()
            while len(self._lives) + self._idle < WORKERS:
                self._fork()
            self._kill_one()
            for pid in list(self._lives):
                self._look_at(pid)
            time.sleep(POLL)

    def end(self):
        """Leave no process behind."""
        for pid in self._lives:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _plan_more(self):
        """Plan some more deliveries, for there are faults that have not struck yet."""
        prepare(self._options.ledger, MORE, first=self._planned, over=MORE_OVER)
        self._planned += MORE
        self._idle = 0
        if not self._deck:  # its settling must be struck, so there must be a doubt
            self._deck.extend(
                (Fault(KILL, ON_THE_WIRE, name),) for name in sorted({SETTLING[f.point] for f in self._unmet()})
            )

    def _unmet(self):
        return [fault for fault in self._shared if not token(self._options.root, fault).exists()]

    def _give_back(self, pid):
        """Let others have the shared faults that a process took and did not live to be struck by."""
        for fault in self._shared:
            file = token(self._options.root, fault)
            if file.exists() and file.read_text(encoding="utf-8") == str(pid):
                file.unlink()

    def _fork(self):
        faults = self._deck.popleft() if self._deck else ()
        longer = self._longer()
        way = self._options.way or WAYS[self._born % len(WAYS)]
        self._born += 1
        pid = os.fork()
        if pid == 0:
            try:
                fate = Fate(faults, self._shared, self._mine, self._log, self._leases, longer)
                os._exit(work(self._options, fate, way))
            except BaseException:  # noqa: BLE001 - a forked child must never come back here
                traceback.print_exc()
                os._exit(1)
        self._lives[pid] = Life(faults=faults)

    def _longer(self):
        """Return how many leases a zombie sleeps: longer than its own, sometimes hardly longer."""
        return self._random.choice((1.0, 1.1, 1.3, 1.6))

    def _kill_one(self):
        """Kill one at random, wherever it is; not one that stands still, for it has its own fate."""
        if not self._kills_left or time.monotonic() < self._next_kill:
            return
        self._next_kill = time.monotonic() + self._random.uniform(0.05, 0.6)
        awake = [pid for pid, life in self._lives.items() if life.wake_at is None]
        if awake:
            self._kills_left -= 1
            self._run.faults["random kill"] += 1
            os.kill(self._random.choice(awake), signal.SIGKILL)

    def _look_at(self, pid):
        life = self._lives[pid]
        if life.wake_at is not None and time.monotonic() >= life.wake_at:
            life.wake_at = None
            os.kill(pid, signal.SIGCONT)
        found, how = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if not found:
            return
        if os.WIFSTOPPED(how):
            channel = self._log.read_text(encoding="utf-8").rpartition(f"{pid} {STOP} ")[2].split()[1]
            life.wake_at = time.monotonic() + self._leases[channel] * self._longer()
            return
        del self._lives[pid]
        self._give_back(pid)
        met = self._met(pid)
        left = tuple(fault for fault in life.faults if fault.name not in met)
        if left:  # something else was faster
            self._deck.appendleft(left)
        if os.WIFSIGNALED(how):
            self._idle = 0
        elif os.WEXITSTATUS(how) == NOTHING_LEFT:
            self._idle += 1
        else:
            raise ChildProcessError(f"a publisher failed: {os.WEXITSTATUS(how)}")

    def _met(self, pid):
        lines = self._log.read_text(encoding="utf-8").splitlines()
        names = [line.partition(" ")[2] for line in lines if line.startswith(f"{pid} ")]
        self._run.faults.update(names)
        return names


@contextmanager
def receiving(root, delay):
    """Run a receiver in a process of its own; yield its address."""
    command = [sys.executable, "-m", "station", "receive", "--root", str(root), "--delay", str(delay)]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    try:
        yield process.stdout.readline().strip().strip('"')
    finally:
        process.kill()
        process.communicate()


def run_matrix(options):
    """Play one seed on the ledger at `options.ledger` and judge it."""
    run = Run(seed=options.seed)
    began = time.monotonic()
    prepare(options.ledger, options.count, over=timedelta(seconds=options.over))
    faults = [
        fault for nth in range(1, options.rounds + 1) for fault in every_fault(nth, brief=options.brief or nth > 1)
    ]
    if options.way in MUTANTS:
        faults = [fault for fault in faults if fault.how == KILL and fault.point in MUTANT_POINTS]
    with receiving(options.root, options.delay) as options.receiver:
        settling = [fault for fault in faults if fault.point in SETTLING]
        crew = Crew(options, run, deal(options.seed, [fault for fault in faults if fault not in settling]), settling)
        try:
            crew.go()
        finally:
            crew.end()
    run.verdict = judge(options.ledger, options.root / RECEIVED)
    if run.verdict.doubled:
        (options.root / "trail.json").write_text(trail(options.ledger, run.verdict.doubled), encoding="utf-8")
    run.seconds = time.monotonic() - began
    return run
