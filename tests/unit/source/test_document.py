"""YAML files → values with places, and every way such a file can be wrong."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.campaign.model import Campaign
from promo.source.document import load_model, read_document
from promo.source.read import MAX_BYTES
from promo.source.tree import MAX_DEPTH, parse_tree, scalar
from promo.workspace import Frozen


class Note(Frozen):
    """A small model."""

    title: str
    tags: tuple[str, ...] = ()
    size: int = 1


def _read(tmp_path, data):
    path = tmp_path / "note.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_document(path, root=tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("12:30", "12:30"),
        ("2027-03-08", "2027-03-08"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("9" * 50, "9" * 50),
        ("+", "+"),
        (".", "."),
    ],
)
def test_scalars_are_read_as_yaml_1_2_and_lose_nothing(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_every_key_and_value_has_its_place(tmp_path):
    document = _read(tmp_path, "title: 开放日\ntags:\n  - a\n  - {b: c}\n")
    assert document.raw == {"title": "开放日", "tags": ["a", {"b": "c"}]}
    found = {keys: document.find(keys) for keys in [("title",), ("tags",), ("tags", 0), ("tags", 1, "b")]}
    assert {keys: (at.line, at.column) for keys, at in found.items()} == {
        ("title",): (1, 1),
        ("tags",): (2, 1),
        ("tags", 0): (3, 5),
        ("tags", 1, "b"): (4, 6),
    }
    assert document.find(("title",), value=True).column == 8
    assert document.find(("tags", 2)) is None
    assert document.find(("title", "x")) is None


BROKEN = [
    ("a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1)),
    ("a: &x [1]\nb: *y\n", "unknown-alias", (2, 4)),
    ("a: &x [*x]\n", "unknown-alias", (1, 8)),
    ("a: !!python/object:os.system x\n", "tag", (1, 4)),
    ("a: !secret x\n", "tag", (1, 4)),
    ("[1, 2]: x\n", "key-not-text", (1, 1)),
    ("{a: 1}: x\n", "key-not-text", (1, 1)),
    ('"": x\n', "empty-key", (1, 1)),
    ("a: &x {b: 1}\nc: {<<: *x}\n", "merge-key", (2, 5)),
    ("a: 1\n---\nb: 2\n", "several-documents", (2, 1)),
    ("a:\n\tb: 1\n", "yaml-syntax", (2, 1)),
    ("a: [1, 2\nb: 3\n", "yaml-syntax", (2, 2)),
    ("a: b: c\n", "yaml-syntax", (1, 5)),
    ("a: 'open\nb: 1\n", "yaml-syntax", (3, 1)),
    ("a: @b\n", "yaml-syntax", (1, 4)),
    ("a: 1\n b: 2\n", "yaml-syntax", (2, 3)),
    ('a: "\\q"\n', "yaml-syntax", (1, 5)),
    ("a: \x07\n", "control-character", (1, 4)),
    ("a: " + "[" * (MAX_DEPTH + 5) + "\n", "too-deep", (1, 3 + MAX_DEPTH)),
    ("[" * 100_000, "too-deep", (1, MAX_DEPTH + 1)),
    (b"a: \xff\n", "not-utf-8", (1, 4)),
    ("a: 1\0\n", "nul-byte", (1, 5)),
    (b" " * (MAX_BYTES + 1), "too-large", (1, 1)),
]


@pytest.mark.parametrize(("text", "code", "at"), BROKEN, ids=[code + str(n) for n, (_t, code, _a) in enumerate(BROKEN)])
def test_broken_files_say_why_and_where(tmp_path, text, code, at):
    problem = _read(tmp_path, text).problems[0]
    assert problem.code == code
    assert (problem.at.line, problem.at.column) == at
    assert problem.message
    assert "\n" not in problem.message


@pytest.mark.parametrize("text", ["a: {{ link }}\n", "a: {text: see {{ link }}, b: c}\n"])
def test_a_template_without_quotes_is_explained(tmp_path, text):
    assert _read(tmp_path, text).problems[0].hint == "put a text that holds {{ … }} in quotes"


def test_aliases_may_be_used_but_not_as_a_bomb(tmp_path):
    assert _read(tmp_path, "a: &x [1, 2]\nb: *x\n").raw == {"a": [1, 2], "b": [1, 2]}
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    assert [p.code for p in _read(tmp_path, bomb).problems] == ["alias-bomb"]


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path):
    document = _read(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert (document.raw, document.problems) == ({"a": 1, "b": 2}, ())


def test_a_spreadsheets_unicode_text_is_named(tmp_path):
    [problem] = _read(tmp_path, "campaign: 开放日\n".encode("utf-16")).problems
    assert (problem.message, problem.hint) == ("this is UTF-16 text", "save the file as UTF-8")


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n", "---\n", "just words", "- a\n- b\n", "3"])
def test_files_that_are_no_mapping_are_told(tmp_path, text):
    path = tmp_path / "note.yaml"
    path.write_text(text)
    loaded = load_model(path, Note, root=tmp_path)
    assert loaded.value is None
    assert [p.code for p in loaded.problems] in (["empty-file"], ["not-a-mapping"])


def test_missing_files_and_folders_are_told(tmp_path):
    assert [p.code for p in load_model(tmp_path / "no.yaml", Note, root=tmp_path).problems] == ["no-such-file"]
    assert [p.code for p in load_model(tmp_path, Note, root=tmp_path).problems] == ["not-a-file"]


def test_mistakes_point_at_the_key_or_the_value(tmp_path):
    path = tmp_path / "note.yaml"
    path.write_text("tags: [a, 2, {x: y}]\nsize: many\ntitel: x\n")
    found = [(p.code, p.at.line, p.at.column, p.hint) for p in load_model(path, Note, root=tmp_path).problems]
    assert found == [
        ("missing-key", 1, 1, None),
        ("wrong-type", 1, 11, "put it in quotes"),
        ("wrong-type", 1, 14, None),
        ("wrong-type", 2, 7, None),
        ("unknown-key", 3, 1, "did you mean `title`?"),
    ]


def test_an_overlay_is_laid_over_the_file_and_keeps_its_own_places(tmp_path):
    path, overlay = tmp_path / "note.yaml", tmp_path / "note.local.yaml"
    path.write_text("title: x\nsize: 2\n")
    assert load_model(path, Note, root=tmp_path, overlay=overlay).value == Note(title="x", size=2)
    overlay.write_text("# mine\nsize: 3\n")
    loaded = load_model(path, Note, root=tmp_path, overlay=overlay)
    assert loaded.value == Note(title="x", size=3)
    assert str(loaded.positions["size",]) == "note.local.yaml:2:1"
    assert str(loaded.positions["title",]) == "note.yaml:1:1"
    overlay.write_text("size: many\n")
    [problem] = load_model(path, Note, root=tmp_path, overlay=overlay).problems
    assert str(problem.at) == "note.local.yaml:1:7"


def test_positions_can_be_walked(tmp_path):
    path = tmp_path / "note.yaml"
    path.write_text("title: x\ntags: [a]\n")
    positions = load_model(path, Note, root=tmp_path).positions
    assert list(positions) == [(), ("title",), ("tags",), ("tags", 0)]
    assert len(positions) == 4
    assert positions.near(("tags", 7, "x")) == positions["tags",]
    with pytest.raises(KeyError):
        positions["nothing",]


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    [*Campaign.model_fields, "activities", "id", "kind", "channels", "schedule", "content", "at", "from"]
)
NEAR = st.recursive(
    PLAIN | st.sampled_from(["2027-03-08", "20 CNY", "{{ x }}", "online"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
def test_any_text_is_read_or_refused(text):
    tree = parse_tree(text)
    assert tree.value is None or not any(m.code == "yaml-syntax" for m in tree.mistakes)


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t<0", max_size=60))
def test_any_punctuation_is_read_or_refused(text):
    for mistake in parse_tree(text).mistakes:
        assert mistake.line <= text.count("\n") + 1
        assert mistake.column >= 0


@settings(max_examples=100, deadline=None)
@given(value=NESTED)
def test_texts_that_yaml_wrote_are_read_as_yaml_reads_them(value):
    text = yaml.safe_dump(value, allow_unicode=True)
    tree = parse_tree(text)
    if not tree.mistakes and isinstance(value, str):
        assert tree.value == yaml.safe_load(text)  # PyYAML itself folds a U+0085 that it wrote


@settings(max_examples=120, deadline=None)
@given(data=NEAR | NESTED)
def test_any_values_make_a_campaign_or_problems(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    loaded = load_model(path, Campaign, root=path.parent)
    assert (loaded.value is None) == bool(loaded.problems)
    assert all(p.at.file == Path("fuzz.yaml") and p.message for p in loaded.problems)


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_make_problems_only(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(data)
    assert load_model(path, Campaign, root=path.parent).problems
