"""Rate limits: never more than so many in any such span, over all workers; and the daemon knows when it opens."""

from datetime import timedelta

from promo.clock import VirtualClock
from promo.delivery.query import history
from promo.delivery.state import State
from promo.delivery.steps import pause_channel
from promo.engine.play import play


def starts(desk, ids):
    return sorted(attempt.started_at for i in ids for attempt in history(desk.engine, i).attempts)


def test_no_span_ever_sees_more(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 3, "per": "1h"}}})
    ids = [desk.add(f"n{n}", due=timedelta(minutes=7 * n)) for n in range(12)]
    assert play(desk.publisher, desk.clock, desk.clock.now() + timedelta(hours=8)).count(State.PUBLISHED) == 12
    sent = starts(desk, ids)
    assert all(later - first >= timedelta(hours=1) for first, later in zip(sent, sent[3:], strict=False))


def test_a_burst_waits_no_longer_than_it_must(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 3, "per": "1h"}}})
    for n in range(6):
        desk.add(f"n{n}")
    assert desk.run().count(State.PUBLISHED) == 3
    assert desk.publisher.next_due() == desk.clock.now() + timedelta(hours=1)
    assert desk.later(hours=1).count(State.PUBLISHED) == 3


def test_two_workers_share_one_limit(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 3, "per": "1h"}}})
    for n in range(6):
        desk.add(f"n{n}")
    other = desk.another(clock=VirtualClock(desk.clock.now()), worker="other")
    done = desk.publisher.run_due(limit=2) + other.run_due() + desk.publisher.run_due()
    assert done.count(State.PUBLISHED) == 3


def test_a_wait_can_outlast_the_window(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 1, "per": "1h"}}})
    for n in range(2):
        desk.add(f"n{n}", window=timedelta(minutes=30))
    done = play(desk.publisher, desk.clock, desk.clock.now() + timedelta(hours=3))
    assert (done.count(State.PUBLISHED), done.count(State.MISSED)) == (1, 1)


def test_each_channel_has_its_next_moment(make_desk):
    desk = make_desk(
        **{"by-key": {"rate": {"calls": 1, "per": "1h"}}, "by-lookup": {"rate": {"calls": 1, "per": "3h"}}}
    )
    begin = desk.clock.now()
    for name in ("by-key", "by-lookup"):
        desk.add(f"first {name}", channel=name)
        desk.add(f"second {name}", channel=name)
    desk.add("far", channel="by-person", due=timedelta(days=2))
    desk.add("paused", channel="by-key-and-lookup")
    pause_channel(desk.engine, "by-key-and-lookup", by="li", clock=desk.clock)
    desk.run()
    hours = {name: (moment - begin) / timedelta(hours=1) for name, moment in desk.publisher.next_moments().items()}
    assert hours == {"by-key": 1, "by-lookup": 3, "by-person": 48}
    assert desk.publisher.channels_with_work() == []
    assert desk.publisher.channels_with_work(timedelta(hours=2)) == ["by-key"]
