"""The room against an oracle: whatever people, channels, time and dying processes do, both say the same after it."""

import os
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from oracle.compared import Compared
from oracle.people import MOST_POSTS, NAMES, having, turn
from oracle.rules import DOUBT, KEYED, LEASE, LOOKED_UP, MINUTE, SECOND
from oracle.worker import DEATHS, LOOKING, ON_THE_WIRE, SLEEPS
from oracle.world import ANSWERS, LOOKS, LOST, PENDING

from promo.delivery.state import State
from promo.delivery.step import Step

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")  # `deep` takes minutes and finds other ways each time
EXAMPLES = {"quick": 40, "deep": 1500}
PHASES = {"quick": (Phase.generate,), "deep": tuple(Phase)}  # making a failure smaller takes minutes, too
STEPS_EACH = 30
STORIES = 8  # posts more than the plans' own
TIMES = st.sampled_from((0, 0, 1, 1, 2))
MINUTES = (0, 0, 0.6, 0.6, 2, 3, 5, 5, 5, 20, 61)


class Room(Compared):
    """The room at work: channels, time, and processes that die or fall asleep."""

    def teardown(self):
        if self.zombie is not None:
            self.zombie.wake()
        self.desk.engine.dispose()
        Path(self.desk.url.removeprefix("sqlite:///")).unlink()

    # -- time and channels -----------------------------------------------------------------------------------

    @rule(channel=st.sampled_from(NAMES))
    def turn(self, channel):
        """Pause an open channel, and open a shut one."""
        turn(self, channel)

    @rule(days=st.sampled_from((1, 8)))
    def wait(self, days):
        self.desk.clock.advance(timedelta(days=days))

    def prepare(self, data):
        """Let time pass, best until some post's turn, and let channels say something else than a receipt, once."""
        self.world.looks = data.draw(st.sampled_from((*["honest"] * 5, *LOOKS)), "look-ups")
        self.world.answers.clear()
        for delivery in data.draw(st.lists(st.sampled_from(sorted(self.wishes)), max_size=3, unique=True), "others"):
            self.world.answers[delivery] = self.answer(data, delivery)
        turns = {post.id: post.turn for post in self.oracle.posts.values() if post.turn is not None}
        doubts = [delivery for delivery in turns if self.of(delivery).state in DOUBT]
        if turns and data.draw(st.booleans(), "a turn?"):
            delivery = data.draw(st.sampled_from(sorted([*turns, *doubts, *doubts])), "whose")
            self.desk.clock.move_to(max(self.now, turns[delivery]))
            self.world.answers[delivery] = self.answer(data, delivery)
        else:
            self.desk.clock.advance(timedelta(minutes=data.draw(st.sampled_from(MINUTES), "minutes")))

    def answer(self, data, delivery):
        """Draw an answer; what people hold in their hands has no first comments: that is another story."""
        answer = data.draw(st.sampled_from((*LOST, *PENDING, *LOST, *PENDING, *ANSWERS)), delivery)
        commented = self.of(delivery).parent or self.oracle.comments(self.of(delivery))
        return "lost, yet there" if commented and answer == "handed over" else answer

    # -- stories of one post, from its beginning -------------------------------------------------------------

    @initialize(data=st.data())
    def tell(self, data):
        """Begin with all of them: chance alone seldom comes there."""
        self.look_unswept(self.new_post(data, NAMES, ("receipt",), windows=(7,)))
        self.compare()
        self.doubt(data)
        self.be_overtaken(data)
        self.sleep_too_long(data)

    def new_post(self, data, channels, answers, *, windows=(None, None, None, 7)):
        """Plan a post that is due on an open channel, which will give one of `answers`."""
        channel = data.draw(st.sampled_from(channels), "channel")
        if self.oracle.shut(channel, self.now):
            self.turn(channel)
        window = data.draw(st.sampled_from(windows), "window")
        self._plan(channel, 0, window, (), data.draw(st.booleans(), "a picture?"), None)
        *_others, post = self.oracle.posts.values()
        self.world.looks = "honest"
        self.world.answers = {post.id: data.draw(st.sampled_from(answers), "answer")}
        return post

    def compare(self):
        self.the_ledger_says_what_the_oracle_says()
        self.nothing_is_doubled_or_lost()

    def wait_for(self, post):
        if post.turn is not None:
            self.desk.clock.move_to(max(self.now, post.turn))

    @precondition(lambda self: len(self.wishes) < MOST_POSTS + STORIES)
    @rule(data=st.data())
    def doubt(self, data):
        """Let a post come into doubt, and settle it in its turn."""
        post = self.new_post(data, LOOKED_UP, (*LOST, *PENDING))
        self.worker.run()
        for _time in range(data.draw(st.integers(1, 3), "times")):
            self.compare()
            self.wait_for(post)
            self.worker.run()

    @precondition(lambda self: self.zombie is None and len(self.wishes) < MOST_POSTS + STORIES)
    @rule(data=st.data())
    def be_overtaken(self, data):
        """Let a worker sleep over an answer while another sends again with the same key, and is left in doubt."""
        post = self.new_post(data, sorted(KEYED), ("receipt", "receipt", "busy"))
        self.zombie = self.new_worker()
        point = ON_THE_WIRE if self.world.answers[post.id] == "busy" else Step.ANSWERED
        assert self.zombie.sleep_at(point, over=post.id)
        self.compare()
        self.desk.clock.advance(LEASE)
        self.world.answers = {post.id: data.draw(st.sampled_from(LOST), "others hear")}
        self.worker.run()
        self.compare()
        self.wake_up(0)

    @precondition(lambda self: self.zombie is None and len(self.wishes) < MOST_POSTS + STORIES)
    @rule(data=st.data())
    def sleep_too_long(self, data):
        """Let a worker sleep over a post until its lease is over, others go on with it, and it wake into that."""
        point = data.draw(st.sampled_from(SLEEPS), "point")
        looks = point in LOOKING
        post = self.new_post(
            data, ["by-lookup"] if looks else NAMES, LOST if looks else (*["receipt"] * 5, *LOST, "busy")
        )
        if looks:
            self.worker.run()
            self.wait_for(post)
        self.zombie = self.new_worker()
        if self.zombie.sleep_at(point, over=post.id):
            self.compare()
            dies_at = data.draw(st.sampled_from((*[None] * 10, *DEATHS)), "others die")
            self.take_over(data, data.draw(TIMES, "times"), dies_at, wakes=True)
        else:
            self.zombie = None

    # -- processes -------------------------------------------------------------------------------------------

    @precondition(having(*State))
    @rule(data=st.data())
    def run(self, data):
        """Let a worker do what is due."""
        self.prepare(data)
        assert self.worker.run()

    @precondition(having("scheduled"))
    @rule(data=st.data())
    def run_unswept(self, data):
        """Let a channel's lane look for work in the moment after a post's window, before anybody has swept."""
        self.look_unswept(self.of(self.some(data, "scheduled")))

    def look_unswept(self, post):
        if post.window is not None:
            self.desk.clock.move_to(max(self.now, post.window + SECOND))
        if len(self.wishes) < MOST_POSTS + 2:  # something for the lane to find beside it
            self._plan(post.channel, 0, None, (), False, None)
        self.world.answers.clear()
        self.worker.run(only=post.channel)

    @precondition(having("scheduled", "uncertain", "pending"))
    @rule(data=st.data(), point=st.sampled_from(DEATHS))
    def die(self, data, point):
        """Let a worker die at the first delivery that comes to `point`; another takes its place."""
        self.prepare(data)
        self.worker.dies_at = point
        self.worker.run()
        self.worker = self.new_worker()

    @precondition(lambda self: self.zombie is None and having("scheduled", *DOUBT)(self))
    @rule(data=st.data(), point=st.sampled_from(SLEEPS))
    def fall_asleep(self, data, point):
        """Let a second worker fall asleep over a delivery."""
        self.prepare(data)
        zombie = self.new_worker()
        if zombie.sleep_at(point):
            self.zombie = zombie

    @precondition(lambda self: self.zombie is not None)
    @rule(data=st.data(), times=TIMES, dies_at=st.sampled_from((None, *DEATHS)), wakes=st.booleans())
    def take_over(self, data, times, dies_at, wakes):
        """Let the leases of who sleeps run out, and others go on with what it held; perhaps it wakes into that."""
        self.desk.clock.advance(LEASE)
        for _time in range(times):
            for delivery in sorted(self.zombie.holds):
                self.world.answers[delivery] = data.draw(st.sampled_from((*LOST, "busy", "receipt")), "others hear")
            self.worker.dies_at = dies_at
            self.worker.run()
            self.worker = self.new_worker()
            self.compare()
            self.desk.clock.advance(timedelta(minutes=data.draw(st.sampled_from((0, 0.6, 5)), "minutes")))
        if wakes:
            self.wake_up(0)

    @precondition(lambda self: self.zombie is not None)
    @rule(minutes=st.sampled_from((0, 2, 3, 6)))
    def wake_up(self, minutes):
        """Let it go on, as if nothing had been."""
        self.desk.clock.advance(minutes * MINUTE)
        zombie, self.zombie = self.zombie, None
        zombie.wake()

    @precondition(having("scheduled"))
    @rule(data=st.data())
    def publish_now(self, data):
        """Let a person have it out at once."""
        delivery = self.some(data, "scheduled")
        self.world.answers[delivery] = self.answer(data, delivery)
        if self.oracle.shut(self.of(delivery).channel, self.now):
            return
        self.worker.whenever = True
        self.worker.publisher.publish_now(delivery)
        self.worker.whenever = False


def test_the_room_keeps_the_rules(make_desk):
    profile = settings(
        max_examples=EXAMPLES[PROFILE],
        phases=PHASES[PROFILE],
        stateful_step_count=STEPS_EACH,
        deadline=None,
        derandomize=PROFILE == "quick",
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    channels = {name: {"concurrency": 50} for name in NAMES}
    run_state_machine_as_test(lambda: Room(make_desk(**channels)), settings=profile)
