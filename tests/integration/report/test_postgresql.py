"""Exposure and report on PostgreSQL say what they say on SQLite."""

from __future__ import annotations

import pytest

from promo.exposure.collect import collect_due
from promo.exposure.entry import log_entry
from promo.exposure.visit import Visitor, record_visit
from promo.report.summary import list_campaigns, summarize
from promo.store.database import open_database
from promo.store.tables import metadata


@pytest.fixture
def on_postgresql(postgres, open_day):
    """The sample ledger once more, row by row, on PostgreSQL."""
    engine = open_database(postgres)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table in metadata.sorted_tables:
            if rows := open_day.rows(table.name):
                # Only what was filled in: a serial column goes on counting after the ids given to it.
                given = {c.name for c in table.c if not c.computed and (c.name != "id" or table.name not in NUMBERED)}
                named = [{k: v for k, v in row.items() if k in given} for row in rows]
                connection.execute(table.insert(), named)
    ledger = type(open_day)(open_day.workspace.root, engine)
    yield ledger
    engine.dispose()


NUMBERED = {"visits", "samples", "events"}


def test_both_databases_give_one_report(open_day, on_postgresql):
    now = open_day.clock.now()
    assert summarize(on_postgresql.engine, "open-day", now=now) == summarize(open_day.engine, "open-day", now=now)
    assert list_campaigns(on_postgresql.engine) == list_campaigns(open_day.engine)


def test_visits_entries_and_collection_are_written(on_postgresql):
    ledger, before = on_postgresql, summarize(on_postgresql.engine, "open-day", now=on_postgresql.clock.now())
    visitor = Visitor(address="203.0.113.7", user_agent="Mozilla/5.0 Firefox/140.0")
    assert record_visit(ledger.engine, "tok0001xyz", visitor=visitor, clock=ledger.clock).startswith("https://")
    log_entry(ledger.engine, "cc00", ["headcount=400"], by="li", workspace=ledger.workspace, clock=ledger.clock)
    assert collect_due(ledger.engine, {}, clock=ledger.clock).failures == []
    after = summarize(ledger.engine, "open-day", now=ledger.clock.now())
    assert (after.visits, after.visitors) == (before.visits + 1, before.visitors + 1)
    assert after.totals["headcount"].value == 400
    assert len(ledger.rows("salts")) == 1
