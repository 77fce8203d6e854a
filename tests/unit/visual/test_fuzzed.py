"""Files changed at random: a picture, a layout, or one clear mistake; never another error. `make fuzz` looks longer."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from promo.brand.load import load_brands
from promo.errors import UserMistake
from promo.visual.file.metadata import Metadata, read_metadata, with_metadata
from promo.visual.layout.load import BUILT_IN, load_layout
from promo.visual.paint.photo import photo_at
from promo.visual.place.content import Content
from promo.visual.place.scene import place
from promo.workspace import Workspace, WorkspaceSettings

SAME = bool(os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT"))  # there, the same examples in every run
CAREFUL = settings(
    derandomize=SAME,
    deadline=None,
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = st.sampled_from(
    [
        *(float("nan"), float("inf"), -1e308, 1e-320, 10**30, -1, 0, 24_000, 99_999, True, None, "", [], {}, [[]]),
        *("nan", "1e999%", "-5%", "100000mm", "99999999px", "字" * 3_000, "../../etc/passwd", "{{ x }}", "{" * 500),
        *("none", "fill", "text", "title", [0, 0, 0, 0], [float("nan")] * 4, [1e5, 1e5, -1e5, 1e5], {"a": {"a": {}}}),
    ]
)


def pictures():
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 255, (11, 17, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind, mode in (
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("WEBP", "RGB"),
        ("TIFF", "L"),
    ):
        stream = io.BytesIO()
        noise.convert(mode).save(stream, kind, exif=exif, progressive=True)
        yield stream.getvalue()


@st.composite
def changed(draw):
    """A small picture with some bytes overwritten, cut out or put in."""
    data = bytearray(draw(st.sampled_from(list(pictures()))))
    for _change in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.sampled_from([0, 1, 2, 4, 40]))
        data[at : at + length] = draw(st.one_of(st.binary(max_size=6), st.sampled_from([b"\xff" * 4, b"\0" * 4])))
    return bytes(data)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of odd tags; the suite turns warnings into errors
@given(data=changed())
@CAREFUL
def test_a_changed_photo_is_shown_or_refused(tmp_path, data):
    (tmp_path / "photo").write_bytes(data)
    try:
        image, _enlarged = photo_at(tmp_path / "photo", (24, 18), (0.5, 0.5))
    except UserMistake as mistake:
        said = str(mistake)
    else:
        assert (image.mode, image.size) == ("RGB", (24, 18))
        return
    assert said.startswith("photo ")
    assert "\n" not in said


@given(data=changed(), alt=st.text(max_size=50), creator=st.text(max_size=20))
@example(b"RIFF@\0\0\0WEBPXMP 3\0\0\0" + b"/" * 51 + b"\0", "a", "b")  # a WebP with words but no picture
@CAREFUL
def test_metadata_is_read_from_anything_and_what_is_written_is_read(data, alt, creator):
    read_metadata(data)
    label = Metadata(alt={"en": alt}, creators=(creator,), keywords=(alt,))
    mime = {0xFF: "image/jpeg", 0x89: "image/png", 0x52: "image/webp"}.get(data[0] if data else 0)
    if mime is None:
        return
    try:
        labelled = with_metadata(data, mime, label)
    except ValueError:
        return  # too broken to find a place for it
    assert with_metadata(labelled, mime, label) == labelled
    plain = "".join(char for char in alt if char >= " " or char in "\n\t").replace("\ufffe", "").replace("\uffff", "")
    found = read_metadata(labelled).alt.get("en", "")
    assert found == (plain if plain.strip() else found)


LAYOUTS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(BUILT_IN.glob("*.yaml"))}


def places(value, path=()):
    """Yield the path of every value in a tree of mappings and lists."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


