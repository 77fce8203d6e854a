"""The built-in layouts: every format with its own examples, and with hardly any, breaks no rule in any sample brand."""

from __future__ import annotations

from itertools import cycle

import pytest
import yaml

from promo.visual.layout.load import BUILT_IN
from promo.visual.model import VisualRequest

LINK = "https://go.jinxiu.example/l/Ab3dE6gH9k"
BRANDS = ("jinxiu", "yunxi", "haowu")
TONGUES = ("zh", "en")
LAYOUTS = sorted(file.stem for file in BUILT_IN.glob("*.yaml"))
PROOF = 56  # dpi: a sheet for the press drawn as small as its code can still be read


@pytest.fixture
def proofs(workspace, renew):
    """Return a renderer whose layouts for print are drawn as small pictures; their proportions are the same."""
    own = workspace.asset_folder / "layouts"
    own.mkdir()
    for file in BUILT_IN.glob("*.yaml"):
        layout = yaml.safe_load(file.read_text("utf-8"))
        on_paper = [one for one in layout["formats"].values() if "bleed" in {**layout.get("canvas", {}), **one}]
        for one in on_paper:
            one |= {"dpi": PROOF, "output": {"type": "jpeg"}}
        if on_paper:
            (own / file.name).write_text(yaml.safe_dump(layout, allow_unicode=True, sort_keys=False), "utf-8")
    return renew()


def filled(layout, format, brand, tongue, *, bare=False):
    """Return a request with a layout's examples and a photo; bare: with what it cannot do without."""
    wanted = {name: spec for name, spec in layout.fields.items() if spec.required or not bare}
    words = {name: spec.words(tongue) for name, spec in wanted.items() if spec.kind == "text"}
    words |= {name: "photos/grey.jpg" for name, spec in wanted.items() if spec.kind == "image" and name != "photo"}
    return VisualRequest(
        layout=layout.id,
        format=format,
        brand=brand,
        language=tongue,
        photo=None if bare and "photo" not in wanted else "photos/grey.jpg",
        fields={name: text for name, text in words.items() if text},
        tables={name: spec.rows(tongue) for name, spec in wanted.items() if spec.kind == "table"},
        qr=None if bare else LINK,
        alt="A picture",
    )


def errors(visual):
    return [finding.message for finding in visual.findings if finding.severity == "error"]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_breaks_no_rule_in_any_format_language_and_brand(proofs, name):
    layout, brands = proofs.layouts[name], cycle(BRANDS)
    for format in layout.spec.formats:
        for tongue in TONGUES:
            brand = next(brands)
            found = errors(proofs.render(filled(layout, format, brand, tongue)))
            assert not found, (name, format, brand, tongue)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_needs_no_more_than_it_says(proofs, name):
    layout, brands = proofs.layouts[name], cycle(BRANDS[::-1])
    for format in layout.spec.formats:
        brand = next(brands)
        found = errors(proofs.render(filled(layout, format, brand, "en", bare=True)))
        assert not found, (name, format, brand)


def test_every_field_has_an_example_in_both_languages(renderer):
    assert len(renderer.layouts) >= 10
    for layout in renderer.layouts.values():
        for name, spec in layout.fields.items():
            for tongue in TONGUES:
                default = spec.default.in_language(tongue) if spec.default else ""
                assert spec.rows(tongue) or spec.words(tongue) or default, (layout.id, name, tongue)
