"""The examples in the documentation work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from promo.brand.load import load_brands
from promo.brand.rules import RULES
from promo.visual.credit import load_credits
from promo.visual.layout.load import load_layout, load_layouts
from promo.visual.renderer import Renderer
from promo.visual.rule.words import WORDS

DOCS = Path(__file__).parents[3] / "docs"


def examples(name):
    return re.findall(r"```yaml\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)


def test_the_layout_in_the_docs_renders(workspace, renderer, request_for):
    folder = workspace.asset_folder / "layouts"
    folder.mkdir()
    (folder / "notice.yaml").write_text(examples("layouts.md")[0], "utf-8")
    renderer = Renderer(workspace, renderer.brands, workspace.root / "cache")
    assert renderer.problems == ()
    assert renderer.render(request_for(layout="notice", format="square")).findings == ()


def test_every_example_of_a_layout_loads(tmp_path):
    for number, example in enumerate(examples("layouts.md")):
        file = tmp_path / f"example-{number}.yaml"
        head = "" if "formats:" in example else "name: example\nformats: {square: {size: [1080, 1080]}}\n"
        file.write_text(head + example, "utf-8")
        assert load_layout(file, tmp_path)[1] == (), example


def test_the_credits_in_the_docs_load(workspace):
    photos = workspace.asset_folder / "photos"
    (photos / "credits.yaml").write_text(next(e for e in examples("visuals.md") if "photos:" in e), "utf-8")
    for name in ("courtyard.jpg", "festival.jpg"):
        (photos / name).touch()
    assert [p.code for p in load_credits(workspace).problems] == ["no-credit", "no-credit"]  # the test's own photos


def test_the_brand_in_the_docs_loads(workspace):
    (workspace.brand_folder / "jinxiu" / "brand.yaml").write_text(examples("brand.md")[0], "utf-8")
    loaded = load_brands(workspace)
    assert loaded.problems == ()
    assert loaded.brands["jinxiu"].guide.logo.clear_space == 0.3


def test_every_built_in_layout_and_finding_is_documented(workspace):
    text = (DOCS / "visuals.md").read_text("utf-8")
    layouts, _problems = load_layouts(workspace)
    for name, layout in layouts.items():
        assert f"`{name}`" in text
        for word in (*layout.spec.formats, *layout.fields):
            assert f"`{word}`" in text, (name, word)
    assert [rule for rule in WORDS if f"`{rule}`" not in text] == []


def test_every_finding_has_words_and_a_severity():
    assert set(WORDS) <= set(RULES)
