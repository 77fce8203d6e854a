"""The counts that triggers keep are those that counting gives: after any walk, crash, copy and plan."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from promo.delivery.move import move
from promo.delivery.state import STEPS, State
from promo.delivery.steps import cancel
from promo.delivery.tally import fold, tally, totals
from promo.rehearsal.copy import MEMORY, copy_ledger
from promo.store.database import open_database, reading, transaction
from promo.store.tables import deliveries, events, tallies

CHANNELS = ("by-key", "by-lookup", "by-person")


def counted(connection):
    """Count the plain way."""
    c = deliveries.c
    return {
        (channel, State(state)): count
        for channel, state, count in connection.execute(
            select(c.channel, c.state, func.count()).group_by(c.channel, c.state)
        )
    }


def check(engine):
    with reading(engine) as connection:
        wanted = counted(connection)
        assert tally(connection) == wanted
        return wanted


def step(connection, chance, at):
    """Do one thing at random that the ledger allows: a step of the table, a change of channel, a removal."""
    row = connection.execute(select(deliveries).order_by(func.random()).limit(1)).one()
    here = deliveries.c.id == row.id
    what = chance.random()
    if what < 0.05:
        connection.execute(update(deliveries).where(here).values(channel=chance.choice(CHANNELS)))
    elif what < 0.1:
        connection.execute(delete(events).where(events.c.delivery == row.id))
        connection.execute(delete(deliveries).where(here))
    elif what < 0.2:
        connection.execute(update(deliveries).where(here).values(state=row.state, fence=row.fence + 1))
    elif following := sorted(STEPS[State(row.state)]):
        move(connection, here, to=chance.choice(following), at=at)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_counts_are_right_after_any_walk(desk, seed):
    chance = random.Random(seed)
    desk.apply(*(desk.wish(f"w{n}", channel=chance.choice(CHANNELS), window=timedelta(hours=n)) for n in range(60)))
    for _round in range(40):
        lost = chance.random() < 0.3
        try:
            with transaction(desk.engine) as connection:
                for _step in range(chance.randrange(1, 6)):
                    step(connection, chance, desk.clock.now())
                if lost:
                    raise ConnectionError
        except ConnectionError:
            pass  # what was not committed is not counted
        if chance.random() < 0.2:
            fold(desk.engine, worth_it=chance.choice((1, 1000)))
        check(desk.engine)


def test_what_publishing_does_is_counted(desk):
    post = desk.wish("post")
    comment = desk.wish("comment", parent=post.id, part="first-comment")
    desk.apply(post, comment, *(desk.wish(f"w{n}", channel="by-person", due=timedelta(days=1)) for n in range(4)))
    desk.connector("by-key").script.append(TimeoutError())
    desk.run()
    assert check(desk.engine)["by-key", State.UNCERTAIN] == 1
    desk.later(minutes=30)
    desk.later(minutes=30)
    cancel(desk.engine, desk.wish("w1", channel="by-person").id, by="lin", reason="rain", clock=desk.clock)
    found = check(desk.engine)
    assert found["by-person", State.CANCELLED] == 1
    assert totals(found)[State.SCHEDULED] == 3


def test_a_copy_counts_by_itself(desk):
    desk.apply(*(desk.wish(f"w{n}") for n in range(7)))
    desk.run(limit=3)
    copy = open_database(MEMORY)
    copy_ledger(desk.engine, copy)
    assert check(copy) == check(desk.engine)
    copy.dispose()


def test_many_may_move_deliveries_while_one_adds_up(postgres_desk):
    """Nobody waits for another's count, so nobody can wait in a circle: opposite orders, in open transactions."""
    desk = postgres_desk
    wishes = [desk.wish(f"w{n}", channel=CHANNELS[n % 3]) for n in range(90)]
    desk.apply(*wishes)
    both_hold = threading.Barrier(2, timeout=30)
    troubles = []

    def work(ids):
        try:
            with transaction(desk.engine) as connection:
                for number, id in enumerate(ids):
                    move(connection, deliveries.c.id == id, to=State.MISSED, at=desk.clock.now())
                    if number == 0:
                        both_hold.wait()  # each has counted in one channel and goes on to the other's
        except Exception as error:  # noqa: BLE001 - shown below
            troubles.append(error)

    ids = [wish.id for wish in wishes]
    workers = [threading.Thread(target=work, args=(part,)) for part in (ids[:45], ids[:44:-1])]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        fold(desk.engine, worth_it=1)
    for worker in workers:
        worker.join()
    assert troubles == []
    assert sum(check(desk.engine).values()) == 90
    fold(desk.engine, worth_it=1)
    with reading(desk.engine) as connection:
        assert connection.execute(select(func.max(tallies.c.part))).scalar() == 0
    check(desk.engine)