def changed_at(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed_at(value[path[0]], path[1:], new)
    return copy


@st.composite
def layouts(draw):
    """A built-in layout in which some values became others, some of them from elsewhere in it."""
    tree = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    for _change in range(draw(st.integers(1, 3))):
        known = list(places(tree))
        new = draw(ODD)
        if draw(st.booleans()):
            new = tree
            for key in known[draw(st.integers(0, len(known) - 1))]:
                new = new[key]
        tree = changed_at(tree, known[draw(st.integers(0, len(known) - 1))], new)
    return tree


@pytest.fixture(scope="module")
def brand():
    root = Path(__file__).parents[3]
    return load_brands(Workspace(root, WorkspaceSettings(), {})).brands["jinxiu"]


@given(tree=layouts())
@CAREFUL
def test_a_changed_layout_is_placed_or_its_mistakes_have_places(tmp_path, brand, tree):
    file = tmp_path / "changed.yaml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    layout, problems = load_layout(file, tmp_path)
    if layout is None:
        assert problems
        assert all(problem.message and problem.at.file.name == "changed.yaml" for problem in problems)
        return
    fields = {**brand.facts("zh"), "title": "秋季开放日", "body": "10 月 16 日", "price": "¥ 39"}
    content = Content(fields=fields, language="zh", link="https://go.jinxiu.example/l/Ab3dE6gH9k")
    for format, spec in layout.pages.items():
        assert spec.width * spec.height <= (250_000_000 if spec.output.type == "pdf" else 100_000_000)
        try:
            scenes = place(layout, format, content, brand)
        except UserMistake:
            continue
        for scene in scenes:
            for mark in scene.walk():
                assert np.isfinite([mark.rect.left, mark.rect.top, mark.rect.width, mark.rect.height]).all()
                assert np.isfinite([mark.opacity, mark.rotation]).all()


def test_a_stack_next_to_nothing_high_overflows(tmp_path, brand):
    file = tmp_path / "flat.yaml"
    file.write_text(
        "name: Flat\nformats: {square: {size: [500, 500]}}\nlayers:\n"
        "  - {kind: group, box: [8, 8, 80, 1.0e-320], stack: vertical, layers: [{kind: text, bind: title}]}\n",
        "utf-8",
    )
    layout, problems = load_layout(file, tmp_path)
    assert problems == ()
    [scene] = place(layout, "square", Content(fields={"title": "秋季"}, language="zh", link=None), brand)
    assert [finding["rule"] for finding in scene.findings] == ["stack-overflow"]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
)


@pytest.mark.parametrize(
    "text",
    [
        *(BOMB, "layers: &l [*l]", "{" * 5_000, "[" * 5_000, "- " * 5_000, "? " * 3_000, "\0"),
        *("a: !!python/object:os.system x", "a: " + "9" * 10_000),
    ],
)
def test_a_layout_that_is_a_trap_is_a_problem_with_a_place(tmp_path, text):
    (tmp_path / "trap.yaml").write_text(text, "utf-8")
    layout, problems = load_layout(tmp_path / "trap.yaml", tmp_path)
    assert layout is None
    assert problems
    assert all(problem.at.line >= 1 and "\n" not in problem.message for problem in problems)


@pytest.mark.parametrize(
    "part", ["开", "a", "one word after the other ", "👩‍👩‍👧‍👦", "ا", "\u0301", "https://x.example/"]
)
def test_a_headline_of_ten_thousand_characters_is_one_mistake(workspace, renderer, request_for, part):
    with pytest.raises(UserMistake, match="too long") as caught:
        renderer.render(request_for(fields={"title": part * (10_000 // len(part))}))
    assert len(str(caught.value)) < 300
    assert not list(workspace.root.glob("cache/**/*.*"))


def test_the_longest_headline_there_may_be_is_cut_and_told(renderer, request_for):
    visual = renderer.render(request_for(fields={"title": "开" * 1_100, "body": "a" * 1_100}))
    assert {finding.rule for finding in visual.findings} & {"text-cut", "text-overflow"}
    assert all(len(finding.message) < 300 for finding in visual.findings)
