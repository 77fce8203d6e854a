"""The layout language: what it takes, and one line with its place for everything it does not."""

from __future__ import annotations

import textwrap

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from promo.language import use
from promo.visual.layout.binding import filled
from promo.visual.layout.check_around import Around
from promo.visual.layout.condition import parse_condition
from promo.visual.layout.formats import walk
from promo.visual.layout.length import Length, parse_page_size
from promo.visual.layout.load import BUILT_IN, load_layout
from promo.visual.layout.schema import layout_schema

GOOD = """\
name: {zh: 通知, en: Notice}
fields:
  title: {required: true, max_characters: 20}
  body: The words below
  price: {zh: 价格}
  rows: {kind: table, columns: [name, price]}
formats:
  square: {size: [1080, 1080]}
  story:
    inherit: square
    size: [1080, 1920]
    layers:
      title: {size: 12}
layers:
  - {kind: gradient, stops: [primary, shade, accent], angle: 150}
  - {kind: image, box: [0, 0, 100, 50]}
  - {kind: text, bind: title, box: [8, 10, 84, 20], style: headline, size: 9}
  - {kind: text, bind: body, box: [8, 0, 84, 20], below: title, gap: 3}
  - {kind: text, id: only, text: "from {price}", visible_if: price and not qr}
  - kind: group
    id: list
    stack: vertical
    each: rows
    layers:
      - {kind: text, bind: row.name}
      - {kind: text, id: cost, text: "¥{row.price}"}
"""


@pytest.fixture
def load(tmp_path):
    use("en")

    def read(text):
        (tmp_path / "notice.yaml").write_text(text, "utf-8")
        return load_layout(tmp_path / "notice.yaml", tmp_path)

    return read


def test_a_layout_without_mistakes_loads_with_its_formats_resolved(load):
    layout, problems = load(GOOD)
    assert problems == ()
    sizes = {name: (page.width, page.height) for name, page in layout.pages.items()}
    assert sizes == {"square": (1080, 1080), "story": (1080, 1920)}
    by_id = {name: {layer.id: layer for layer in walk(page.layers)} for name, page in layout.pages.items()}
    assert by_id["square"]["title"].size == Length(9)
    assert by_id["story"]["title"].size == Length(12)
    assert by_id["story"]["title"].style == "headline"  # what is not said stays
    assert list(by_id["square"])[:3] == ["gradient", "image", "title"]  # called by what they show
    assert layout.fields["price"].note == {"zh": "价格"}


