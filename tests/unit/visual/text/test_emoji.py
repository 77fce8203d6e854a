"""Letters in their own colours: bitmaps are scaled, paintings drawn, and what cannot be drawn is told, never blank."""

from __future__ import annotations

import numpy as np
import pytest
from fontTools.colorLib.builder import buildCOLR, buildCPAL
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.otTables import PaintFormat
from fontTools.ttLib.tables.S_V_G_ import SVGDocument
from PIL import Image

from promo.visual.text.draw import colour_glyphs, text_mask
from promo.visual.text.outline import outline

RED, BLUE = (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0)


def box(left, right, high=700):
    pen = TTGlyphPen(None)
    pen.moveTo((left, 0))
    for point in ((left, high), (right, high), (right, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


@pytest.fixture
def emoji_font(tmp_path, monkeypatch):
    """Return what writes a font with 😀 in the way of a table: red at the left, blue at the right."""
    monkeypatch.setenv("PATH", "")  # no fontconfig

    def write(way):
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder([".notdef", "face", "left", "right"])
        builder.setupCharacterMap({ord("😀"): "face"})
        empty = TTGlyphPen(None).glyph()
        whole = empty if way == "svg" else box(0, 800)
        builder.setupGlyf({".notdef": empty, "face": whole, "left": box(0, 400), "right": box(400, 800)})
        builder.setupHorizontalMetrics({".notdef": (800, 0), "face": (800, 0), "left": (800, 0), "right": (800, 400)})
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupNameTable({"familyName": "Faces", "styleName": "Regular"})
        builder.setupOS2()
        builder.setupPost()
        if way == "colr0":
            builder.font["COLR"] = buildCOLR({"face": [("left", 0), ("right", 1)]}, version=0)
        if way == "colr1":
            layers = [
                {
                    "Format": PaintFormat.PaintGlyph,
                    "Glyph": name,
                    "Paint": {"Format": PaintFormat.PaintSolid, "PaletteIndex": index, "Alpha": 1.0},
                }
                for index, name in enumerate(["left", "right"])
            ]
            builder.font["COLR"] = buildCOLR(
                {"face": {"Format": PaintFormat.PaintColrLayers, "Layers": layers}}, version=1
            )
        if way.startswith("colr"):
            builder.font["CPAL"] = buildCPAL([[RED, BLUE]])
        if way == "svg":
            builder.font["SVG "] = table = newTable("SVG ")
            table.docList = [SVGDocument('<svg xmlns="http://www.w3.org/2000/svg"><g id="glyph1"/></svg>', 1, 1, False)]
        builder.save(tmp_path / f"{way}.ttf")
        return f"{way}.ttf"

    return write


def painted(block):
    page = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    for picture, place in colour_glyphs(block):
        page.alpha_composite(picture, place)
    return np.asarray(page, np.float64)


@pytest.mark.parametrize("way", ["colr0", "colr1"])
def test_paintings_are_drawn_in_their_colours(setting, emoji_font, way):
    made = setting("茶😀", fonts=(emoji_font(way), "Noto Sans SC"))
    assert made.uncovered == ()
    block = made.fitted(0).block(left=20, top=20)
    pixels = painted(block)
    assert tuple(pixels[70, 140]) == (255, 0, 0, 255)
    assert tuple(pixels[70, 180]) == (0, 0, 255, 255)
    assert pixels[70, 60, 3] == 0  # 茶 is no emoji: it is in the mask
    letters, place = text_mask(block, (400, 200))
    assert place[0] + letters.width <= 121


def test_a_font_whose_colours_are_drawings_we_do_not_draw_is_passed_over(setting, emoji_font):
    assert setting("茶😀", fonts=(emoji_font("svg"), "Noto Sans SC")).uncovered == ("😀",)


@pytest.mark.parametrize("size", [20, 109, 300])
def test_bitmaps_are_scaled_to_any_size(setting, machine_emoji, size):
    block = setting("🍵", size=float(size)).fitted(0).block(left=0, top=0)
    [(picture, place)] = colour_glyphs(block)
    assert 0.9 * size < picture.height < 1.4 * size
    assert np.asarray(picture)[..., 3].mean() > 90
    colours = np.asarray(picture.convert("RGB").reduce(max(1, size // 20))).reshape(-1, 3)
    assert len(np.unique(colours // 32, axis=0)) > 6
    assert place[1] < size
    assert outline(block.lines[0].glyphs[0].face, block.lines[0].glyphs[0].id) == ()


@pytest.mark.parametrize("words", ["👨‍👩‍👧", "🇨🇳", "👍🏽", "❤️", "1️⃣"])
def test_an_emoji_of_several_characters_is_one_picture(setting, machine_emoji, words):
    block = setting(f"茶{words}").fitted(0).block(left=0, top=0)
    assert len(colour_glyphs(block)) == 1


def test_an_edge_of_a_bitmap_keeps_its_colour(setting, machine_emoji):
    [(picture, _place)] = colour_glyphs(setting("🟥", size=40.0).fitted(0).block(left=0, top=0))
    pixels = np.asarray(picture, np.float64)
    seen = pixels[pixels[..., 3] > 60]
    assert (seen[:, 0] > 120).all()  # no dark fringe of transparent black
