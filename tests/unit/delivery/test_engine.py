"""Waking the publisher: played on a virtual clock, and by the daemon on the real one."""

import threading
import time
from datetime import timedelta

from sqlalchemy import select

from promo.clock import SystemClock
from promo.connector import TryAgain
from promo.delivery import steps
from promo.delivery.state import State
from promo.engine.embedded import Daemon, Pace, maintain, run_now, run_once
from promo.engine.play import play
from promo.store.database import reading
from promo.store.tables import events

PAST = timedelta(days=-4000)  # before any clock this test may run on
QUICK = Pace(watch=timedelta(seconds=0.02), collect=timedelta(seconds=0.05), horizon=timedelta(seconds=0.05))


def timeline(desk):
    with reading(desk.engine) as connection:
        return [(event.at, event.delivery, event.what) for event in connection.execute(select(events))]


def fill(desk):
    for n in range(6):
        desk.add(f"n{n}", due=timedelta(hours=n), channel="by-key" if n % 2 else "by-lookup")
    desk.connector().script.extend([TryAgain("away")] * 3)
    return desk


def test_playing_goes_from_moment_to_moment(desk):
    fill(desk)
    begin, moments = desk.clock.now(), []
    until = begin + timedelta(days=1)
    done = play(desk.publisher, desk.clock, until, moments.append)
    assert done.count(State.PUBLISHED) == 6
    assert done.count(State.SCHEDULED) == 3
    assert moments == sorted(set(moments))
    assert len(moments) == 9  # six due moments and three retries
    assert (moments[0], desk.clock.now()) == (begin, until)


def test_playing_stops_before_what_comes_later(desk):
    fill(desk)
    play(desk.publisher, desk.clock, desk.clock.now() + timedelta(hours=2, minutes=59))
    assert [desk.state(desk.wish(f"n{n}", channel="by-key" if n % 2 else "by-lookup").id) for n in (3, 4, 5)] == [
        State.SCHEDULED
    ] * 3


def test_the_same_play_twice_is_the_same_play(make_desk):
    one, other = fill(make_desk()), fill(make_desk())
    for desk in (one, other):
        play(desk.publisher, desk.clock, desk.clock.now() + timedelta(days=1))
    assert timeline(one) == timeline(other)


class Run:
    """A daemon in a thread of this process."""

    def __init__(self, desk, **options):
        self.publisher = desk.another(clock=SystemClock())
        self.daemon = Daemon(self.publisher, clock=SystemClock(), pace=QUICK, **options)
        self.thread = threading.Thread(target=self.daemon.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.daemon.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.01)


def test_the_daemon_publishes_what_is_due_and_what_becomes_due(make_desk):
    desk = make_desk()
    first = desk.add("first", due=PAST)
    with Run(desk):
        wait_for(lambda: desk.state(first) == State.PUBLISHED)
        second = desk.add("second", due=PAST, channel="by-person")
        wait_for(lambda: desk.state(second) == State.PUBLISHED)
        steps.pause_channel(desk.engine, "by-key", by="li", clock=desk.clock)
        third = desk.add("third", due=PAST)
        time.sleep(0.3)
        assert desk.state(third) == State.SCHEDULED
        steps.resume_channel(desk.engine, "by-key", by="li", clock=desk.clock)
        wait_for(lambda: desk.state(third) == State.PUBLISHED)


def test_the_daemon_tells_what_time_has_done(make_desk):
    desk, seen = make_desk(), []
    with Run(desk, on_summary=seen.append):
        post = desk.add(due=PAST, window=PAST + timedelta(hours=1))
        wait_for(lambda: desk.state(post) == State.MISSED)
    assert (post, State.MISSED) in [outcome for summary in seen for outcome in summary.outcomes]


def test_regular_jobs_come_again_even_when_they_fail(make_desk):
    calls = []

    def collect():
        calls.append("collect")
        raise RuntimeError("a broken page")

    with Run(make_desk(), on_collect=collect, on_horizon=lambda: calls.append("horizon")):
        wait_for(lambda: calls.count("collect") > 2 and calls.count("horizon") > 2)


def test_once_and_now_take_the_same_path(desk):
    first, second = desk.add("first"), desk.add("second", due=timedelta(days=9))
    assert run_once(desk.publisher).outcomes == ((first, State.PUBLISHED),)
    assert run_now(desk.publisher, second) is State.PUBLISHED


def test_maintenance_loses_nothing(desk):
    post = desk.add()
    maintain(desk.engine)
    assert desk.run().outcomes == ((post, State.PUBLISHED),)
