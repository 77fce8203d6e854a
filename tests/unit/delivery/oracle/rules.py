"""The rules of the delivery room, said once more and otherwise: in memory, one post at a time, without its table."""

from dataclasses import dataclass, field
from datetime import timedelta

from oracle.world import BUSY_FOR, FINISHES_IN

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = 5 * MINUTE
STRAY = 2 * SECOND  # by which a call may come after its window
KEY_SURE = 54 * MINUTE  # nine tenths of the hour for which the channels remember a key
MOST_TRIES = 8
PENDING_FOR = 7 * DAY
OPEN = {"planned", "awaiting_approval", "scheduled"}  # nobody has begun
GONE = {"failed", "missed", "rejected", "cancelled"}  # will not appear, unless it is taken up again
OUT = {"published", "handed_over", "done"}
DOUBT = {"uncertain", "pending"}
KEYED = {"by-key", "by-key-and-lookup"}
LOOKED_UP = ("by-key-and-lookup", "by-lookup")

SHUTS = {"locked out", "no secret"}  # a person must open the channel again
ENDS = {
    "receipt": "published",
    "finishing": "pending",
    "handed over": "handed_over",
    "refused": "failed",
    "unsupported": "failed",
}


def half_again(age, most):
    """Wait half as long again as it has taken, at least half a minute."""
    return min(most, max(30 * SECOND, age / 2))


@dataclass(eq=False)
class Post:
    """One delivery as the oracle sees it."""

    id: str
    key: str
    channel: str
    picture: bool
    stages: tuple
    parent: str | None
    delay: timedelta
    due: object
    window: object
    state: str = ""
    wait: object = None
    lease: object = None
    fence: int = 0
    tries: int = 0
    since: object = None  # of its last move
    published_at: object = None
    words: int = 0
    yes: dict = field(default_factory=dict)  # words → the stages that approved them
    doubts: dict = field(default_factory=dict)  # fence → when that try may have arrived
    person: bool = False  # in doubt, and only a person can tell
    orphaned: bool = False  # cancelled because its post will not appear

    @property
    def turn(self):
        """When something is to be done with it; None: not by a worker."""
        if self.state == "scheduled":
            return max(self.due, self.wait or self.due)
        return self.wait if self.state in DOUBT else None

    @property
    def missing(self):
        """The approvals it lacks."""
        return [stage for stage in self.stages if stage not in self.yes.get(self.words, ())]


@dataclass(eq=False)
class Claim:
    """One worker's hold on a post."""

    post: Post
    fence: int
    settles: bool
    tries: int
    lease: object
    window: object
    answer: str = ""  # of the channel; empty: it was never called


@dataclass(eq=False)
class Look:
    """What a worker knew of a post in doubt when it went to ask the channel, and what it heard there."""

    post: Post
    state: str
    fence: int
    since: object
    lease: object
    asked: object = None
    answer: str = ""

    @property
    def stale(self):
        """Whether the post has gone on meanwhile."""
        return (self.post.state, self.post.fence) != (self.state, self.fence)