WRONG = [
    ("size: 9}", "sise: 9}", "unknown-key", "sise", "`size`"),
    ("kind: text, bind: title", "kind: txt, bind: title", "no-such-kind", "{kind: txt", "`text`"),
    ("kind: text, bind: title", "bind: title", "missing-key", "{bind", "group"),
    ("bind: title", "bind: titel", "no-such-field", "titel", "`title`"),
    ('"from {price}"', '"from {pricee}"', "no-such-field", '"from', "`price`"),
    ('"from {price}"', '"from {price"', "bad-text", '"from', "{{"),
    ("price and not qr", "price nd not qr", "bad-condition", "price nd", "`and`"),
    ("price and not qr", "price and", "bad-condition", "price and", "`and`"),
    ("price and not qr", "format == 'stroy'", "no-such-format", "format ==", "`story`"),
    ("price and not qr", "prise", "no-such-field", "prise", "`price`"),
    ("below: title", "below: titel", "no-such-layer", "titel", "`title`"),
    ("below: title", "below: row.name", "no-such-layer", "row.name", None),
    ("below: title", "below: body", "circle", "body", None),
    ("box: [8, 10, 84, 20]", "below: body", "circle", "body", None),
    ("below: title", "align_to: left off title", "bad-edge", "left off", "left of title"),
    ("box: [0, 0, 100, 50]", "box: [0, 0, 100]", "bad-box", "[0, 0, 100]", "[left, top, width, height]"),
    ("box: [0, 0, 100, 50]", "box: [0, 0, 100, 0]", "bad-box", "[0, 0, 100, 0]", None),
    ("box: [0, 0, 100, 50]", "box: [0, 0, 12 furlong, 5]", "bad-length", "[0, 0, 12 f", None),
    ("gap: 3", "gap: -3", "bad-length", "-3", None),
    ("angle: 150", "angle: much", "wrong-type", "much", None),
    ("stops: [primary, shade, accent]", "stops: [primary]", "too-few", "[primary]", None),
    ("style: headline", "style: hedline", "not-one-of", "hedline", "`headline`"),
    ("each: rows", "each: title", "wrong-kind", "title", None),
    ("each: rows", "each: tables", "no-such-field", "tables", "rows"),
    ("    stack: vertical\n", "", "missing-key", "kind: group", "stack: vertical"),
    ("bind: row.name}", "bind: row.nmae}", "no-such-field", "row.nmae", "`name`"),
    ("bind: row.name}", "bind: row.name, box: [0, 0, 9, 9]}", "no-sense", "box: [0, 0, 9, 9]", "`gap`"),
    ("- {kind: text, bind: row.name}", "- {kind: logo}", "missing-key", "{kind: logo}", None),
    ("id: only", "id: list", "same-id", None, None),
    ("id: only", "id: only, page: 2", "no-such-page", "2, text", "pages: 2"),
    ("inherit: square", "inherit: sqare", "no-such-format", "sqare", "`square`"),
    ("inherit: square", "platform: instagram-stroy", "no-such-platform", "instagram-stroy", "instagram-story"),
    ("inherit: square", "inherit: story", "circle", "story", None),
    ("square: {size: [1080, 1080]}", "square: {dpi: 72}", "missing-key", "square: {dpi", "size"),
    ("size: [1080, 1920]", "size: A9", "bad-size", "A9", "A4"),
    ("size: [1080, 1920]", "size: [30000, 30000]", "bad-size", "[30000, 30000]", "dpi"),
    ("      title: {size: 12}", "      titel: {size: 12}", "no-such-layer", "titel", "`title`"),
    ("      title: {size: 12}", "      title: {sice: 12}", "unknown-key", "sice", "`size`"),
    ("      title: {size: 12}", "      title: {size: 0}", "bad-length", "0}", None),
    ("      title: {size: 12}", "      title: {kind: logo}", "other-kind", "logo", "format == 'story'"),
    ("style: headline, size: 9", "size: 9, min_size: 10", "no-sense", "10}", None),
    ("      title: {size: 12}", "      title: {min_size: 9.5}", "no-sense", "9.5", None),
    ("body: The words below", "my field: x", "bad-name", "my field", None),
    ("box: [0, 0, 100, 50]", "fallback: [primary]", "missing-key", "fallback", "value 2"),
    ("    layers:\n      title: {size: 12}\n", "    hide: [titel]\n", "no-such-layer", "titel", "`title`"),
    ("body: The words below", "body: {kin: text}", "unknown-key", "kin", "`kind`"),
    ("columns: [name, price]}", "columns: [name, price], example: Tea}", "bad-example", None, "rows"),
    ("body: The words below", "body: {example: [{name: Tea}]}", "bad-example", None, "a text"),
    ("max_characters: 20", "max_characters: 3, example: {zh: 通知, en: Note}", "bad-example", None, None),
    ("body: The words below", "body: {example: 5}", "wrong-type", None, None),
]


@pytest.mark.parametrize(("old", "new", "code", "at", "hint"), WRONG, ids=[f"{w[2]}: {w[1][:30]}" for w in WRONG])
def test_every_mistake_is_told_where_it_stands(load, old, new, code, at, hint):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    layout, problems = load(text)
    assert layout is None
    found = [problem for problem in problems if problem.code == code]
    assert found, [(problem.code, problem.message) for problem in problems]
    problem = found[0]
    line = text.split("\n")[problem.at.line - 1]
    if at is not None:
        assert line[problem.at.column - 1 :].startswith(at), (problem.at, line[problem.at.column - 1 :])
    assert "\n" not in problem.message
    if hint is not None:
        assert hint in (problem.hint or problem.message), problem.hint


