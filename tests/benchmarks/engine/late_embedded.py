"""How late the daemon calls a connector, beside a bare scheduler that only notes the time, on the same moments."""

from engine_rooms import load


def measure(runs):
    """One run of 200 moments, whatever `runs` is: two hundred are their own repetition."""
    late = load("lateness")
    with load().folder() as root:
        url = f"sqlite:///{root}/ledger.db"
        ours, bare = late.race(
            root,
            url,
            lambda notes: [late.begin("daemon", url, root, notes)],
            lambda moments, notes: late.begin("bare", moments, notes),
        )
    return [row(late, "late-embedded-p50", ours, bare, 0.5, 2), row(late, "late-embedded-p99", ours, bare, 0.99, 3)]


def row(late, name, ours, bare, share, aim):
    mine, theirs = late.percentile(ours, share), late.percentile(bare, share)
    return {
        "name": name,
        "ours": round(mine, 3),
        "reference": round(theirs, 3),
        "ratio": round(mine / theirs, 3),
        "aim": f"≤ {aim}",
        "holds": mine / theirs <= aim and ours[0] >= 0,
        "what": (
            f"milliseconds from due moment to connector ({late.COUNT} deliveries on {late.CHANNELS} channels within "
            f"{late.SPAN:g} s, SQLite FULL, one daemon; worst {ours[-1]:.1f}, never early: earliest {ours[0]:.3f}) "
            f"÷ a bare APScheduler date job for each moment that only notes the time (worst {bare[-1]:.1f})"
        ),
    }
