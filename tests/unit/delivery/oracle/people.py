"""What people do to the room of the model: plans, approvals, refusals, answers to what is in doubt."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from oracle.rules import DOUBT, GONE, LOOKED_UP, OPEN, OUT, Oracle, Post
from oracle.worker import Worker
from oracle.world import DECLARED, World

from promo.delivery import steps
from promo.delivery.state import State
from promo.errors import Refused, WorldMoved
from promo.plan.model import Action

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


class People(RuleBasedStateMachine):
    """A real room on a real SQLite file, beside it the oracle; and the people who use it."""

    def __init__(self, desk):
        super().__init__()
        self.desk = desk
        self.world = World()
        self.oracle = Oracle()
        self.wishes = {}
        self.born = 0
        self.worker = self.new_worker()

    def new_worker(self):
        self.born += 1
        return Worker(self.desk, self.world, self.oracle, f"worker {self.born}")

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
            data.draw(st.sampled_from((*NAMES, *LOOKED_UP, "by-lookup")), "channel"),
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
        turn(self, channel)


def turn(machine, channel):
    """Pause an open channel, and open a shut one, in the room and in the oracle."""
    if machine.oracle.shut(channel, machine.now):
        steps.resume_channel(machine.desk.engine, channel, by="lin", clock=machine.desk.clock)
        machine.oracle.paused.discard(channel)
        machine.oracle.blocked.pop(channel, None)
    else:
        steps.pause_channel(machine.desk.engine, channel, by="lin", clock=machine.desk.clock)
        machine.oracle.paused.add(channel)
