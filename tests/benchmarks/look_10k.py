"""The check of 10,000 activities with their pictures: all seen before, and what one that is new costs."""

import statistics
import tempfile
from pathlib import Path

import workload

from promo.app.look import look_digests
from promo.app.workspace import App
from promo.visual.cache.looks import LookCache
from promo.visual.model import VisualRequest

AIM = 6.0
NEW = 60  # activities whose pictures are drawn
NEW_AIM = 1.0


def _check(folder):
    """Do what `promo check` does before it prints."""
    app = App.open(folder)
    drawn = []
    checked = app.check_pictures(app.check(), progress=lambda done, _all: drawn.append(done))
    if drawn or any(problem.severity == "error" for problem in checked.problems):
        raise RuntimeError(f"{len(drawn)} pictures drawn, {checked.problems[:3]}")


def _remember(folder):
    """Note of every look that nothing was found on it, as if it had been drawn before."""
    app = App.open(folder)
    digests = look_digests(app, app.check().deliveries)
    LookCache(app.look_file).keep(dict.fromkeys(digests, ()))


def _look(folder):
    app = App.open(folder)
    for delivery in app.check().deliveries[:NEW]:
        app.renderer.look_at(VisualRequest(**delivery.visual))


def _render(folder):
    app = App.open(folder)
    for delivery in app.check().deliveries[:NEW]:
        app.render(delivery.visual)


def measure(runs):
    """CPU seconds, interleaved, medians."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "workspace"
        paths = workload.write_workspace(folder, activities=10_000)
        workload.cpu_in_child(_remember, folder)
        ours, reference, looked, rendered = [], [], [], []
        for run in range(max(runs, 3)):
            ours.append(workload.cpu_in_child(_check, folder))
            reference.append(workload.cpu_in_child(workload.parse, paths))
            for number, (work, seconds) in enumerate(((_look, looked), (_render, rendered))):
                fresh = Path(place) / f"fresh-{run}-{number}"
                workload.write_workspace(fresh, activities=NEW, files=2)
                seconds.append(workload.cpu_in_child(work, fresh))
    mine, bare = statistics.median(ours), statistics.median(reference)
    look, render = statistics.median(looked), statistics.median(rendered)
    return [
        {
            "name": "check-10k-pictures",
            "ours": mine,
            "reference": bare,
            "ratio": mine / bare,
            "aim": f"≤ {AIM:g}",
            "holds": mine / bare <= AIM,
            "what": "CPU seconds: `promo check` of 10,000 activities and their 30,000 pictures, all seen before"
            " ÷ yaml.load(CSafeLoader) of the files",
        },
        {
            "name": "look-new",
            "ours": look,
            "reference": render,
            "ratio": look / render,
            "aim": f"≤ {NEW_AIM:g}",
            "holds": look / render <= NEW_AIM,
            "what": f"CPU seconds: to look at {NEW} new pictures ÷ to render them, start included",
        },
    ]
