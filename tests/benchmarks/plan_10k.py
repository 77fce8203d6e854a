"""A whole plan of 10,000 activities against the bare parse of the same files by PyYAML's C loader."""

import os
import statistics
import struct
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import workload
import yaml

from promo.app.workspace import App
from promo.clock import VirtualClock
from promo.workspace import open_workspace

AIM = 12.0
ACTIVITIES = 10_000
NOW = datetime(2027, 2, 28, 16, 0, tzinfo=UTC)  # midnight before the first day, in Shanghai
BRAND = """\
name: Benchmark
positioning: {audience: [residents], core_value: Green, proposition: A garden for all, slogan: Come in}
logo: {variants: [{file: logo.svg}]}
palette:
  colors: {green: "#12513f", white: "#ffffff", gold: "#c8963e", ink: "#1c1c1c"}
  roles: {primary: green, on_primary: white, accent: gold, background: white, text: ink}
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#12513f"/></svg>'


def _write(folder):
    """Write the workspace with a whole brand, for the pictures' digests; return the campaign files."""
    paths = workload.write_workspace(folder, activities=ACTIVITIES)
    brand = folder / "assets" / "brands" / "benchmark"
    (brand / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (brand / "logo.svg").write_text(LOGO, encoding="utf-8")
    return paths


def _plan(folder):
    """Load, check, compile, and compare with the ledger: what `promo plan` does before it prints."""
    plan = App(open_workspace(folder), clock=VirtualClock(NOW)).plan()
    if len(plan.changes) < ACTIVITIES * 2:
        raise RuntimeError(f"only {len(plan.changes)} deliveries")
    return plan


def _plan_again(folder):
    plan = _plan(folder)
    if plan.moves:
        raise RuntimeError("planning again would change something")


def _fill(folder):
    """Apply the first plan, so that later ones find every delivery in the ledger."""
    app = App(open_workspace(folder), clock=VirtualClock(NOW))
    applied = app.apply(_plan(folder), by="benchmark")
    if applied.added < ACTIVITIES * 2:
        raise RuntimeError(f"only {applied.added} deliveries written")


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
    """CPU seconds, interleaved, medians: with an empty ledger, and with one that holds every delivery already."""
    with tempfile.TemporaryDirectory() as place:
        folders = {name: Path(place) / name for name in ("empty", "full")}
        paths = {name: _write(folder) for name, folder in folders.items()}
        _cpu_in_child(_fill, folders["full"])
        works = {"empty": _plan, "full": _plan_again}
        ours, reference = {"empty": [], "full": []}, []
        for _run in range(max(runs, 3)):
            reference.append(_cpu_in_child(_parse, paths["full"]))
            for name, work in works.items():
                ours[name].append(_cpu_in_child(work, folders[name]))
    bare = statistics.median(reference)
    return [
        _entry("plan-10k", statistics.median(ours["full"]), bare, "a ledger that holds them all"),
        _entry("plan-10k-first", statistics.median(ours["empty"]), bare, "an empty ledger"),
    ]


def _entry(name, mine, bare, ledger):
    return {
        "name": name,
        "ours": mine,
        "reference": bare,
        "ratio": mine / bare,
        "aim": "≤ 12",
        "holds": mine / bare <= AIM,
        "what": "CPU seconds: 10,000 activities, half recurring, loaded, checked, compiled over 35 days and compared"
        f" with {ledger} ÷ yaml.load(CSafeLoader) of the same files",
    }
