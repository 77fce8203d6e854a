"""What is asked all the time is answered from an index, whatever the size of the ledger: both databases say how."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from promo.app.names import delivery_names
from promo.app.workspace import App
from promo.delivery.query import find, history, list_deliveries, status, upcoming
from promo.delivery.state import State
from promo.exposure.collect import collect_due
from promo.store.database import transaction
from promo.store.tables import metadata
from promo.watch.gauge import gauges

GROWS = {"deliveries", "attempts", "events"}
# Reading one of these from end to end is no more than reading what is under way, in doubt or held.
SHORT = {"ix_deliveries_leases", "ix_deliveries_doubt", "ix_deliveries_held"}

# This one holds every row there ever was: a search of it must have both ends.
LONG = "ix_deliveries_due_at"

PARTIAL = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


@contextmanager
def heard(engine):
    """Collect every statement that reads or changes what is there already."""
    found = []

    def hear(_connection, _cursor, statement, parameters, _context, many):
        if re.match(r"\s*(SELECT|UPDATE|WITH|DELETE)", statement):
            found.extend((statement, each) for each in (parameters if many else [parameters]))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def steps(connection, statement, parameters):
    """Yield (table, index, bounded): how the database would come by the rows of each table that grows."""
    if connection.dialect.name == "sqlite":
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
            found = re.match(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", row[3])
            if found is not None:
                # A search without a condition is what SQLite calls the way to the least value.
                yield found[2], found[3], found[1] == "SEARCH" and ("(" in row[3] or found[3] in PARTIAL)
        return
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar()
    nodes = [(plan[0]["Plan"], {})]
    while nodes:
        node, above = nodes.pop()
        nodes += [(each, node) for each in node.get("Plans", [])]
        if "Index Name" in node or node["Node Type"] == "Seq Scan":
            bounded = "Index Cond" in node or above.get("Node Type") == "Limit"
            yield node.get("Relation Name", above.get("Relation Name")), node.get("Index Name"), bounded


def whole(engine, statements):
    """Return the statements that would read a table that grows, or a long index of it, from end to end."""
    found = set()
    with engine.connect() as connection, connection.begin() as begun:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # these tables are small, and others are not
        for statement, parameters in statements:
            first = " LIMIT " in statement  # in the order of an index that holds only what waits
            for table, index, bounded in steps(connection, statement, parameters):
                bounded = bounded and (index != LONG or "due_at >=" in statement)  # noqa: PLW2901 - as said
                if table in GROWS and not bounded and index not in SHORT and not (first and index in PARTIAL):
                    found.add(f"{table} by {index}: {' '.join(statement.split())}")
        begun.rollback()
    return found


@pytest.fixture
def busy(desk):
    """A desk in the middle of its work: something in every state, and statistics of it."""
    wishes = [
        desk.wish(
            f"w{n}", channel=tuple(desk.channels)[n % 4], due=timedelta(minutes=n), window=timedelta(days=n % 9 + 1)
        )
        for n in range(400)
    ]
    desk.apply(*wishes)
    desk.connector("by-key").script.extend([TimeoutError()] * 3)
    desk.later(hours=3)
    with transaction(desk.engine) as connection:
        connection.execute(
            text("UPDATE deliveries SET state = 'awaiting_approval' WHERE state = 'scheduled' AND due_at % 7 = 0")
        )
        connection.execute(text("UPDATE deliveries SET state = 'missed' WHERE state = 'scheduled' AND due_at % 11 = 0"))
        connection.execute(text("ANALYZE"))
    return desk


def test_what_is_asked_all_the_time_is_answered_from_an_index(busy):
    publisher, engine = busy.publisher, busy.engine
    some = busy.wish("w3", channel=tuple(busy.channels)[3]).id
    with heard(engine) as statements:
        publisher.next_moments()
        publisher.next_due("by-key")
        publisher.next_sweep()
        publisher.channels_with_work()
        busy.later(minutes=20)
        publisher.sweep()
        status(engine, busy.clock.now())
        gauges(engine, busy.clock.now())
        find(engine, some[:7])
        history(engine, some)
        upcoming(engine, busy.clock.now(), busy.clock.now() + timedelta(days=1))
        list_deliveries(engine, states=[State.MISSED], limit=20)
        collect_due(engine, busy.channels, clock=busy.clock)
    app = App(busy.workspace, clock=busy.clock, database_url=busy.url)
    with heard(app.ledger) as more:
        delivery_names(app, some[:3])
    app.close()
    assert len(statements) > 60
    assert whole(engine, statements + more) == set()


def test_the_plan_would_show_an_index_that_is_missing(busy):
    with transaction(busy.engine) as connection:
        connection.execute(text("DROP INDEX ix_deliveries_windows"))
    with heard(busy.engine) as statements:
        busy.publisher.next_sweep()
    try:
        assert whole(busy.engine, statements)
    finally:
        with transaction(busy.engine) as connection:
            [index] = (i for i in metadata.tables["deliveries"].indexes if i.name == "ix_deliveries_windows")
            index.create(connection)
