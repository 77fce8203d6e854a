"""The style guide's rules: each has a guilty picture, drawn for real, and an innocent one beside it.

One long file: every rule is tried at the same desk, and the last tests ask that none was left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from promo.brand.model import Ink
from promo.brand.rules import RULES
from promo.brand.voice import Disclosure
from promo.language import use
from promo.source.value import LocalText
from promo.visual.finding import finding
from promo.visual.paint.painter import paint
from promo.visual.platform import platforms
from promo.visual.rule import words
from promo.visual.rule.check import check
from promo.visual.rule.delta import delta, lab
from promo.visual.rule.words import WORDS, worded
from promo.visual.scene import (
    GroupMark,
    LogoMark,
    Page,
    QrMark,
    Rect,
    Scene,
    ShapeMark,
    TextMark,
)

MAGENTA = Ink(name="shock", rgb="#d81b9a")


class Desk:
    """Draws scenes and tells what the rules find."""

    def __init__(self, renderer, request_for):
        self.renderer, self.request_for = renderer, request_for
        self.brand = renderer.brands["jinxiu"]

    def scene(self, **changes):
        return self.renderer.paint(self.request_for(**changes)).scene

    def found(self, scene, brand=None):
        brand = brand or self.brand
        raw = check(paint(scene), brand)
        return [said for note in raw if (said := worded(note, brand)) is not None]

    def rules(self, scene, brand=None):
        return {finding.rule for finding in self.found(scene, brand)}

    def with_guide(self, **changes):
        return replace(self.brand, guide=self.brand.guide.model_copy(update=changes))


@pytest.fixture
def desk(renderer, request_for):
    return Desk(renderer, request_for)


def only(scene, kind):
    return next(mark for mark in scene.walk() if isinstance(mark, kind))


def changed(scene, kind, change):
    """Return the scene with the first mark of a kind changed."""
    target = only(scene, kind)
    return replace(scene, marks=tuple(change(mark) if mark is target else mark for mark in scene.marks))


def moved(mark, x, y):
    """Return a text moved with its letters, or any other mark."""
    mark = replace(mark, rect=mark.rect.moved(x, y))
    if not isinstance(mark, TextMark):
        return mark
    lines = tuple(
        replace(
            line,
            left=line.left + x,
            right=line.right + x,
            y=line.y + y,
            glyphs=tuple(replace(glyph, x=glyph.x + x, y=glyph.y + y) for glyph in line.glyphs),
        )
        for line in mark.block.lines
    )
    return replace(mark, block=replace(mark.block, lines=lines))


@pytest.mark.parametrize("brand", ["jinxiu", "yunxi", "haowu"])
def test_the_cards_as_they_come_are_innocent(desk, brand):
    assert desk.found(desk.scene(brand=brand), desk.renderer.brands[brand]) == []


def test_every_finding_names_layer_value_limit_and_spot(desk):
    scene = changed(desk.scene(), QrMark, lambda code: moved(code, 60, 0))
    scene = replace(scene, page=replace(scene.page, safe=scene.page.trim.grown(-60)))
    finding = next(f for f in desk.found(scene) if f.rule == "safe-area")
    code = only(scene, QrMark)
    assert (finding.layer, finding.where) == ("qr", code.rect.pixels())
    assert finding.value == f"{code.rect.right - 1020:.0f} px"
    assert finding.severity == "warning"


# -- words -----------------------------------------------------------------------------------------------------


def test_words_that_hardly_differ_from_their_ground(desk):
    scene = desk.scene(layout="press-card", photo=None)
    faint = changed(scene, TextMark, lambda text: replace(text, ink=scene.ground, plate=scene.ground, plate_radius=4))
    finding = next(f for f in desk.found(faint) if f.rule == "contrast")
    assert (finding.value, finding.severity) == ("1.0:1", "error")


def test_a_plate_a_turn_and_a_line_through_the_words_are_measured_too(desk):
    plain = desk.scene(layout="product-card", fields={"title": "毛巾", "price": "¥79", "list_price": "¥119"})
    assert "contrast" not in desk.rules(plain)
    for change in (
        lambda text: replace(text, plate=text.ink, rotation=20),
        lambda text: replace(text, plate=text.ink, strike=True),
        lambda text: replace(text, plate=text.ink, opacity=0.9),
    ):
        assert "contrast" in desk.rules(changed(plain, TextMark, change))


def test_words_fade_into_their_ground(desk):
    scene = desk.scene(layout="press-card", photo=None)
    solid = changed(scene, TextMark, lambda text: replace(text, min_contrast=4.5))
    assert "contrast" not in desk.rules(solid)
    assert "contrast" in desk.rules(changed(solid, TextMark, lambda text: replace(text, opacity=0.25)))


def test_a_pair_the_brand_does_not_allow(desk):
    guide = desk.brand.guide
    ivory, persimmon = desk.brand.ink("background"), desk.brand.ink("accent")
    none = desk.with_guide(palette=guide.palette.model_copy(update={"pairs": ()}))
    few = desk.with_guide(palette=guide.palette.model_copy(update={"pairs": (("text", "background"),)}))
    both = desk.with_guide(palette=guide.palette.model_copy(update={"pairs": (("accent", "background"),)}))
    scene = desk.scene(layout="press-card", photo=None)
    on_plate = changed(scene, TextMark, lambda text: replace(text, ink=persimmon, plate=ivory, plate_radius=2))
    assert "pair-not-allowed" in desk.rules(on_plate, few)
    assert "pair-not-allowed" not in desk.rules(on_plate, none)
    text = only(scene, TextMark)
    panel = ShapeMark(layer="panel", rect=text.rect.grown(30), ink=ivory)
    on_panel = replace(scene, marks=(*scene.marks, panel, replace(text, ink=persimmon)))
    found = [f for f in desk.found(on_panel, few) if f.rule == "pair-not-allowed"]
    assert f"{persimmon.name} / {ivory.name}" in [f.value for f in found]
    left = [f.value for f in desk.found(on_panel, both) if f.rule == "pair-not-allowed"]
    assert f"{persimmon.name} / {ivory.name}" not in left


def test_what_runs_into_words_or_is_laid_over_them(desk):
    scene = desk.scene()
    text, code = only(scene, TextMark), only(scene, QrMark)
    into = changed(
        scene, QrMark, lambda mark: moved(mark, text.rect.left - code.rect.left, text.rect.top - code.rect.top)
    )
    assert "overlap" in desk.rules(into)
    cover = ShapeMark(layer="lid", rect=replace(text.rect, width=text.rect.width / 2), ink=desk.brand.ink("primary"))
    finding = next(f for f in desk.found(replace(scene, marks=(*scene.marks, cover))) if f.rule == "overlap")
    assert (finding.layer, finding.severity) == (text.layer, "error")
    assert "lid" in finding.message
    below = replace(scene, marks=(cover, *scene.marks))
    assert "overlap" not in desk.rules(below)


# -- codes -----------------------------------------------------------------------------------------------------


def test_a_code_is_read_by_another_decoder_even_when_turned(desk):
    turned = changed(desk.scene(), QrMark, lambda code: replace(code, rotation=30))
    assert not {"qr-unreadable", "qr-quiet", "qr-contrast"} & desk.rules(turned)


def test_a_code_with_something_on_it(desk):
    scene = desk.scene()
    code = only(scene, QrMark)
    middle = code.rect.grown(-0.3 * code.rect.width)
    sticker = ShapeMark(layer="sticker", rect=middle, ink=desk.brand.ink("primary"))
    assert {"qr-unreadable", "overlap"} <= desk.rules(replace(scene, marks=(*scene.marks, sticker)))


def test_a_margin_of_two_modules(desk):
    scene = desk.scene()
    code = only(scene, QrMark)
    bar = Rect(left=code.rect.left, top=code.rect.top, width=2 * code.module, height=code.rect.height)
    narrow = replace(scene, marks=(*scene.marks, ShapeMark(layer="bar", rect=bar, ink=desk.brand.ink("text"))))
    finding = next(f for f in desk.found(narrow) if f.rule == "qr-quiet")
    assert (finding.value, finding.limit, finding.severity) == ("2", "4", "error")


def test_a_pale_code_and_a_light_one_on_dark(desk):
    scene = desk.scene()
    pale = changed(scene, QrMark, lambda code: replace(code, ink=Ink(name="pale", rgb="#c9c4b8")))
    assert "qr-contrast" in desk.rules(pale)
    light = changed(scene, QrMark, lambda code: replace(code, ink=code.ground, ground=code.ink))
    assert next(f for f in desk.found(light) if f.rule == "qr-contrast").value.startswith("-")


def test_modules_as_small_as_they_are_shown(desk):
    scene = changed(desk.scene(), QrMark, lambda code: replace(code, module=4))
    assert "qr-small" not in desk.rules(scene)
    in_a_list = replace(scene, page=replace(scene.page, platform="xiaohongshu-cover"))
    finding = next(f for f in desk.found(in_a_list) if f.rule == "qr-small")
    assert finding.value == "2.0 px"  # shown 540 pixels wide


def test_a_code_on_a_large_sheet_is_read_from_farther_away(desk):
    scene = desk.scene(layout="poster", format="a4")
    assert "qr-small" not in desk.rules(scene)
    page = replace(scene.page, dpi=72)  # the same pixels on a sheet four times as long
    large = next(f for f in desk.found(replace(scene, page=page)) if f.rule in {"qr-small", "photo-ppi"})
    assert large.rule == "photo-ppi"
    tiny = changed(scene, QrMark, lambda code: replace(code, module=3, rect=replace(code.rect, width=123, height=123)))
    assert next(f for f in desk.found(tiny) if f.rule == "qr-small").value == "0.25 mm"


# -- the logo --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (lambda logo: replace(logo, rotation=-8), "-8°"),
        (lambda logo: replace(logo, opacity=0.5), "50 %"),
        (lambda logo: moved(logo, -200, 0), ""),
    ],
)
def test_a_logo_is_shown_as_it_is(desk, change, value):
    scene = desk.scene()
    assert "logo-altered" not in desk.rules(scene)
    finding = next(f for f in desk.found(changed(scene, LogoMark, change)) if f.rule == "logo-altered")
    assert (finding.value, finding.severity) == (value, "error")


def test_a_logo_cut_by_its_group(desk):
    scene = desk.scene()
    logo = only(scene, LogoMark)
    half = replace(logo.drawn, width=logo.drawn.width / 2)
    group = GroupMark(layer="window", rect=half, marks=(logo,), clip=True)
    cut = replace(scene, marks=tuple(group if mark is logo else mark for mark in scene.marks))
    assert "logo-altered" in desk.rules(cut)
    whole = replace(group, rect=logo.drawn.grown(2))
    assert "logo-altered" not in desk.rules(
        replace(scene, marks=tuple(whole if mark is logo else mark for mark in scene.marks))
    )


def test_a_stretched_logo(desk):
    painted = desk.renderer.paint(desk.request_for())
    logo = only(painted.scene, LogoMark)
    wide = replace(logo, drawn=replace(logo.drawn, width=logo.drawn.width * 1.2))
    scene = replace(painted.scene, marks=tuple(wide if mark is logo else mark for mark in painted.scene.marks))
    raw = check(replace(painted, scene=scene), desk.brand)
    assert [note["value"] for note in raw if note["rule"] == "logo-altered"] == ["120 %"]


def test_a_small_logo_and_what_comes_near_it(desk):
    scene = desk.scene()
    logo = only(scene, LogoMark)
    tiny = changed(scene, LogoMark, lambda mark: replace(mark, rect=replace(mark.rect, width=60, height=20)))
    assert next(f for f in desk.found(tiny) if f.rule == "logo-small").limit == "36 px"
    code = only(scene, QrMark)
    beside = logo.drawn.right + 4 - code.rect.left, logo.drawn.top - code.rect.top
    near = changed(scene, QrMark, lambda mark: moved(mark, *beside))
    finding = next(f for f in desk.found(near) if f.rule == "clear-space" and "qr" in f.message)
    assert finding.value == "4 px"
    far = changed(scene, QrMark, lambda mark: moved(mark, beside[0] + logo.drawn.height, beside[1]))
    assert not [f for f in desk.found(far) if f.rule == "clear-space" and "qr" in f.message]


def test_a_logo_on_its_own_colour(desk):
    scene = desk.scene()
    logo = only(scene, LogoMark)
    green = ShapeMark(layer="field", rect=logo.rect.grown(20), ink=desk.brand.ink("primary"))
    dark_on_dark = replace(logo, wanted="light")
    marks = tuple(m for mark in scene.marks for m in ((green, dark_on_dark) if mark is logo else (mark,)))
    assert "logo-contrast" in desk.rules(replace(scene, marks=marks))


# -- places ----------------------------------------------------------------------------------------------------


def test_a_story_keeps_out_of_what_the_platform_covers(desk):
    scene = desk.scene(format="story")
    for name, platform in platforms().items():
        page = replace(scene.page, platform=name)
        free = platform.area(page.trim)
        code = only(scene, QrMark)
        into = changed(
            replace(scene, page=page),
            QrMark,
            lambda mark, free=free, code=code: moved(mark, 0, free.bottom - code.rect.bottom + 40),
        )
        if platform.free[3]:
            assert ("qr", "safe-area") in [(f.layer, f.rule) for f in desk.found(into)], name
            assert platform.name.in_language() in next(
                f.message for f in desk.found(into) if f.rule == "safe-area" and f.layer == "qr"
            )


def test_words_near_the_cut(desk):
    scene = desk.scene(layout="poster", format="a4")
    assert "near-trim" not in desk.rules(scene)
    text = only(scene, TextMark)
    close = changed(scene, TextMark, lambda mark: moved(mark, scene.page.trim.left + 12 - text.rect.left, 0))
    finding = next(f for f in desk.found(close) if f.rule == "near-trim")
    assert (finding.value, finding.limit) == ("1.0 mm", "3 mm")


def test_the_dated_areas_say_where_they_come_from():
    for name, platform in platforms().items():
        assert platform.source, name
        assert platform.date >= "2025", name
        assert platform.official == (not platform.source.startswith("a convention")), name
        left, top, right, bottom = platform.free
        assert 0 <= left + right < 0.7, name
        assert 0 <= top + bottom < 0.7, name


# -- photos and colours ----------------------------------------------------------------------------------------


def test_a_photo_enlarged_and_one_too_coarse_for_print(desk, workspace):
    Image.new("RGB", (300, 300), "#777").save(workspace.asset_folder / "photos" / "tiny.jpg")
    card = desk.found(desk.scene(photo="photos/tiny.jpg"))
    assert "photo-small" in {f.rule for f in card}
    sheet = desk.found(desk.scene(layout="poster", format="a4", photo="photos/tiny.jpg"))
    finding = next(f for f in sheet if f.rule == "photo-ppi")
    assert finding.limit == f"{desk.brand.guide.photo.min_ppi:g} ppi"
    assert "photo-small" not in {f.rule for f in sheet}


def test_a_colour_of_no_palette(desk):
    scene = desk.scene()
    spot = Rect(left=700, top=60, width=180, height=90)
    patch = ShapeMark(layer="patch", rect=spot, ink=MAGENTA)
    found = [f for f in desk.found(replace(scene, marks=(*scene.marks, patch))) if f.rule == "off-palette"]
    assert [f.layer for f in found] == ["patch"]
    assert "#d81b9a" in found[0].message
    assert np.abs(np.array(found[0].where) - spot.pixels()).max() <= 8
    own = replace(patch, ink=desk.brand.ink("accent"))
    assert "off-palette" not in desk.rules(replace(scene, marks=(*scene.marks, own)))


def test_a_tint_of_two_colours_belongs_to_the_palette(desk):
    scene = desk.scene(layout="press-card", photo=None)
    patch = ShapeMark(
        layer="patch", rect=Rect(left=0, top=900, width=1080, height=90), ink=desk.brand.ink("accent"), opacity=0.37
    )
    assert "off-palette" not in desk.rules(replace(scene, marks=(patch, *scene.marks)))


def test_the_difference_of_colours_is_that_of_the_paper():
    # Pairs 1, 7, 17 and 25 of Sharma, Wu, Dalal (2005), table 1.
    first = np.array([[50, 2.6772, -79.7751], [50, 0, 0], [50, 2.5, 0], [60.2574, -34.0099, 36.2677]])
    second = np.array([[50, 0, -82.7485], [50, -1, 2], [73, 25, -18], [60.4626, -34.1751, 39.4387]])
    assert np.allclose(delta(first, second), [2.0425, 2.3669, 27.1492, 1.2644], atol=1e-4)
    assert np.allclose(lab([255, 255, 255]), [100, 0, 0], atol=0.02)


# -- severity --------------------------------------------------------------------------------------------------


def test_the_brand_decides_how_bad_a_breach_is_without_drawing_again(workspace, renew, request_for):
    request = request_for(fields={"title": "秋季开放日", "body": "请来" * 200})
    first = renew().render(request)
    rules = {finding.rule for finding in first.findings}
    assert "text-cut" in rules
    before = first.path.stat().st_ino
    path = workspace.brand_folder / "jinxiu" / "brand.yaml"
    guide = path.read_text("utf-8")
    for rule in rules:
        path.write_text(guide.replace("rules: {", f"rules: {{{rule}: off, "), "utf-8")
        silent = renew().render(request)
        assert {finding.rule for finding in silent.findings} == rules - {rule}
        path.write_text(guide.replace("rules: {", f"rules: {{{rule}: error, "), "utf-8")
        loud = renew().render(request)
        assert {finding.severity for finding in loud.findings if finding.rule == rule} == {"error"}
        assert silent.path.stat().st_ino == loud.path.stat().st_ino == before


@pytest.mark.parametrize("rule", sorted(WORDS))
def test_every_rule_has_words_in_both_languages_and_can_be_turned_off(desk, rule):
    raw = finding(rule, layer="title", value="1 px", limit="2 px")
    named = re.findall(r"(?<!\{)\{(\w+)\}", Path(words.__file__).read_text("utf-8"))
    raw["facts"] = {**dict.fromkeys(named, "thing"), "platform": "tiktok", "how": "cut"}
    said = {}
    for language in ("en", "zh"):
        use(language)
        try:
            said[language] = worded(raw, desk.with_guide(rules={rule: "error"}))
        finally:
            use("en")
    assert said["en"].severity == said["zh"].severity == "error"
    assert said["en"].message != said["zh"].message
    assert worded(raw, desk.with_guide(rules={rule: "off"})) is None
    assert worded(raw, desk.with_guide(rules={})).severity == RULES[rule].severity


def test_a_word_that_needs_a_disclosure_has_it_in_the_picture(desk):
    voice = desk.brand.guide.voice
    owed = Disclosure(text=LocalText({"zh": "最终解释以现场公告为准", "en": "See the notice on site"}), when=("免费",))
    brand = desk.with_guide(voice=voice.model_copy(update={"disclosures": (owed,)}))
    fields = {"title": "免费品茶", "subtitle": "把花园还给邻居"}
    found = [f for f in desk.found(desk.scene(fields=fields), brand) if f.rule == "disclosure-missing"]
    assert [(f.layer, "免费" in f.message) for f in found] == [("title", True)]
    told = desk.scene(fields={**fields, "subtitle": "最终解释 以现场公告为准"})
    assert "disclosure-missing" not in desk.rules(told, brand)
    assert "disclosure-missing" not in desk.rules(desk.scene(), brand)


def test_a_scene_without_marks_has_no_findings(desk):
    rect = Rect(left=0, top=0, width=400, height=300)
    page = Page(width=400, height=300, dpi=72, trim=rect, safe=rect)
    assert desk.found(Scene(page=page, ground=desk.brand.ink("background"), marks=())) == []
