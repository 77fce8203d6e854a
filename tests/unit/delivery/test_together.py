"""Several workers on one ledger, on both databases: what one takes no other takes."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from promo.clock import SystemClock
from promo.delivery.apply import apply_plan
from promo.delivery.query import list_deliveries
from promo.delivery.state import State
from promo.errors import WorldMoved
from promo.plan.model import Action, Change
from promo.registry import Registry, open_channels

PAST = timedelta(days=-4000)


def together(*tasks):
    """Run all at once; return what they returned or raised."""
    results = [None] * len(tasks)
    ready = threading.Barrier(len(tasks))

    def run(n, task):
        ready.wait()
        try:
            results[n] = task()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[n] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def workers(desk, count):
    """Make publishers that share nothing but the ledger."""
    clock = SystemClock()
    kinds = {name: channel.kind for name, channel in desk.channels.items()}
    return [
        desk.another(clock=clock, worker=f"w{n}", channels=open_channels(desk.workspace, Registry({}, kinds), clock))
        for n in range(count)
    ]


def test_four_workers_send_everything_once(desk):
    wishes = [desk.wish(f"n{n}", channel=channel, due=PAST) for n in range(15) for channel in ("by-key", "by-person")]
    desk.apply(*wishes)
    crew = workers(desk, 4)
    done = together(*(publisher.run_due for publisher in crew))
    assert sum(summary.count(State.PUBLISHED) for summary in done) == 30
    sent = Counter(
        request.key for p in crew for name in ("by-key", "by-person") for request in p.channels[name].connector.sent
    )
    assert set(sent.values()) == {1}
    assert len(sent) == 30


def test_workers_share_a_rate_limit_to_the_call(make_desk):
    desk = make_desk(**{"by-key": {"rate": {"calls": 5, "per": "1h"}}})
    desk.apply(*(desk.wish(f"n{n}", due=PAST) for n in range(12)))
    together(*(publisher.run_due for publisher in workers(desk, 4)))
    assert len(list_deliveries(desk.engine, states=[State.PUBLISHED])) == 5


def test_workers_sweep_side_by_side(desk):
    desk.apply(*(desk.wish(f"n{n}", due=PAST, window=PAST + timedelta(hours=1)) for n in range(40)))
    done = together(*(publisher.run_due for publisher in workers(desk, 3)))
    assert sum(summary.count(State.MISSED) for summary in done) == 40


@pytest.mark.parametrize("count", [2, 3])
def test_a_plan_that_many_apply_is_applied_once(desk, count):
    wish = desk.wish()
    plan = desk.plan(Change(action=Action.ADD, delivery=wish.id, before=None, after=wish))
    done = together(*[lambda: apply_plan(desk.engine, plan, clock=desk.clock, by="lin")] * count)
    assert sum(isinstance(result, WorldMoved) for result in done) == count - 1
    assert len(list_deliveries(desk.engine)) == 1
