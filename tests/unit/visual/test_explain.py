"""The explained picture: outlines around the right pixels, and every finding told beside it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from promo.language import use
from promo.visual.model import Finding, Visual
from promo.visual.view.caption import ALERT, CAUTION
from promo.visual.view.explain import GAP, MARGIN, STROKE, explain, explained

GREY = (120, 120, 120)


def rgb(ink):
    return tuple(int(ink.rgb[place : place + 2], 16) for place in (1, 3, 5))


@pytest.fixture
def visual(tmp_path):
    def build(*findings, size=(800, 600)):
        file = tmp_path / "grey.png"
        Image.new("RGB", size, GREY).save(file)
        return Visual(
            path=file, mime="image/png", width=size[0], height=size[1], sha256="", key="", findings=tuple(findings)
        )

    return build


def fault(severity="error", where=(200, 150, 400, 250), **changes):
    values = {"rule": "contrast", "message": "too faint", "layer": "title", "value": "1.3:1", "limit": "4.5:1"}
    return Finding(severity=severity, where=where, **{**values, **changes})


def opened(data):
    [page] = data
    return np.asarray(Image.open(io.BytesIO(page)).convert("RGB"))


def test_an_outline_lies_around_its_spot_and_hides_nothing_of_it(visual):
    page = opened(explain(visual(fault())))
    left, top, right, bottom = (int(MARGIN) + side for side in (200, 150, 400, 250))
    assert (page[top:bottom, left:right][20:-4, 20:-4] == GREY).all()  # the number takes but a corner
    red = (page == rgb(ALERT)).all(axis=2)
    assert red[(top + bottom) // 2, left - 6 : left].sum() == STROKE
    assert red[(top + bottom) // 2, right : right + 6].sum() == STROKE
    assert red[top - 6 : top, (left + right) // 2].sum() == STROKE
    assert red[bottom : bottom + 6, (left + right) // 2].sum() == STROKE
    assert not red[bottom + 8 : int(MARGIN) + 600, int(MARGIN) : int(MARGIN) + 800].any()


def test_a_large_picture_is_shown_smaller_and_its_outlines_with_it(visual):
    scene = explained(visual(fault(where=(1000, 1000, 3000, 1500)), size=(4000, 2000)))
    picture = next(mark for mark in scene.marks if mark.layer == "picture")
    outline = [mark for mark in scene.marks if mark.layer == "finding-1"][-1]
    assert picture.rect.width == 1280
    assert abs(outline.rect.left - (MARGIN + 1000 * 0.32)) < 10
    assert abs(outline.rect.width - 2000 * 0.32) < 20


def test_errors_come_first_and_numbers_of_one_spot_stand_side_by_side(visual):
    scene = explained(visual(fault("warning", rule="qr-small"), fault("error", rule="overlap"), fault(where=None)))
    numbers = [mark.rect for mark in scene.marks if mark.layer in {"number-1", "number-3"}]
    on_picture = [rect for rect in numbers if rect.left < MARGIN + 800]
    assert len(on_picture) == 4  # two findings, each with its halo
    assert not on_picture[0].meets(on_picture[2].grown(-3))
    inks = {mark.layer: mark.border for mark in scene.marks if mark.layer.startswith("finding-")}
    assert inks["finding-1"] == ALERT
    assert inks["finding-3"] == CAUTION
    assert "finding-2" not in inks  # it has no one spot


def test_the_legend_tells_every_finding_in_the_reader_s_language(visual):
    legends = {}
    for language in ("en", "zh"):
        use(language)
        try:
            scene = explained(visual(fault(), fault("warning", where=None)))
        finally:
            use("en")
        legends[language] = [mark.block.text for mark in scene.marks if hasattr(mark, "block")]
        assert min(mark.rect.left for mark in scene.marks if hasattr(mark, "block") and len(mark.block.text) > 2) >= (
            MARGIN + 800 + GAP
        )
    assert "error · contrast · title" in legends["en"]
    assert "warning · contrast · title · no one spot" in legends["en"]
    assert "错误 · contrast · title" in legends["zh"]
    assert legends["en"].count("too faint") == 2


def test_a_picture_without_fault_says_so(visual):
    assert "no fault" in " ".join(mark.block.text for mark in explained(visual()).marks if hasattr(mark, "block"))


def test_a_spot_at_the_edge_keeps_its_outline_inside(visual):
    page = opened(explain(visual(fault(where=(-50, 560, 900, 700)))))
    red = (page == rgb(ALERT)).all(axis=2)
    inside = red[int(MARGIN) : int(MARGIN) + 600, int(MARGIN) : int(MARGIN) + 800]
    assert inside.any(axis=1).sum() >= 2 * STROKE
    assert not red[int(MARGIN) + 600 + 2 :, : int(MARGIN) + 800].any()


def test_each_page_is_explained_by_itself(visual, tmp_path):
    one = visual(fault(page=2), fault("warning", page=3), size=(300, 200))
    files = []
    for number in (1, 2, 3):
        files.append(tmp_path / f"page-{number}.png")
        Image.new("RGB", (300, 200), GREY).save(files[-1])
    work = replace(one, pages=tuple(files))
    assert len(explain(work)) == 2  # the first page has no fault
    assert "finding-1" in {mark.layer for mark in explained(work, 2).marks}
    assert "finding-1" not in {mark.layer for mark in explained(work, 1).marks}
