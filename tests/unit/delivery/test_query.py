"""Reading the ledger."""

from datetime import timedelta

import pytest

from promo.delivery.query import find, list_deliveries, status, upcoming
from promo.delivery.state import State
from promo.errors import NotFound, UserMistake


def test_a_delivery_is_found_by_the_beginning_of_its_id(desk):
    ids = [desk.add(f"n{n}") for n in range(40)]
    assert find(desk.engine, ids[0]).id == ids[0]
    assert find(desk.engine, f" {ids[0][:9].upper()} ").id == ids[0]
    shared = next(i[0] for i in ids if sum(other[0] == i[0] for other in ids) > 1)
    with pytest.raises(UserMistake, match="several"):
        find(desk.engine, shared)
    for wrong in ("", "%", "_"):
        with pytest.raises(NotFound):
            find(desk.engine, wrong)


def test_lists_filter_and_sort_by_time(desk):
    late = desk.add("late", due=timedelta(days=2))
    row = desk.add("table/7", due=timedelta(days=1), channel="by-person")
    now = desk.add("now")
    desk.run()
    assert [d.id for d in list_deliveries(desk.engine)] == [now, row, late]
    assert [d.id for d in list_deliveries(desk.engine, states=[State.PUBLISHED])] == [now]
    assert [d.id for d in list_deliveries(desk.engine, activity="table")] == [row]
    assert [d.id for d in list_deliveries(desk.engine, channel="by-person", campaign="spring")] == [row]
    assert [d.id for d in list_deliveries(desk.engine, campaign="autumn")] == []
    assert [d.id for d in list_deliveries(desk.engine, limit=1)] == [now]
    start = desk.clock.now()
    assert [d.id for d in upcoming(desk.engine, start + timedelta(hours=1), start + timedelta(days=2))] == [row]


def test_status_counts_and_says_what_is_next(desk):
    desk.add("out")
    desk.run()
    coming = desk.add("coming", due=timedelta(hours=3))
    found = status(desk.engine, desk.clock.now())
    assert found.counts == {State.PUBLISHED: 1, State.SCHEDULED: 1}
    assert found.next_due.id == coming
    assert found.overdue == []
    desk.clock.advance(timedelta(hours=4))
    assert [row.id for row in status(desk.engine, desk.clock.now()).overdue] == [coming]
