"""Letters in their own colours: bitmaps of emoji fonts (CBDT, sbix) scaled, and COLR paintings drawn."""

from __future__ import annotations

import io
import math
from functools import lru_cache

import uharfbuzz
from PIL import Image

from promo.visual.text.block import Face, Glyph
from promo.visual.text.face import Opened, opened


def picture(glyph: Glyph, size: float) -> tuple[Image.Image, tuple[int, int]] | None:
    """Return a colour glyph at `size` pixels as “RGBA” and the page pixel of its upper left corner."""
    found = _drawn(glyph.face, glyph.id, round(size, 2))
    if found is None:
        return None
    image, left, top = found
    return image, (round(glyph.x) + left, round(glyph.y) + top)


@lru_cache(maxsize=128)
def _drawn(face: Face, glyph: int, size: float) -> tuple[Image.Image, int, int] | None:
    """Return the picture of a glyph, and where its corner lies from the origin, in pixels."""
    open_ = opened(face)
    return _painted(open_, glyph, size) if open_.painted else _bitmap(open_, glyph, size)


def _bitmap(open_: Opened, glyph: int, size: float) -> tuple[Image.Image, int, int] | None:
    blob = open_.font.get_glyph_color_png(glyph)
    extents = open_.font.get_glyph_extents(glyph)
    if not blob or extents is None or not (extents.width and extents.height):
        return None
    scale = size / open_.upem
    wanted = max(1, round(extents.width * scale)), max(1, round(-extents.height * scale))
    with Image.open(io.BytesIO(blob.data)) as image:
        # The font has one strike of 109 pixels or so: whatever size is asked for, it is that one, scaled. In RGBa,
        # so that transparent pixels' colours do not bleed in.
        scaled = image.convert("RGBA").convert("RGBa").resize(wanted, Image.Resampling.LANCZOS).convert("RGBA")
    return scaled, round(extents.x_bearing * scale), -round(extents.y_bearing * scale)


def _painted(open_: Opened, glyph: int, size: float) -> tuple[Image.Image, int, int] | None:
    extents = open_.font.get_glyph_extents(glyph)
    if extents is None or not (extents.width and extents.height):
        return None
    scale = size / open_.upem
    left, right = math.floor(extents.x_bearing * scale), math.ceil((extents.x_bearing + extents.width) * scale)
    bottom, top = math.floor((extents.y_bearing + extents.height) * scale), math.ceil(extents.y_bearing * scale)
    paint = uharfbuzz.RasterPaint()
    paint.extents = uharfbuzz.RasterExtents(left, bottom, right - left, top - bottom, 0)
    paint.transform = (scale, 0, 0, scale, 0, 0)
    if not paint.paint_glyph_or_fail(open_.font, glyph):
        return None
    image = paint.render()
    if image is None:
        return None
    size_ = right - left, top - bottom
    drawn = Image.frombuffer("RGBa", size_, image.buffer, "raw", "BGRa", image.extents.stride, -1)
    return drawn.convert("RGBA"), left, -top
