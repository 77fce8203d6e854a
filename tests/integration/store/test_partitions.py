"""The tables that only grow, partitioned by time as docs/scaling.md says: promo does not notice."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from structlog.testing import capture_logs

from promo.connector import Capabilities, Connector, Handle, Receipt, Settings
from promo.delivery.publisher import Publisher
from promo.delivery.state import State
from promo.exposure.visit import Visitor, record_visit
from promo.registry import Registry, open_channels
from promo.report.summary import summarize
from promo.store.copy import copy_ledger
from promo.store.database import reading, transaction
from promo.store.tables import deliveries, events
from promo.store.target import begin_copy, finish_copy
from promo.workspace import Workspace, WorkspaceSettings

PAGE = (Path(__file__).parents[3] / "docs" / "scaling.md").read_text(encoding="utf-8")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Anywhere(Connector[Settings]):
    """Takes everything."""

    name = "anywhere"
    title = title_zh = "anywhere"
    Settings = Settings
    capabilities = Capabilities()

    def check(self):
        return Handle(account="anywhere")

    def publish(self, request):
        return Receipt(remote_id=request.key[:16])


def partition(connection, now):
    """The page's own statements, for visits by day and for events by month, around `now`."""
    [sql] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    rename, create, _comment, part, *after = [line for line in sql.splitlines() if line.strip()]
    for table, days in (("visits", 1), ("events", 31)):
        connection.execute(text(rename.replace("visits", table)))
        connection.execute(text(create.replace("visits", table)))
        first = (now - timedelta(days=60)).replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range(90 // days + 1):
            start, end = (
                int((first + timedelta(days=days * n) - EPOCH) / timedelta(microseconds=1))
                for n in (number, number + 1)
            )
            words = re.sub(r"visits_\d+", f"{table}_{number}", part).replace("OF visits", f"OF {table}")
            connection.execute(text(re.sub(r"\(\d+\) TO \(\d+\)", f"({start}) TO ({end})", words)))
        for line in after:
            words = line.replace("visits", table).replace("token", "token" if table == "visits" else "delivery")
            connection.execute(text(words))


@pytest.fixture
def server(database, open_day):
    """The sample ledger on PostgreSQL, its growing tables partitioned."""
    engine = begin_copy(database(), source="here")
    copy_ledger(open_day.engine, engine)
    finish_copy(engine)
    with transaction(engine) as connection:
        partition(connection, open_day.clock.now())
    yield engine
    engine.dispose()


def test_a_partitioned_ledger_publishes_counts_and_reports(server, open_day):
    now = open_day.clock.now()
    assert summarize(server, "open-day", now=now) == summarize(open_day.engine, "open-day", now=now)
    parts = [name for name in inspect(server).get_table_names() if name.startswith("visits_")]
    with reading(server) as connection:
        used = [part for part in parts if connection.execute(text(f"SELECT count(*) FROM {part}")).scalar()]
    assert len(used) > 5, "rows lie in many partitions"

    visitor = Visitor(address="203.0.113.7", user_agent="Mozilla/5.0 Firefox/140.0")
    before = summarize(server, "open-day", now=now).visits
    record_visit(server, "tok0001xyz", visitor=visitor, clock=open_day.clock)
    assert summarize(server, "open-day", now=now).visits == before + 1

    settings = WorkspaceSettings.model_validate({"channels": {"bluesky": {"connector": "anywhere"}}})
    workspace = Workspace(open_day.workspace.root, settings, {})
    channels = open_channels(workspace, Registry({}, {"anywhere": Anywhere}), open_day.clock)
    open_day.clock.advance(timedelta(days=2))
    publisher = Publisher(
        server, channels, clock=open_day.clock, render=lambda _spec: None, workspace=workspace, worker="one"
    )
    assert publisher.run_due().count(State.PUBLISHED) == 2
    with reading(server) as connection:
        told = connection.execute(select(events.c.what).where(events.c.at >= open_day.clock.now())).scalars().all()
        states = connection.execute(select(deliveries.c.state)).scalars().all()
    assert {"claimed", "published"} <= set(told) or len(told) >= 4
    assert "scheduled" not in states


def test_a_link_leads_on_where_no_partition_takes_its_visit(server, open_day):
    open_day.clock.advance(timedelta(days=999))
    visitor = Visitor(address="203.0.113.7", user_agent="Mozilla/5.0 Firefox/140.0")
    with capture_logs() as logs:
        assert record_visit(server, "tok0001xyz", visitor=visitor, clock=open_day.clock).startswith("https://")
    assert [line["event"] for line in logs] == ["visit not counted"]
