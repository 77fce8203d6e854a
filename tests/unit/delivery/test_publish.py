"""Publishing: once, at its time, and what each answer or error of a channel leads to."""

from datetime import UTC, datetime, timedelta

import pytest

from promo.connector import (
    AccessLost,
    Handover,
    NotSupported,
    OutcomeUnknown,
    Pending,
    Receipt,
    Rejected,
    SecretMissing,
    TryAgain,
)
from promo.delivery import steps
from promo.delivery.query import find, history, status
from promo.delivery.rate import gate
from promo.delivery.state import State
from promo.errors import NotFound, Refused
from promo.store.database import reading
from promo.visual.model import Finding, Visual


def test_it_goes_out_once_when_it_is_due(desk):
    post = desk.add(due=timedelta(hours=1))
    assert desk.run().outcomes == ()
    assert desk.publisher.next_due() == desk.clock.now() + timedelta(hours=1)
    assert desk.later(hours=1).outcomes == ((post, State.PUBLISHED),)
    assert desk.later(hours=1).outcomes == ()
    [request] = desk.connector().sent
    row = desk.row(post)
    assert (row.remote_id, row.remote_url) == (f"r-{row.key[:8]}", f"https://channel.example/{post}")
    assert (request.key, request.text, request.brand, request.attempt) == (row.key, "text of one", "leaf", 1)
    assert row.published_at == row.collect_at - timedelta(hours=1)
    assert desk.events(post) == ["planned", "claimed", "published"]
    assert desk.publisher.next_due() is None


def test_an_event_announced_ahead_keeps_its_own_moment(desk):
    desk.add(content={"occurrence": "2027-10-16T10:00:00+08:00"})
    desk.run()
    [request] = desk.connector().sent
    assert request.occurrence == datetime(2027, 10, 16, 2, tzinfo=UTC)


def test_the_attempt_is_in_the_ledger_before_the_connector_is_called(desk):
    post = desk.add()
    seen = []

    def look(request):
        [attempt] = history(desk.engine, post).attempts
        seen.append((find(desk.engine, post).state, attempt.number, attempt.outcome, attempt.sent_at is not None))

    desk.connector().script.append(look)
    desk.run()
    assert seen == [(State.PUBLISHING, 1, None, True)]
    assert history(desk.engine, post).attempts[0].outcome == "published"


def test_what_was_not_sent_waits_with_growing_jitter_and_fails_after_eight_tries(desk):
    post = desk.add()
    desk.connector().script.extend([TryAgain("the server is away")] * 8)
    waits = []
    while desk.state(post) != State.FAILED:
        desk.run()
        if (due := desk.publisher.next_due()) is not None:
            waits.append((due - desk.clock.now()).total_seconds())
            desk.clock.move_to(due)
    assert len(desk.connector().sent) == 8
    assert all(1 <= wait <= min(3600, 30 * 2**n) for n, wait in enumerate(waits))
    assert len(set(waits)) > 4
    assert "8" in desk.row(post).reason
    assert "the server is away" in desk.row(post).reason
    assert [a.outcome for a in history(desk.engine, post).attempts] == ["try_again"] * 8


def test_retry_after_shuts_the_whole_channel_and_no_other(desk):
    first = desk.add("one")
    second = desk.add("two", due=timedelta(minutes=1))
    other = desk.add("three", channel="by-person", due=timedelta(minutes=1))
    desk.connector().script.append(TryAgain("too many", wait=timedelta(hours=2)))
    desk.run()
    desk.later(minutes=1)
    assert (desk.state(first), desk.state(second), desk.state(other)) == ("scheduled", "scheduled", "published")
    assert desk.publisher.next_due() == desk.row(first).created_at + timedelta(hours=2)
    desk.clock.move_to(desk.publisher.next_due())
    assert desk.run().count(State.PUBLISHED) == 2


def test_a_long_retry_after_costs_one_try_only(desk):
    post = desk.add()
    desk.connector().script.extend([TryAgain("busy", wait=timedelta(minutes=5))] * 12)
    for _ in range(13):
        desk.run()
        desk.clock.advance(timedelta(minutes=5))
    assert desk.state(post) == State.PUBLISHED


def test_a_retry_that_would_come_after_its_window_is_missed_at_once(desk):
    post = desk.add(window=timedelta(minutes=10))
    desk.connector().script.append(TryAgain("later", wait=timedelta(minutes=11)))
    assert desk.run().outcomes == ((post, State.MISSED),)


def test_a_window_that_passed_is_missed_and_never_sent(desk):
    post = desk.add(due=timedelta(hours=1), window=timedelta(hours=2))
    assert desk.later(hours=2, seconds=1).outcomes == ((post, State.MISSED),)
    assert desk.connector().sent == []
    assert desk.events(post)[-1] == "missed"


