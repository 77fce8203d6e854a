"""Placing: where layers come to stand, by their boxes, their neighbours, in stacks, groups, rows and pages.

One long file: it goes through the layout language from end to end, in the order of docs/layouts.md.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from promo.brand.load import load_brands
from promo.errors import UserMistake
from promo.language import use
from promo.visual.layout.load import load_layout
from promo.visual.place.content import Content
from promo.visual.place.scene import place
from promo.visual.scene import GroupMark, ImageMark, LogoMark, QrMark, ShapeMark, TextMark

HEAD = "name: n\nformats:\n  page: {size: [1000, 2000]}\nlayers:\n"
LINK = "https://go.jinxiu.example/l/Ab3dE6gH9k"


@pytest.fixture
def brand(workspace):
    use("en")
    return load_brands(workspace).brands["jinxiu"]


@pytest.fixture
def scenes(tmp_path, brand):
    def build(layers, *, head=HEAD, format="page", fields=None, **content):
        file = tmp_path / "n.yaml"
        file.write_text(head + layers, "utf-8")
        layout, problems = load_layout(file, tmp_path)
        assert layout is not None, problems
        words = {**brand.facts("en"), **(fields or {})}
        return place(layout, format, Content(**{"fields": words, "language": "en", **content}), brand)

    return build


@pytest.fixture
def marks(scenes):
    """Return what places layers on the first page: the marks by the layers they come from."""

    def build(layers, **more):
        found = {}
        for mark in scenes(layers, **more)[0].walk():
            found.setdefault(mark.layer, mark)
        return found

    return build


def edges(mark):
    return tuple(round(value) for value in (mark.rect.left, mark.rect.top, mark.rect.right, mark.rect.bottom))


def test_lengths_are_percent_of_the_page_or_say_their_unit(marks):
    found = marks(
        "  - {kind: shape, id: a, fill: primary, box: [10, 10, 50, 25]}\n"
        "  - {kind: shape, id: b, fill: primary, box: [40px, 1in, 72pt, 10mm], radius: 2}\n"
        "  - {kind: group, box: [50, 50, 50, 50], layers: [{kind: shape, id: c, fill: text, box: [50, 50, 20, 20]}]}\n"
    )
    assert edges(found["a"]) == (100, 200, 600, 700)
    assert edges(found["b"]) == (40, 72, 112, 72 + 28)
    assert found["b"].radius == pytest.approx(20)  # percent of the short side
    assert edges(found["c"]) == (750, 1500, 850, 1700)


def test_bare_numbers_are_in_the_canvas_s_unit(marks):
    head = "name: n\ncanvas: {unit: mm, dpi: 254}\nformats: {page: {size: [100mm, 50mm], bleed: 2}}\nlayers:\n"
    found = marks("  - {kind: shape, id: a, fill: primary, box: [10, 10, 20, 5], radius: 1}\n", head=head)
    assert edges(found["a"]) == (120, 120, 320, 170)
    assert found["a"].radius == pytest.approx(10)


def test_areas_and_pictures_reach_into_the_bleed_words_do_not(scenes):
    head = "name: n\nformats: {page: {size: A6, dpi: 254, bleed: 3mm, safe: [5mm, 4mm]}}\nlayers:\n"
    [scene] = scenes(
        "  - {kind: shape, id: a, fill: primary, box: [0, 0, 50, 100]}\n"
        "  - {kind: shape, id: b, fill: primary, box: [50, 10, 50, 80]}\n"
        "  - {kind: text, text: words, box: [0, 0, 100, 10]}\n",
        head=head,
    )
    a, b, words = scene.marks
    assert edges(a) == (0, 0, 30 + 525, 1480 + 60)
    assert edges(b) == (555, 30 + 148, 1110, 30 + 148 + 1184)
    assert round(words.rect.left) == 30
    assert edges(replace(a, rect=scene.page.safe)) == (70, 80, 1040, 1460)


def test_anchor_limits_and_aspect_hold_a_layer_in_its_box(marks):
    found = marks(
        "  - {kind: shape, id: a, fill: text, box: [0, 0, 100, 50], aspect: 1, max_width: 40, anchor: bottom_right}\n"
        "  - {kind: shape, id: b, fill: text, box: [0, 0, 100, 50], width: 20, height: 10, anchor: center}\n"
        "  - {kind: shape, id: c, fill: text, box: [10, 10, 5, 5], min_width: 20, anchor: right}\n"
    )
    assert edges(found["a"]) == (600, 600, 1000, 1000)
    assert edges(found["b"]) == (400, 450, 600, 550)
    assert edges(found["c"]) == (-50, 200, 150, 300)


def test_neighbours_move_and_stretch(marks):
    found = marks(
        "  - {kind: shape, id: last, fill: text, box: [0, 0, 20, 10], above: low, below: first, gap: 1}\n"
        "  - {kind: shape, id: first, fill: text, box: [20, 10, 20, 10]}\n"
        "  - {kind: shape, id: low, fill: text, box: [0, 0, 20, 10], align_to: [bottom of page, center of first]}\n"
        "  - {kind: shape, id: beside, fill: text, box: [0, 0, 5, 5], right_of: first, gap: 20px,"
        " align_to: middle of first}\n"
        "  - {kind: shape, id: before, fill: text, box: [0, 30, 5, 5], left_of: first}\n"
        "  - {kind: shape, id: alone, fill: text, box: [1, 2, 3, 4], below: gone}\n"
        "  - {kind: shape, id: gone, fill: text, visible_if: price}\n"
    )
    assert edges(found["first"]) == (200, 200, 400, 400)
    assert edges(found["low"]) == (200, 1800, 400, 2000)
    assert edges(found["last"]) == (0, 410, 200, 1790)
    assert edges(found["beside"]) == (420, 250, 470, 350)
    assert edges(found["before"]) == (150, 600, 200, 700)
    assert edges(found["alone"]) == (10, 40, 40, 120)
    assert "gone" not in found


def test_what_stands_below_a_text_follows_its_height(marks):
    layers = (
        "  - {kind: text, id: t, bind: title, box: [10, 10, 80, 40], size: 8, max_lines: 4}\n"
        "  - {kind: shape, id: s, fill: accent, box: [10, 0, 10, 1], below: t, gap: 2}\n"
    )
    short = marks(layers, fields={"title": "Short"})
    long = marks(layers, fields={"title": "A title that is so long that it needs more than one line or two"})
    assert short["s"].rect.top == pytest.approx(short["t"].rect.bottom + 20)
    assert long["s"].rect.top == pytest.approx(long["t"].rect.bottom + 20)
    assert long["s"].rect.top > short["s"].rect.top + 80


@pytest.mark.parametrize(
    ("align", "vertical", "x", "y"), [("start", "top", 0, 0), ("center", "middle", 0.5, 0.5), ("end", "bottom", 1, 1)]
)
def test_a_text_stands_where_its_box_says(marks, align, vertical, x, y):
    layers = f"  - {{kind: text, text: Word, box: [10, 10, 80, 40], align: {align}, vertical_align: {vertical}}}\n"
    rect = marks(layers)["text"].rect
    assert rect.left == pytest.approx(100 + (800 - rect.width) * x)
    assert rect.top == pytest.approx(200 + (800 - rect.height) * y)


def test_start_is_the_right_for_words_read_from_there(marks):
    rect = marks("  - {kind: text, text: مرحبا, language: ar, box: [10, 10, 80, 40]}\n")["text"].rect
    assert rect.right == pytest.approx(900)


STACK = """\
  - kind: group
    id: words
    box: [10, 10, 80, 30]
    stack: vertical
    gap: 2
    justify: {justify}
    align: {align}
    layers:
      - {{kind: text, bind: title, size: 9, min_size: 4, max_lines: 2}}
      - {{kind: shape, id: rule, fill: accent, width: 10, height: 1, gap: 5}}
      - {{kind: text, bind: body, size: 5, min_size: 3, max_lines: 3}}
