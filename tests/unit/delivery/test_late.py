"""Workers that are late: nothing goes out on a lease that is half over, and no stale look is believed."""

from datetime import timedelta

from promo.delivery.backoff import MOST_TRIES
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.errors import OutcomeUnknown, TryAgain


def slow_at(desk, point, **duration):
    """Make a publisher that falls behind once, at a step."""
    late = [timedelta(**duration)]

    def hear(step, _delivery):
        if step is point and late:
            desk.clock.advance(late.pop())

    return desk.another(on_step=hear)


def test_a_call_begins_only_with_half_of_the_lease_left(desk):
    post = desk.add(channel="by-lookup")
    assert slow_at(desk, Step.SENDING, minutes=2.6).run_due(limit=1).outcomes == ((post, State.SCHEDULED),)
    assert desk.connector("by-lookup").sent == []
    assert desk.row(post).attempts == 0  # nor was it a try
    assert desk.run().count(State.PUBLISHED) == 1  # at once: the channel was not to blame


def test_what_was_held_back_often_has_all_its_tries_left(desk):
    post = desk.add(channel="by-lookup")
    for _time in range(MOST_TRIES):
        slow_at(desk, Step.SENDING, minutes=2.6).run_due(limit=1)
    desk.connector("by-lookup").script.append(TryAgain("busy"))
    desk.run()
    assert (desk.state(post), desk.row(post).attempts) == (State.SCHEDULED, 1)


def test_a_call_may_begin_while_more_than_half_is_left(desk):
    desk.add(channel="by-lookup")
    assert slow_at(desk, Step.SENDING, minutes=2.4).run_due().count(State.PUBLISHED) == 1


def test_what_a_look_up_did_not_find_counts_from_when_it_asked(desk):
    post = desk.add(channel="by-lookup")
    connector = desk.connector("by-lookup")
    connector.script.append(OutcomeUnknown("no answer"))
    desk.run()
    desk.clock.advance(timedelta(minutes=1))
    # It asked while the call might still have been under way, and says so only when the lease is over.
    slow_at(desk, Step.LOOKED_UP, minutes=6).run_due(limit=0)
    assert desk.state(post) == State.UNCERTAIN
    connector.arrive(connector.sent[0])
    assert desk.run().count(State.PUBLISHED) == 1
    assert len(connector.sent) == 1


def test_what_a_person_sent_ahead_of_its_time_is_settled_without_waiting_for_it(desk):
    post = desk.add(due=timedelta(days=3))
    desk.connector().script.append(OutcomeUnknown("no answer"))
    assert desk.publisher.publish_now(post) is State.UNCERTAIN
    assert desk.later(seconds=31).count(State.PUBLISHED) == 1
