"""A ledger in the middle of its life: any number of deliveries, most of them out, for the benchmarks that need many."""

from datetime import UTC, datetime, timedelta

CHANNELS, CAMPAIGNS = 20, 40
DUE_NOW = 40  # for each channel, however large the ledger
RARE = 30  # deliveries in the states that are always few, however large
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_SERVER_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE starts_with(indexname, 'ix_')"
TALLIES = "INSERT INTO tallies SELECT channel, state, 0, count(*) FROM deliveries GROUP BY channel, state"

# Every number from 0 makes one row. The multipliers are primes: well mixed, and the same in every run.
SERIES = """
WITH RECURSIVE series(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {count} - 1),
drawn AS (SELECT n, n * 7919 % 10007 % 1000 AS lot, n * 104729 % 1000003 AS moment FROM series),
stood AS (
    SELECT n, moment, CASE
        WHEN n < {due} OR lot < 60 THEN 'scheduled'
        WHEN n >= {count} - {rare} THEN CASE n % 6 WHEN 0 THEN 'uncertain' WHEN 1 THEN 'pending'
            WHEN 2 THEN 'publishing' WHEN 3 THEN 'planned' WHEN 4 THEN 'rejected' ELSE 'awaiting_approval' END
        WHEN lot < 860 THEN 'published' WHEN lot < 910 THEN 'done' WHEN lot < 950 THEN 'cancelled'
        WHEN lot < 960 THEN 'failed' WHEN lot < 970 THEN 'missed' WHEN lot < 990 THEN 'awaiting_approval'
        ELSE 'handed_over' END AS state
    FROM drawn
),
timed AS (
    SELECT n, state, CAST(100000000000 + n * 2654435761 % 900000000000 AS TEXT) AS id,
        state IN ('published', 'done', 'handed_over') AS went,
        CASE WHEN n < {due} THEN {now} - (1 + n / {channels}) * {second}
            WHEN state IN ('scheduled', 'awaiting_approval', 'planned')
            THEN {now} + 300 * {second} + moment * (14 * {day} / 1000003)
            ELSE {now} - {day} - moment * (364 * {day} / 1000003) END AS due_at
    FROM stood
)
"""
DELIVERIES = """
INSERT INTO deliveries (id, key, campaign, activity, channel, occurrence, part, kind, type, state, reason, due_at,
    window_until, not_before, approve_by, digest, content, idempotency, attempts, fence, worker, lease_until,
    remote_id, remote_url, receipt, published_at, collect_at, created_at, changed_at)
{series}
SELECT id, id || '{pad}', 'campaign-' || CAST(10 + (n % {channels} * 2 + n / {channels} % 10) % {campaigns} AS TEXT),
    'post-' || CAST(n % 500 AS TEXT), 'channel-' || CAST(n % {channels} AS TEXT), CAST(n AS TEXT), 'main',
    'online', 'post', state, CASE WHEN went OR state = 'scheduled' THEN '' ELSE 'why it is so' END, due_at,
    CASE WHEN n % 2 = 1 THEN due_at + {day} END,
    CASE WHEN state IN ('uncertain', 'pending') THEN {now} + 180 * {second} END,
    CASE WHEN state = 'awaiting_approval' AND n < {count} - {rare} THEN due_at - 3600 * {second} END, '{pad}',
    json('{{"text":"{text}","link":"https://leaf.example/' || id || '","hashtags":["garden"]}}'),
    CASE WHEN went THEN 'key' ELSE 'none' END, CASE WHEN went THEN 1 ELSE 0 END,
    CASE WHEN went OR state = 'publishing' THEN 1 ELSE 0 END,
    CASE WHEN went OR state = 'publishing' THEN 'press:1' END,
    CASE WHEN state = 'publishing' THEN {now} + 240 * {second} END,
    CASE WHEN went THEN 'remote-' || id END, CASE WHEN went THEN 'https://channel.example/' || id END,
    CASE WHEN went THEN json('{{"remote_id":"remote-' || id || '","detail":{{}},"parts":[]}}') END,
    CASE WHEN state IN ('published', 'done') THEN due_at + 40000 END,
    CASE WHEN went THEN {now} + 3650 * {day} END, due_at - {day}, due_at
FROM timed
"""
CAMPAIGN_ROWS = """
INSERT INTO campaigns (campaign, file, digest, document, timezone, brand, applied_at, horizon, ended)
WITH RECURSIVE series(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {campaigns} - 1)
SELECT 'campaign-' || CAST(10 + n AS TEXT), 'campaigns/spring.yaml', '{pad}', json('{{}}'), 'UTC', 'leaf', {now}, {now},
    1 = 0 FROM series
"""
ATTEMPTS = """
INSERT INTO attempts (delivery, channel, number, fence, worker, started_at, sent_at, lease_until, finished_at, outcome,
    error)
SELECT id, channel, 1, 1, 'press:1', due_at, due_at, due_at + 300 * {second}, due_at + 40000, 'published', ''
FROM deliveries WHERE fence = 1
"""
EVENTS = """
INSERT INTO events (delivery, at, what, "by", detail)
SELECT id, created_at, 'planned', 'lin', json('{{}}') FROM deliveries
UNION ALL
SELECT id, due_at, 'claimed', 'press:1', json('{{"fence":1,"state":"publishing"}}') FROM deliveries WHERE fence = 1
UNION ALL
SELECT id, due_at + 40000, state, 'press:1', json('{{"remote_id":"remote-1234","state":"published"}}')
FROM deliveries WHERE published_at IS NOT NULL
"""


def fill(engine, count, *, now, events=True):
    """Write `count` deliveries of 40 campaigns, each on 5 of 20 channels, and their attempts, and perhaps `events`.

    The past year has gone out, the coming two weeks are waiting, and 40 a channel have just become due.
    The ledger is empty and nobody else uses it. Indexes are made at the end, as a restore would.
    """
    words = {
        "count": count,
        "due": DUE_NOW * CHANNELS,
        "rare": RARE,
        "channels": CHANNELS,
        "campaigns": CAMPAIGNS,
        "now": (now - EPOCH) // timedelta(microseconds=1),
        "second": f"CAST({SECOND} AS BIGINT)",  # without it PostgreSQL would count in 32 bits
        "day": DAY,
        "pad": "e" * 52,
        "text": "The garden is open on Saturday: tea, seedlings, and somebody who knows the trees. " * 3,
    }
    words["series"] = SERIES.format(**words)
    indexes = {"sqlite": _INDEXES, "postgresql": _SERVER_INDEXES}[engine.dialect.name]
    engine.dispose()  # SQLite wants to be alone for what follows
    connection = engine.raw_connection()
    raw = connection.driver_connection
    try:
        if engine.dialect.name == "postgresql":
            raw.rollback()
            raw.autocommit = True
            raw.execute("SET session_replication_role = replica")  # no triggers
            last = (TALLIES, "VACUUM ANALYZE")
        else:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
                raw.execute(f"PRAGMA {setting}").fetchall()
            last = ("ANALYZE", "PRAGMA journal_mode = WAL")
        found = raw.execute(indexes).fetchall()
        drops = [f"DROP INDEX {name}" for name, _made in found]
        made = [made for _name, made in found]
        rows = [each.format(**words) for each in (CAMPAIGN_ROWS, DELIVERIES, ATTEMPTS, *([EVENTS] if events else []))]
        for statement in (*drops, *rows, *made, *last):
            raw.execute(statement)
    finally:
        connection.invalidate()
