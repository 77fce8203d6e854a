"""The whole check of 10,000 activities against the bare parse of the same files by PyYAML's C loader."""

import os
import statistics
import struct
import tempfile
import time
from pathlib import Path

import workload
import yaml

from promo.campaign.load import load_campaigns
from promo.workspace import open_workspace

AIM = 4.0
ACTIVITIES = 10_000


def _check(folder):
    loaded = load_campaigns(open_workspace(folder))
    found = sum(len(campaign.campaign.activities) for campaign in loaded.campaigns)
    if loaded.problems or found != ACTIVITIES:
        raise RuntimeError(f"{found} activities, {loaded.problems[:3]}")


def _parse(paths):
    for path in paths:
        with path.open("rb") as file:
            yaml.load(file, Loader=yaml.CSafeLoader)


def _cpu_in_child(work, argument):
    """Run `work` in a child process, so that no run finds what an earlier one cached; return its CPU seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            start = time.process_time()
            work(argument)
            os.write(writing, struct.pack("d", time.process_time() - start))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{work.__name__} failed")
    return struct.unpack("d", data)[0]


def measure(runs):
    """CPU seconds, interleaved, medians."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "workspace"
        paths = workload.write_workspace(folder, activities=ACTIVITIES)
        ours, reference = [], []
        for _run in range(max(runs, 3)):
            ours.append(_cpu_in_child(_check, folder))
            reference.append(_cpu_in_child(_parse, paths))
    mine, bare = statistics.median(ours), statistics.median(reference)
    return [
        {
            "name": "check-10k",
            "ours": mine,
            "reference": bare,
            "ratio": mine / bare,
            "aim": "≤ 4",
            "holds": mine / bare <= AIM,
            "what": "CPU seconds: 10,000 activities loaded and checked ÷ yaml.load(CSafeLoader) of the same files",
        }
    ]
