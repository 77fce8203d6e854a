"""promo render as a person uses it: before apply, by layout, in every format, and what was typed wrongly."""

import json
from pathlib import Path

import pytest

LAYOUT = """\
name: Notice
formats:
  square: {size: [320, 320]}
  wide: {size: [400, 240]}
output: {type: png}
layers:
  - {kind: shape, id: ground, fill: primary, box: [0, 0, 100, 100]}
  - kind: group
    box: [8, 10, 84, 80]
    stack: vertical
    layers:
      - {kind: text, bind: title, style: headline, size: 12, color: on_primary, max_lines: 3}
      - {kind: text, bind: body, size: 7, color: on_primary, max_lines: 3}
"""


@pytest.fixture
def small(workspace):
    """The fresh workspace with a small layout, for all its pictures."""
    folder = workspace / "assets" / "layouts"
    folder.mkdir(parents=True)
    (folder / "notice.yaml").write_text(LAYOUT)
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text()
    for layout in ("event-card", "poster"):
        text = text.replace(f"layout: {layout}", "layout: notice")
    assert "layout: notice" in text
    campaign.write_text(text)
    return workspace


def edit(workspace, old, new):
    campaign = workspace / "campaigns" / "first.yaml"
    text = campaign.read_text()
    assert old in text
    campaign.write_text(text.replace(old, new))


def pictures(person, *words, **options):
    return json.loads(person("render", *words, "--json", **options).out)


def test_a_campaign_is_drawn_before_it_is_applied(person, small):
    found = pictures(person, "first")
    assert {one["campaign"] for one in found} == {"first"}
    assert {Path(file) for one in found for file in one["files"]} == set((small / "out" / "visuals").iterdir())
    assert not (small / ".promo" / "promo.db").exists()  # looking writes no ledger


def test_each_picture_is_shown_once_however_often_it_goes_out(person, small):
    edit(small, "还有 {{ days_until('2026-12-07') }} 天", "还有几天")
    [countdown] = pictures(person, "first/countdown")
    assert len(countdown["dates"]) == 10
    assert "2026-11-23 09:30 and 9 more" in person("render", "first/countdown").out


def test_an_edit_is_seen_at_once_and_the_ledger_shows_what_was_applied(person, small):
    person("apply", "--yes")
    before = {one["delivery"]: one["sha256"] for one in pictures(person, "first/posters", "--ledger")}
    edit(small, "layout: notice, title: 开放日", "layout: notice, title: Changed")
    [after] = pictures(person, "first/posters")
    assert after["sha256"] not in before.values()
    assert {one["delivery"]: one["sha256"] for one in pictures(person, "first/posters", "--ledger")} == before


def test_a_delivery_is_drawn_as_it_was_applied_with_a_code_a_place(person, small):
    person("apply", "--yes")
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    found = pictures(person, poster["id"])
    assert [one["placements"] for one in found] == [["lobby"], ["gate"]]


def test_every_format_of_a_layout_in_sample_words_and_ones_own(person, small):
    found = pictures(person, "--layout", "notice", "--format", "all", "--set", "title=Hello")
    assert [(one["format"], one["language"], one["width"]) for one in found] == [
        ("square", "zh", 320),
        ("wide", "zh", 400),
        ("square", "en", 320),
        ("wide", "en", 400),
    ]
    [other] = pictures(person, "--layout", "notice", "--format", "wide", "--language", "en", "--set", "title=Bye")
    assert other["sha256"] not in {one["sha256"] for one in found}


def test_all_formats_of_a_campaign(person, small):
    found = pictures(person, "first", "--format", "all")
    by_activity = {}
    for one in found:
        by_activity.setdefault((one["activity"], one["language"]), set()).add(one["format"])
    assert all(formats == {"square", "wide"} for formats in by_activity.values())
    assert len({file for one in found for file in one["files"]}) == len(found)


def test_a_broken_campaign_is_told_and_the_others_are_drawn(person, small):
    (small / "campaigns" / "second.yaml").write_text("campaign: second\nnmae: x\n")
    said = person("render", ok=False)
    assert said.code == 1
    assert "campaigns/second.yaml:2:1" in said.err
    assert ".png" in said.out
    assert person("render", "first").code == 0
    broken = person("render", "second", ok=False)
    assert not broken.out
    assert broken.code == 1
    assert "did you mean `name`?" in broken.err


def test_a_campaign_whose_file_broke_is_not_shown_as_it_was(person, small):
    person("apply", "--yes")
    edit(small, "activities:", "activitis:")
    said = person("render", "first", ok=False)
    assert said.code == 1
    assert "did you mean `activities`?" in said.err
    assert not said.out


def test_one_photo_that_is_broken_stops_no_other_picture(person, small):
    photo = small / "assets" / "photos" / "broken.jpg"
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.write_bytes(b"no picture")
    words = ("--layout", "event-card", "--format", "square", "--language", "en", "--set")
    said = person("render", *words, "photo=photos/broken.jpg", ok=False)
    assert said.code == 1
    assert "broken" in said.err
    assert len(said.err.splitlines()) == 1
    assert list((small / "out" / "visuals").iterdir()) == []


