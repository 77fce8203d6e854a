"""A ledger in the middle of its life: any number of deliveries, most of them out, for the benchmarks that need many."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2027, 3, 20, 4, tzinfo=UTC)
CHANNELS, CAMPAIGNS = 20, 40
DUE_NOW = 40  # for each channel, however large the ledger
RARE = 25  # deliveries in the states that are always few, however large
MICRO = (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE starts_with(indexname, 'ix_')",
}

# Every number from 0 makes one row. The multipliers are primes: well mixed, and the same in every run.
SERIES = """
WITH RECURSIVE series(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {count} - 1),
drawn AS (SELECT n, n * 7919 % 10007 % 1000 AS lot, n * 104729 % 1000003 AS moment FROM series),
stood AS (
    SELECT n, moment, CASE
        WHEN n < {due} OR lot < 60 THEN 'scheduled'
        WHEN n >= {count} - {rare} THEN CASE n % 5 WHEN 0 THEN 'uncertain' WHEN 1 THEN 'pending'
            WHEN 2 THEN 'publishing' WHEN 3 THEN 'planned' ELSE 'rejected' END
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
SELECT id, id || '{pad}', 'campaign-' || CAST(10 + n / {channels} % {campaigns} AS TEXT),
    'post-' || CAST(n % 500 AS TEXT), 'channel-' || CAST(10 + n % {channels} AS TEXT), CAST(n AS TEXT), 'main',
    'online', 'post', state, CASE WHEN went OR state = 'scheduled' THEN '' ELSE 'why it is so' END, due_at,
    CASE WHEN n % 2 = 1 THEN due_at + {day} END,
    CASE WHEN state IN ('uncertain', 'pending') THEN {now} + 180 * {second} END,
    CASE WHEN state = 'awaiting_approval' AND n % 10 <> 0 THEN due_at - 3600 * {second} END, '{pad}',
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
STORIES = (
    """
INSERT INTO attempts (delivery, channel, number, fence, worker, started_at, sent_at, lease_until, finished_at, outcome,
    error)
SELECT id, channel, 1, 1, 'press:1', due_at, due_at, due_at + 300 * {second}, due_at + 40000, 'published', ''
FROM deliveries WHERE fence = 1
""",
    """
INSERT INTO events (delivery, at, what, "by", detail)
SELECT id, created_at, 'planned', 'lin', json('{{}}') FROM deliveries
UNION ALL
SELECT id, due_at, 'claimed', 'press:1', json('{{"fence":1,"state":"publishing"}}') FROM deliveries WHERE fence = 1
UNION ALL
SELECT id, due_at + 40000, state, 'press:1', json('{{"remote_id":"remote-1234","state":"published"}}')
FROM deliveries WHERE published_at IS NOT NULL
""",
)


def fill(engine, count, *, stories=True):
    """Write `count` deliveries of 20 channels and 40 campaigns; with `stories` also their attempts and events.

    The ledger is empty and nobody else uses it. Indexes are made at the end, as a restore would.
    """
    words = {
        "count": count,
        "due": DUE_NOW * CHANNELS,
        "rare": RARE,
        "channels": CHANNELS,
        "campaigns": CAMPAIGNS,
        "now": MICRO,
        "second": f"CAST({SECOND} AS BIGINT)",  # without it PostgreSQL would count in 32 bits
        "day": DAY,
        "pad": "e" * 52,
        "text": "The garden is open on Saturday: tea, seedlings, and somebody who knows the trees. " * 3,
    }
    words["series"] = SERIES.format(**words)
    server = engine.dialect.name == "postgresql"
    connection = engine.raw_connection()
    raw = connection.driver_connection
    try:
        if server:
            raw.rollback()
            raw.autocommit = True
        else:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
                raw.execute(f"PRAGMA {setting}").fetchall()
        indexes = raw.execute(INDEXES[engine.dialect.name]).fetchall()
        for name, _made in indexes:
            raw.execute(f"DROP INDEX {name}")
        for statement in (CAMPAIGN_ROWS, DELIVERIES, *(STORIES if stories else ())):
            raw.execute(statement.format(**words))
        for _name, made in indexes:
            raw.execute(made)
        raw.execute("VACUUM ANALYZE" if server else "ANALYZE")
        if not server:
            raw.execute("PRAGMA journal_mode = WAL").fetchall()
    finally:
        connection.invalidate()
