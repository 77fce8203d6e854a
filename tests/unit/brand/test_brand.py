"""Brand files: what is read from them, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from promo.brand.colour import contrast, parse_hex, rgb
from promo.brand.load import load_brands
from promo.brand.wording.check import check_wording
from promo.source.problem import Severity
from promo.workspace import Workspace, WorkspaceSettings

REPOSITORY = Path(__file__).parents[3]
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>'
GUIDE = """\
name: {zh: 小样, en: Sample}
site: sample.example
positioning:
  audience: [everyone]
  core_value: plain
  proposition: plain things
  slogan: {zh: 简单就好, en: Plain is good}
logo:
  variants: [{file: logo.svg, for: light}]
palette:
  colors: {ink: "#222222", paper: "#ffffff", red: "#b3261e"}
  roles: {primary: red, on_primary: paper, accent: red, on_accent: paper, background: paper, text: ink}
voice:
  banned: [{word: 秒杀, hint: {zh: 写起止时间, en: give the hours}}, {word: deal}]
"""


@pytest.fixture
def brand_file(tmp_path):
    folder = tmp_path / "assets" / "brands" / "sample"
    folder.mkdir(parents=True)
    (folder / "logo.svg").write_text(LOGO, "utf-8")
    (folder / "brand.yaml").write_text(GUIDE, "utf-8")
    return folder / "brand.yaml"


@pytest.fixture
def load(tmp_path, brand_file):
    def loaded(old="", new="", brands=()):
        text = GUIDE.replace(old, new) if old else GUIDE
        assert not old or text != GUIDE
        brand_file.write_text(text, "utf-8")
        return load_brands(Workspace(tmp_path, WorkspaceSettings(brands=brands), {}))

    return loaded


def test_the_sample_brands_are_whole_and_without_a_warning():
    loaded = load_brands(Workspace(REPOSITORY, WorkspaceSettings(), {}))
    assert loaded.problems == ()
    assert set(loaded.brands) >= {"jinxiu", "yunxi", "haowu"}
    for brand in loaded.brands.values():
        assert {"zh", "en"} <= set(brand.guide.name)
        assert brand.guide.site.endswith(".example")
        assert brand.guide.positioning.swot.strengths
        assert brand.guide.voice.banned


def test_a_brand_is_read(load):
    loaded = load()
    assert loaded.problems == ()
    brand = loaded.brands["sample"]
    assert brand.colour("primary") == "#b3261e"
    assert brand.colour("shade") == brand.colour("text")
    assert brand.facts("zh")["brand.slogan"] == "简单就好"


MISTAKES = {
    "colour": ('"#222222"', '"#22222"', None, 11),
    "unquoted colour": ('ink: "#222222"', "ink: 222222", None, 11),
    "missing role": ("text: ink}", "muted: ink}", "role-missing", 12),
    "unknown colour": ("primary: red,", "primary: rde,", "no-such-colour", 12),
    "unknown role": ("primary: red,", "primry: red,", None, 12),
    "unknown key": ("site:", "sight:", "unknown-key", 2),
    "unknown trade": ("site:", "trades: [propety]\nsite:", "not-one-of", 2),
    "cmyk out of range": ('"#222222"', '{rgb: "#222222", cmyk: [0, 0, 0, 101]}', "out-of-range", 11),
    "cmyk of three": ('"#222222"', '{rgb: "#222222", cmyk: [0, 0, 0]}', None, 11),
    "too much ink": ('"#222222"', '{rgb: "#222222", cmyk: [90, 90, 90, 90]}', "total-ink", 11),
    "type below the smallest": ("voice:", "typography: {min_size: 3, scale: {note: 2}}\nvoice:", "text-small", 13),
    "allowed without reason": ("voice:\n", "voice:\n  allow: [{phrase: 最好}]\n", "missing-key", 14),
    "profile missing": ("voice:\n", "print: {profile: press.icc}\nvoice:\n", "no-such-file", 13),
    "missing logo": ("logo.svg", "logo-dark.svg", "no-such-file", 9),
    "escaping logo": ("logo.svg", "../../../../etc/passwd", "path-escape", 9),
    "logo of another kind": ("logo.svg", "brand.yaml", "file-type", 9),
    "web font": ("voice:", "typography: {headline: {fonts: [Own.woff2]}}\nvoice:", "file-type", 13),
    "empty mark": ("voice:\n", "voice:\n  sponsored: ''\n", "bad-value", 14),
    "contrast": ('ink: "#222222"', 'ink: "#bbbbbb"', "contrast", 12),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_has_its_place(load, kind):
    old, new, code, line = MISTAKES[kind]
    loaded = load(old, new)
    assert "sample" not in loaded.brands
    errors = [problem for problem in loaded.problems if problem.severity is Severity.ERROR]
    assert errors
    assert errors[0].at.line == line
    assert str(errors[0].at.file) == "assets/brands/sample/brand.yaml"
    if code is not None:
        assert errors[0].code == code


PALETTE = 'palette:\n  colors: {ink: "#222222", paper: "#ffffff", red: "#b3261e"}'


def test_colours_have_their_inks(load):
    inks = PALETTE.replace('"#b3261e"', '{rgb: "#b3261e", cmyk: [18, 96, 100, 8], spot: PANTONE 485 C}')
    brand = load(PALETTE, inks).brands["sample"]
    assert brand.ink("primary") == brand.ink("red")
    assert brand.ink("red").cmyk == (18, 96, 100, 8)
    assert brand.ink("red").spot == "PANTONE 485 C"
    assert brand.ink("shade").name == "ink"  # a role left open
    assert brand.ink("photo_text").rgb == "#ffffff"
    with pytest.raises(KeyError):
        brand.ink("green")


def test_only_listed_pairs_may_meet_once_there_is_a_list(load):
    assert load().brands["sample"].may_meet("red", "ink")
    brand = load("text: ink}", "text: ink}\n  pairs: [[red, paper]]").brands["sample"]
    assert brand.may_meet("red", "paper")
    assert brand.may_meet("text", "background")
    assert not brand.may_meet("red", "ink")


def test_styles_differ_by_language(load):
    more = """typography:
  headline: {weight: 700, languages: {ar: {fonts: [Noto Naskh Arabic], line_height: 1.6}, en: {tracking: -0.01}}}
  scale: {title: 9, note: 2.4}
