"""First comments: they wait for their post, follow it, and end with it."""

from datetime import timedelta

from promo.connector import Rejected
from promo.delivery import steps
from promo.delivery.state import State
from promo.plan.model import Action


def pair(desk, *, approval=None, **options):
    post = desk.wish("post", due=timedelta(hours=1), **options)
    comment = desk.wish(
        "comment",
        due=timedelta(hours=1, minutes=1),
        window=timedelta(hours=2, minutes=1),
        content={"delay": 60},
        part="first-comment",
        parent=post.id,
        approval=approval,
    )
    desk.apply(post, comment)
    return post.id, comment.id


def test_a_comment_goes_out_after_its_post_and_answers_it(desk):
    post, comment = pair(desk)
    assert desk.state(comment) == State.PLANNED
    desk.later(hours=1, minutes=30)  # the post is late; the delay counts from when it is out
    row = desk.row(comment)
    assert (row.state, row.due_at) == ("scheduled", desk.row(post).published_at + timedelta(minutes=1))
    assert row.window_until == row.due_at + timedelta(hours=1)
    assert desk.later(minutes=1).outcomes == ((comment, State.PUBLISHED),)
    assert desk.connector().sent[1].reply_to.remote_id == desk.row(post).remote_id


def test_a_comment_ends_with_its_post_and_comes_back_with_it(desk):
    post, comment = pair(desk)
    desk.connector().script.append(Rejected("no"))
    desk.later(hours=1)
    assert (desk.state(post), desk.state(comment)) == ("failed", "cancelled")
    assert post in desk.row(comment).reason
    steps.retry(desk.engine, post, by="li", clock=desk.clock)
    assert desk.state(comment) == State.PLANNED
    desk.run()
    assert desk.later(minutes=1).outcomes == ((comment, State.PUBLISHED),)


def test_a_comment_that_came_back_and_was_withdrawn_by_a_plan_stays_away(desk):
    post, comment = pair(desk)
    desk.connector().script.extend([Rejected("no"), Rejected("no")])
    desk.later(hours=1)
    steps.retry(desk.engine, post, by="li", clock=desk.clock)
    wish = desk.wish("comment", due=timedelta(minutes=1), part="first-comment", parent=post)
    desk.apply(wish, action=Action.CANCEL)
    assert desk.state(comment) == State.CANCELLED
    desk.run()
    steps.retry(desk.engine, post, by="li", clock=desk.clock)
    assert desk.state(comment) == State.CANCELLED


def test_a_comment_that_a_person_cancelled_does_not_come_back(desk):
    post, comment = pair(desk)
    steps.cancel(desk.engine, comment, by="li", clock=desk.clock)
    steps.cancel(desk.engine, post, by="li", clock=desk.clock)
    steps.retry(desk.engine, post, by="li", clock=desk.clock)
    assert desk.state(comment) == State.CANCELLED


def test_an_approved_comment_waits_for_its_post(desk):
    _post, comment = pair(desk, approval={"stages": ["brand"], "deadline": 0})
    assert steps.approve(desk.engine, comment, by="li", clock=desk.clock) is State.PLANNED
    desk.later(hours=1)
    assert desk.later(minutes=1).outcomes == ((comment, State.PUBLISHED),)


def test_a_comment_approved_after_its_post_counts_from_the_post(desk):
    post, comment = pair(desk, approval={"stages": ["brand"], "deadline": 0})
    desk.later(hours=1)
    assert desk.state(comment) == State.AWAITING_APPROVAL
    desk.later(minutes=30)
    assert steps.approve(desk.engine, comment, by="li", clock=desk.clock) is State.SCHEDULED
    assert desk.row(comment).due_at == desk.row(post).published_at + timedelta(minutes=1)
    assert desk.run().outcomes == ((comment, State.PUBLISHED),)


def test_a_comment_changed_after_its_post_counts_by_the_new_plan(desk):
    post, comment = pair(desk)
    desk.later(hours=1)
    wish = desk.wish(
        "comment",
        due=timedelta(hours=1, minutes=10),
        window=timedelta(hours=1, minutes=40),
        content={"delay": 600},
        part="first-comment",
        parent=post,
    )
    desk.apply(wish, action=Action.CHANGE)
    row, published_at = desk.row(comment), desk.row(post).published_at
    assert (row.state, row.due_at) == ("scheduled", published_at + timedelta(minutes=10))
    assert row.window_until == published_at + timedelta(minutes=40)


def test_a_missed_post_takes_its_comment_along(desk):
    post, comment = pair(desk, window=timedelta(hours=2))
    desk.later(hours=5)
    assert (desk.state(post), desk.state(comment)) == ("missed", "cancelled")


def test_an_uncertain_post_keeps_its_comment_waiting(desk):
    from promo.connector import OutcomeUnknown

    post, comment = pair(desk, channel="by-person")
    desk.connector("by-person").script.append(OutcomeUnknown("lost"))
    desk.later(hours=1)
    assert desk.state(comment) == State.PLANNED
    steps.resolve(desk.engine, post, published=True, remote_id="7", by="li", clock=desk.clock)
    assert desk.state(comment) == State.SCHEDULED
