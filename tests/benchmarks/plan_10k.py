"""A whole plan of 10,000 activities against the bare parse of the same files by PyYAML's C loader."""

import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import workload

from promo.app.workspace import App
from promo.clock import VirtualClock
from promo.workspace import open_workspace

AIM = 12.0
ACTIVITIES = 10_000
NOW = datetime(2027, 2, 28, 16, 0, tzinfo=UTC)  # midnight before the first day, in Shanghai


def _plan(folder):
    """Load, check, compile, and compare with the ledger: what `promo plan --no-pictures` does before it prints."""
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


def measure(runs):
    """CPU seconds, interleaved, medians: with an empty ledger, and with one that holds every delivery already."""
    with tempfile.TemporaryDirectory() as place:
        folders = {name: Path(place) / name for name in ("empty", "full")}
        paths = {name: workload.write_workspace(folder, activities=ACTIVITIES) for name, folder in folders.items()}
        workload.cpu_in_child(_fill, folders["full"])
        works = {"empty": _plan, "full": _plan_again}
        ours, reference = {"empty": [], "full": []}, []
        for _run in range(max(runs, 3)):
            reference.append(workload.cpu_in_child(workload.parse, paths["full"]))
            for name, work in works.items():
                ours[name].append(workload.cpu_in_child(work, folders[name]))
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
        "what": "CPU seconds: 10,000 activities, half recurring, loaded, checked, compiled over 35 days and compared,"
        " pictures not looked at,"
        f" with {ledger} ÷ yaml.load(CSafeLoader) of the same files",
    }
