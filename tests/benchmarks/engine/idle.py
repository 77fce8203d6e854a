"""What a daemon costs that has nothing to do: `promo run` on the sample workspace, read from /proc."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from engine_rooms import load

ROOT = Path(__file__).parents[3]
SETTLED, SPAN = 8.0, 20.0  # seconds
CPU_AIM, MEMORY_AIM = 0.5, 80


def measure(runs):
    """One daemon, watched for 20 s, whatever `runs` is: nothing happens in it that could vary."""
    with load().folder() as root:
        for name in ("campaigns", "assets"):
            shutil.copytree(ROOT / name, root / name)
        settings = (ROOT / "promo.yaml").read_text(encoding="utf-8").replace("horizon: 35d", "horizon: 400d")
        (root / "promo.yaml").write_text(settings, encoding="utf-8")
        promo = str(Path(sys.executable).parent / "promo")
        applied = subprocess.run([promo, "apply", "--yes"], cwd=root, capture_output=True, text=True, check=True)
        daemon = subprocess.Popen([promo, "run"], cwd=root, stderr=subprocess.DEVNULL)
        try:
            time.sleep(SETTLED)
            before = cpu_seconds(daemon.pid)
            time.sleep(SPAN)
            used = cpu_seconds(daemon.pid) - before
            memory = resident_megabytes(daemon.pid)
        finally:
            daemon.terminate()
            daemon.wait(30)
    waiting = applied.stdout.strip().splitlines()[-2]
    what = f"of `promo run`, sample workspace, nothing due ({waiting})"
    return [
        row("idle-cpu", used / SPAN * 100, CPU_AIM, f"percent of one processor, over {SPAN:g} s, {what}", "< 0.5 %"),
        row("idle-memory", memory, MEMORY_AIM, f"MB resident (VmRSS), {what}", "≤ 80 MB"),
    ]


def cpu_seconds(pid):
    """Return the processor time a process and its threads have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid):
    """Return how much memory a process holds now."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) * 1024 / 1e6


def row(name, ours, aim, what, words):
    return {
        "name": name,
        "ours": round(ours, 2),
        "reference": aim,
        "ratio": round(ours / aim, 2),
        "aim": words,
        "holds": ours < aim if words.startswith("<") else ours <= aim,
        "what": what,
    }
