"""The room against an oracle: whatever people, channels, time and dying processes do, both say the same after it."""

import os
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from oracle.rules import DOUBT, GONE, OPEN, OUT, Oracle, Post
from oracle.worker import DEATHS, SLEEPS, Worker
from oracle.world import ANSWERS, DECLARED, LOOKS, World
from sqlalchemy import select

from promo.delivery import steps
from promo.delivery.state import State, allowed
from promo.errors import Refused, WorldMoved
from promo.plan.model import Action
from promo.store.database import reading
from promo.store.tables import approvals, attempts, channels, deliveries, events

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")  # `deep` takes minutes and finds other ways each time
EXAMPLES = {"quick": 50, "deep": 1500}
STEPS_EACH = 40
MINUTES = (0, 0, 0.6, 0.6, 2, 3, 5, 5, 5, 20, 61)
NAMES = sorted(DECLARED)
MOST_POSTS = 6
CANCELLABLE = OPEN | {"failed", "missed", "rejected", "handed_over"}
PEOPLE = {
    "approve": {"awaiting_approval"},
    "reject": {"awaiting_approval", "scheduled"},
    "cancel": CANCELLABLE,
    "retry": GONE | {"scheduled"},
    "resolve": DOUBT,
    "prove": {"handed_over"},
}
STATES_FOR_PEOPLE = set().union(*PEOPLE.values())


def having(*states):
    """Return the condition that there is a post in one of these states."""
    return lambda room: any(post.state in states for post in room.oracle.posts.values())


