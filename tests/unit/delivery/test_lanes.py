"""Lanes on the real clock: many at once, each channel apart, nothing early, nothing claimed beyond its places."""

import threading
import time
from collections import Counter
from datetime import timedelta
from unittest.mock import Mock

import pytest

from promo.clock import SystemClock
from promo.connector import TryAgain
from promo.delivery import writer
from promo.delivery.hands import Hands
from promo.delivery.job import Job
from promo.delivery.query import history, list_deliveries
from promo.delivery.sender import AHEAD
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.errors import OutcomeUnknown
from promo.registry import Registry, open_channels

PAST = timedelta(days=-4000)


class Died(BaseException):
    """What a killed process feels like from inside."""


def die_when_claimed(step, _delivery):
    if step is Step.CLAIMED:
        raise Died


class Hall:
    """A publisher with open lanes; notes what it tells and how many calls are under way at once."""

    def __init__(self, desk, **options):
        self.desk = desk
        self.told, self.dry, self.most = [], Counter(), Counter()
        self._under_way, self._lock = Counter(), threading.Lock()
        clock = options.pop("clock", SystemClock())
        kinds = {name: self.kind(channel.kind) for name, channel in desk.channels.items()}
        self.channels = open_channels(desk.workspace, Registry({}, kinds), clock)
        self.publisher = desk.another(clock=clock, channels=self.channels, **options.pop("publisher", {}))
        self.options = options
        self.called = {}

    def kind(self, base):
        hall = self

        class Watched(base):
            def publish(self, request):
                hall.called[request.delivery] = SystemClock().now()
                with hall._lock:
                    hall._under_way[self.context.channel] += 1
                    now = hall._under_way[self.context.channel]
                    hall.most[self.context.channel] = max(hall.most[self.context.channel], now)
                try:
                    time.sleep(request.options.get("takes", 0))
                    if request.options.get("lost"):
                        raise OutcomeUnknown("no answer")
                    if request.options.get("away"):
                        raise TryAgain("away")
                    return super().publish(request)
                finally:
                    with hall._lock:
                        hall._under_way[self.context.channel] -= 1

        return Watched

    def __enter__(self):
        self.publisher.open_lanes(
            on_outcome=lambda delivery, state: self.told.append((delivery, state)),
            on_dry=lambda name: self.dry.update([name]),
            **self.options,
        )
        return self

    def __exit__(self, *_error):
        self.publisher.close_lanes()

    def until(self, condition):
        for _again in range(2000):
            if condition():
                return
            time.sleep(0.01)
        pytest.fail("it never came to pass")


def sent(desk, channel="by-key"):
    return list_deliveries(desk.engine, states=[State.PUBLISHED], channel=channel)


def test_a_slow_channel_keeps_no_other_waiting(desk):
    gate = threading.Event()
    slow = desk.add("slow", channel="by-person", due=PAST)
    quick = [desk.add(f"n{n}", due=PAST) for n in range(20)]
    with Hall(desk) as hall:
        publish = hall.channels["by-person"].connector.publish
        hall.channels["by-person"].connector.publish = lambda request: gate.wait(30) and publish(request)
        hall.publisher.wake("by-person")
        hall.publisher.wake("by-key")
        hall.until(lambda: len(sent(desk)) == 20)
        assert desk.state(slow) == State.PUBLISHING
        gate.set()
    assert {delivery for delivery, _state in hall.told} == {slow, *quick}


@pytest.mark.parametrize("places", [1, 4])
def test_a_channel_has_as_many_calls_under_way_as_it_has_places(make_desk, places):
    desk = make_desk(**{"by-key": {"concurrency": places}})
    desk.apply(*(desk.wish(f"n{n}", due=PAST, content={"options": {"takes": 0.02}}) for n in range(24)))
    with Hall(desk) as one, Hall(desk, publisher={"worker": "other"}) as other:
        one.publisher.wake("by-key")
        other.publisher.wake("by-key")
        one.until(lambda: len(sent(desk)) == 24)
    assert max(one.most["by-key"], other.most["by-key"]) <= places
    assert len(one.told) + len(other.told) == 24
    assert one.most["by-key"] + other.most["by-key"] >= min(places, 2)


def test_calls_that_last_fill_all_places(make_desk):
    desk = make_desk(**{"by-key": {"concurrency": 6}})
    desk.apply(*(desk.wish(f"n{n}", due=PAST, content={"options": {"takes": 1.0}}) for n in range(8)))
    with Hall(desk) as hall:
        hall.publisher.wake("by-key")
        hall.until(lambda: len(sent(desk)) == 8)
    assert hall.most["by-key"] == 6


