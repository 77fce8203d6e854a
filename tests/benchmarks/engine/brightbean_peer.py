"""Our deliveries a second and their lateness beside BrightBean Studio's publish loop, by what its source says.

BrightBean Studio (github.com/brightbeanxyz/brightbean-studio, AGPL-3.0) is a Django application that no registry
carries (the Python package `brightbean` is a client of another service), so it is not run here. Read on 2026-11-22 at
commit d85fce19 of 2026-08-13: `apps/publisher/apps.py` repeats the publish cycle every 15 s (`run_publisher` sleeps as
long by default), and `apps/publisher/engine.py` takes at most ten due posts in a cycle (MAX_CONCURRENT_PUBLISHES, which
its settings leave as it is). Its figures here are what follows from these two if all else takes it no time at all.
"""

import statistics

from engine_rooms import load

POLL, BATCH = 15.0, 10  # seconds between two cycles, posts in one
ROUNDS = 2
COUNT, SPAN = 120, 12.0  # moments for the lateness
SOURCE = "its source's limits, read 2026-11-22, commit d85fce19 of 2026-08-13; not run: no registry carries it"


def measure(runs):
    """Ours measured now, two rounds whatever `runs` is; theirs computed."""
    late, apscheduler = load("lateness"), load("peer_apscheduler")
    with load().folder() as root:
        rates = [apscheduler.our_rate(late, apscheduler.fresh(root, f"ours-{n}")) for n in range(ROUNDS)]
        (ours,) = our_lateness(late, apscheduler.fresh(root, "race"))
    rate, reference = statistics.median(rates), BATCH / POLL
    # A moment falls anywhere between two cycles: half of them wait longer than half a cycle.
    mine, other = late.percentile(ours, 0.5), POLL / 2 * 1000
    return [
        {
            "name": "peer-brightbean",
            "ours": round(rate, 1),
            "reference": round(reference, 3),
            "ratio": round(rate / reference, 1),
            "aim": "≥ 5",
            "holds": rate / reference >= 5,
            "what": (
                f"deliveries a second when {apscheduler.BURST} are due at once (claim, attempt, call, receipt; to the "
                f"last receipt; SQLite FULL, a connector that notes the time) ÷ BrightBean Studio, "
                f"{BATCH} posts every {POLL:g} s ({SOURCE})"
            ),
        },
        {
            "name": "peer-brightbean-late",
            "ours": round(mine, 3),
            "reference": other,
            "ratio": round(other / mine, 1),
            "aim": "≥ 1",
            "holds": other / mine >= 1,
            "what": (
                f"median milliseconds from due moment to call, theirs ÷ ours ({COUNT} moments in {SPAN:g} s, p99 "
                f"{late.percentile(ours, 0.99):.1f}); BrightBean Studio's: half of a cycle of {POLL:g} s ({SOURCE})"
            ),
        },
    ]


def our_lateness(late, root):
    """Return our lateness alone, over moments spread irregularly."""
    url = f"sqlite:///{root}/ledger.db"
    return late.race(root, url, lambda notes: [late.begin("daemon", url, root, notes)], count=COUNT, span=SPAN)
