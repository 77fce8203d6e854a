"""Collection: what is due is asked, what is told is kept, trouble stays where it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from promo.connector import (
    AccessLost,
    Capabilities,
    Connector,
    Handle,
    Measurement,
    Rejected,
    Settings,
    TryAgain,
)
from promo.exposure.collect import NEVER, SCHEDULE, collect_due, next_collection
from promo.registry import Channel
from promo.workspace import ChannelSettings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Counting(Connector[Settings]):
    """Tells what `answers` holds for a post: numbers, or an error to raise."""

    name = "counting"
    title = "Counts"
    title_zh = "计数"
    Settings = Settings
    capabilities = Capabilities(metrics=("likes", "impressions"))
    answers: ClassVar[dict[str, object]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []

    def check(self):
        return Handle(account="counting")

    def publish(self, request):
        raise AssertionError("collection publishes nothing")

    def collect(self, receipt):
        self.asked.append((self.context.channel, receipt.remote_id))
        answer = self.answers.get(receipt.remote_id, {"likes": 3})
        if isinstance(answer, Exception):
            raise answer
        at = self.context.clock.now()
        return [Measurement(metric=metric, value=value, at=at) for metric, value in answer.items()]


class Silent(Counting):
    name = "silent"
    capabilities = Capabilities()


@pytest.fixture
def channels(ledger):
    Counting.answers.clear()
    Counting.asked.clear()
    ledger.campaign()

    def channel(name, kind=Counting):
        return Channel(name, ChannelSettings(connector=kind.name), kind, ledger.workspace, ledger.clock)

    return {"mastodon": channel("mastodon"), "bluesky": channel("bluesky"), "mail": channel("mail", Silent)}


def collect(ledger, channels, **more):
    return collect_due(ledger.engine, channels, clock=ledger.clock, **more)


def collect_at(ledger):
    return {row["id"]: row["collect_at"] for row in ledger.rows("deliveries")}


def test_counts_become_reported_samples(ledger, channels):
    ledger.delivery("a1")
    Counting.answers["r-a1"] = {"likes": 5, "impressions": 800}
    got = collect(ledger, channels)
    assert (got.asked, got.samples, got.failures) == (1, 2, [])
    rows = ledger.rows("samples")
    assert {row["metric"]: row["value"] for row in rows} == {"likes": 5, "impressions": 800}
    assert {(row["delivery"], row["origin"], row["cumulative"], row["source"]) for row in rows} == {
        ("a1", "reported", True, "counting")
    }


def test_readings_follow_the_schedule_to_its_end(ledger, channels):
    published = ledger.clock.now()
    ledger.delivery("a1", published=published)
    moments = []
    while True:
        collect(ledger, channels)
        due = collect_at(ledger)["a1"]
        if due == NEVER:
            break
        moments.append(due - published)
        assert collect(ledger, channels).asked == 0  # not again before its time
        ledger.clock.move_to(due)
    assert tuple(moments) == SCHEDULE
    ledger.clock.advance(365 * DAY)
    assert collect(ledger, channels).asked == 0


def test_a_late_reading_skips_the_moments_that_are_past():
    published = datetime.fromisoformat("2027-03-20T04:00+00:00")
    assert next_collection(published, published + 5 * DAY) == published + 7 * DAY
    assert next_collection(published, published + 29 * DAY) == NEVER


def test_everything_asks_again_what_is_not_due(ledger, channels):
    ledger.delivery("a1", collect_at=NEVER)
    assert collect(ledger, channels).asked == 0
    assert collect(ledger, channels, everything=True).asked == 1


def test_only_what_is_out_is_asked(ledger, channels):
    for number, state in enumerate(("scheduled", "failed", "uncertain", "cancelled", "awaiting_approval")):
        ledger.delivery(f"a{number}", published=None, state=state)
    ledger.delivery("b1", channel="mail")  # its connector reports nothing
    ledger.delivery("b2", channel="gone")  # no such channel any more
    assert collect(ledger, channels, everything=True) == collect(ledger, {}, everything=True)
    assert Counting.asked == []


def test_a_channel_that_says_later_is_left_until_then(ledger, channels):
    for name in ("a1", "a2", "a3"):
        ledger.delivery(name)
    ledger.delivery("b1", channel="bluesky")
    Counting.answers["r-a1"] = TryAgain("too many requests", wait=2 * HOUR)
    got = collect(ledger, channels)
    assert got.asked == 1
    assert got.failures == [("mastodon", "too many requests")]
    assert [name for name, _id in Counting.asked].count("mastodon") == 1
    later = ledger.clock.now() + 2 * HOUR
    assert {collect_at(ledger)[name] for name in ("a1", "a2", "a3")} == {later}


def test_lost_access_is_recorded_and_pauses_nothing(ledger, channels):
    ledger.delivery("a1")
    Counting.answers["r-a1"] = AccessLost("the token may not read counts")
    collect(ledger, channels)
    [event] = ledger.rows("events")
    assert (event["what"], event["channel"]) == ("collect_failed", "mastodon")
    assert event["detail"] == {"error": "the token may not read counts"}
    assert ledger.rows("channels") == []
    assert collect_at(ledger)["a1"] > ledger.clock.now()


@pytest.mark.parametrize("error", [Rejected("gone"), ValueError("token=hunter2"), KeyError("x")])
def test_one_bad_post_stops_no_other(ledger, channels, error):
    ledger.delivery("a1")
    ledger.delivery("a2")
    Counting.answers["r-a1"] = error
    got = collect(ledger, channels)
    assert got.asked == 1
    [trouble] = got.troubles
    assert trouble.delivery == "a1"
    assert "hunter2" not in str(ledger.rows("events"))
    assert "hunter2" not in str(got)
    assert collect_at(ledger)["a1"] == collect_at(ledger)["a2"]


def test_numbers_that_cannot_be_true_are_left_out(ledger, channels):
    ledger.delivery("a1")
    Counting.answers["r-a1"] = {"likes": float("nan"), "impressions": -4, "shares": 3, "wonders": 1}
    assert collect(ledger, channels).samples == 0
    assert ledger.rows("samples") == []


def test_the_receipt_comes_back_as_it_was(ledger, channels):
    receipts = []

    class Keeping(Counting):
        def collect(self, receipt):
            receipts.append(receipt)
            return ()

    channels["mastodon"] = Channel(
        "mastodon", ChannelSettings(connector="counting"), Keeping, ledger.workspace, ledger.clock
    )
    ledger.delivery("a1", receipt={"remote_id": "r-a1", "detail": {"cid": "x"}, "parts": ["r-a1", "r-a1b"]})
    collect(ledger, channels)
    [receipt] = receipts
    assert (receipt.remote_id, receipt.parts, receipt.detail) == ("r-a1", ("r-a1", "r-a1b"), {"cid": "x"})


def test_progress_reaches_the_end(ledger, channels):
    for name in ("a1", "a2", "a3"):
        ledger.delivery(name)
    Counting.answers["r-a2"] = TryAgain("later")
    seen = []
    collect(ledger, channels, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)


def test_salts_that_are_over_are_forgotten_on_the_way(ledger, channels):
    ledger.add("salts", {"day": "2027-03-19", "salt": "00" * 32}, {"day": "2027-03-20", "salt": "01" * 32})
    collect(ledger, channels)
    assert [salt["day"] for salt in ledger.rows("salts")] == ["2027-03-20"]
