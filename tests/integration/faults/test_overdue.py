"""The daemon was off for a week: 100,000 deliveries are overdue, and few of them may still go out."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text, update

from promo.store.database import open_database, reading, transaction
from promo.store.tables import attempts, campaigns, deliveries

ALL = 100_000
CAMPAIGNS = ("anna", "bert", "carl")
MANY, FEW = 40, 10  # that say they may go out at any later time: of anna, of each of the others
RATE, PER = 15, 1.0  # posts in so many seconds
PLACES = 4

FILL = """
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :all)
INSERT INTO deliveries (id, key, campaign, activity, channel, occurrence, part, kind, type, state, reason, due_at,
    window_until, digest, content, idempotency, attempts, fence, created_at, changed_at)
SELECT printf('%012x', n), printf('%064x', n),
    CASE WHEN n < :many THEN 'anna' WHEN n % 2 THEN 'bert' ELSE 'carl' END,
    'a' || n, 'key', 'once', 'main', 'online', 'post', 'scheduled', '', :due + n,
    CASE WHEN n < :open THEN NULL ELSE :due + n + 3600000000 END,
    '', json_object('text', 'post ' || n), 'none', 0, 0, :due, :due
FROM numbers
"""


def fill(engine):
    """Write the week's deliveries straight into the ledger; the earliest are all of one campaign."""
    week_ago = datetime.now(UTC) - timedelta(days=7)
    due = int(week_ago.timestamp() * 1_000_000)
    common = {"file": "", "digest": "", "document": {}, "timezone": "UTC", "brand": "leaf"}
    with transaction(engine) as connection:
        connection.execute(
            insert(campaigns),
            [{"campaign": name, "applied_at": week_ago, "horizon": week_ago, **common} for name in CAMPAIGNS],
        )
        connection.execute(text(FILL), {"all": ALL, "due": due, "many": MANY, "open": MANY + 2 * FEW})


def states(engine):
    with reading(engine) as connection:
        found = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
        return {row[0]: row[1] for row in found}


def peak_megabytes(pid):
    [line] = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def test_a_week_off(url, receiver, start, wait_for):
    ledger = open_database(url)
    fill(ledger)
    settings = {"rate": {"calls": RATE, "per": f"{PER:.0f}s"}, "concurrency": PLACES}
    daemon = start("daemon", url, {"key": settings})
    in_between = 0
    while (found := states(ledger)).get("scheduled"):
        assert daemon.process.poll() is None
        # Others read and write while the daemon is at it, and posts go out.
        with transaction(ledger) as connection:
            connection.execute(update(campaigns).values(ended=False))
        in_between += 0 < found.get("missed", 0) < ALL - MANY - 2 * FEW
        time.sleep(0.02)
    wait_for(lambda: states(ledger).get("published") == MANY + 2 * FEW)
    peak = peak_megabytes(daemon.process.pid)
    log = daemon.end()
    assert states(ledger) == {"published": MANY + 2 * FEW, "missed": ALL - MANY - 2 * FEW}
    assert in_between > 0
    assert peak < 130
    assert len(log) < 200  # a line for each that went out, few for all that did not

    came = sorted(receiver.posts, key=lambda post: post.at)
    assert came[-1].at - came[0].at > (len(came) / RATE - 1) * PER / 2  # no storm; how long a call is on its way varies
    with reading(ledger) as connection:
        began = connection.execute(select(attempts.c.started_at).order_by(attempts.c.started_at)).scalars().all()
        apart = [later - earlier for earlier, later in zip(began, began[RATE:], strict=False)]
        out = select(deliveries.c.key, deliveries.c.campaign).where(deliveries.c.state == "published")
        owner = {row.key: row.campaign for row in connection.execute(out)}
    assert min(apart) >= timedelta(seconds=PER)
    first = Counter(owner[post.key] for post in came[: 3 * FEW + PLACES])
    assert first["bert"] == first["carl"] == FEW  # they did not wait for all that anna had piled up
    ledger.dispose()