voice:
"""
    headline = load("voice:\n", more).brands["sample"].guide.typography.headline
    assert headline.in_language("ar").fonts == ("Noto Naskh Arabic",)
    assert headline.in_language("ar").weight == 700
    assert headline.in_language("en-GB").tracking == -0.01
    assert headline.in_language("zh") is headline
    assert headline.every_font == ("Noto Sans SC", "Noto Naskh Arabic")


def test_a_logo_variant_may_have_limits_of_its_own(load):
    logo = load("for: light}]", "for: light}, {file: logo.svg, for: mono, min_mm: 12}]").brands["sample"].guide.logo
    assert (logo.limits("mono").min_mm, logo.limits("light").min_mm) == (12, 8)
    assert logo.limits("dark") == logo.limits("light")


def test_the_severity_of_a_rule_is_the_brands(load):
    brand = load("voice:\n", "rules: {contrast: warning, overlap: off}\nvoice:\n").brands["sample"]
    assert [brand.severity(rule) for rule in ("contrast", "overlap", "qr-unreadable")] == ["warning", "off", "error"]
    [problem] = load("voice:\n", "rules: {contrats: warning}\nvoice:\n").problems
    assert (problem.code, problem.at.line) == ("no-such-rule", 13)
    assert "contrast" in (problem.hint or "")


def test_a_profile_must_be_one_for_cmyk(load, brand_file):
    def problems(header):
        (brand_file.parent / "press.icc").write_bytes(header.ljust(128, b"\0"))
        found = load("voice:\n", "print: {profile: press.icc, condition: FOGRA39}\nvoice:\n").problems
        return [(problem.code, problem.at.line) for problem in found]

    assert problems(b"\0" * 16 + b"CMYK" + b"\0" * 16 + b"acsp") == []
    assert problems(b"\0" * 16 + b"RGB " + b"\0" * 16 + b"acsp") == [("bad-profile", 13)]
    assert problems(b"not a profile") == [("bad-profile", 13)]


def test_a_near_miss_is_suggested(load):
    [problem] = load("primary: red,", "primary: rde,").problems
    assert "red" in (problem.hint or "")


def test_a_pale_pair_is_a_warning_and_the_brand_still_loads(load):
    loaded = load('red: "#b3261e"', 'red: "#e0483e"')
    assert {(problem.code, problem.severity) for problem in loaded.problems} == {("contrast", Severity.WARNING)}
    assert "sample" in loaded.brands


def test_a_font_file_that_is_missing(load):
    guide = "voice:\n"
    loaded = load(guide, "typography:\n  headline: {fonts: [fonts/missing.ttf]}\nvoice:\n")
    assert [problem.code for problem in loaded.problems] == ["no-such-file"]
    assert loaded.problems[0].at.line == 14


def test_a_brand_named_in_the_settings_but_not_there(load):
    loaded = load(brands=("smaple",))
    [problem] = loaded.problems
    assert problem.code == "no-such-brand"
    assert "sample" in (problem.hint or "")
    assert loaded.brands == {}


def test_banned_words_are_found_where_they_stand(load):
    brand = load().brands["sample"]
    text = "今晚秒杀, a Deal for you, ideal"
    found = check_wording(brand, text)
    assert [text[finding.start : finding.end] for finding in found] == ["秒杀", "Deal"]
    assert found[0].hint
    assert check_wording(brand, "今晚七点到九点") == []


def test_contrast_follows_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.01)


def test_short_colours_are_written_out():
    assert parse_hex("#Abc") == "#aabbcc"
    with pytest.raises(ValueError, match="#1a2b3c"):
        parse_hex("red")
