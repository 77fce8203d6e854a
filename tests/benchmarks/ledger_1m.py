"""What is asked all the time, at a million deliveries beside ten thousand, in ledgers that are alike but for that."""

import statistics
import time
from datetime import UTC, datetime

import filled_ledger
from engine_rooms import load, server

from promo.delivery.claim import claim_due
from promo.delivery.query import status
from promo.delivery.turns import Turns
from promo.delivery.worker import Pulse
from promo.store.database import transaction

AIM = 1.5
SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 40  # of each run
BATCH = 10  # deliveries of a claim


class Undone(Exception):
    """Ends a transaction without writing it: the disk's patience is no part of what is compared."""


class Ledger:
    """One filled ledger and the three questions."""

    def __init__(self, rooms, url, root, count, now):
        engine, workspace, self.channels = rooms.station(
            url, root, channels=filled_ledger.CHANNELS, concurrency=100, rate={"calls": 1000, "per": "1h"}
        )
        filled_ledger.fill(engine, count, now=now, events=False)
        self.engine, self.now = engine, now
        self.publisher = rooms.publisher(engine, workspace, self.channels)
        self.turns, self.pulse = Turns(), Pulse("benchmark", "run")

    def next_due(self):
        return self.publisher.next_due()

    def status(self):
        found = status(self.engine, self.now)
        assert found.overdue_count >= filled_ledger.DUE_NOW * filled_ledger.CHANNELS
        return found

    def claim(self):
        try:
            with transaction(self.engine) as connection:
                channel = self.channels["channel-3"]
                held = claim_due(connection, channel, self.now, pulse=self.pulse, turns=self.turns, limit=BATCH)
                assert len(held) == BATCH
                raise Undone
        except Undone:
            self.pulse.unsaid()


def ratios(ledgers, runs, clock):
    """Return for each question the median seconds of the large ledger and of the small one, asked in turns."""
    found = {}
    for name in ("next_due", "status", "claim"):
        times = ([], [])
        for turn in range(ROUNDS * runs + 3):
            for ledger, seen in zip(ledgers, times, strict=True):
                began = clock()
                getattr(ledger, name)()
                if turn >= 3:
                    seen.append(clock() - began)
        found[name] = [statistics.median(seen) for seen in times]
    return found


def entry(name, found, database):
    large, small = max(found.values(), key=lambda pair: pair[0] / pair[1])
    each = ", ".join(
        f"{question.replace('_', ' ')} {mine * 1000:.2f} ÷ {bare * 1000:.2f} ms"
        for question, (mine, bare) in found.items()
    )
    unit = "CPU seconds" if database == "SQLite" else "seconds"
    return {
        "name": name,
        "ours": large,
        "reference": small,
        "ratio": large / small,
        "aim": "≤ 1.5",
        "holds": large / small <= AIM,
        "what": f"{unit}, the worst of three questions at a million deliveries ÷ at ten thousand ({database}, "
        f"{filled_ledger.CHANNELS} channels with rate limits, {filled_ledger.CAMPAIGNS} campaigns on 5 "
        f"each; a claim of {BATCH} is undone again, and events, which nobody asks "
        f"for here, begin empty): {each}",
    }


def measure(runs):
    """Fill both ledgers on each database and ask them in turns."""
    rooms = load()
    rooms.quiet()
    now = datetime.now(UTC)
    entries = []
    with rooms.folder() as root, server(root) as url:
        base, _slash, options = url.partition("/postgres?")
        places = {
            "SQLite": (f"sqlite:///{root}/large.db", f"sqlite:///{root}/small.db"),
            "PostgreSQL": tuple(f"{base}/{name}?{options}" for name in ("large", "small")),
        }
        for name in ("large", "small"):
            make_database(url, name)
        for database, urls in places.items():
            pairs = zip(urls, (LARGE, SMALL), strict=True)
            ledgers = [Ledger(rooms, place, root, count, now) for place, count in pairs]
            sqlite = database == "SQLite"  # all in this process; a server's work is seen from outside alone
            found = ratios(ledgers, runs, time.process_time if sqlite else time.perf_counter)
            entries.append(entry("ledger-1m" if sqlite else "ledger-1m-postgres", found, database))
            for ledger in ledgers:
                ledger.engine.dispose()
    return entries


def make_database(url, name):
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
