"""A newcomer's first day: a workspace, a plan, a post, a look at it."""

import json
from datetime import timedelta

import pikepdf
import pytest

from promo.clock import VirtualClock


def test_a_new_workspace_passes_check_at_once(person, workspace):
    assert "0 errors, 0 warnings" in person("check").out


def test_a_new_workspace_in_chinese_speaks_chinese(person, tmp_path):
    said = person("init", tmp_path / "我的品牌", lang="zh")
    assert "已写入" in said.out
    person.home = tmp_path / "我的品牌"
    assert "0 处错误" in person("check", lang="zh").out
    assert "language: zh" in (person.home / "promo.yaml").read_text(encoding="utf-8")


def test_init_never_touches_what_is_there(person, workspace):
    before = (workspace / "promo.yaml").read_bytes()
    said = person("init", workspace, ok=False)
    assert said.code == 2
    assert "exists already; nothing was written" in said.err
    assert (workspace / "promo.yaml").read_bytes() == before


def test_plan_writes_nothing_and_apply_does_it_once(person, workspace):
    assert "12 to add" in person("plan").out
    assert "The ledger is empty" in person("status").out
    assert "12 added" in person("apply", "--yes").out
    assert "0 to add" not in person("apply", "--yes").out
    assert "Nothing to do" in person("plan").out


def test_a_kept_plan_is_applied_exactly_or_refused(person, workspace, tmp_path):
    kept = tmp_path / "plan.json"
    person("plan", "--out", kept)
    campaign = workspace / "campaigns" / "first.yaml"
    campaign.write_text(campaign.read_text(encoding="utf-8").replace("Open day posters", "Posters"), encoding="utf-8")
    refused = person("apply", kept, ok=False)
    assert refused.code == 3
    assert "have changed since this plan was made" in refused.err
    person("plan", "--out", kept)
    assert "12 added" in person("apply", kept).out
    again = person("apply", kept, ok=False)
    assert again.code == 3


def test_a_delivery_from_approval_to_done(person, workspace, tmp_path):
    person("apply", "--yes")
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    held = person("publish", poster["id"], "--now", ok=False)
    assert held.code == 4
    assert "scheduled" in person("approve", poster["id"], "--by", "lin").out
    assert "handed over" in person("publish", poster["id"][:6], "--now").out
    photo = next((workspace / "out").rglob("*.jpg"), None) or next((workspace / "out").rglob("*.png"))
    assert "done" in person("log", poster["id"], "spend=300 CNY", "--proof", photo, "--by", "zhang").out
    story = json.loads(person("show", poster["id"], "--json").out)
    assert story["delivery"]["state"] == "done"
    assert [a["outcome"] for a in story["attempts"]] == ["handover"]
    assert [(s["metric"], s["value"], s["origin"]) for s in story["samples"]] == [("spend", 300, "entered")]
    assert "zhang" in person("show", poster["id"]).out


def test_tick_publishes_what_is_due_and_nothing_twice(person, workspace):
    person("apply", "--yes")
    assert "Nothing is due" in person("tick").out
    person.clock.advance(timedelta(days=1))
    assert "published: 1" in person("tick").out
    assert "Nothing is due" in person("tick").out
    assert len(list((workspace / "out" / "channels" / "drafts").iterdir())) == 1


def test_the_horizon_rolls_on_by_itself(person, workspace):
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text(encoding="utf-8").replace("2026-12-22}", "2027-12-22}")
    text = text.replace("until: 2026-12-06", "until: 2027-06-01")
    campaign.write_text(text, encoding="utf-8")
    person("apply", "--yes")
    person.clock.advance(timedelta(days=10))
    assert "came into view" in person("tick").out
    campaign.write_text(text.replace("Open day posters", "Other posters"), encoding="utf-8")
    person.clock.advance(timedelta(days=10))
    assert "came into view" not in person("tick").out, "an edit that nobody applied must not be taken over"


def test_pause_and_resume(person, workspace):
    person("apply", "--yes")
    person("pause", "drafts", "--reason", "a break")
    person.clock.advance(timedelta(days=1))
    assert "Nothing is due" in person("tick").out
    assert "Paused: drafts: a break" in person("status").out
    assert "drafts goes on" in person("resume", "drafts").out
    assert "drafts was not paused" in person("resume", "drafts").out
    assert "published: 1" in person("tick").out


LISTS = ["plan", "status", "list", "calendar 2026-12", "channels", "connectors", "doctor", "collect", "tick"]


@pytest.mark.parametrize("words", [*LISTS, "schema campaign"])
def test_everything_that_lists_speaks_json(person, workspace, words):
    words = words.split()
    json.loads(person(*words, *([] if words[0] == "schema" else ["--json"])).out)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_calendar_shows_each_delivery_on_its_day(person, workspace, lang):
    person("apply", "--yes")
    shown = person("calendar", "2026-12", lang=lang).out
    assert ("December 2026" if lang == "en" else "2026年12月") in shown
    assert shown.count("09:30") == 4


def test_channels_say_who_they_are_and_fail_clearly(person, workspace):
    text = (workspace / "promo.yaml").read_text(encoding="utf-8")
    (workspace / "promo.yaml").write_text(
        text
        + "  hook:\n    connector: webhook\n"
        + "    settings: {url: 'http://127.0.0.1:9/x', secret: {env: NO_SUCH_SECRET}}\n",
        encoding="utf-8",
    )
    said = person("channels", ok=False)
    assert said.code == 1
    assert "NO_SUCH_SECRET" in said.out
    assert "drafts" in said.out


def test_completion_scripts(person, workspace):
    for shell in ("bash", "zsh", "fish"):
        assert "_PROMO_COMPLETE" in person("completion", shell).out


def test_render_puts_pictures_under_readable_names(person, workspace):
    person("apply", "--yes")
    out = person("render", "first/posters", "--ledger").out
    [file] = (workspace / "out" / "visuals").iterdir()
    assert file.name in out
    with pikepdf.open(file) as printed:
        assert len(printed.pages) == 2  # the lobby's and the gate's, each with its own code


def test_what_is_rejected_does_not_go_out(person, workspace):
    person("apply", "--yes")
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    assert "rejected" in person("reject", poster["id"], "--comment", "wrong day", "--by", "lin").out
    refused = person("publish", poster["id"], "--now", ok=False)
    assert refused.code == 4
    assert "wrong day" in person("show", poster["id"]).out


def test_doctor_sees_a_clock_that_was_set_back(person, workspace):
    person("apply", "--yes")
    assert "sound" in person("doctor").out
    person.clock = VirtualClock(person.clock.now() - timedelta(days=3))
    said = person("doctor", ok=False)
    assert said.code == 1
    assert "lies in the future" in said.out
    assert "timedatectl" in said.out
