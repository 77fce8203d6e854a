"""What people do: approve, reject, cancel, retry, pause, close with a proof; and what each refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo.connector import AccessLost, Handover, Rejected
from promo.delivery import steps
from promo.delivery.query import history, status
from promo.delivery.request import bytes_digest, render_media
from promo.delivery.state import State
from promo.errors import NotFound, Refused, UserMistake
from promo.plan.model import Action
from promo.visual.model import Finding

RULE = {"stages": ["brand", "legal"], "deadline": 86400}


def approve(desk, delivery, **options):
    return steps.approve(desk.engine, delivery, by="wang", clock=desk.clock, **options)


def test_every_stage_in_its_order_frees_it(desk):
    post = desk.add(due=timedelta(days=3), approval=RULE)
    with pytest.raises(Refused, match="brand"):
        approve(desk, post, stage="legal")
    with pytest.raises(UserMistake, match="bland"):
        approve(desk, post, stage="bland")
    assert approve(desk, post, stage="brand") is State.AWAITING_APPROVAL
    with pytest.raises(Refused, match="brand"):
        approve(desk, post, stage="brand")
    assert approve(desk, post) is State.SCHEDULED
    with pytest.raises(Refused, match="scheduled"):
        approve(desk, post)
    assert desk.later(days=3).outcomes == ((post, State.PUBLISHED),)


def test_what_is_not_approved_in_time_is_held_and_told_once(desk):
    post = desk.add(due=timedelta(days=3), window=timedelta(days=4), approval=RULE)
    assert desk.publisher.next_due() == desk.clock.now() + timedelta(days=2)
    assert desk.later(days=2).held == (post,)
    assert desk.later(hours=1).held == ()
    [held] = status(desk.engine, desk.clock.now()).held
    assert (held.id, held.reason) == (post, "held: not approved in time")
    approve(desk, post)
    approve(desk, post)
    assert desk.row(post).reason == ""
    assert desk.later(days=1).outcomes == ((post, State.PUBLISHED),)


def test_what_is_never_approved_is_missed(desk):
    post = desk.add(due=timedelta(days=3), window=timedelta(days=4), approval=RULE)
    assert desk.later(days=5).outcomes == ((post, State.MISSED),)


def test_a_changed_text_asks_for_approval_again(desk):
    wish = desk.wish(due=timedelta(days=3), approval=RULE)
    desk.apply(wish)
    approve(desk, wish.id)
    approve(desk, wish.id)
    changed = replace(wish, content={"text": "other words"}, digest="e" * 64)
    desk.apply(changed, action=Action.CHANGE)
    row = desk.row(wish.id)
    assert (row.state, row.reason) == ("awaiting_approval", "changed after it was approved")
    desk.apply(wish, action=Action.CHANGE)  # the approved words again
    assert desk.state(wish.id) == State.SCHEDULED


def test_another_time_keeps_the_approval(desk):
    wish = desk.wish(due=timedelta(days=3), approval=RULE)
    desk.apply(wish)
    approve(desk, wish.id)
    approve(desk, wish.id)
    desk.apply(replace(wish, due_at=wish.due_at + timedelta(hours=1)), action=Action.CHANGE)
    assert desk.state(wish.id) == State.SCHEDULED


def test_another_picture_asks_for_approval_again(desk):
    post = desk.add(visual={"layout": "card"}, approval={"stages": ["brand"], "deadline": 0})
    desk.pictures["card"] = b"blue"
    shown = bytes_digest(render_media(desk.row(post), desk.render))
    approve(desk, post, visual_digest=shown)
    desk.pictures["card"] = b"red"
    assert desk.run().outcomes == ((post, State.AWAITING_APPROVAL),)
    assert desk.connector().sent == []
    assert "picture" in desk.row(post).reason
    approve(desk, post, visual_digest=bytes_digest(render_media(desk.row(post), desk.render)))
    assert desk.run().outcomes == ((post, State.PUBLISHED),)


def test_the_approved_picture_goes_out(desk):
    post = desk.add(visual={"layout": "card"}, approval={"stages": ["brand"], "deadline": 0})
    approve(desk, post, visual_digest=bytes_digest(render_media(desk.row(post), desk.render)))
    assert desk.run().outcomes == ((post, State.PUBLISHED),)


def test_people_may_approve_what_the_style_guide_finds_fault_with(desk):
    post = desk.add(visual={"layout": "card"}, approval={"stages": ["brand"], "deadline": 0})
    desk.faults["card"] = (Finding(rule="contrast", message="too faint", severity="error"),)
    seen = []
    approve(desk, post, visual_digest=bytes_digest(render_media(desk.row(post), desk.render, on_finding=seen.append)))
    assert [finding.message for finding in seen] == ["too faint"]
    assert desk.run().outcomes == ((post, State.PUBLISHED),)


def test_rejecting_ends_it_until_it_is_taken_up_again(desk):
    post = desk.add(due=timedelta(days=3), approval=RULE)
    approve(desk, post)
    assert steps.reject(desk.engine, post, by="li", comment="wrong logo", clock=desk.clock) is State.REJECTED
    assert desk.row(post).reason == "li rejected it: wrong logo"
    with pytest.raises(Refused, match="rejected"):
        approve(desk, post)
    assert steps.retry(desk.engine, post, by="li", clock=desk.clock) is State.AWAITING_APPROVAL
    approve(desk, post, stage="brand")  # anew


def test_cancel_takes_back_what_is_not_out(desk):
    post, other = desk.add("one", due=timedelta(hours=1)), desk.add("two")
    desk.run()
    assert steps.cancel(desk.engine, post, by="li", clock=desk.clock) is State.CANCELLED
    with pytest.raises(Refused, match="published"):
        steps.cancel(desk.engine, other, by="li", clock=desk.clock)
    assert desk.later(hours=2).outcomes == ()


def test_retry_brings_back_what_failed_even_after_its_window(desk):
    post = desk.add(window=timedelta(hours=1))
    desk.connector().script.append(Rejected("too long"))
    desk.run()
    desk.clock.advance(timedelta(hours=5))
    assert steps.retry(desk.engine, post, by="li", clock=desk.clock) is State.SCHEDULED
    assert desk.run().outcomes == ((post, State.PUBLISHED),)
    with pytest.raises(Refused):
        steps.retry(desk.engine, post, by="li", clock=desk.clock)


def test_pause_and_resume(desk):
    post = desk.add()
    assert steps.pause_channel(desk.engine, "by-key", by="li", clock=desk.clock)
    assert not steps.pause_channel(desk.engine, "by-key", by="li", clock=desk.clock)
    assert desk.run().outcomes == ()
    assert desk.publisher.next_due() is None
    assert steps.resume_channel(desk.engine, "by-key", by="li", clock=desk.clock)
    assert not steps.resume_channel(desk.engine, "by-key", by="li", clock=desk.clock)
    assert desk.run().outcomes == ((post, State.PUBLISHED),)


def test_a_persons_pause_outlasts_lost_access(desk):
    desk.add()
    desk.connector().script.append(AccessLost("expired"))
    desk.run()
    assert not steps.pause_channel(desk.engine, "by-key", by="li", clock=desk.clock)


TASKS = [
    {"id": "hang", "what": "hang it", "owner": "zhang", "due": "2027-03-05T10:00:00+00:00", "proof": "photo"},
    {"id": "count", "what": "count", "owner": "zhao", "due": None, "proof": "headcount"},
]


def close(desk, delivery, **options):
    return steps.close_with_proof(desk.engine, delivery, by="zhang", clock=desk.clock, **options)


def test_a_delivery_is_done_with_its_last_task(desk):
    post = desk.add(content={"tasks": TASKS})
    desk.connector().script.append(Handover(remote_id="j", to="shop", proof="photo"))
    with pytest.raises(Refused, match="scheduled"):
        close(desk, post, kind="photo")
    desk.run()
    assert history(desk.engine, post).tasks[1].due_at == datetime(2027, 3, 5, 10, tzinfo=UTC)
    with pytest.raises(UserMistake, match="hung"):
        close(desk, post, kind="photo", task="hung")
    with pytest.raises(Refused, match="headcount"):
        close(desk, post, kind="photo", task="count")
    assert close(desk, post, kind="photo", file=".promo/proofs/a.jpg", sha256="a" * 64) is State.HANDED_OVER
    assert status(desk.engine, desk.clock.now()).open_tasks == 1
    assert close(desk, post, kind="headcount", task="count", note="320 people") is State.DONE
    known = history(desk.engine, post)
    assert [(proof.task, proof.kind) for proof in known.proofs] == [("hang", "photo"), ("count", "headcount")]
    assert known.delivery.published_at == desk.clock.now()


def test_a_handover_without_tasks_is_closed_by_the_proof_it_asks_for(desk):
    post = desk.add()
    desk.connector().script.append(Handover(remote_id="j", to="shop", proof="photo"))
    desk.run()
    with pytest.raises(Refused, match="photo"):
        close(desk, post, kind="document")
    assert close(desk, post, kind="photo") is State.DONE


def test_a_proof_of_a_published_post_is_kept_and_changes_nothing(desk):
    post = desk.add()
    desk.run()
    assert close(desk, post, kind="document") is State.PUBLISHED
    assert len(history(desk.engine, post).proofs) == 1


def test_unknown_deliveries_are_one_clear_line(desk):
    post = desk.add()
    with pytest.raises(NotFound, match="there is no delivery"):
        approve(desk, "zzzz")
    with pytest.raises(NotFound) as caught:
        approve(desk, post[:8] + "0000")
    assert post in str(caught.value)
    for step in (steps.cancel, steps.retry, steps.reject):
        with pytest.raises(NotFound):
            step(desk.engine, "", by="li", clock=desk.clock)


def test_a_refusal_names_the_next_step(desk):
    post = desk.add(approval={"stages": ["brand"]})
    with pytest.raises(Refused) as refused:
        desk.publisher.publish_now(post)
    assert refused.value.hint == f"next: promo approve {post}"