def test_what_the_style_guide_says_is_told(person, small):
    words = ("--layout", "notice", "--format", "square", "--language", "en", "--set", "title=" + "endless words " * 30)
    assert "does not fit" in person("render", *words).out
    [one] = pictures(person, *words)
    assert ("text-overflow", "error") in {(finding["rule"], finding["severity"]) for finding in one["findings"]}


def test_an_out_folder_that_is_a_file(person, small, tmp_path):
    (tmp_path / "file").write_text("")
    said = person("render", "first", "--out", tmp_path / "file", ok=False)
    assert said.code == 2
    assert "--out" in said.err


def test_an_out_folder_one_may_not_write(person, small):
    said = person("render", "first", "--out", "/proc/pictures", ok=False)
    assert said.code == 2
    assert "/proc/pictures cannot be made" in said.err


def test_layouts_are_listed_with_formats_and_fields(person, small):
    told = person("layouts").out
    assert "notice" in told
    assert "square, wide" in told
    one = person("layouts", "poster", lang="zh").out
    assert "297 × 420 毫米" in one
    assert {layout["layout"] for layout in json.loads(person("layouts", "--json").out)} >= {"notice", "event-card"}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("promo render fi", "first"),
        ("promo render first/po", "first/posters"),
        ("promo render --layout no", "notice"),
        ("promo render --layout notice --format wi", "wide"),
        ("promo layouts ev", "event-card"),
    ],
)
def test_tab_offers_what_can_be_drawn(person, small, program, words, offered):
    asked = {"_PROMO_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert f"plain,{offered}" in program(cwd=small, env=asked).stdout.splitlines()


def test_findings_are_explained_in_a_picture(person, small):
    title = "title=" + "endless words " * 30
    said = person("render", "--layout", "notice", "--language", "en", "--format", "all", "--set", title, "--explain")
    files = sorted((small / "out" / "visuals").iterdir())
    assert [file.name.endswith("-explain.png") for file in files] == [True, True]
    assert all(str(file) in said.out for file in files)
    assert "does not fit" in said.out


def test_a_reviewer_sees_the_findings_with_the_delivery(person, small):
    edit(small, "title: 开放日, subtitle: Open day", "title: 开放日, subtitle: Open day, alt: ''")
    layout = small / "assets" / "layouts" / "notice.yaml"
    layout.write_text(LAYOUT.replace("color: on_primary", "color: primary", 1))
    person("apply", "--yes", ok=False)
    layout.write_text(LAYOUT)
    person("apply", "--yes")
    told = person("show", the_poster(person)).out
    assert "picture: " in told
    layout.write_text(LAYOUT.replace("color: on_primary", "color: primary", 1))
    assert "contrast" in person("show", the_poster(person)).out


def the_poster(person):
    [poster] = json.loads(person("list", "--json", "--state", "awaiting_approval").out)
    return poster["id"]


def test_before_any_approval_there_is_nothing_to_compare_with(person, small):
    person("apply", "--yes")
    assert "no approved picture yet" in person("render", "first/posters", "--diff", "--exit-code").out


def test_an_edit_after_the_approval_is_shown_beside_the_approved_picture(person, small):
    person("apply", "--yes")
    person("approve", the_poster(person), "--by", "lin")
    assert "as approved by lin" in person("render", "first/posters", "--diff", "--exit-code").out
    edit(small, "title: 开放日, subtitle: Open day", "title: 大开放日, subtitle: Open day")
    said = person("render", "first/posters", "--diff", "--exit-code", ok=False)
    assert said.code == 1
    assert "% of the pixels differ from what lin approved" in said.out
    [one] = json.loads(person("render", "first/posters", "--diff", "--json").out)
    assert one["different"]
    assert 0.1 < one["percent"] < 40
    assert 0.3 < one["likeness"] < 1
    assert Path(one["file"]).is_file()
    person("apply", "--yes")  # the edit voids the approval; what was seen then stays what it is compared with
    [lobby, gate] = json.loads(person("render", the_poster(person), "--diff", "--json").out)
    assert lobby["different"]
    assert gate["different"]
    person("approve", the_poster(person), "--by", "lin")
    assert "as approved" in person("render", "first/posters", "--diff", lang="en").out


def test_an_approval_given_elsewhere_is_told(person, small):
    person("apply", "--yes")
    person("approve", the_poster(person), "--by", "lin")
    for kept in (small / ".promo" / "approved").rglob("*.png"):
        kept.unlink()
    assert "on another machine" in person("render", "first/posters", "--diff").out


def test_a_contact_sheet_in_both_kinds(person, small, tmp_path):
    assert str(tmp_path / "all.pdf") in person("render", "--sheet", tmp_path / "all.pdf").out
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
    [page] = json.loads(person("render", "first/posters", "--sheet", tmp_path / "one.png", "--json").out)
    assert Path(page).read_bytes().startswith(b"\x89PNG")
    assert not (small / "out" / "visuals").exists()