class Room(RuleBasedStateMachine):
    """The real room on a real SQLite file; beside it the oracle."""

    def __init__(self, make_desk):
        super().__init__()
        self.desk = make_desk(**{name: {"concurrency": 50} for name in NAMES})
        self.world = World()
        self.oracle = Oracle()
        self.wishes = {}
        self.born = 0
        self.worker = self.new_worker()
        self.zombie = None
        self.last = {}  # delivery → its state and fence at the last look
        self.seen = 0  # events

    def new_worker(self):
        self.born += 1
        return Worker(self.desk, self.world, self.oracle, f"worker {self.born}")

    def teardown(self):
        if self.zombie is not None:
            self.zombie.wake()
        self.desk.engine.dispose()
        Path(self.desk.url.removeprefix("sqlite:///")).unlink()

    @property
    def now(self):
        return self.desk.clock.now()

    def of(self, delivery):
        return self.oracle.posts[delivery]

    def some(self, data, *states):
        """Draw a post in one of these states."""
        return data.draw(st.sampled_from(sorted(p.id for p in self.oracle.posts.values() if p.state in states)), "post")

    # -- plans ---------------------------------------------------------------------------------------------

    @initialize(data=st.data())
    def begin(self, data):
        for _post in range(data.draw(st.integers(2, MOST_POSTS - 1), "posts")):
            self.plan(data)

    @precondition(lambda self: len(self.wishes) < MOST_POSTS)
    @rule(data=st.data())
    def plan(self, data):
        """Plan a post, minutes from now, or a first comment on one."""
        stages = data.draw(st.sampled_from(((), (), (), ("brand",), ("brand", "legal"))), "stages")
        if self.wishes and data.draw(st.integers(0, 3), "a comment?") == 0:
            parent = self.some(data, *State)
            parent = self.of(parent).parent or parent
            delay = data.draw(st.sampled_from((0, 7)), "delay")
            self._plan(self.of(parent).channel, 0, 60, stages[:1], False, parent, delay=delay)
            return
        self._plan(
            data.draw(st.sampled_from(NAMES), "channel"),
            data.draw(st.sampled_from((-5, 0, 0, 0, 10)), "due"),
            data.draw(st.sampled_from((None, None, None, 2, 30, 180)), "window"),
            stages,
            data.draw(st.booleans(), "a picture?"),
            None,
        )

    def _plan(self, channel, due, window, stages, picture, parent, *, delay=0):
        due = self.now + timedelta(minutes=due)
        wish = replace(
            self.desk.wish(
                f"n{len(self.wishes)}",
                channel=channel,
                content={"delay": delay * 60},
                visual={"layout": "card"} if picture else None,
                approval={"stages": list(stages), "deadline": 0} if stages else None,
                parent=parent,
                part="main" if parent is None else "first-comment",
            ),
            due_at=due,
            window_until=None if window is None else due + timedelta(minutes=window),
        )
        self.desk.apply(wish)
        self.wishes[wish.id] = wish
        post = Post(
            id=wish.id,
            key=wish.key,
            channel=channel,
            picture=picture,
            stages=stages,
            parent=parent,
            delay=timedelta(minutes=delay),
            due=due,
            window=wish.window_until,
        )
        self.oracle.posts[wish.id] = post
        self.oracle.enter(post, self.now)
        published = parent is not None and self.of(parent).published_at
        if post.state == "scheduled" and published:
            post.due = max(post.due, published)

    @precondition(having(*OPEN, *GONE))
    @rule(data=st.data(), words=st.booleans(), later=st.sampled_from((0, 0, 15)))
    def change(self, data, words, later):
        """Apply a plan in which a post has other words or another time."""
        delivery = self.some(data, *OPEN, *GONE)
        post, wish = self.of(delivery), self.wishes[delivery]
        wish = replace(
            wish,
            due_at=wish.due_at + timedelta(minutes=later),
            window_until=None if wish.window_until is None else wish.window_until + timedelta(minutes=later),
        )
        if words:
            wish = replace(wish, digest=f"{post.words + 1:064d}")
        self.desk.apply(wish, action=Action.CHANGE)
        self.wishes[delivery] = wish
        post.words += words
        post.due, post.window, post.wait, post.tries = wish.due_at, wish.window_until, None, 0
        self.oracle.enter(post, self.now)
        if post.state == "scheduled" and post.parent is not None and self.of(post.parent).published_at:
            self.oracle.answer_to(post, self.of(post.parent).published_at)

    @precondition(having(*OPEN, "failed", "missed", "rejected"))
    @rule(data=st.data())
    def remove(self, data):
        """Apply a plan without a post."""
        post = self.of(self.some(data, *OPEN, "failed", "missed", "rejected"))
        self.desk.apply(self.wishes[post.id], action=Action.CANCEL)
        self.oracle.move(post, "cancelled", self.now)
        post.wait = None

    # -- people --------------------------------------------------------------------------------------------

    @precondition(having(*STATES_FOR_PEOPLE))
    @rule(data=st.data())
    def people(self, data):
        """Let somebody take one of the steps that are open."""
        steps_open = [name for name, states in PEOPLE.items() if having(*states)(self)]
        getattr(self, data.draw(st.sampled_from(steps_open), "step"))(data)

    def approve(self, data):
        post = self.of(self.some(data, "awaiting_approval"))
        steps.approve(self.desk.engine, post.id, by="lin", clock=self.desk.clock)
        post.yes.setdefault(post.words, set()).add(post.missing[0])
        if not post.missing:
            self.oracle.enter(post, self.now)
            if post.state == "scheduled" and post.parent is not None:
                self.oracle.answer_to(post, self.of(post.parent).published_at)

    def reject(self, data):
        post = self.of(self.some(data, "awaiting_approval", "scheduled"))
        steps.reject(self.desk.engine, post.id, by="lin", clock=self.desk.clock)
        self.oracle.move(post, "rejected", self.now)

    def cancel(self, data):
        post = self.of(self.some(data, *CANCELLABLE))
        steps.cancel(self.desk.engine, post.id, by="lin", clock=self.desk.clock)
        self.oracle.move(post, "cancelled", self.now)
        post.wait = None

    def retry(self, data):
        post = self.of(self.some(data, *GONE, "scheduled"))
        before = post.state
        steps.retry(self.desk.engine, post.id, by="lin", clock=self.desk.clock)
        post.wait, post.tries = None, 0
        if before == "scheduled":
            post.since = self.now
            return
        if before == "rejected":
            post.yes.clear()
        if post.window is not None and post.window < self.now:
            post.window = None
        self.oracle.enter(post, self.now)
        for comment in self.oracle.comments(post):
            if comment.state == "cancelled" and comment.orphaned:
                self.oracle.enter(comment, self.now)

    def resolve(self, data):
        """Say what is on the channel, truthfully; what may still be on its way there must be waited for."""
        post = self.of(self.some(data, *DOUBT))
        there = self.world.posts[post.key] > 0
        step = partial(steps.resolve, self.desk.engine, post.id, published=there, by="lin", clock=self.desk.clock)
        if there:
            step()
            self.oracle.move(post, "published", self.now)
            post.wait = post.lease = None
        elif post.lease is None or post.lease <= self.now:
            step()
            self.oracle.free(post, self.now)
        else:
            with pytest.raises(Refused):
                step()

    def prove(self, data):
        """Close what was handed over."""
        post = self.of(self.some(data, "handed_over"))
        steps.close_with_proof(self.desk.engine, post.id, kind="photo", by="lin", clock=self.desk.clock)
        self.world.posts[post.key] += 1
        self.oracle.move(post, "done", self.now)

    @precondition(having(*State))
    @rule(data=st.data())
    def try_what_is_not_allowed(self, data):
        """Whatever a state does not allow is refused, and changes nothing."""
        post = self.of(self.some(data, *State))
        engine, clock = self.desk.engine, self.desk.clock
        wishes = {
            "approve": steps.approve,
            "reject": steps.reject,
            "cancel": steps.cancel,
            "retry": steps.retry,
            "resolve": partial(steps.resolve, published=True),
        }
        for name, step in wishes.items():
            if post.state not in PEOPLE[name]:
                with pytest.raises(Refused):
                    step(engine, post.id, by="lin", clock=clock)
        if post.state not in OUT:
            with pytest.raises(Refused):
                steps.close_with_proof(engine, post.id, kind="photo", by="lin", clock=clock)
        if post.state != "scheduled" or self.oracle.shut(post.channel, self.now):
            with pytest.raises(Refused):
                self.worker.publisher.publish_now(post.id)
        if post.state not in OPEN | GONE:
            for action in (Action.CHANGE, Action.CANCEL):
                with pytest.raises(WorldMoved):
                    self.desk.apply(self.wishes[post.id], action=action)

    @rule(channel=st.sampled_from(NAMES))
    def turn(self, channel):
        """Pause an open channel, and open a shut one."""
        if self.oracle.shut(channel, self.now):
            steps.resume_channel(self.desk.engine, channel, by="lin", clock=self.desk.clock)
            self.oracle.paused.discard(channel)
            self.oracle.blocked.pop(channel, None)
        else:
            steps.pause_channel(self.desk.engine, channel, by="lin", clock=self.desk.clock)
            self.oracle.paused.add(channel)

    # -- time and processes --------------------------------------------------------------------------------

    @rule(days=st.sampled_from((1, 8)))
    def wait(self, days):
        self.desk.clock.advance(timedelta(days=days))

    def prepare(self, data):
        """Let time pass, and let some channel say something else than a receipt, once."""
        self.desk.clock.advance(timedelta(minutes=data.draw(st.sampled_from(MINUTES), "minutes")))
        self.world.looks = data.draw(st.sampled_from(("honest", "honest", *LOOKS)), "look-ups")
        self.world.answers.clear()
        for delivery in data.draw(st.lists(st.sampled_from(sorted(self.wishes)), max_size=3, unique=True), "others"):
            self.world.answers[delivery] = self.answer(delivery, data.draw(st.sampled_from(sorted(ANSWERS)), delivery))

    def answer(self, delivery, answer):
        """Return the answer; what people hold in their hands has no first comments: that is another story."""
        commented = self.of(delivery).parent or self.oracle.comments(self.of(delivery))
        return "lost, yet there" if commented and answer == "handed over" else answer

    @precondition(having(*State))
    @rule(data=st.data())
    def run(self, data):
        """Let a worker do what is due."""
        self.prepare(data)
        assert self.worker.run()

    @precondition(having("scheduled", "uncertain", "pending"))
    @rule(data=st.data(), point=st.sampled_from(DEATHS))
    def die(self, data, point):
        """Let a worker die at the first delivery that comes to `point`; another takes its place."""
        self.prepare(data)
        self.worker.dies_at = point
        self.worker.run()
        self.worker = self.new_worker()

    @precondition(lambda self: self.zombie is None and having("scheduled", "uncertain")(self))
    @rule(data=st.data(), point=st.sampled_from(SLEEPS))
    def fall_asleep(self, data, point):
        """Let a second worker fall asleep over a delivery."""
        self.prepare(data)
        zombie = self.new_worker()
        if zombie.sleep_at(point):
            self.zombie = zombie

    @precondition(lambda self: self.zombie is not None)
    @rule(minutes=st.sampled_from((0, 2, 3, 6)))
    def wake_up(self, minutes):
        """Let it go on, as if nothing had been."""
        self.desk.clock.advance(timedelta(minutes=minutes))
        zombie, self.zombie = self.zombie, None
        zombie.wake()

    @precondition(having("scheduled"))
    @rule(data=st.data(), answer=st.sampled_from(sorted(ANSWERS)))
    def publish_now(self, data, answer):
        """Let a person have it out at once."""
        delivery = self.some(data, "scheduled")
        self.world.answers[delivery] = self.answer(delivery, answer)
        if self.oracle.shut(self.of(delivery).channel, self.now):
            return
        self.worker.whenever = True
        self.worker.publisher.publish_now(delivery)
        self.worker.whenever = False

    # -- what must be true -----------------------------------------------------------------------------------

    @invariant()
    def the_ledger_says_what_the_oracle_says(self):
        assert not self.oracle.wrong, self.oracle.wrong
        with reading(self.desk.engine) as connection:
            rows = {row.id: row for row in connection.execute(select(deliveries))}
            shut = {row.channel: row for row in connection.execute(select(channels))}
            tries = connection.execute(select(attempts).order_by(attempts.c.id)).all()
            told = connection.execute(select(events).where(events.c.id > self.seen).order_by(events.c.id)).all()
            decided = connection.execute(select(approvals)).all()
        for post in self.oracle.posts.values():
            row = rows[post.id]
            ours = (post.state, post.fence, post.tries, post.due, post.window, post.wait)
            theirs = (row.state, row.fence, row.attempts, row.due_at, row.window_until, row.not_before)
            assert ours == theirs, f"{post}: the ledger says {theirs}"
            if post.state == "publishing":
                assert row.lease_until == post.lease
        for name in NAMES:
            row = shut.get(name)
            assert (name in self.oracle.paused) == (row is not None and row.paused)
            until = None if row is None else row.blocked_until
            assert (until is not None and until > self.now) == (self.oracle.blocked.get(name, self.now) > self.now)
        self.steps_are_in_the_table(told)
        self.attempts_fit(rows, tries)
        self.approvals_fit(rows, decided)
        self.last = {row.id: (row.state, row.fence) for row in rows.values()}

    def steps_are_in_the_table(self, told):
        """Follow each delivery from event to event."""
        for event in told:
            self.seen = event.id
            after = event.detail.get("state")
            if after is None or event.delivery is None:
                continue
            before = self.last.get(event.delivery, (after, 0))[0]
            assert before == after or allowed(State(before), State(after)), f"{before} to {after}"
            self.last[event.delivery] = (after, self.last.get(event.delivery, (after, 0))[1])

    def attempts_fit(self, rows, tries):
        numbers, fences = {}, {}
        for row in tries:
            assert row.number == numbers.get(row.delivery, 0) + 1
            assert row.fence > fences.get(row.delivery, 0)
            numbers[row.delivery], fences[row.delivery] = row.number, row.fence
        for row in rows.values():
            assert row.fence >= max(fences.get(row.id, 0), self.last.get(row.id, (None, 0))[1])
            if row.state == "publishing":
                assert fences[row.id] == row.fence

    def approvals_fit(self, rows, decided):
        """Nothing is out that lacks an approval of its very words."""
        for post in self.oracle.posts.values():
            given = {
                one.stage
                for one in decided
                if (one.delivery, one.digest, one.decision, one.void)
                == (post.id, rows[post.id].digest, "approved", False)
            }
            assert given == post.yes.get(post.words, set())
            if self.world.posts[post.key]:
                assert set(post.stages) <= given

    @invariant()
    def nothing_is_doubled_or_lost(self):
        for post in self.oracle.posts.values():
            posts = self.world.posts[post.key]
            assert posts <= 1, f"{post.id} was posted {posts} times"
            if post.state in OUT - {"handed_over"}:
                assert posts == 1, f"{post.id} is {post.state}, yet not there"
            if post.state in GONE | OPEN:
                sleeping = self.zombie is not None and post.id in self.zombie.claims
                assert sleeping or not posts, f"{post.id} is there, yet {post.state}"


def test_the_room_keeps_the_rules(make_desk):
    profile = settings(
        max_examples=EXAMPLES[PROFILE],
        stateful_step_count=STEPS_EACH,
        deadline=None,
        derandomize=PROFILE == "quick",
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Room(make_desk), settings=profile)