def test_the_last_moment_of_the_window_still_belongs_to_it(desk):
    post = desk.add(due=timedelta(hours=1), window=timedelta(hours=2))
    assert desk.later(hours=2).outcomes == ((post, State.PUBLISHED),)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Rejected("too long"), "rejected"), (NotSupported("no threads here"), "not_supported")],
)
def test_a_refusal_is_final(desk, error, outcome):
    post = desk.add()
    desk.connector().script.append(error)
    assert desk.run().outcomes == ((post, State.FAILED),)
    assert desk.row(post).reason == error.message
    assert history(desk.engine, post).attempts[0].outcome == outcome
    assert desk.publisher.next_due() is None


@pytest.mark.parametrize("error", [AccessLost("the token has expired"), SecretMissing("the secret TOKEN has no value")])
def test_lost_access_pauses_the_channel_and_keeps_the_delivery(desk, error):
    from promo.delivery.steps import resume_channel

    post, next_one = desk.add("one"), desk.add("two")
    desk.connector().script.append(error)
    assert desk.run().outcomes[0] == (post, State.SCHEDULED)
    assert desk.later(hours=1).outcomes == ()
    assert len(desk.connector().sent) == 1
    [channel] = [c for c in status(desk.engine, desk.clock.now()).channels if c.paused]
    assert (channel.channel, channel.reason) == ("by-key", error.message)
    assert desk.publisher.next_due() is None
    assert resume_channel(desk.engine, "by-key", by="lin", clock=desk.clock)
    assert {*desk.run().outcomes} == {(post, State.PUBLISHED), (next_one, State.PUBLISHED)}


@pytest.mark.parametrize("error", [OutcomeUnknown("no answer in time"), RuntimeError("token=s3cret")])
def test_a_lost_answer_or_an_unknown_error_is_uncertain(desk, error):
    post = desk.add(channel="by-person")
    desk.connector("by-person").script.append(error)
    assert desk.run().outcomes == ((post, State.UNCERTAIN),)
    assert history(desk.engine, post).attempts[0].outcome == "unknown"
    assert "s3cret" not in desk.row(post).reason + str(history(desk.engine, post))


def test_an_answer_that_is_no_receipt_is_uncertain(desk):
    post = desk.add(channel="by-person")
    desk.connector("by-person").publish = lambda _request: None
    assert desk.run().outcomes == ((post, State.UNCERTAIN),)


def test_a_receipt_with_odd_details_is_kept(desk):
    post = desk.add()
    desk.connector().script.append(Receipt(remote_id="7", detail={"at": desk.clock.now()}))
    assert desk.run().outcomes == ((post, State.PUBLISHED),)
    assert desk.row(post).receipt["detail"]["at"].startswith("2027-03-01")


def test_a_handover_waits_for_its_proof(desk):
    post = desk.add()
    desk.connector().script.append(Handover(remote_id="job-1", to="the print shop", proof="photo"))
    assert desk.run().outcomes == ((post, State.HANDED_OVER),)
    assert desk.row(post).published_at is None
    assert desk.publisher.next_due() is None


def test_what_the_channel_finishes_later_is_looked_up(desk):
    post = desk.add(channel="by-lookup")
    connector = desk.connector("by-lookup")
    connector.script.append(Pending(remote_id="review-1", look_after=timedelta(minutes=20)))
    assert desk.run().outcomes == ((post, State.PENDING),)
    assert desk.publisher.next_due() == desk.clock.now() + timedelta(minutes=20)
    assert desk.later(minutes=20).outcomes == ((post, State.PENDING),)
    connector.arrive(connector.sent[0])
    desk.clock.move_to(desk.publisher.next_due())
    assert desk.run().outcomes == ((post, State.PUBLISHED),)
    assert len(connector.sent) == 1


def test_what_never_finishes_becomes_a_persons_business(desk):
    post = desk.add(channel="by-lookup")
    desk.connector("by-lookup").script.append(Pending(remote_id="review-1", look_after=timedelta(minutes=20)))
    desk.run()
    while (due := desk.publisher.next_due()) is not None:
        desk.clock.move_to(due)
        desk.run()
    assert desk.state(post) == State.UNCERTAIN
    assert timedelta(days=7) <= desk.clock.now() - desk.row(post).created_at < timedelta(days=8)


def test_a_picture_that_cannot_be_drawn_fails_before_anything_is_sent(desk):
    post = desk.add(visual={"layout": "card"})
    desk.pictures["card"] = NotFound("the photo is missing")
    assert desk.run().outcomes == ((post, State.FAILED),)
    assert desk.connector().sent == []
    assert desk.row(post).reason == "the photo is missing"


def test_a_picture_that_breaks_the_style_guide_does_not_go_out(desk):
    post = desk.add(visual={"layout": "card"})
    desk.faults["card"] = (
        Finding(rule="photo-small", message="it looks soft", severity="warning"),
        Finding(rule="qr-unreadable", message="the code cannot be read", severity="error"),
    )
    assert desk.run().outcomes == ((post, State.FAILED),)
    assert desk.connector().sent == []
    assert "the code cannot be read" in desk.row(post).reason
    desk.faults["card"] = desk.faults["card"][:1]
    steps.retry(desk.engine, post, by="li", clock=desk.clock)
    assert desk.run().outcomes == ((post, State.PUBLISHED),)


