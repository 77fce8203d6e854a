"""After a week off: what was missed is written in bounded transactions, what is late is told in short."""

from datetime import timedelta

from sqlalchemy import event

from promo.delivery.move import CHUNK
from promo.delivery.query import MOST, status
from promo.delivery.state import State
from promo.delivery.sweep import sweep
from promo.delivery.tally import tally, totals
from promo.store.database import reading

MANY = 3 * CHUNK + 7


def test_a_week_of_missed_deliveries_is_swept_in_bounded_transactions(desk):
    wishes = [desk.wish(f"w{n}", due=timedelta(minutes=1), window=timedelta(hours=1)) for n in range(MANY)]
    later = desk.add("later", due=timedelta(days=9), window=timedelta(days=10))
    desk.apply(*wishes)
    desk.clock.advance(timedelta(days=7))
    written = []  # rows of each transaction
    touched = []

    def count(_connection, cursor, statement, _parameters, _context, _many):
        if statement.startswith("INSERT INTO events"):  # one for each row that is moved
            touched.append(cursor.rowcount)

    def end(_connection):
        written.append(sum(touched))
        touched.clear()

    event.listen(desk.engine, "after_cursor_execute", count)
    event.listen(desk.engine, "commit", end)
    swept = sweep(desk.engine, desk.clock.now())
    assert sorted(swept.missed) == sorted(wish.id for wish in wishes)
    assert max(written) == CHUNK
    assert sum(written) == MANY
    assert desk.state(later) == State.SCHEDULED
    assert sweep(desk.engine, desk.clock.now()).missed == ()


def test_a_status_of_many_overdue_lists_some_and_counts_all(desk):
    desk.apply(*(desk.wish(f"w{n}", due=timedelta(minutes=n % 90)) for n in range(MANY)))
    desk.clock.advance(timedelta(minutes=91))
    found = status(desk.engine, desk.clock.now())
    assert len(found.overdue) == MOST
    assert found.overdue_count == MANY
    assert found.late_count == sum(n % 90 < 89 for n in range(MANY))
    assert found.overdue[0].due_at == min(row.due_at for row in found.overdue)
    with reading(desk.engine) as connection:
        assert totals(tally(connection)) == found.counts == {State.SCHEDULED: MANY}
