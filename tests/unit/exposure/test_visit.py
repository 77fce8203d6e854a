"""Visits: counted by salted daily hash, robots marked, previews left out, salts forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from promo.errors import NotFound
from promo.exposure.robot import fetches_ahead, is_robot
from promo.exposure.salt import salt_day, sweep_salts, visitor_hash
from promo.exposure.visit import Visitor, record_visit
from promo.store.sqlite import sqlite3

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 MicroMessenger/8.0.42(0x18002a2c) NetType/WIFI Language/zh_CN"
)
DAY = timedelta(days=1)


@pytest.fixture
def linked(ledger):
    ledger.campaign()
    ledger.link("tok-1", ledger.delivery("a1"))
    ledger.link("tok-2", ledger.delivery("a2"))
    return ledger


def go(ledger, token="tok-1", address="203.0.113.7", agent=FIREFOX, **values):
    visitor = Visitor(address=address, user_agent=agent, **values)
    return record_visit(ledger.engine, token, visitor=visitor, clock=ledger.clock)


def test_a_visit_gives_the_target_and_is_counted(linked):
    assert go(linked) == "https://jinxiu.example/open-day"
    [visit] = linked.rows("visits")
    assert (visit["token"], visit["robot"], visit["at"]) == ("tok-1", False, linked.clock.now())


def test_one_visitor_is_one_on_a_day_and_another_on_the_next(linked):
    go(linked)
    go(linked, "tok-2")
    linked.clock.advance(DAY)
    go(linked)
    first, second, next_day = (visit["visitor"] for visit in linked.rows("visits"))
    assert first == second != next_day


def test_another_address_or_browser_is_another_visitor(linked):
    go(linked)
    go(linked, address="203.0.113.8")
    go(linked, agent=WECHAT)
    assert len({visit["visitor"] for visit in linked.rows("visits")}) == 3


def test_nobody_is_followed_from_one_campaign_to_another(linked):
    linked.campaign("other")
    linked.link("tok-3", linked.delivery("b1", campaign="other"))
    go(linked)
    go(linked, "tok-3")
    assert len({visit["visitor"] for visit in linked.rows("visits")}) == 2


def test_no_address_and_no_browser_are_kept(linked, tmp_path):
    go(linked)
    linked.engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("promo.db*"))
    assert b"203.0.113.7" not in stored
    assert b"Firefox" not in stored


def test_a_salt_is_forgotten_when_its_day_is_over(linked, tmp_path):
    go(linked)
    [salt] = linked.rows("salts")
    linked.clock.advance(DAY)
    assert sweep_salts(linked.engine, now=linked.clock.now()) == 1
    assert linked.rows("salts") == []
    linked.engine.dispose()
    file = tmp_path / "promo.db"
    with sqlite3.connect(file) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert salt["salt"].encode() not in file.read_bytes()


def test_the_first_visit_of_a_day_forgets_the_salt_of_the_day_before(linked):
    go(linked)
    [old] = linked.rows("salts")
    linked.clock.advance(DAY)
    go(linked)
    [new] = linked.rows("salts")
    assert new["day"] > old["day"]
    assert new["salt"] != old["salt"]


def test_a_salt_in_its_period_is_kept():
    monday = datetime(2027, 3, 22, 23, tzinfo=UTC)
    names = {salt_day(monday + n * DAY, 7) for n in range(14)}
    assert len(names) in (2, 3)
    assert all(salt_day(monday + n * DAY, 7) >= salt_day(monday + n * DAY) for n in range(14))


def test_without_the_salt_a_hash_tells_nothing_about_the_address():
    facts = {"campaign": "open-day", "address": "203.0.113.7", "user_agent": FIREFOX}
    assert visitor_hash("00" * 32, **facts) != visitor_hash("01" * 32, **facts)


@pytest.mark.parametrize("token", ["nothing", "", "a", "tok-1/..", "x" * 200, "tok%", "ток-1"])
def test_an_unknown_token_leads_nowhere(linked, token):
    with pytest.raises(NotFound):
        go(linked, token)
    assert linked.rows("visits") == []


@pytest.mark.parametrize("target", ["javascript:alert(1)", "file:///etc/passwd", "//evil.example", "data:text/html,x"])
def test_a_target_that_is_no_web_address_leads_nowhere(linked, target):
    linked.link("odd-1", "a1", target=target)
    with pytest.raises(NotFound):
        go(linked, "odd-1")


def test_a_look_ahead_gets_the_target_and_is_no_visit(linked):
    assert go(linked, ahead=True)
    assert linked.rows("visits") == []


def test_a_robot_is_marked(linked):
    go(linked, agent="Mozilla/5.0 (compatible; Baiduspider/2.0)")
    assert [visit["robot"] for visit in linked.rows("visits")] == [True]


def test_when_the_ledger_cannot_be_written_the_visitor_still_gets_there(linked, tmp_path):
    go(linked)  # the salt is there, so the insert of the visit is what fails
    with sqlite3.connect(tmp_path / "promo.db") as raw:
        raw.execute("CREATE TRIGGER full BEFORE INSERT ON visits BEGIN SELECT RAISE(ABORT, 'full'); END")
    with capture_logs() as logs:
        assert go(linked) == "https://jinxiu.example/open-day"
    assert [line["event"] for line in logs] == ["visit not counted"]
    assert "203.0.113.7" not in str(logs)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "python-requests/2.32",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "http.rb/5.1.1 (Mastodon/4.2.1; +https://social.example/)",
        "Bluesky Cardyb/1.1; +mailto:support@bsky.example",
        "Twitterbot/1.0",
    ],
)
def test_robots(agent):
    assert is_robot(agent)


@pytest.mark.parametrize(
    "agent", [FIREFOX, WECHAT, "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"]
)
def test_people(agent):
    assert not is_robot(agent)


def test_a_giant_user_agent_does_not_keep_the_matcher_busy(linked):
    go(linked, agent=FIREFOX + "a" * 100_000)
    assert linked.rows("visits")


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"Sec-Purpose": "prefetch"}, True),
        ({"Sec-Purpose": "prefetch;prerender"}, True),
        ({"Purpose": "prefetch"}, True),
        ({"X-Purpose": "preview"}, True),
        ({"X-Moz": "prefetch"}, True),
        ({}, False),
        ({"Sec-Fetch-Mode": "navigate"}, False),
    ],
)
def test_browsers_that_fetch_ahead(headers, ahead):
    assert fetches_ahead(headers) is ahead


def test_two_servers_agree_on_the_salt(linked):
    """Each asks for a salt that is not there yet; the second must take the first one's."""
    from promo.exposure.salt import make_salt

    day = salt_day(linked.clock.now())
    first = make_salt(linked.engine, day, now=linked.clock.now())
    second = make_salt(linked.engine, day, now=linked.clock.now())
    assert first == second