"""


def test_a_stack_sets_its_layers_one_below_the_other(marks):
    found = marks(STACK.format(justify="start", align="start"), fields={"title": "Title", "body": "Body"})
    title, rule, body = (found[name].rect for name in ("title", "rule", "body"))
    assert (title.left, title.top) == (100, 200)
    assert (rule.width, rule.height) == (100, 10)
    assert rule.top == pytest.approx(title.bottom + 50)
    assert body.top == pytest.approx(rule.bottom + 20)
    low = marks(STACK.format(justify="end", align="center"), fields={"title": "Title", "body": "Body"})
    assert low["body"].rect.bottom == pytest.approx(800)
    for name in ("title", "rule", "body"):
        assert low[name].rect.left + low[name].rect.width / 2 == pytest.approx(500, abs=1)


def test_empty_texts_take_no_room_and_a_line_above_nothing_goes(marks):
    found = marks(STACK.format(justify="start", align="start"), fields={"title": "Title"})
    assert set(found) == {"title"}
    assert marks(STACK.format(justify="start", align="start")) == {}


def test_texts_of_a_stack_shrink_together_and_say_when_that_is_not_enough(scenes):
    fields = {"title": "A very long headline " * 3, "body": "And a body that is long as well, with many words " * 3}
    [scene] = scenes(STACK.format(justify="start", align="start"), fields=fields)
    title, _rule, body = scene.marks
    assert title.block.size < 90
    assert body.block.size < 50
    assert body.rect.bottom <= 800.5
    tight = STACK.format(justify="start", align="start").replace("80, 30]", "80, 8]")
    [scene] = scenes(tight, fields=fields)
    assert "stack-overflow" in [note["rule"] for note in scene.findings]


@pytest.mark.parametrize(
    ("overflow", "rule", "size"),
    [("shrink", "text-cut", 24), ("ellipsis", "text-cut", 40), ("error", "text-overflow", 40)],
)
def test_overflow(scenes, overflow, rule, size):
    layers = f"  - {{kind: text, bind: title, box: [10, 10, 30, 10], size: 4, max_lines: 1, overflow: {overflow}}}\n"
    [scene] = scenes(layers, fields={"title": "Words that will never fit on one line of so small a box"})
    assert [note["rule"] for note in scene.findings if note["rule"] != "text-small"] == [rule]
    assert scene.marks[0].block.size == pytest.approx(size)
    assert scene.marks[0].block.cut


ROW = """\
  - kind: group
    id: row
    box: [10, 10, 80, 20]
    stack: horizontal
    gap: 2
    align: baseline
    justify: {justify}
    layers:
      - {{kind: text, bind: name, size: 5, min_size: 2}}
      - {{kind: text, bind: price, style: number, size: 9, min_size: 9}}
