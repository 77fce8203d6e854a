"""After each step of the model: what the ledger must say, and what the channels must have."""

from hypothesis.stateful import invariant
from oracle.people import NAMES, People
from oracle.rules import GONE, OPEN, OUT
from sqlalchemy import select

from promo.delivery.state import State, allowed
from promo.store.database import reading
from promo.store.tables import approvals, attempts, channels, deliveries, events


class Compared(People):
    """The room, compared with the oracle after each step."""

    def __init__(self, desk):
        super().__init__(desk)
        self.zombie = None
        self.last = {}  # delivery → its state and fence at the last look
        self.seen = 0  # events

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
            assert ours == theirs, f"the ledger says {theirs} of {post}"
            if post.state == "publishing":
                assert row.lease_until == post.lease, f"{post.id} is held until {row.lease_until}, not {post.lease}"
        for name in NAMES:
            row = shut.get(name)
            assert (name in self.oracle.paused) == (row is not None and row.paused), f"{name}: paused or not"
            until = None if row is None else row.blocked_until
            blocked = until is not None and until > self.now
            assert blocked == (self.oracle.blocked.get(name, self.now) > self.now), f"{name}: shut until {until}"
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
            assert row.number == numbers.get(row.delivery, 0) + 1, f"{row.delivery}: try {row.number}"
            assert row.fence > fences.get(row.delivery, 0), f"{row.delivery}: two tries of fence {row.fence}"
            numbers[row.delivery], fences[row.delivery] = row.number, row.fence
        for row in rows.values():
            least = max(fences.get(row.id, 0), self.last.get(row.id, (None, 0))[1])
            assert row.fence >= least, f"{row.id}: fence {row.fence} after {least}"
            if row.state == "publishing":
                assert fences[row.id] == row.fence, f"{row.id} is held without a try"

    def approvals_fit(self, rows, decided):
        """Nothing is out that lacks an approval of its very words."""
        for post in self.oracle.posts.values():
            given = {
                one.stage
                for one in decided
                if (one.delivery, one.digest, one.decision, one.void)
                == (post.id, rows[post.id].digest, "approved", False)
            }
            assert given == post.yes.get(post.words, set()), f"{post.id} is approved by {given}"
            if self.world.posts[post.key]:
                assert set(post.stages) <= given, f"{post.id} is out, approved only by {given}"

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