class Oracle:
    """Knows what must be. What may not happen is kept in `wrong`, for the room catches what its hooks raise."""

    def __init__(self):
        self.posts = {}
        self.paused = set()
        self.blocked = {}  # channel → until
        self.wrong = []

    def demand(self, holds, words):
        """Keep a breach of the rules."""
        if not holds:
            self.wrong.append(words)

    def shut(self, channel, now):
        """Whether a channel lets nothing out."""
        return channel in self.paused or self.blocked.get(channel, now) > now

    def comments(self, post):
        """The first comments of a post."""
        return [one for one in self.posts.values() if one.parent == post.id]

    # -- what moves --------------------------------------------------------------------------------------------

    def move(self, post, state, now):
        """Bring a post into a state, and its first comments after it."""
        post.state, post.since, post.orphaned, post.person = state, now, False, False
        if state in {"published", "done"}:
            post.published_at = now
        if state in OUT:
            for comment in self.comments(post):
                if comment.state == "planned":
                    self.answer_to(comment, now)
                    self.move(comment, "scheduled", now)
        if state in GONE:
            for comment in self.comments(post):
                if comment.state in OPEN:
                    self.move(comment, "cancelled", now)
                    comment.orphaned = True

    def answer_to(self, comment, now):
        """Count a comment's time from the moment its post came out."""
        if comment.window is not None:
            comment.window = now + comment.delay + max(comment.window - comment.due, timedelta(0))
        comment.due = now + comment.delay

    def enter(self, post, now):
        """Let a post begin, or begin again."""
        parent = self.posts.get(post.parent)
        waits = parent is not None and parent.state not in OUT
        self.move(post, "awaiting_approval" if post.missing else "planned" if waits else "scheduled", now)

    def sweep(self, now, in_hand):
        """Do what time alone does."""
        for post in self.posts.values():
            if post.state == "publishing" and post.lease <= now and post.id not in in_hand:
                if post.doubts:
                    self.move(post, "uncertain", now)
                    post.wait = now
                else:
                    self.move(post, "scheduled", now)
                    post.fence += 1
        over = [
            post
            for post in self.posts.values()
            if post.state in {"scheduled", "awaiting_approval"} and post.window is not None and post.window < now
        ]
        for post in over:  # all of them first: a comment missed is not a comment cancelled
            post.state = "missed"
        for post in over:
            self.move(post, "missed", now)

    # -- one try -----------------------------------------------------------------------------------------------

    def claimed(self, post, now, *, whenever):
        """Hear that a worker took a post."""
        self.demand(not self.shut(post.channel, now), f"{post.id} was taken from a shut channel")
        self.demand(not post.missing, f"{post.id} was taken unapproved")
        settles = post.state == "uncertain"
        if settles:
            sure = not post.doubts or now < min(post.doubts.values()) + KEY_SURE
            in_time = post.window is None or now <= post.window
            asked = not post.person and post.wait <= now
            self.demand(
                post.channel in KEYED and sure and in_time and asked, f"{post.id} was sent again, key or no key"
            )
        else:
            self.demand(post.state == "scheduled", f"{post.id} was taken while {post.state}")
            due = post.due <= now and (post.wait is None or post.wait <= now)
            self.demand(whenever or due, f"{post.id} was taken too early")
            self.demand(whenever or post.window is None or now <= post.window, f"{post.id} was taken too late")
        if whenever:
            post.window = post.wait = None
        self.move(post, "publishing", now)
        post.fence += 1
        post.tries += 1
        post.lease = now + LEASE
        claim = Claim(post, post.fence, settles, post.tries, post.lease, post.window)
        if not post.picture:
            post.doubts[claim.fence] = now
        return claim

    def sending(self, claim, now):
        """Hear that all is ready."""
        post = claim.post
        if post.picture:  # its lease begins anew
            here = post.state == "publishing" and post.fence == claim.fence
            self.demand(here, f"{post.id} goes on though its claim is lost")
            claim.lease = post.lease = now + LEASE
            post.doubts[claim.fence] = now

    def called(self, claim, now, answer):
        """Hear that the channel was called."""
        self.demand(claim.lease - now >= LEASE / 2, f"{claim.post.id} was sent when its lease was as good as over")
        in_time = claim.settles or claim.window is None or now <= claim.window + STRAY
        self.demand(in_time, f"{claim.post.id} was sent after its window")
        claim.answer = answer

    def recorded(self, claim, now, chosen):
        """Hear that the end of a try is written; `chosen` is the moment the ledger names for the next one."""
        post, answer = claim.post, claim.answer.partition(",")[0]
        if answer in {"lost", "broken", "nonsense"}:
            self._doubted(claim, now)
            return
        post.doubts.pop(claim.fence, None)
        if answer == "receipt" and not self.ours(claim) and post.state in {"uncertain", "scheduled"}:
            post.fence, claim.fence = post.fence + 1, post.fence + 1  # it comes late, but nobody has begun again
        if answer in ENDS and self.ours(claim, scheduled=answer == "receipt"):
            self.move(post, ENDS[answer], now)
            if answer not in {"refused", "unsupported"}:
                post.wait, post.lease = now + FINISHES_IN if answer == "finishing" else None, None
        if answer not in ENDS:
            self._unsent(claim, answer, now, chosen)

    def ours(self, claim, *, scheduled=False):
        """Whether a worker may still say what became of its try."""
        states = {"publishing", "uncertain", *(("scheduled",) if scheduled else ())}
        return claim.post.fence == claim.fence and claim.post.state in states

    def _doubted(self, claim, now):
        post = claim.post
        if not self.ours(claim) or post.state != "publishing":
            return
        moment = now + half_again(now - min(post.doubts.values()), HOUR)
        if claim.window is not None and now < claim.window < moment:
            moment = claim.window
        self.move(post, "uncertain", now)
        post.wait = moment

    def _unsent(self, claim, answer, now, chosen):
        """Nothing was sent: when and how does it go on?"""
        post = claim.post
        again = now
        if answer in SHUTS:
            self.paused.add(post.channel)
        elif not answer:
            again = now + SECOND
        elif answer == "busy for a while":
            again = now + BUSY_FOR
            self.blocked[post.channel] = max(again, self.blocked.get(post.channel, again))
        if not self.ours(claim) or (claim.settles and post.state != "publishing"):
            return  # somebody else is at it, or will be
        if answer == "busy":
            if claim.tries >= MOST_TRIES and not claim.settles:
                self.move(post, "failed", now)
                return
            most = min(HOUR, 30 * SECOND * 2 ** (claim.tries - 1))
            self.demand(now + SECOND <= chosen <= now + most, f"{post.id} waits from {now} until {chosen}")
            again = chosen
        if claim.settles:
            self.move(post, "uncertain", now)
        else:
            self.move(post, "missed" if claim.window is not None and again > claim.window else "scheduled", now)
            post.lease = None
        post.wait = again
        if answer in SHUTS or not answer:  # not its fault
            post.tries = claim.tries - 1

    # -- doubt -------------------------------------------------------------------------------------------------

    def left_to_people(self, post, now):
        """Give to people what no channel can tell."""
        if post.state not in DOUBT or post.person or post.wait > now or post.channel in LOOKED_UP:
            return
        sure = not post.doubts or now < min(post.doubts.values()) + KEY_SURE
        again = post.channel in KEYED and sure and (post.window is None or now <= post.window)
        if post.state == "pending" or not again:
            post.person, post.wait = True, None

    def reserved(self, post, now):
        """Hear that a worker is about to ask the channel for a post; return what it knows of it."""
        self.demand(post.channel in LOOKED_UP, f"{post.id} was looked up on a channel that cannot")
        self.demand(post.state in DOUBT and not post.person, f"{post.id} was looked up while {post.state}")
        self.demand(post.wait is not None and post.wait <= now, f"{post.id} was looked up too early")
        post.wait = now + LEASE
        return Look(post, post.state, post.fence, post.since, post.lease)

    def looked_up(self, look, now):
        """Hear that a worker writes what the channel said; of a post that has gone on since it is no news."""
        post, answer = look.post, look.answer
        if answer == "locked out":
            self.paused.add(post.channel)
        if look.stale:
            return
        if answer == "found":
            self.move(post, "published", now)
            post.wait = post.lease = None
        elif answer == "absent":
            self._absent(look, now)
        elif answer == "unsupported":
            post.person, post.wait = True, None
        else:
            wait = BUSY_FOR if answer == "busy for a while" else half_again(now - look.since, HOUR)
            post.person, post.wait = False, now + wait

    def _absent(self, look, now):
        post = look.post
        if post.state == "pending":
            if now - look.since < PENDING_FOR:
                post.person, post.wait = False, now + half_again(now - look.since, 6 * HOUR)
            else:
                self.move(post, "uncertain", now)
                post.person, post.wait = True, None
        elif look.lease is not None and look.lease > look.asked:  # the try may have been under way when it was asked
            post.person, post.wait = False, max(now, look.lease)
        else:
            self.free(post, now)

    def free(self, post, now):
        """Let it go out once more: the channel does not have it, and nobody is at it."""
        post.doubts.clear()
        post.fence += 1
        post.wait = post.lease = None
        self.move(post, "missed" if post.window is not None and post.window < now else "scheduled", now)

    def at_rest(self, now, opened):
        """Demand that a worker has left nothing undone on the channels that were open and still are."""
        for post in self.posts.values():
            if post.channel not in opened or self.shut(post.channel, now):
                continue
            due = post.state == "scheduled" and post.turn <= now and (post.window is None or now <= post.window)
            self.demand(not due, f"{post.id} is due and was left")
            asked = post.state in DOUBT and not post.person and post.wait <= now
            self.demand(not asked, f"{post.id} is in doubt and was left")
