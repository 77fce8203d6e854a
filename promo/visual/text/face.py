"""Opened faces: HarfBuzz's view of a font file at one weight, and what the file really can draw."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz

from promo.visual.text.block import Face

FARTHEST = 8.0  # em: a glyph that reaches farther from its origin is a fault of the font
BLANK = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
FILLERS = frozenset({0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0})  # letters that are meant to be empty


class Opened:
    """HarfBuzz's objects of one face, in font units. They belong to the thread that opened them."""

    def __init__(self, face: Face) -> None:
        blob = uharfbuzz.Blob.from_file_path(str(face.path))
        self.face = uharfbuzz.Face(blob, face.index)
        self.font = uharfbuzz.Font(self.face)
        # A variable font opens at its axis' default, for Noto Sans SC the weight 100: set it before measuring.
        self.font.set_variations({"wght": face.weight})
        self.upem: int = self.face.upem
        self.bitmaps = bool(self.face.has_color_png)
        self.painted = bool(self.face.has_color_paint or self.face.has_color_layers)


_local = threading.local()


def opened(face: Face) -> Opened:
    """Return the face's HarfBuzz objects of this thread."""
    faces: dict[Face, Opened] = _local.__dict__.setdefault("faces", {})
    if face not in faces:
        faces[face] = Opened(face)
    return faces[face]


@cache
def colours(path: Path, index: int = 0) -> str:
    """Return how a font draws in colours: “bitmap” (CBDT, sbix), “paint” (COLR), “svg” (not drawn here) or “”."""
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), index)
    if face.has_color_paint or face.has_color_layers:
        return "paint"
    if face.has_color_png:
        return "bitmap"
    return "svg" if face.has_color_svg else ""


@lru_cache(maxsize=65536)
def draws(face: Face, code: int) -> bool:
    """Whether a face draws a character: its table says so, and there is a glyph of sane size with ink behind it."""
    open_ = opened(face)
    glyph = open_.font.get_nominal_glyph(code)
    if not glyph:
        return False
    return unicodedata.category(chr(code)) in BLANK or code in FILLERS or has_ink(face, glyph)


def has_colour(face: Face, glyph: int) -> bool:
    """Whether a glyph has a bitmap or a painting. SVG glyphs are not drawn here: they have not."""
    open_ = opened(face)
    if open_.painted and open_.face.glyph_has_color_paint(glyph):
        return True
    if open_.painted and open_.face.get_glyph_color_layers(glyph):
        return True
    return bool(open_.bitmaps and open_.font.get_glyph_color_png(glyph))


def has_ink(face: Face, glyph: int) -> bool:
    """Whether a glyph has an outline and a width that stay near its origin."""
    open_ = opened(face)
    extents = open_.font.get_glyph_extents(glyph)
    if extents is None or not (extents.width and extents.height):
        return False
    reach = max(
        abs(extents.x_bearing),
        abs(extents.x_bearing + extents.width),
        abs(extents.y_bearing),
        abs(extents.y_bearing + extents.height),
        open_.font.get_glyph_h_advance(glyph),
    )
    return bool(reach <= FARTHEST * open_.upem)


@lru_cache(maxsize=4096)
def shapes(face: Face, grapheme: str) -> bool:
    """Whether a face sets a grapheme of several characters, such as an emoji, with glyphs that all have ink."""
    open_ = opened(face)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(grapheme)
    buffer.guess_segment_properties()
    uharfbuzz.shape(open_.font, buffer, {})
    glyphs = [
        (info.codepoint, position.x_advance)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]
    # A joiner that joined nothing stays behind as an empty glyph of no width.
    return bool(glyphs) and all(glyph and (has_colour(face, glyph) or not advance) for glyph, advance in glyphs)