"""


def test_a_row_sets_its_layers_on_one_line(marks):
    fields = {"name": "Tea", "price": "88"}
    found = marks(ROW.format(justify="start"), fields=fields)
    assert found["name"].block.lines[-1].y == pytest.approx(found["price"].block.lines[-1].y, abs=1)
    assert found["price"].rect.left == pytest.approx(found["name"].rect.right + 20, abs=3)
    apart = marks(ROW.format(justify="between"), fields=fields)
    assert (apart["name"].rect.left, round(apart["price"].rect.right)) == (100, 900)


def test_texts_of_several_lines_stand_in_a_row_by_their_first(marks):
    fields = {"name": "A tea with a name for two lines at least", "price": "88"}
    layers = ROW.format(justify="start").replace("size: 5, min_size: 2", "size: 5, width: 40, max_lines: 4")
    found = marks(layers, fields=fields)
    assert len(found["name"].block.lines) > 1
    assert found["name"].block.lines[0].y == pytest.approx(found["price"].block.lines[0].y, abs=1)


def test_a_text_s_own_width_makes_columns(marks):
    layers = ROW.format(justify="start").replace("bind: name,", "bind: name, width: 30,")
    for name in ("Tea", "A tea with a long name"):
        found = marks(layers, fields={"name": name, "price": "88"})
        assert found["price"].rect.left == pytest.approx(100 + 300 + 20, abs=1)
        assert found["name"].rect.width <= 300
    narrow = STACK.format(justify="start", align="start").replace("bind: body,", "bind: body, max_width: 20,")
    words = marks(narrow, fields={"title": "x", "body": "words that need some room"})["body"]
    assert words.rect.width <= 200
    assert len(words.block.lines) > 1


def test_the_longest_of_a_row_gives_way(marks):
    fields = {"name": "A tea with a name that is far too long for the line it stands on here", "price": "88"}
    found = marks(ROW.format(justify="between"), fields=fields)
    assert found["price"].block.size == 90
    assert found["name"].block.size < 50
    assert found["name"].rect.right <= found["price"].rect.left


TABLE = """\
  - kind: group
    id: list
    box: [10, 10, 80, 80]
    stack: vertical
    each: rows
    max_rows: 3
    layers:
      - kind: group
        stack: horizontal
        layers:
          - {kind: text, bind: row.name, size: 4}
          - {kind: text, id: price, text: "¥{row.price}", size: 4, visible_if: row.price}
