"""What is in doubt: never sent again blindly, settled by what the connector declares."""

import itertools
from datetime import timedelta

import pytest

from promo.clock import VirtualClock
from promo.connector import AccessLost, OutcomeUnknown, Rejected, TryAgain
from promo.delivery import steps
from promo.delivery.query import history, status
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.errors import Refused

LOST = OutcomeUnknown("no answer in time")


class Killed(BaseException):
    """The end of a process, as far as a test in the same process can play it."""


def lost_but_there(connector):
    """Let the next post arrive, and its answer get lost."""

    def play(request):
        connector.arrive(request)
        raise LOST

    connector.script.append(play)


def die_at(desk, step):
    """Run a publisher that dies at that step."""

    def end(here, _delivery):
        if here is step:
            raise Killed

    with pytest.raises(Killed):
        desk.another(on_step=end).run_due()


def settle(desk, *, most=20):
    """Run at every due moment until nothing is due any more."""
    for _ in range(most):
        due = desk.publisher.next_due()
        if due is None:
            return
        desk.clock.move_to(due)
        desk.run()
    pytest.fail("it never settles")


def test_key_sends_again_with_the_same_key(desk):
    post, connector = desk.add(), desk.connector()
    lost_but_there(connector)
    desk.run()
    settle(desk)
    assert desk.state(post) == State.PUBLISHED
    assert len(connector.sent) == 2
    assert len({request.key for request in connector.sent}) == 1
    assert connector.sent[1].attempt == 2
    assert connector.sent[1].first_attempt_at < desk.clock.now()
    assert len(connector.there) == 1


def test_key_past_its_window_asks_a_person(desk):
    post, connector = desk.add(), desk.connector()
    lost_but_there(connector)
    desk.run()
    desk.later(minutes=55)  # of an hour: clocks differ
    assert desk.state(post) == State.UNCERTAIN
    assert len(connector.sent) == 1
    assert "promo resolve" in desk.row(post).reason
    assert desk.publisher.next_due() is None
    assert [row.id for row in status(desk.engine, desk.clock.now()).uncertain] == [post]


def test_key_past_its_window_is_looked_up_where_that_is_possible(desk):
    post, connector = desk.add(channel="by-key-and-lookup"), desk.connector("by-key-and-lookup")
    lost_but_there(connector)
    desk.run()
    desk.later(minutes=55)
    assert desk.state(post) == State.PUBLISHED
    assert (len(connector.sent), len(connector.looked)) == (1, 1)


def test_key_is_not_sent_again_after_the_deliverys_own_window(desk):
    post = desk.add(window=timedelta(minutes=10))
    desk.connector().script.append(LOST)
    desk.run()
    desk.later(minutes=11)
    assert desk.state(post) == State.UNCERTAIN
    assert len(desk.connector().sent) == 1