@pytest.fixture
def around(tmp_path):
    """Return what there is around layouts: these colours, one size, one picture."""
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "paper.jpg").write_bytes(b"a picture")
    return lambda *colours: Around(colours=colours, sizes={"giant"}, assets=tmp_path)


@pytest.mark.parametrize(
    ("layer", "code", "word"),
    [
        ("kind: text, bind: title, size: gigant, box: [0, 0, 9, 9]", "no-such-size", "giant"),
        ("kind: image, source: art/papier.jpg", "no-such-file", "art/papier.jpg"),
        ("kind: image, source: ../paper.jpg", "no-such-file", "../paper.jpg"),
        ("kind: image, source: /etc/hostname", "no-such-file", "/etc/hostname"),
    ],
)
def test_sizes_and_files_that_are_not_there_are_told(tmp_path, around, layer, code, word):
    file = tmp_path / "notice.yaml"
    file.write_text(GOOD + f"  - {{{layer}}}\n", "utf-8")
    assert load_layout(file, tmp_path)[1] == ()
    layout, [problem] = load_layout(file, tmp_path, around=around())
    assert (layout, problem.code, problem.at.line) == (None, code, len(GOOD.splitlines()) + 1)
    assert word in f"{problem.message} {problem.hint}"


def test_a_size_and_a_file_that_are_there_are_no_mistake(tmp_path, around):
    file = tmp_path / "notice.yaml"
    file.write_text(GOOD.replace("{size: 12}", "{size: giant}") + "  - {kind: image, source: art/paper.jpg}\n", "utf-8")
    assert load_layout(file, tmp_path, around=around())[1] == ()


def test_colours_no_brand_has_are_told_where_brands_are_known(tmp_path, around):
    file = tmp_path / "notice.yaml"
    text = GOOD.replace("stops: [primary, shade,", "stops: [primray, clay,").replace("style: headline", "color: prmary")
    file.write_text(text.replace("title: {size: 12}", "title: {plate: sahde}"), "utf-8")
    assert load_layout(file, tmp_path)[1] == ()
    layout, problems = load_layout(file, tmp_path, around=around("clay", "fern"))
    assert layout is None
    assert [(p.code, p.at.line) for p in problems] == [("no-such-colour", line) for line in (13, 15, 17)]
    assert ["`" in (p.hint or "") for p in problems] == [True] * 3
    assert load_layout(file, tmp_path, around=around("clay", "primray", "prmary", "sahde"))[1] == ()


def test_a_declared_field_nobody_shows_is_a_warning(load):
    layout, [problem] = load(GOOD.replace("  body: The words below\n", "  body: below\n  badge: on a plate\n"))
    assert layout is not None
    assert (problem.code, problem.severity, problem.at.line) == ("unused-field", "warning", 5)


def test_a_neighbour_hidden_in_one_format_is_no_mistake(load):
    layout, problems = load(GOOD.replace("    layers:\n      title: {size: 12}\n", "    hide: [title]\n"))
    assert problems == ()
    assert "title" not in {layer.id for layer in layout.pages["story"].layers}


def test_formats_inherit_and_override_step_by_step(load):
    text = textwrap.dedent("""\
        name: n
        canvas: {dpi: 96, background: surface}
        output: {type: png}
        formats:
          a: {size: A4, bleed: 3mm, layers: {x: {width: 5, fill: accent}}, output: {quality: 70}}
          b: {inherit: a, size: A3 landscape, layers: {x: {width: null, height: 7}}, output: {type: jpeg}}
          c: {inherit: b, bleed: 0, background: primary, hide: [y]}
        layers:
          - {kind: shape, id: x, fill: primary, box: [0, 0, 10, 10]}
          - {kind: group, id: g, layers: [{kind: shape, id: y, fill: text}]}
        """)
    layout, problems = load(text)
    assert problems == ()
    a, b, c = layout.pages.values()
    assert (a.width, a.height) == (round(210 / 25.4 * 96), round(297 / 25.4 * 96))
    assert (b.width, b.height) == (round(420 / 25.4 * 96), round(297 / 25.4 * 96))
    assert (a.bleed, b.bleed, c.bleed) == (11, 11, 0)
    assert (a.print, a.background, c.background) == (True, "surface", "primary")
    assert [(p.output.type, p.output.quality) for p in (a, b, c)] == [("png", 70), ("jpeg", 70), ("jpeg", 70)]
    shape = c.layers[0]
    assert (shape.fill, shape.width, shape.height) == ("accent", None, Length(7))
    assert len(c.layers) == 1  # the group was left empty


