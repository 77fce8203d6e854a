"""Font files that are broken or say untrue things are told by `promo check`, with their place."""

from __future__ import annotations

import io
import re

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from promo.brand.font import font_mistake
from promo.brand.load import load_brands
from promo.workspace import Workspace, WorkspaceSettings


def small(*, units=1000, characters=None):
    """Return a font of two glyphs."""
    builder = FontBuilder(units, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A"])
    builder.setupCharacterMap({65: "A"} if characters is None else characters)
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((250, 700))
    pen.closePath()
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "A": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "A": (500, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Small", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def without(table):
    font = TTFont(io.BytesIO(small()))
    del font[table]
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def overwritten(table, at, value):
    """Return the font with some bytes of a table changed, as no tool would write them."""
    data = bytearray(small())
    entry = data.index(table.encode().ljust(4))
    start = int.from_bytes(data[entry + 8 : entry + 12], "big") + at
    data[start : start + len(value)] = value
    return bytes(data)


def stray():
    """Return a font whose character A leads to glyph 9,000."""
    data = small()
    entry = data.index(b"cmap")
    start = int.from_bytes(data[entry + 8 : entry + 12], "big")
    cmap = bytearray(data[start:])
    subtable = int.from_bytes(cmap[8:12], "big")
    segments = int.from_bytes(cmap[subtable + 6 : subtable + 8], "big") // 2
    delta = subtable + 16 + 4 * segments
    cmap[delta : delta + 2] = ((9_000 - 65) % 65_536).to_bytes(2, "big")
    return data[:start] + bytes(cmap)


LIES = {
    "empty": (b"", "tables are broken"),
    "words": (b"this is no font", "tables are broken"),
    "a web font": (b"wOF2" + b"\0" * 60, "WOFF2"),
    "an archive": (b"PK\3\4" + b"\0" * 60, "ZIP"),
    "cut short": (small()[:300], "tables are broken"),
    "no characters' table": (without("cmap"), "cmap"),
    "no shapes": (without("glyf"), "glyf"),
    "no characters": (small(characters={}), "no characters"),
    "an em of no units": (overwritten("head", 18, b"\0\0"), "em has 0 units"),
    "widths of glyphs it has not": (overwritten("hhea", 34, b"\xff\xff"), "broken|widths"),
    "more glyphs than shapes": (overwritten("maxp", 4, b"\x40\x00"), "shapes|broken"),
    "characters of glyphs it has not": (stray(), "characters lead"),
}


@pytest.mark.parametrize("kind", LIES)
def test_a_font_that_lies_is_told(tmp_path, kind):
    data, why = LIES[kind]
    (tmp_path / "own.ttf").write_bytes(data)
    found = font_mistake(tmp_path / "own.ttf")
    assert found is not None
    assert re.search(why, found[0])


def test_a_sound_font_is_fine(tmp_path):
    (tmp_path / "own.ttf").write_bytes(small())
    assert font_mistake(tmp_path / "own.ttf") is None


def test_check_names_the_place_in_the_brand_file(tmp_path):
    folder = tmp_path / "assets" / "brands" / "mine"
    folder.mkdir(parents=True)
    (folder / "own.ttf").write_bytes(small()[:300])
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    (folder / "brand.yaml").write_text(
        "name: mine\n"
        "positioning: {audience: [a], core_value: b, proposition: c, slogan: d}\n"
        "logo: {variants: [{file: logo.svg, for: light}]}\n"
        "palette:\n"
        "  colors: {ink: '#111111', paper: '#ffffff'}\n"
        "  roles: {primary: ink, on_primary: paper, accent: ink, background: paper, text: ink}\n"
        "typography:\n"
        "  headline:\n"
        "    fonts: [own.ttf]\n",
        "utf-8",
    )
    problems = load_brands(Workspace(tmp_path, WorkspaceSettings(), {})).problems
    assert [(p.code, p.at.line) for p in problems] == [("bad-font", 9)]