def test_lookup_finds_what_arrived(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")
    lost_but_there(connector)
    desk.run()
    settle(desk)
    row = desk.row(post)
    assert (row.state, row.remote_id) == ("published", f"r-{row.key[:8]}")
    assert len(connector.sent) == 1
    assert desk.events(post)[-1] == "found"


def test_lookup_sends_again_only_when_the_lease_is_over(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")
    connector.script.append(LOST)
    desk.run()
    lease = desk.row(post).lease_until
    desk.later(minutes=1)
    assert desk.state(post) == State.UNCERTAIN
    assert desk.publisher.next_due() == lease
    desk.clock.move_to(lease)
    desk.run()
    assert desk.state(post) == State.PUBLISHED
    assert len(connector.sent) == 2
    assert [a.outcome for a in history(desk.engine, post).attempts] == ["absent", "published"]


def test_lookup_finds_nothing_and_the_window_is_over(desk):
    post, connector = desk.add(channel="by-lookup", window=timedelta(minutes=3)), desk.connector("by-lookup")
    connector.script.append(LOST)
    desk.run()
    settle(desk)
    assert desk.state(post) == State.MISSED
    assert len(connector.sent) == 1


def test_a_lookup_that_fails_is_made_again(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")
    lost_but_there(connector)
    connector.lookups.extend(
        [TryAgain("busy", wait=timedelta(minutes=7)), RuntimeError("token=s3cret"), AccessLost("locked")]
    )
    desk.run()
    desk.later(minutes=1)
    assert desk.publisher.next_due() == desk.clock.now() + timedelta(minutes=7)
    desk.later(minutes=7)
    desk.later(hours=1)
    assert desk.state(post) == State.UNCERTAIN
    assert desk.publisher.next_due() is None  # the channel is paused
    steps.resume_channel(desk.engine, "by-lookup", by="lin", clock=desk.clock)
    settle(desk)
    assert desk.state(post) == State.PUBLISHED
    assert "s3cret" not in str(history(desk.engine, post))


def test_none_waits_for_a_person(desk):
    post = desk.add(channel="by-person")
    lost_but_there(desk.connector("by-person"))
    desk.run()
    settle(desk)
    desk.later(days=30)
    assert desk.state(post) == State.UNCERTAIN
    assert len(desk.connector("by-person").sent) == 1


@pytest.mark.parametrize("channel", ["by-key", "by-lookup", "by-person"])
@pytest.mark.parametrize("step", [Step.CLAIMED, Step.SENDING, Step.ANSWERED, Step.RECORDING])
def test_death_at_any_step_loses_and_doubles_nothing(desk, channel, step):
    post, connector = desk.add(channel=channel), desk.connector(channel)
    die_at(desk, step)
    assert desk.state(post) == State.PUBLISHING
    assert desk.run().outcomes == ()  # the lease is not over
    settle(desk)
    arrived = len(connector.there)
    if channel == "by-person":
        assert desk.state(post) == State.UNCERTAIN
        assert len(connector.sent) == arrived
    else:
        assert desk.state(post) == State.PUBLISHED
        assert arrived == 1
    if channel == "by-lookup":
        assert len(connector.sent) == 1


def test_death_while_the_picture_is_drawn_leaves_no_doubt(desk):
    post = desk.add(channel="by-person", visual={"layout": "card"})

    def die(_spec):
        raise Killed

    publisher = desk.another(render=die)
    with pytest.raises(Killed):
        publisher.run_due()
    assert desk.state(post) == State.PUBLISHING
    settle(desk)
    assert desk.state(post) == State.PUBLISHED
    assert desk.events(post)[2] == "freed"
    assert len(desk.connector("by-person").sent) == 1


def test_a_slow_worker_is_believed_after_its_lease(desk):
    post = desk.add(channel="by-person")
    other = desk.another()

    def slow(_request):
        desk.clock.advance(timedelta(minutes=6))
        other.run_due()
        assert desk.state(post) == State.UNCERTAIN

    desk.connector("by-person").script.append(slow)
    desk.run()
    assert desk.state(post) == State.PUBLISHED


def test_a_slow_worker_that_sent_nothing_is_believed_too(desk):
    post = desk.add(channel="by-person")
    other = desk.another()

    def slow(_request):
        desk.clock.advance(timedelta(minutes=6))
        other.run_due()
        raise TryAgain("refused at the door")

    desk.connector("by-person").script.append(slow)
    desk.run()
    assert desk.state(post) == State.SCHEDULED
    settle(desk)
    assert desk.state(post) == State.PUBLISHED


def test_a_zombie_cannot_finish_once_another_has_taken_over(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")
    other = desk.another()

    def zombie(_request):
        desk.clock.advance(timedelta(minutes=6))
        other.run_due()  # uncertain, looked up, not there, sent again: all while this one sleeps
        raise Rejected("too late")

    connector.script.append(zombie)
    desk.run()
    row = desk.row(post)
    assert (row.state, row.remote_id) == ("published", f"r-{row.key[:8]}")
    assert [a.outcome for a in history(desk.engine, post).attempts] == ["rejected", "published"]


def test_a_zombies_receipt_stops_the_next_try(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")
    other = desk.another()

    def zombie(_request):
        desk.clock.advance(timedelta(minutes=6))
        other.run_due(limit=1)
        assert desk.state(post) == State.SCHEDULED

    connector.script.append(zombie)
    desk.run()
    assert desk.state(post) == State.PUBLISHED
    assert len(connector.sent) == 1
    assert "late_receipt" in desk.events(post)


def test_a_clock_that_jumps_does_not_make_this_process_doubt_itself(desk):
    post, connector = desk.add(channel="by-lookup"), desk.connector("by-lookup")

    def jump(_request):
        desk.clock.advance(timedelta(days=400))
        assert desk.publisher.run_due().outcomes == ()

    connector.script.append(jump)
    [outcome] = desk.run().outcomes
    assert outcome == (post, State.PUBLISHED)
    assert len(connector.sent) == 1


def test_a_clock_set_back_strands_nothing(desk):
    desk.add("before")
    desk.run()
    post = desk.add("after")
    clock = VirtualClock(desk.clock.now() - timedelta(days=2))
    publisher = desk.another(clock=clock)
    clock.move_to(publisher.next_due())
    assert publisher.run_due().outcomes == ((post, State.PUBLISHED),)


def test_sending_again_that_is_put_off_stays_in_doubt(desk):
    post, connector = desk.add(), desk.connector()
    connector.script.extend([LOST, TryAgain("busy", wait=timedelta(minutes=3))])
    desk.run()
    desk.later(minutes=1)
    assert desk.state(post) == State.UNCERTAIN
    settle(desk)
    assert desk.state(post) == State.PUBLISHED


def unknown_for(connector, tries):
    connector.script.extend(OutcomeUnknown("no answer") for _ in range(tries))


def test_a_channel_in_trouble_is_asked_ever_more_rarely(desk):
    post, connector = desk.add(), desk.connector()
    unknown_for(connector, 7)
    tries = []
    while desk.state(post) != State.PUBLISHED:
        tries.append(desk.clock.now())
        desk.run()
        desk.clock.move_to(desk.publisher.next_due() or desk.clock.now())
    waits = [later - before for before, later in itertools.pairwise(tries)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] > timedelta(minutes=2)
    assert len(connector.there) == 1


def test_it_is_sent_again_once_more_before_its_window_is_over(desk):
    post, connector = desk.add(window=timedelta(minutes=16)), desk.connector()
    unknown_for(connector, 9)
    settle(desk)
    assert desk.state(post) == State.PUBLISHED
    assert desk.row(post).published_at == desk.row(post).window_until


def test_sending_again_waits_for_the_rate_limit_but_a_lookup_does_not(make_desk):
    limited = {"rate": {"calls": 1, "per": "10m"}}
    desk = make_desk(**{"by-key": limited, "by-lookup": limited})
    for channel in limited_channels(desk):
        lost_but_there(desk.connector(channel))
        desk.add(channel=channel)
    desk.run()
    start = desk.clock.now()
    settle(desk)
    assert desk.row(desk.wish(channel="by-key").id).published_at == start + timedelta(minutes=10)
    assert desk.row(desk.wish(channel="by-lookup").id).published_at == start + timedelta(seconds=30)


def limited_channels(desk):
    return [name for name, channel in desk.channels.items() if channel.rate is not None]


def test_a_person_resolves(desk):
    there, gone, late = (
        desk.add(name, channel="by-person", window=window)
        for name, window in (("there", None), ("gone", None), ("late", timedelta(hours=1)))
    )
    desk.connector("by-person").script.extend([LOST, LOST, LOST])
    desk.run()
    with pytest.raises(Refused, match="under way"):
        steps.resolve(desk.engine, gone, published=False, by="zhao", clock=desk.clock)
    desk.later(hours=2)
    url = "https://channel.example/7"
    steps.resolve(desk.engine, there, published=True, remote_id="7", url=url, by="zhao", clock=desk.clock)
    assert steps.resolve(desk.engine, gone, published=False, by="zhao", clock=desk.clock) is State.SCHEDULED
    assert steps.resolve(desk.engine, late, published=False, by="zhao", clock=desk.clock) is State.MISSED
    row = desk.row(there)
    assert (row.state, row.remote_id, row.remote_url) == ("published", "7", url)
    with pytest.raises(Refused):
        steps.resolve(desk.engine, there, published=False, by="zhao", clock=desk.clock)
    desk.run()
    assert desk.state(gone) == State.PUBLISHED