"""


def test_a_group_is_repeated_for_the_rows_of_a_table(scenes):
    rows = [{"name": "Oolong", "price": "88"}, {"name": "Green", "price": ""}, {"name": "Red", "price": "9"}]
    [scene] = scenes(TABLE, tables={"rows": rows})
    assert [mark.block.text for mark in scene.marks] == ["Oolong", "¥88", "Green", "Red", "¥9"]
    tops = [mark.rect.top for mark in scene.marks if mark.layer == "row.name"]
    assert tops == sorted(set(tops))
    assert scene.findings == ()
    [scene] = scenes(TABLE, tables={"rows": rows * 2})
    [note] = scene.findings
    assert (note["rule"], note["value"], note["limit"]) == ("rows-cut", "6", "3")
    assert note["where"] is not None  # to be shown by --explain
    assert scenes(TABLE)[0].marks == ()


def test_rows_share_the_size_the_longest_of_them_needs(scenes):
    rows = [{"name": "Oolong"}, {"name": "Gates open, then a long walk with all of the gardeners"}, {"name": "Red"}]
    layers = (
        "  - {kind: group, id: list, box: [10, 10, 60, 60], stack: vertical, each: rows, layers: ["
        "{kind: group, stack: horizontal, layers: ["
        "{kind: text, id: name, bind: row.name, size: 6, min_size: 2, max_lines: 1}]}]}\n"
    )
    [scene] = scenes(layers, tables={"rows": rows})
    [size] = {mark.block.size for mark in scene.marks}
    assert 20 < size < 30
    assert not any(mark.block.cut for mark in scene.marks)
    [scene] = scenes(layers, tables={"rows": rows[::2]})
    assert {mark.block.size for mark in scene.marks} == {60}


def test_pages_have_their_own_layers_and_share_the_rest(scenes):
    head = "name: n\npages: 2\nformats: {page: {size: [100, 100]}, one: {size: [100, 100], pages: 1}}\nlayers:\n"
    layers = (
        "  - {kind: shape, id: both, fill: primary}\n"
        "  - {kind: group, page: 1, layers: [{kind: shape, id: front, fill: text, box: [0, 0, 9, 9]}]}\n"
        "  - {kind: shape, id: back, fill: text, page: 2}\n"
    )
    first, second = scenes(layers, head=head)
    assert [mark.layer for mark in first.walk()] == ["both", "front"]
    assert [mark.layer for mark in second.walk()] == ["both", "back"]
    assert (first.page.number, second.page.number) == (1, 2)
    assert len(scenes(layers, head=head, format="one")) == 1


def test_groups_bind_what_is_faded_turned_or_clipped(scenes):
    [scene] = scenes(
        "  - {kind: group, id: a, background: surface, padding: 10, layers: [{kind: shape, id: s, fill: text}]}\n"
        "  - {kind: group, id: b, opacity: 0.5, rotation: 20, box: [0, 0, 50, 50], clip: true, radius: 5,"
        " layers: [{kind: text, text: x, rotation: 5, opacity: 0.3}]}\n"
    )
    ground, shape, group = scene.marks
    assert (ground.layer, edges(ground)) == ("a", (0, 0, 1000, 2000))
    assert edges(shape) == (100, 100, 900, 1900)
    assert isinstance(group, GroupMark)
    assert (group.opacity, group.rotation, group.clip, group.radius) == (0.5, 20, True, 50)
    assert (group.marks[0].rotation, group.marks[0].opacity) == (5, 0.3)


def test_pictures_come_from_fields_files_and_rows(scenes):
    before, paper, tea = Path("a.jpg"), Path("paper.jpg"), Path("tea.jpg")
    [scene] = scenes(
        "  - {kind: image, id: one, source: before, box: [0, 0, 50, 50]}\n"
        "  - {kind: image, id: two, source: after, box: [50, 0, 50, 50]}\n"
        "  - {kind: image, id: three, source: after, fallback: null}\n"
        "  - {kind: image, id: four, source: art/paper.jpg}\n"
        "  - {kind: group, stack: vertical, each: rows,"
        " layers: [{kind: image, id: five, source: row.photo, height: 9}]}\n",
        images={"before": before, "art/paper.jpg": paper, "p/tea.jpg": tea},
        tables={"rows": [{"photo": "p/tea.jpg"}]},
        generated=frozenset([before]),
    )
    shown = {mark.layer: (mark.file, mark.generated) for mark in scene.walk() if isinstance(mark, ImageMark)}
    assert shown == {"one": (before, True), "four": (paper, False), "five": (tea, False)}
    assert "two" in {mark.layer for mark in scene.walk()}  # the brand's colours stand in
    assert "three" not in {mark.layer for mark in scene.walk()}


def test_the_code_is_whole_pixels_a_module_at_its_anchor(marks):
    layers = "  - {kind: qr, box: [50, 50, 50, 25], anchor: bottom_right, error_correction: H, min_module: 2px}\n"
    code = marks(layers, link=LINK)["qr"]
    assert isinstance(code, QrMark)
    assert code.rect.width == code.module * (code.modules + 2 * code.quiet)
    assert (code.rect.right, code.rect.bottom) == (1000, 1500)
    assert (code.level, code.min_module) == ("H", 2)
    assert marks(layers) == {}


def test_marks_carry_what_layers_say(marks):
    found = marks(
        "  - {kind: gradient, stops: [primary, {color: accent, at: 0.8}, shade, text], angle: 90, strengthen: 0.9}\n"
        "  - {kind: shape, id: line, shape: line, border: accent, border_width: 1, box: [10, 10, 80, 4]}\n"
        "  - {kind: logo, box: [10, 10, 50, 10], anchor: right, variant: mono}\n"
        "  - {kind: text, id: t, text: word, upper: true, min_contrast: 7, plate: accent, strike: true}\n"
    )
    assert [stop.at for stop in found["gradient"].stops] == [0, 0.8, pytest.approx(0.9), 1]
    assert isinstance(found["line"], ShapeMark)
    assert edges(found["line"]) == (100, 235, 900, 245)
    assert isinstance(found["logo"], LogoMark)
    assert (found["logo"].anchor, found["logo"].wanted) == (1.0, "mono")
    text = found["t"]
    assert isinstance(text, TextMark)
    assert (text.block.text, text.min_contrast, text.strike, text.plate.name) == ("WORD", 7, True, text.plate.name)


def test_conditions_ask_for_fields_photo_code_format_and_language(scenes):
    layers = "".join(
        f"  - {{kind: shape, id: s{index}, fill: text, visible_if: {condition}}}\n"
        for index, condition in enumerate(
            ["title", "photo", "qr", "format == 'page'", "language == 'zh'", "not badge and rows", "brand.site"]
        )
    )
    [scene] = scenes(layers, fields={"title": "x"}, tables={"rows": [{"a": "b"}]}, images={"photo": Path("x")})
    assert [mark.layer for mark in scene.marks] == ["s0", "s1", "s3", "s5", "s6"]


def test_a_field_left_empty_has_its_default(marks):
    head = "name: n\nfields: {title: {default: {en: Hello, zh: 你好}}}\nformats: {page: {size: [900, 900]}}\nlayers:\n"
    layers = "  - {kind: text, bind: title}\n"
    assert marks(layers, head=head)["title"].block.text == "Hello"
    assert marks(layers, head=head, fields={"title": "Own"})["title"].block.text == "Own"


@pytest.mark.parametrize(
    ("layer", "word"), [("{kind: shape, fill: puce}", "puce"), ("{kind: text, text: x, size: huge}", "huge")]
)
def test_what_the_brand_lacks_is_a_mistake_in_one_line(marks, layer, word):
    with pytest.raises(UserMistake, match=word) as mistake:
        marks(f"  - {layer}\n")
    assert "\n" not in mistake.value.message


@pytest.mark.parametrize(
    "layer",
    [
        "{kind: shape, id: huge, fill: text, width: 5000}",
        "{kind: image, id: huge, box: [0, 0, 100, 20000]}",
        "{kind: text, id: huge, text: x, size: 3000}",
        "{kind: group, stack: vertical, layers: [{kind: logo, id: huge, height: 99999px}]}",
    ],
)
def test_a_layer_far_larger_than_the_page_is_refused(marks, layer):
    with pytest.raises(UserMistake, match=r"`huge` is far larger"):
        marks(f"  - {layer}\n")


def test_a_page_has_a_ground_of_its_own(scenes, brand):
    head = "name: n\ncanvas: {background: primary}\nformats:\n  page: {size: [100, 100]}\n"
    head += "  b: {inherit: page, background: accent}\nlayers:\n"
    layers = "  - {kind: text, text: x}\n"
    assert scenes(layers, head=head)[0].ground == brand.ink("primary")
    assert scenes(layers, head=head, format="b")[0].ground == brand.ink("accent")


def test_safe_leaves_out_what_the_platform_covers(scenes):
    head = "name: n\nformats: {page: {size: [1080, 1920], platform: instagram-story, safe: 40px}}\nlayers:\n"
    layers = "  - {kind: shape, id: s, fill: text, box: [0, 0, 10, 10], align_to: [bottom of safe, left of safe]}\n"
    [scene] = scenes(layers, head=head)
    assert edges(scene.marks[0]) == (40, 1580 - 192, 148, 1580)
    assert scene.page.platform == "instagram-story"
