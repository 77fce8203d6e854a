"""The whole check of 10,000 activities against the bare parse of the same files by PyYAML's C loader."""

import statistics
import tempfile
from pathlib import Path

import workload

from promo.app.workspace import App

AIM = 4.0
ACTIVITIES = 10_000


def _check(folder):
    """Do what `promo check --no-pictures` does before it prints; look_10k.py measures the pictures."""
    checked = App.open(folder).check()
    found = sum(len(campaign.campaign.activities) for campaign in checked.campaigns)
    if checked.problems or found != ACTIVITIES:
        raise RuntimeError(f"{found} activities, {checked.problems[:3]}")


def measure(runs):
    """CPU seconds, interleaved, medians."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "workspace"
        paths = workload.write_workspace(folder, activities=ACTIVITIES)
        ours, reference = [], []
        for _run in range(max(runs, 3)):
            ours.append(workload.cpu_in_child(_check, folder))
            reference.append(workload.cpu_in_child(workload.parse, paths))
    mine, bare = statistics.median(ours), statistics.median(reference)
    return [
        {
            "name": "check-10k",
            "ours": mine,
            "reference": bare,
            "ratio": mine / bare,
            "aim": "≤ 4",
            "holds": mine / bare <= AIM,
            "what": "CPU seconds: 10,000 activities as `promo check --no-pictures` does ÷ yaml.load(CSafeLoader) of the"
            " files",
        }
    ]