def test_a_full_disk_while_drawing_is_tried_again(desk):
    post = desk.add(visual={"layout": "card"})
    desk.pictures["card"] = OSError(28, "No space left on device")
    assert desk.run().outcomes == ((post, State.SCHEDULED),)
    desk.pictures.clear()
    assert desk.later(minutes=1).outcomes == ((post, State.PUBLISHED),)


def test_each_placement_gets_a_picture_with_its_own_code(desk):
    places = [{"id": i, "name": i, "copies": 1, "link": f"https://go.example/l/{i}"} for i in ("hall", "gate")]
    desk.add(visual={"layout": "poster", "qr": "https://go.example"}, content={"placements": places, "alt": "a tree"})
    desk.run()
    [request] = desk.connector().sent
    assert [media.placement for media in request.media] == ["hall", "gate"]
    assert [media.file_name for media in request.media] == ["one-hall.png", "one-gate.png"]
    assert len({media.sha256 for media in request.media}) == 2
    assert request.placements[0].link == "https://go.example/l/hall"
    assert request.media[0].alt == "a tree"


def test_a_print_file_holds_every_placement_as_its_pages(desk):
    places = [{"id": i, "name": i, "copies": 1, "link": f"https://go.example/l/{i}"} for i in ("hall", "gate")]
    asked = []

    def draw(spec):
        asked.append(spec)
        side = desk.root / "side.png"
        return Visual(
            path=desk.root / "poster.pdf",
            mime="application/pdf",
            width=10,
            height=10,
            sha256="ab",
            key="k",
            previews=(side, side),
        )

    desk.publisher = desk.another(render=draw)
    desk.add(visual={"layout": "leaflet", "qr": "https://go.example"}, content={"placements": places})
    desk.run()
    [medium] = desk.connector().sent[0].media
    assert asked[-1]["links"] == ("https://go.example/l/hall", "https://go.example/l/gate")
    assert medium.placement is None
    assert medium.pages == ("hall", "hall", "gate", "gate")  # two sides each
    assert medium.file_name == "one.pdf"
    assert len(medium.previews) == 2


def test_attachments_come_from_inside_the_workspace(desk):
    (desk.root / "flyer.pdf").write_bytes(b"%PDF")
    good = desk.add("good", content={"attachments": ["flyer.pdf"]})
    gone = desk.add("gone", content={"attachments": ["none.pdf"]})
    outside = desk.add("outside", content={"attachments": ["../../etc/passwd"]})
    desk.run()
    assert [desk.state(i) for i in (good, gone, outside)] == ["published", "failed", "failed"]
    assert desk.connector().sent[0].attachments[0].mime == "application/pdf"


def test_publish_now_ignores_time_and_window_but_not_the_gate(desk):
    early = desk.add("early", due=timedelta(days=3), window=timedelta(days=4))
    assert desk.publisher.publish_now(early[:7]) is State.PUBLISHED
    with pytest.raises(Refused, match="published"):
        desk.publisher.publish_now(early)
    waiting = desk.add("waiting", approval={"stages": ["brand"], "deadline": 0})
    with pytest.raises(Refused, match="approval"):
        desk.publisher.publish_now(waiting)
    from promo.delivery.steps import pause_channel

    pause_channel(desk.engine, "by-key", by="lin", reason="holiday", clock=desk.clock)
    third = desk.add("third")
    with pytest.raises(Refused, match="holiday"):
        desk.publisher.publish_now(third)
    assert desk.state(third) == State.SCHEDULED


def test_a_channel_that_is_gone_is_left_alone_until_its_window_passes(desk):
    post = desk.add(channel="sold", window=timedelta(hours=1))
    assert desk.run().outcomes == ()
    assert desk.publisher.next_due() == desk.row(post).window_until + timedelta(microseconds=1)
    with pytest.raises(NotFound, match="sold"):
        desk.publisher.publish_now(post)
    assert desk.later(hours=2).outcomes == ((post, State.MISSED),)


def test_a_channel_whose_settings_are_refused_is_paused_and_stops_no_other(make_desk):
    desk = make_desk(**{"by-key": {"settings": {"unknown": 1}}})
    broken, good = desk.add("one"), desk.add("two", channel="by-person")
    assert desk.run().outcomes == ((good, State.PUBLISHED),)
    assert desk.state(broken) == State.SCHEDULED
    with reading(desk.engine) as connection:
        assert "unknown" in gate(connection, "by-key", None, desk.clock.now()).reason
    assert desk.publisher.next_due() is None


def test_stopping_takes_nothing_new(desk):
    first, second = desk.add("one"), desk.add("two", due=timedelta(minutes=1))
    desk.connector().script.append(lambda _request: desk.publisher.stop())
    desk.clock.advance(timedelta(hours=1))
    assert desk.run().outcomes == ((first, State.PUBLISHED),)
    assert desk.state(second) == State.SCHEDULED


def test_a_limit_holds_for_each_channel(desk):
    for n in range(3):
        desk.add(f"n{n}")
    assert len(desk.run(limit=2).outcomes) == 2
    assert len(desk.run(limit=2).outcomes) == 1
