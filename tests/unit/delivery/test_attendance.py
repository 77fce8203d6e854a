"""Whether somebody is there for what could go out: told where it waits, and never where it waits for something else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from promo.connector import TryAgain
from promo.delivery.attendance import Missing, attendance, sign_in
from promo.delivery.state import State
from promo.delivery.steps import pause_channel
from promo.delivery.worker import Pulse
from promo.store.database import reading, transaction
from promo.store.tables import workers


def look(desk, *, handed_out=False):
    return attendance(desk.engine, lambda: desk.channels, desk.clock.now(), handed_out=handed_out)


def hand_out(desk):
    return desk.publisher.hand_out(lambda _connection, _jobs: None)


def test_nobody_is_missed_before_something_waits(desk):
    desk.add("one", due=timedelta(hours=3))
    assert look(desk).missing is None
    desk.clock.advance(timedelta(hours=3, minutes=1))  # a tick may yet come
    assert look(desk).missing is None
    desk.clock.advance(timedelta(minutes=2))
    found = look(desk)
    assert (found.missing, found.seen_at) == (Missing.PUBLISHER, None)


def test_who_published_last_and_is_gone_is_named_with_its_moment(desk):
    desk.add("one")
    desk.publisher = desk.another(role="run")
    desk.run()
    at = desk.clock.now()
    desk.add("two", due=timedelta(minutes=30))
    desk.clock.advance(timedelta(minutes=31))
    assert look(desk).missing is None
    desk.clock.advance(timedelta(minutes=5))
    found = look(desk)
    assert (found.missing, found.seen_at) == (Missing.PUBLISHER, at)
    desk.run()
    assert look(desk).missing is None


def test_ticks_of_cron_are_no_alarm_even_where_they_come_rarely_and_found_nothing(desk):
    desk.add("one", due=timedelta(minutes=50))
    sign_in(desk.engine, "box:1", desk.clock.now())
    desk.clock.advance(timedelta(minutes=55))
    assert look(desk).missing is None
    desk.clock.advance(timedelta(minutes=10))
    assert look(desk).missing is Missing.PUBLISHER


def test_old_ticks_are_forgotten(desk):
    sign_in(desk.engine, "box:1", desk.clock.now())
    desk.clock.advance(timedelta(days=2))
    sign_in(desk.engine, "box:2", desk.clock.now())
    with reading(desk.engine) as connection:
        assert connection.execute(select(workers.c.worker)).scalars().all() == ["box:2"]


@pytest.mark.parametrize("why", ["paused", "asked for patience", "rate limit"])
def test_what_waits_for_its_channel_waits_for_no_process(make_desk, why):
    desk = make_desk(**({"by-key": {"rate": {"calls": 1, "per": "6h"}}} if why == "rate limit" else {}))
    desk.add("one")
    if why == "paused":
        pause_channel(desk.engine, "by-key", clock=desk.clock, by="lin")
    elif why == "asked for patience":
        desk.connector().script.append(TryAgain("later", wait=timedelta(hours=6)))
    if why != "paused":
        desk.run()
    desk.add("two")
    desk.clock.advance(timedelta(hours=5))
    assert look(desk).missing is None
    if why != "paused":
        desk.clock.advance(timedelta(hours=2))
        assert look(desk).missing is Missing.PUBLISHER


def test_what_was_handed_out_misses_a_worker(desk):
    desk.add("one")
    assert hand_out(desk) == 1
    assert look(desk, handed_out=True).missing is None
    desk.clock.advance(timedelta(minutes=3))
    found = look(desk, handed_out=True)
    assert (found.missing, found.seen_at) == (Missing.WORKER, None)


def test_a_worker_that_has_its_hands_full_is_not_missed(desk):
    desk.add("one")
    desk.add("two", channel="by-lookup")
    jobs = []
    desk.publisher.hand_out(lambda _connection, some: jobs.extend(some))
    desk.clock.advance(timedelta(minutes=3))
    worker = desk.another(role="worker")
    worker.open_queue()
    worker.carry_out(jobs[0])
    worker.close_queue()
    assert look(desk, handed_out=True).missing is None


def test_a_tick_that_cannot_sign_goes_on(make_desk):
    desk = make_desk()
    with transaction(desk.engine) as connection:
        connection.exec_driver_sql("DROP TABLE workers")
    sign_in(desk.engine, "box:1", desk.clock.now())
    assert desk.state(desk.add("one")) == State.SCHEDULED  # nothing is left open that would be in the way


def idle(desk, role):
    """Give the sign of a process that is there and has nothing to do."""
    with transaction(desk.engine) as connection:
        Pulse(f"{role}:1", role).beat(connection, desk.clock.now(), idle=True)


def test_a_worker_without_work_is_no_publisher(desk):
    desk.add("one")
    desk.clock.advance(timedelta(minutes=3))
    idle(desk, "worker")
    found = look(desk, handed_out=True)
    assert (found.missing, found.seen_at, found.alive) == (Missing.PUBLISHER, None, False)


@pytest.mark.parametrize(("role", "missing"), [("run", Missing.PUBLISHER), ("worker", Missing.WORKER)])
def test_a_process_that_lives_and_takes_nothing_is_told_of(desk, role, missing):
    desk.add("one")
    if role == "worker":
        hand_out(desk)
    desk.clock.advance(timedelta(minutes=3))
    idle(desk, role)
    found = look(desk, handed_out=role == "worker")
    assert (found.missing, found.seen_at, found.alive) == (missing, desk.clock.now(), True)


def test_who_begins_to_work_says_so_at_once(desk):
    pulse = Pulse("box:1", "run")
    for is_idle in (True, False):
        with transaction(desk.engine) as connection:
            pulse.beat(connection, desk.clock.now(), idle=is_idle)
    with reading(desk.engine) as connection:
        assert connection.execute(select(workers.c.worked_at)).scalar_one() == desk.clock.now()
