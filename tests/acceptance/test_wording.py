"""The law's words at the command line: what is forbidden stops the plan, at its place in the campaign's file."""

import json

import pytest

CAMPAIGN = "campaigns/first.yaml"
TEXT = "距离开放日还有"


def change(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def line_of(folder, words):
    lines = (folder / CAMPAIGN).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def problems(person):
    said = person("check", "--no-pictures", "--format", "json", ok=False)
    return said.code, json.loads(said.out)


@pytest.fixture
def brand_file(workspace):
    return next((workspace / "assets" / "brands").glob("*/brand.yaml")).relative_to(workspace)


def test_an_absolute_term_stops_the_plan(person, workspace):
    change(workspace, CAMPAIGN, TEXT, "全城最佳的开放日还有")
    code, [problem] = problems(person)
    assert (code, problem["code"], problem["severity"]) == (1, "absolute-term", "error")
    assert problem["line"] == line_of(workspace, "text: |")
    assert "article 9(3)" in problem["message"]
    planned = person("plan", ok=False)
    assert planned.code == 1
    assert "absolute-term" in planned.all or "最佳" in planned.all


def test_it_is_said_in_chinese(person, workspace):
    change(workspace, CAMPAIGN, TEXT, "全城最佳的开放日还有")
    assert (
        "《中华人民共和国广告法》第九条第\uff08三\uff09项" in person("check", "--no-pictures", ok=False, lang="zh").all
    )


def test_words_in_a_picture_are_judged_too(person, workspace):
    change(workspace, CAMPAIGN, "subtitle: Open day", "subtitle: 世界级海报")
    code, [problem] = problems(person)
    assert (code, problem["code"]) == (1, "absolute-term")
    assert problem["line"] == line_of(workspace, "世界级海报")


def test_a_brand_file_makes_a_rule_milder_or_allows_a_phrase(person, workspace, brand_file):
    change(workspace, CAMPAIGN, TEXT, "获“最佳社区”奖\uff0c距离开放日还有")
    assert problems(person)[0] == 1
    change(workspace, brand_file, "  print-rgb: off", "  absolute-term: warning\n  print-rgb: off")
    code, [problem] = problems(person)
    assert (code, problem["severity"]) == (0, "warning")
    change(workspace, brand_file, "voice:\n", "voice:\n  allow: [{phrase: “最佳社区”奖, reason: 证书 2026-11}]\n")
    assert problems(person) == (0, [])


def test_sponsored_posts_are_marked(person, workspace):
    change(workspace, CAMPAIGN, "      hashtags: [开放日]", "      sponsored: true\n      hashtags: [开放日]")
    code, [problem] = problems(person)
    assert (code, problem["code"]) == (1, "sponsored-missing")
    change(workspace, CAMPAIGN, TEXT, "【广告】距离开放日还有")
    assert problems(person) == (0, [])


def test_a_channel_that_is_paid_for(person, workspace):
    change(workspace, "promo.yaml", "    connector: folder\n", "    connector: folder\n    sponsored: true\n")
    assert [problem["code"] for problem in problems(person)[1]] == ["sponsored-missing"]