def test_a_grant_asks_again_for_a_thread_that_was_refused(make_desk, monkeypatch):
    desk = make_desk(**{"by-key": {"concurrency": 2}})
    gate, hanging = threading.Event(), threading.Event()
    first = desk.add("first", due=PAST)
    with Hall(desk) as hall:
        hall.publisher._crew.hands.do(lambda: (hanging.set(), gate.wait(60)))  # the only thread there is
        assert hanging.wait(10)
        with monkeypatch.context() as limits:
            limits.setattr(Hands, "_start", Mock(side_effect=RuntimeError("can't start new thread")))
            hall.publisher.wake("by-key")
            hall.until(lambda: desk.state(first) == State.PUBLISHING)
            time.sleep(0.1)
        second = desk.add("second", due=PAST)
        hall.publisher.wake("by-key")
        try:
            hall.until(lambda: desk.state(first) == desk.state(second) == State.PUBLISHED)
        finally:
            gate.set()


def test_what_is_claimed_ahead_goes_out_at_its_moment_and_never_before(desk):
    now = SystemClock().now()
    due = {desk.add(f"n{n}", due=now - desk.clock.now() + timedelta(milliseconds=60 * n)): n for n in range(8)}
    with Hall(desk, ahead=AHEAD) as hall:
        hall.until(lambda: hall.publisher.wake("by-key") or len(sent(desk)) == 8)
    for delivery in due:
        assert hall.called[delivery] >= desk.row(delivery).due_at
        [attempt] = history(desk.engine, delivery).attempts
        assert attempt.sent_at >= desk.row(delivery).due_at


def test_a_picture_claimed_ahead_is_ready_at_its_moment(desk):
    due = SystemClock().now() + timedelta(seconds=1.8)
    drawn = []
    post = desk.add(due=due - desk.clock.now(), visual={"layout": "card"})

    def render(spec):
        drawn.append(SystemClock().now())
        return desk.render(spec)

    with Hall(desk, ahead=timedelta(seconds=1.8), publisher={"render": render}) as hall:
        hall.until(lambda: hall.publisher.wake("by-key") or len(sent(desk)) == 1)
    assert drawn[0] < due <= hall.called[post]


def test_campaigns_take_turns_whatever_one_has_piled_up(make_desk):
    desk = make_desk()
    desk.apply(*(desk.wish(f"n{n}", due=PAST) for n in range(30)))
    desk.apply(*(desk.wish(f"late{n}", due=timedelta(days=-1), campaign="autumn") for n in range(3)))
    order = []
    publisher = desk.another()
    while done := publisher.run_channel("by-key", limit=1).outcomes:
        order.append(desk.row(done[0][0]).campaign)
    assert order[:6] in (["spring", "autumn"] * 3, ["autumn", "spring"] * 3)


def test_a_limit_counts_for_each_channel(desk):
    for n in range(5):
        desk.add(f"n{n}", due=PAST)
        desk.add(f"n{n}", due=PAST, channel="by-person")
    hall = Hall(desk)
    assert len(hall.publisher.run_due(limit=2).outcomes) == 4
    assert (len(sent(desk)), len(sent(desk, "by-person"))) == (2, 2)


def test_many_ends_of_every_kind_are_written_together(make_desk):
    desk = make_desk(**{"by-lookup": {"concurrency": 12}})
    kinds = [{}, {"lost": True}, {"away": True}]
    wishes = [
        desk.wish(f"n{n}", channel="by-lookup", due=PAST, content={"options": kinds[n % 3] | {"takes": 0.01}})
        for n in range(36)
    ]
    desk.apply(*wishes)
    done = Hall(desk).publisher.run_due()
    assert Counter(state for _id, state in done.outcomes) == {
        State.PUBLISHED: 12,
        State.UNCERTAIN: 12,
        State.SCHEDULED: 12,
    }


def test_ends_that_come_together_are_written_together_and_a_single_one_waits_for_none(make_desk, monkeypatch):
    monkeypatch.setattr(writer, "LINGER", 3.0)
    monkeypatch.setattr(writer, "LINGER_MOST", 3.0)
    desk = make_desk(**{"by-key": {"concurrency": 2}})
    pair = [desk.add(f"n{n}", due=PAST, content={"options": {"takes": 0.2 * n}}) for n in range(2)]
    Hall(desk).publisher.run_due()
    assert len({desk.row(delivery).published_at for delivery in pair}) == 1
    alone = desk.add("alone", due=PAST)
    began = time.monotonic()
    Hall(desk).publisher.run_due()
    assert desk.state(alone) == State.PUBLISHED
    assert time.monotonic() - began < 2.0


def test_a_trickle_of_ends_does_not_hold_up_the_first_of_them(make_desk, monkeypatch):
    monkeypatch.setattr(writer, "LINGER", 1.0)
    monkeypatch.setattr(writer, "LINGER_MOST", 0.5)
    desk = make_desk(**{"by-key": {"concurrency": 5}})
    trickle = [desk.add(f"n{n}", due=PAST, content={"options": {"takes": 0.4 * n}}) for n in range(5)]
    Hall(desk).publisher.run_due()
    assert len({desk.row(delivery).published_at for delivery in trickle}) > 1


