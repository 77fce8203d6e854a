"""Total ink on the pixels of a print page, by a press's real profile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from promo.brand.load import load_brands
from promo.brand.model import Ink, Print
from promo.visual.paint.painter import paint
from promo.visual.rule.check import check
from promo.visual.scene import Page, Rect, Scene, ShapeMark
from promo.workspace import open_workspace

ROOT = Path(__file__).parents[3]
DARK = Ink(name="night", rgb="#0a0603")
LIGHT = Ink(name="mist", rgb="#e8eef2")


def test_a_dark_area_takes_more_ink_than_the_press_bears(profile, tmp_path):
    brand = load_brands(open_workspace(ROOT)).brands["jinxiu"]
    (tmp_path / "press.icc").write_bytes(profile)
    rect = Rect(left=0, top=0, width=1240, height=1754)
    page = Page(width=1240, height=1754, dpi=150, trim=rect, safe=rect, print=True)
    patch = ShapeMark(layer="panel", rect=Rect(left=100, top=900, width=600, height=400), ink=DARK)

    def ink(total, *marks):
        said = Print(profile="press.icc", total_ink=total)
        guide = brand.guide.model_copy(update={"print": said})
        scene = Scene(page=page, ground=LIGHT, marks=marks)
        notes = check(paint(scene), replace(brand, guide=guide, folder=tmp_path))
        return [note for note in notes if note["rule"] == "total-ink"]

    [note] = ink(200, patch)
    assert 200 < float(note["value"].removesuffix(" %")) <= 400
    assert note["limit"] == "200 %"
    left, top, right, bottom = note["where"]
    assert 60 <= left < right <= 740
    assert 860 <= top < bottom <= 1340
    assert ink(200) == []
    assert ink(400, patch) == []
