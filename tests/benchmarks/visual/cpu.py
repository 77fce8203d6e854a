"""What processes used: CPU seconds and memory, read from /proc; Linux only."""

import os
import threading
import time
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def family(pid):
    """Return the process and all its descendants that run now."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def seconds(pid):
    """CPU seconds, user and system, of a process and its descendants, those that have ended included."""
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime (proc_pid_stat(5))
    return ticks * TICK


def pss(pid):
    """Megabytes of a process and its descendants, shared pages counted once."""
    total = 0
    for one in family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def peak(pid):
    """The most megabytes a process ever held at once, by itself."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


class PeakMemory:
    """Watches the memory of a family of processes while the block runs; `megabytes` is the most that was seen."""

    def __init__(self, pid, every=0.02):
        self.pid, self.every, self.megabytes = pid, every, 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._done.is_set():
            self.megabytes = max(self.megabytes, pss(self.pid))
            time.sleep(self.every)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._done.set()
        self._thread.join()
