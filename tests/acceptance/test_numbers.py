"""The numbers that the pages promise are those that the program goes by."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from promo.delivery import backoff, finish, lane, move, sender, settle, writer
from promo.engine.embedded import Pace
from promo.store import database, probe
from promo.watch import health
from promo.workspace import ChannelSettings

DOCS = Path(__file__).parents[2] / "docs"
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
TIMEOUT = ChannelSettings.model_fields["timeout"].default

DELIVERY = {
    "up to N s before the delivery's moment": sender.AHEAD / SECOND,
    "it gets a lease (the channel's `timeout`, N minutes": TIMEOUT / MINUTE,
    "then ever more rarely (at most every N h)": backoff.PENDING_LONGEST / HOUR,
    "; after N days `uncertain`": backoff.PENDING_FOR / DAY,
    "again after a random time of up to N s, 1 min, 2 min": backoff.BASE / SECOND,
    "2 min … N h;": backoff.LONGEST / HOUR,
    "`failed` after N tries": backoff.MOST_TRIES,
    "The first look comes N s later": backoff.SETTLE_FIRST / SECOND,
    "it gives up after at most N s instead of a quarter of an hour": int(database.PATIENCE["tcp_user_timeout"]) / 1000,
    "whose window has passed are `missed`, N in a transaction": move.CHUNK,
    "has a SQLite file locked, a commit waits N s": database.BUSY_SECONDS,
    "the channel claims nothing for N s": lane.AFTER_ERROR,
    "an answer is written again every N s": writer.RECORD_AGAIN / SECOND,
    "once it was told to end, N times": writer.RECORD_TRIES,
    "PostgreSQL is given N s to let a connection in": int(database.PATIENCE["connect_timeout"]),
}
OPERATIONS = {
    "a ledger that cannot be written within N s": health.SECONDS,
    "less than N MiB, what SQLite's log grows to": round(probe.ROOM / 2**20),
    "Every N minutes it reads the counts that are due": Pace().collect / MINUTE,
}
IN_WORDS = [
    ("delivery.md", "nine tenths of its declared window", settle.KEY_SAFETY, 0.9),
    ("delivery.md", "its counts are read from one hour later on", finish.FIRST_COLLECTION, HOUR),
    ("operations.md", "it reads all moments anew once a minute", Pace().plan, MINUTE),
    ("operations.md", "every hour it looks whether the rolling plan is to be extended", Pace().horizon, HOUR),
    ("operations.md", "once a day it lets SQLite tidy up", Pace().maintain, DAY),
]


def promises():
    return [("delivery.md", words, number) for words, number in DELIVERY.items()] + [
        ("operations.md", words, number) for words, number in OPERATIONS.items()
    ]


@pytest.mark.parametrize(("page", "words", "number"), promises())
def test_a_number_of_a_page_is_the_program_s(page, words, number):
    said = " ".join((DOCS / page).read_text(encoding="utf-8").split())
    [found] = re.findall(re.escape(words).replace("N", r"(\d+(?:\.\d+)?)", 1), said)
    assert float(found) == number


@pytest.mark.parametrize(("page", "words", "number", "promised"), IN_WORDS)
def test_a_number_that_a_page_writes_in_words(page, words, number, promised):
    assert words in " ".join((DOCS / page).read_text(encoding="utf-8").split())
    assert number == promised


def test_a_connection_is_made_with_these_waits(ledger, postgres):
    with ledger.engine.connect() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
    engine = database.open_database(postgres)
    assert engine.url.query.items() >= database.PATIENCE.items()
    with engine.connect() as connection:
        shown = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
        used = connection.connection.driver_connection.info.get_parameters()
    engine.dispose()
    assert shown == "1min", "a transaction it left open is ended by the server after 60 s"
    assert used.items() >= {name: database.PATIENCE[name] for name in ("connect_timeout", "tcp_user_timeout")}.items()
    assert not database.PATIENCE.keys() & make_url(postgres).query.keys(), "else the address's own would have been kept"
