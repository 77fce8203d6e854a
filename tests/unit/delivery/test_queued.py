"""What was handed out to an engine's queue and waits there for a worker that does not come, or comes late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo.connector import TryAgain
from promo.delivery.query import status
from promo.delivery.state import State
from promo.watch.gauge import gauges

MINUTE = timedelta(minutes=1)


def hand_out(desk, minutes):
    """Play a ticker alone for so many minutes; return the jobs that it wrote."""
    jobs = []
    for _minute in range(minutes):
        desk.publisher.sweep()
        desk.publisher.hand_out(lambda _connection, some: jobs.extend(some))
        desk.clock.advance(MINUTE)
    return jobs


def test_without_workers_it_grows_old_before_everybodys_eyes(desk):
    post = desk.add()
    assert len(hand_out(desk, 4)) == 1
    [age] = [
        gauge.value
        for gauge in gauges(desk.engine, desk.clock.now())
        if gauge.name == "promo_queue_age_seconds" and gauge.labels == ("by-key",)
    ]
    found = status(desk.engine, desk.clock.now())
    assert (desk.state(post), age) == (State.PUBLISHING, 240)
    assert ([row.id for row in found.overdue], found.overdue_count, found.late_count) == ([post], 1, 1)


def test_waiting_for_a_worker_is_no_try(desk):
    post = desk.add()
    assert len(hand_out(desk, 60)) > 8
    desk.clock.advance(timedelta(minutes=6))
    desk.publisher.sweep()
    assert desk.row(post).attempts == 0
    desk.connector().script.append(TryAgain("away for a moment"))
    desk.run()
    assert desk.state(post) == State.SCHEDULED
    assert desk.later(minutes=10).count(State.PUBLISHED) == 1


def test_waiting_for_a_worker_spends_nothing_of_a_rate_limit(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 2, "per": "1h"}}})
    desk.add()
    hand_out(desk, 40)
    desk.clock.advance(timedelta(minutes=6))
    assert desk.run().count(State.PUBLISHED) == 1


@pytest.mark.parametrize(("late", "state"), [(timedelta(seconds=1), State.PUBLISHED), (MINUTE, State.MISSED)])
def test_a_worker_that_comes_after_the_window_sends_nothing(desk, late, state):
    wish = replace(desk.wish(), window_until=desk.clock.now() + MINUTE)
    desk.apply(wish)
    [job] = hand_out(desk, 1)
    desk.clock.advance(late)
    desk.publisher.open_queue()
    assert desk.publisher.carry_out(job) is state
    desk.publisher.close_queue()
    assert len(desk.connector().sent) == (state is State.PUBLISHED)


def test_a_doubt_is_sent_again_before_the_backlog_takes_its_place(desk):
    doubt = desk.add("doubt")
    desk.connector().script.append(OSError("cut"))
    desk.run()
    assert desk.state(doubt) == State.UNCERTAIN
    desk.apply(*(desk.wish(f"n{n}", due=-MINUTE) for n in range(5)))
    desk.clock.advance(timedelta(minutes=10))
    jobs = []
    desk.publisher.hand_out(lambda _connection, some: jobs.extend(some))
    [job] = jobs
    desk.publisher.open_queue()
    assert (job.delivery, desk.publisher.carry_out(job)) == (doubt, State.PUBLISHED)
    desk.publisher.hand_out(lambda _connection, some: jobs.extend(some))
    assert len(jobs) == 2
    desk.publisher.close_queue()


def test_the_place_of_a_doubt_is_kept_until_its_job_is_taken_up(desk):
    doubt = desk.add("doubt")
    desk.connector().script.append(OSError("cut"))
    desk.run()
    desk.apply(*(desk.wish(f"n{n}", due=-MINUTE) for n in range(5)))
    desk.clock.advance(timedelta(minutes=10))
    jobs = []
    for _round in range(3):
        desk.publisher.hand_out(lambda _connection, some: jobs.extend(some))
    assert [job.delivery for job in jobs] == [doubt]
    desk.publisher.open_queue()
    assert desk.publisher.carry_out(jobs[0]) is State.PUBLISHED
    desk.publisher.close_queue()


def test_workers_that_come_late_keep_the_rate_limit(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 1, "per": "2m"}, "concurrency": 5}})
    desk.apply(*(desk.wish(f"n{n}") for n in range(3)))
    jobs = hand_out(desk, 4)  # the limit no longer sees the first claim, but its call is still to come
    assert len(jobs) == 1
    desk.publisher.open_queue()
    assert desk.publisher.carry_out(jobs[0]) is State.PUBLISHED
    desk.publisher.close_queue()
    desk.clock.advance(MINUTE)
    assert hand_out(desk, 1) == []
    assert len(hand_out(desk, 2)) == 1


def test_a_call_that_was_never_made_spends_nothing(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 1, "per": "6h"}}})
    late = replace(desk.wish("late"), window_until=desk.clock.now() + MINUTE)
    desk.apply(late)
    [job] = hand_out(desk, 1)
    desk.clock.advance(MINUTE)
    desk.publisher.open_queue()
    assert desk.publisher.carry_out(job) is State.MISSED
    desk.publisher.close_queue()
    desk.apply(desk.wish("next"))
    assert desk.run().count(State.PUBLISHED) == 1
