"""Rehearsals: the sample quarter against a reviewed list, trouble on purpose, and a ledger left alone."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from promo.app.workspace import App
from promo.clock import VirtualClock
from promo.delivery.rate import note_access
from promo.rehearsal.fault import parse_fault
from promo.rehearsal.model import TroubleKind
from promo.rehearsal.rehearse import rehearse
from promo.store.database import open_database, transaction
from promo.store.sqlite import sqlite3

ROOT = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2027, 9, 20, tzinfo=SHANGHAI).astimezone(UTC)
UNTIL = datetime(2028, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
FIVE_WEEKS = datetime(2027, 10, 28, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """A copy of the sample workspace, so that no test writes into the repository."""
    folder = tmp_path_factory.mktemp("samples")
    for name in ("campaigns", "assets"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "promo.yaml", folder)
    return folder


def _play(samples, *faults, until=FIVE_WEEKS, **options):
    app = App.open(samples, clock=VirtualClock(BEGIN))
    parsed = [parse_fault(text, SHANGHAI, set(app.channels)) for text in faults]
    return rehearse(app, begin=BEGIN, until=until, faults=parsed, **options)


def _line(one):
    out = "-" if one.out_at is None else f"{one.out_at.astimezone(SHANGHAI):%m-%d %H:%M}"
    name = f"{one.campaign}/{one.activity}" + ("" if one.part == "main" else f"+{one.part}")
    return f"{one.due_at.astimezone(SHANGHAI):%m-%d %H:%M} {out} {one.state} {one.channel} {name}"


def test_the_sample_quarter_goes_as_reviewed(samples):
    """The list beside this file was read line by line against the three campaign files."""
    played = _play(samples, until=UNTIL)
    reviewed = (Path(__file__).parent / "quarter.txt").read_text(encoding="utf-8").splitlines()
    assert [_line(one) for one in played.played] == [line for line in reviewed if line and not line.startswith("#")]
    assert played.troubles == ()


def test_a_rate_limit_answer_is_waited_out(samples):
    played = _play(samples, "mastodon: 429 for 1h from 2027-10-11T19:00")
    [wait] = [t for t in played.troubles if t.kind is TroubleKind.WAITED]
    assert wait.channel == "mastodon"
    assert 1800 <= wait.wait.total_seconds() < 1860, "from 19:30 to the end of the wait the channel named, 20:00"
    story = [one for one in played.played if one.activity == "story"]
    assert {one.state for one in story} == {"published"}, "the thread and its first comment go out after the wait"


def test_a_lost_answer_is_looked_up_and_not_sent_twice(samples):
    played = _play(samples, "mastodon: timeout for 30m from 2027-10-11T19:20")
    [story, comment] = [one for one in played.played if one.activity == "story"]
    assert (story.state, comment.state) == ("published", "published")


def test_lost_access_pauses_the_channel_and_names_what_follows(samples):
    played = _play(samples, "shop-site: 401 for 1h from 2027-10-25T19:00")
    [paused] = [t for t in played.troubles if t.kind is TroubleKind.PAUSED]
    assert paused.channel == "shop-site"
    assert len(paused.deliveries) >= 3
    assert all(one.state != "published" for one in played.played if one.channel == "shop-site")


def test_a_channel_that_is_away_too_long_misses_its_window(samples):
    played = _play(samples, "owners-app: away for 8h from 2027-09-27T09:00")
    bad = [t for t in played.troubles if t.kind in (TroubleKind.MISSED, TroubleKind.FAILED)]
    assert [t.channel for t in bad] == ["owners-app"]


def test_what_nobody_approves_is_held(samples):
    played = _play(samples, approve=False)
    held = {(t.kind, t.channel) for t in played.troubles}
    assert (TroubleKind.MISSED, "press-desk") in held or (TroubleKind.HELD, "press-desk") in held


def test_a_clock_change_is_told(person, workspace):
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text(encoding="utf-8").replace("owner:", "timezone: Europe/Berlin\nowner:")
    text = text.replace("until: 2026-12-22}", "until: 2027-04-30}").replace("until: 2026-12-06", "until: 2027-04-30")
    campaign.write_text(text, encoding="utf-8")
    plain = json.loads(person("rehearse", "--until", "2027-04-10", "--json").out)
    [change] = [t for t in plain["troubles"] if t["kind"] == "clock_change"]
    assert "Europe/Berlin" in change["detail"]
    nine_thirty = {one["due_at"][11:16] for one in plain["played"] if one["activity"] == "countdown"}
    assert nine_thirty == {"08:30", "07:30"}, "09:30 in Berlin, before and after the change, in UTC"


def test_the_real_ledger_is_untouched(person, workspace):
    assert person("rehearse", "--until", "2026-12-20").code == 0
    assert not (workspace / ".promo" / "promo.db").exists(), "a rehearsal makes no ledger"
    person("apply", "--yes")
    before = _rows(workspace)
    person("rehearse", "--until", "2026-12-20", "--fault", "drafts: 401 for 1d from 2026-11-24T00:00")
    assert _rows(workspace) == before
    assert not list(workspace.rglob("post.json")), "nothing went to a channel"


def _rows(workspace):
    with closing(sqlite3.connect(workspace / ".promo" / "promo.db")) as ledger:
        tables = ledger.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        return {table: ledger.execute(f"SELECT * FROM {table}").fetchall() for (table,) in tables}


def test_two_activities_at_one_minute_collide(person, workspace):
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text(encoding="utf-8")
    text += """
  - id: second
    kind: online
    channels: [drafts]
    schedule: {at: "2026-11-24 09:30"}
    content: {text: "又一条 · one more"}
"""
    campaign.write_text(text, encoding="utf-8")
    plain = json.loads(person("rehearse", "--until", "2026-12-20", "--json").out)
    assert [t["channel"] for t in plain["troubles"] if t["kind"] == "collision"] == ["drafts"]
    assert "collision" in person("rehearse", "--until", "2026-12-20").out
    assert "撞期" in person("rehearse", "--until", "2026-12-20", lang="zh").out


def test_an_access_that_ends_is_told_with_what_comes_after(person, workspace):
    person("apply", "--yes")
    ends = person.clock.now() + timedelta(days=5)
    with transaction(open_database(f"sqlite:///{workspace / '.promo' / 'promo.db'}")) as connection:
        note_access(connection, "drafts", ends)
    plain = json.loads(person("rehearse", "--until", "2026-12-20", "--json").out)
    [expiry] = [t for t in plain["troubles"] if t["kind"] == "expiry"]
    later = [
        one["delivery"] for one in plain["played"] if one["channel"] == "drafts" and one["due_at"] >= ends.isoformat()
    ]
    assert (expiry["channel"], sorted(expiry["deliveries"])) == ("drafts", sorted(later))
    assert "access ends" in person("rehearse", "--until", "2026-12-20").out