def test_a_delivery_whose_worker_is_silent_keeps_no_place(desk):
    """The lease of a dead process runs on; its place at the channel does not wait for that."""
    stuck = desk.add("stuck")
    dying = desk.another(worker="dead", on_step=die_when_claimed)
    with pytest.raises(Died):
        dying.run_due()
    second = desk.add("second")
    assert desk.run().outcomes == ()
    assert (second, State.PUBLISHED) in desk.later(seconds=30).outcomes
    assert desk.state(stuck) == State.PUBLISHING


class Later(SystemClock):
    """Two minutes on."""

    def now(self):
        return super().now() + timedelta(minutes=2)


class Line:
    """An engine's queue, as far as a publisher sees it."""

    def __init__(self):
        self.jobs = []

    def enqueue(self, _connection, jobs):
        self.jobs += jobs


def worker(desk, name):
    hall = Hall(desk, publisher={"worker": name})
    hall.publisher.open_queue()
    return hall


def test_a_queue_gets_no_more_than_ids_and_fences_and_is_carried_out_once(desk):
    posts = {desk.add(f"n{n}", due=PAST, visual={"layout": "card"} if n % 2 else None) for n in range(1)}
    posts |= {desk.add("other", channel="by-person", due=PAST)}
    line, ticker = Line(), Hall(desk)
    assert ticker.publisher.hand_out(line.enqueue) == 2
    assert ticker.publisher.hand_out(line.enqueue) == 0
    assert set(line.jobs) == {Job(post, 1) for post in posts}
    first, second = worker(desk, "w1"), worker(desk, "w2")
    states = [hall.publisher.carry_out(job) for job in line.jobs for hall in (first, second)]
    first.publisher.close_queue()
    second.publisher.close_queue()
    assert Counter(states) == {State.PUBLISHED: 2, None: 2}
    assert not second.called
    assert {history(desk.engine, post).attempts[0].worker for post in posts} == {"w1"}


def test_a_stale_job_does_nothing(desk):
    post = desk.add(due=PAST)
    line, ticker = Line(), Hall(desk)
    ticker.publisher.hand_out(line.enqueue)
    hall = worker(desk, "w1")
    assert hall.publisher.carry_out(Job(post, 2)) is None
    assert hall.publisher.carry_out(Job("0" * 12, 1)) is None
    assert hall.publisher.carry_out(line.jobs[0]) is State.PUBLISHED
    assert hall.publisher.carry_out(line.jobs[0]) is None
    hall.publisher.close_queue()


def test_jobs_undone_with_their_transaction_leave_the_deliveries_free(desk):
    post = desk.add(due=PAST)

    def broken(_connection, _jobs):
        raise RuntimeError("the queue is full")

    with pytest.raises(RuntimeError):
        Hall(desk).publisher.hand_out(broken)
    assert (desk.state(post), desk.row(post).fence) == (State.SCHEDULED, 0)


def test_a_job_that_nobody_takes_up_is_freed_with_its_lease(desk):
    post = desk.add()
    desk.publisher.hand_out(Line().enqueue)
    assert desk.state(post) == State.PUBLISHING
    assert (post, State.PUBLISHED) in desk.later(minutes=6).outcomes
    assert [attempt.outcome for attempt in history(desk.engine, post).attempts] == ["not_ready", "published"]


def test_what_is_in_doubt_is_looked_up_by_the_worker_that_gets_its_job(desk):
    post = desk.add(channel="by-lookup", due=PAST, content={"options": {"lost": True}})
    Hall(desk).publisher.run_due()
    assert desk.state(post) == State.UNCERTAIN
    desk.connector("by-lookup").arrive(type("Request", (), {"key": desk.row(post).key, "delivery": post}))
    hall, line = Hall(desk, clock=Later()), Line()
    hall.channels["by-lookup"].connector.there = desk.connector("by-lookup").there
    assert hall.publisher.hand_out(line.enqueue) == 1
    assert hall.publisher.hand_out(line.enqueue) == 0
    hall.publisher.open_queue()
    assert hall.publisher.carry_out(line.jobs[0]) is State.PUBLISHED
    hall.publisher.close_queue()


def test_the_job_of_a_try_in_doubt_that_comes_again_settles_nothing_before_its_time(desk):
    post = desk.add(channel="by-person", due=PAST, content={"options": {"lost": True}})
    line, hall = Line(), worker(desk, "w1")
    assert hall.publisher.hand_out(line.enqueue) == 1
    [job] = line.jobs
    assert [hall.publisher.carry_out(job) for _time in range(3)] == [State.UNCERTAIN, None, None]
    hall.publisher.close_queue()
    assert "needs_person" not in desk.events(post)

    line, hall = Line(), Hall(desk, clock=Later())
    hall.publisher.open_queue()
    assert hall.publisher.hand_out(line.enqueue) == 1
    assert line.jobs == [job]
    assert [hall.publisher.carry_out(job) for _time in range(3)] == [State.UNCERTAIN, None, None]
    hall.publisher.close_queue()
    assert desk.events(post).count("needs_person") == 1
    assert desk.row(post).not_before is None
