"""Our deliveries a second and their lateness beside APScheduler 3 with its job store, one job for each delivery."""

import json
import statistics
import time

from engine_rooms import load

BURST, JOBS, ROUNDS = 1000, 300, 5  # deliveries and jobs due at one moment
COUNT, SPAN = 120, 12.0  # moments for the lateness
PLACES = 25


def measure(runs):
    """Ours and theirs in turn, five rounds whatever `runs` is, and one race over the same moments."""
    late = load("lateness")
    seen = {"ours": [], "theirs": [], "wal": []}
    with load().folder() as root:
        for n in range(ROUNDS):
            seen["ours"].append(our_rate(late, fresh(root, f"ours-{n}")))
            seen["theirs"].append(their_rate(late, fresh(root, f"theirs-{n}"), "DELETE"))
            seen["wal"].append(their_rate(late, fresh(root, f"wal-{n}"), "WAL"))
        ours, theirs = race(late, fresh(root, "race"))
    rate, reference, wal = (statistics.median(seen[name]) for name in ("ours", "theirs", "wal"))
    mine, other = late.percentile(ours, 0.5), late.percentile(theirs, 0.5)
    peer = "APScheduler 3, SQLAlchemyJobStore on a SQLite file as its documentation sets it up, a date job each"
    return [
        {
            "name": "peer-apscheduler",
            "ours": round(rate, 1),
            "reference": round(reference, 1),
            "ratio": round(rate / reference, 2),
            "aim": "≥ 5",
            "holds": rate / reference >= 5,
            "what": (
                f"deliveries a second when {BURST} are due at once (claim, attempt, call, receipt; from that moment, "
                f"before which the first are claimed, to the last receipt; SQLite FULL, a connector that notes "
                f"the time) ÷ {peer}, {JOBS} due at once, jobs that only note the time; "
                f"given the "
                f"WAL by hand it runs {wal:.0f} a second, still without attempt or receipt"
            ),
        },
        {
            "name": "peer-apscheduler-late",
            "ours": round(mine, 3),
            "reference": round(other, 3),
            "ratio": round(other / mine, 2),
            "aim": "≥ 1",
            "holds": other / mine >= 1,
            "what": (
                f"median milliseconds from due moment to call, theirs ÷ ours, {COUNT} moments in {SPAN:g} s on one "
                f"machine at once (p99: ours {late.percentile(ours, 0.99):.1f}, {peer}: "
                f"{late.percentile(theirs, 0.99):.1f})"
            ),
        },
    ]


def fresh(root, name):
    folder = root / name
    folder.mkdir()
    return folder


def our_rate(late, root):
    """Return our deliveries a second, from their moment to the last receipt."""
    url = f"sqlite:///{root}/ledger.db"
    late.race(
        root,
        url,
        lambda notes: [late.begin("daemon", url, root, notes, PLACES)],
        count=BURST,
        span=0.0,
        places=PLACES,
        patience=4.0,
    )
    return BURST / late.burst_seconds(root, url, BURST)


def their_rate(late, root, journal):
    """Return their jobs a second, from the moment at which all are stored to the last call."""
    moments, notes = root / "moments.json", root / "notes"
    moments.write_text(json.dumps([time.time()] * JOBS))
    with late.running(late.begin("store", root / "jobs.db", moments, notes, journal)):
        while len(called := late.notes(notes)) < JOBS + 1:
            time.sleep(0.2)
    return JOBS / (max(called.values()) - called["ready"])


def race(late, root):
    """Return our lateness and theirs, over the same moments at the same time."""
    url = f"sqlite:///{root}/ledger.db"
    return late.race(
        root,
        url,
        lambda notes: [late.begin("daemon", url, root, notes)],
        lambda moments, notes: late.begin("store", root / "jobs.db", moments, notes),
        count=COUNT,
        span=SPAN,
    )
