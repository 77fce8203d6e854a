"""How long `promo --help` takes against an empty Python."""

import os
import statistics
import subprocess
import sys
from pathlib import Path

AIM = 5.0


def _cpu(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def measure(runs):
    """Whole-process CPU seconds, interleaved, medians of at least 15 runs."""
    promo = str(Path(sys.executable).parent / "promo")
    ours, reference = [], []
    for number in range(max(runs, 15) + 1):
        a, b = _cpu([promo, "--help"]), _cpu([sys.executable, "-c", "pass"])
        if number:  # the first pair warms the disk
            ours.append(a)
            reference.append(b)
    mine, bare = statistics.median(ours), statistics.median(reference)
    return [
        {
            "name": "cli-start",
            "ours": mine,
            "reference": bare,
            "ratio": mine / bare,
            "aim": "≤ 5",
            "holds": mine / bare <= AIM,
            "what": "CPU seconds of `promo --help` ÷ `python -c pass`",
        }
    ]