@pytest.mark.parametrize(
    ("source", "fields", "holds"),
    [
        ("price", {"price": "¥9"}, True),
        ("price", {"price": " "}, False),
        ("not price", {}, True),
        ("price and not badge", {"price": "1", "badge": "new"}, False),
        ("price or badge and qr", {"price": "1"}, True),
        ("(price or badge) and qr", {"price": "1"}, False),
        ("format == 'story'", {"format": "story"}, True),
        ('format != "story"', {"format": "story"}, False),
        ("language in ['zh', 'ja']", {"language": "ja"}, True),
        ("language not in ('zh', 'ja')", {"language": "ja"}, False),
        ("not not price", {"price": "1"}, True),
        ("row.价格 == '9'", {"row.价格": "9"}, True),
    ],
)
def test_conditions(source, fields, holds):
    assert parse_condition(source).holds(lambda name: fields.get(name, "")) is holds


@pytest.mark.parametrize(
    "source", ["", "a b", "and", "a ==", "a == b == c", "(a", "a in []", "a in b", "__import__('os')", "a; b", "(" * 99]
)
def test_what_is_no_condition_is_refused(source):
    with pytest.raises(ValueError, match=r"."):
        parse_condition(source)


def test_bindings_vanish_with_their_fields():
    look = {"price": "9", "unit": ""}.get
    assert filled("¥{price} / {unit}", lambda name: look(name) or "") == "¥9 / "
    assert filled("/ {unit}", lambda name: look(name) or "") == ""
    assert filled("a {{b}}", lambda _name: "") == "a {b}"


def test_sheets_are_iso_216():
    assert parse_page_size("A4 landscape") == (Length(297, "mm"), Length(210, "mm"))
    assert parse_page_size(["1in", "2cm"]) == (Length(25.4, "mm"), Length(20, "mm"))


KEYS = [
    "kind",
    "id",
    "box",
    "layers",
    "bind",
    "text",
    "size",
    "stack",
    "each",
    "visible_if",
    "below",
    "align_to",
    "page",
]
KEYS += ["formats", "fields", "canvas", "inherit", "hide", "stops", "fill", "padding", "aspect", "x"]
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["text", "group", "title", "{title}", "5%", "12mm", "left of title", "a and b", "A4", "primary"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["name", "formats", "layers", "fields", "canvas", "pages"]), _VALUES))
def test_any_document_gives_a_layout_or_problems(load, document):
    layout, problems = load(yaml.safe_dump(document, allow_unicode=True))
    assert layout is not None or problems
    assert all(problem.at.line >= 1 and problem.message and "\n" not in problem.message for problem in problems)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_put_anywhere_gives_a_layout_or_problems(load, data):
    document = yaml.safe_load(GOOD)
    here = document
    while isinstance(here, (dict, list)) and here:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], (dict, list)) or data.draw(st.booleans()):
            here[key] = data.draw(_VALUES)
            break
        here = here[key]
    layout, problems = load(yaml.safe_dump(document, allow_unicode=True))
    assert layout is not None or problems


def test_the_schema_takes_what_the_reader_takes():
    schema = Draft202012Validator(layout_schema())
    for file in sorted(BUILT_IN.glob("*.yaml")):
        assert not [error.message for error in schema.iter_errors(yaml.safe_load(file.read_text("utf-8")))], file.name
    for old, new, code, _at, _hint in WRONG:
        # A schema cannot see that a change makes a layer one of another kind, nor which mapping is a note by language.
        if code in ("unknown-key", "not-one-of", "no-such-kind", "too-few") and not any(
            word in new for word in ("kind: logo", "kin: ")
        ):
            document = yaml.safe_load(GOOD.replace(old, new, 1))
            assert not schema.is_valid(document), new
