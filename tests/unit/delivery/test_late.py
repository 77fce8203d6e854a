"""Workers that are late: nothing goes out on a lease that is half over, and no stale look is believed."""

from datetime import timedelta

from promo.delivery import steps
from promo.delivery.backoff import MOST_TRIES
from promo.delivery.settle import doubtful
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.errors import OutcomeUnknown, TryAgain
from promo.store.database import reading


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
    assert desk.later(seconds=1).count(State.PUBLISHED) == 1  # soon: the channel was not to blame


def test_what_was_held_back_often_has_all_its_tries_left(desk):
    post = desk.add(channel="by-lookup")
    for _time in range(MOST_TRIES):
        slow_at(desk, Step.SENDING, minutes=2.6).run_due(limit=1)
        assert desk.run().outcomes == ()  # not again and again without a rest
        desk.clock.advance(timedelta(seconds=1))
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


def hear_once(desk, point, call):
    """Make a publisher that does something else once, at a step."""
    left = [call]

    def hear(step, _delivery):
        if step is point and left:
            left.pop()()

    return desk.another(on_step=hear)


def test_who_lost_its_claim_over_a_picture_sends_nothing(desk):
    post, other = desk.add(channel="by-person", visual={"layout": "card"}), desk.another()

    def draw(spec):
        desk.clock.advance(timedelta(minutes=6))
        other.sweep()
        assert other.hand_out(lambda _connection, _jobs: None) == 1  # it is claimed once more, and not yet sent
        return desk.render(spec)

    assert desk.another(render=draw).run_due(limit=1).outcomes == ()
    assert (desk.state(post), desk.row(post).fence) == (State.PUBLISHING, 3)
    assert desk.connector("by-person").sent == []


def test_an_old_look_says_nothing_about_a_newer_try(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")
    connector.script += [OutcomeUnknown("no answer"), OutcomeUnknown("no answer")]
    desk.run()
    desk.clock.advance(timedelta(minutes=10))

    def decide():
        steps.resolve(desk.engine, post, published=False, by="lin", clock=desk.clock)
        desk.another().run_due()
        assert (desk.state(post), desk.row(post).fence) == (State.UNCERTAIN, 3)
        desk.clock.advance(timedelta(minutes=10))  # the lease of the newer try is over, too

    hear_once(desk, Step.LOOKED_UP, decide).run_due(limit=0)
    assert (desk.state(post), desk.row(post).fence) == (State.UNCERTAIN, 3)


def test_two_workers_do_not_ask_about_one_delivery(desk):
    desk.add(channel="by-lookup")
    connector = desk.connector("by-lookup")
    connector.script.append(OutcomeUnknown("no answer"))
    desk.run()
    desk.clock.advance(timedelta(minutes=1))
    crew = desk.publisher._crew
    with reading(desk.engine) as connection:
        [row] = doubtful(connection, "by-lookup", desk.clock.now())
    desk.another().run_due(limit=0)
    assert crew.settle(desk.channels["by-lookup"], row) == []  # what it read is no longer so
    assert len(connector.looked) == 1
