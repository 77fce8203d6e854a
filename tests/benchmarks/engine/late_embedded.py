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
    how = (
        f"connector ({late.COUNT} deliveries on {late.CHANNELS} channels within {late.SPAN:g} s, SQLite FULL, "
        f"one daemon)"
    )
    return [
        late.row("late-embedded-p50", ours, bare, 0.5, 2, how=how),
        late.row("late-embedded-p99", ours, bare, 0.99, 3, how=how),
    ]
