"""Drawing: set text as a mask of its letters, and those that bring their own colours as pictures."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import uharfbuzz
from PIL import Image

from promo.visual.text.block import Glyph, TextBlock
from promo.visual.text.emoji import picture
from promo.visual.text.face import opened

Placed = tuple[Image.Image, tuple[int, int]]
STRIKE_AT, STRIKE = 0.34, 0.06  # em above the base line, and thick
_local = threading.local()


def text_mask(block: TextBlock, size: tuple[int, int], *, strike: bool = False) -> Placed | None:
    """Return the “L” mask of the letters, as large as their ink, and the page pixel of its upper left corner.

    `size` is the page's: what lies outside is cut off. `strike` draws a line through the letters. Letters in colours
    are left out; None where nothing is left. Letters stand at fractions of a pixel along the line; base lines on whole
    pixels, so that stems end sharply. The mask is one for all letters: where two overlap, their edges do not show.
    """
    letters = _letters(block)
    if letters is None:
        return None
    return _inside(_struck(letters, block) if strike else letters, size)


def colour_glyphs(block: TextBlock) -> tuple[Placed, ...]:
    """Return the letters that bring their own colours, as “RGBA” pictures with the page pixel of their corner."""
    return tuple(placed for glyph in _glyphs(block, colour=True) if (placed := picture(glyph, block.size)) is not None)


def _letters(block: TextBlock) -> Placed | None:
    raster: uharfbuzz.RasterDraw = _local.__dict__.get("raster") or uharfbuzz.RasterDraw()
    _local.raster = raster
    raster.clear()  # of what a drawing that was broken off has left
    drawn = False
    for glyph in _glyphs(block, colour=False):
        open_ = opened(glyph.face)
        scale = block.size / open_.upem
        raster.transform = (scale, 0, 0, scale, glyph.x, -round(glyph.y))  # its y runs upwards
        drawn = bool(raster.draw_glyph_or_fail(open_.font, glyph.id)) or drawn
    image = raster.render()
    if not drawn or image is None or not image.extents.width or not image.extents.height:
        return None
    extents = image.extents
    size = extents.width, extents.height
    letters = Image.frombuffer("L", size, image.buffer, "raw", "L", extents.stride, -1)  # its rows begin below
    return letters, (extents.x_origin, -(extents.y_origin + extents.height))


def _struck(letters: Placed, block: TextBlock) -> Placed:
    drawn, (left, top) = letters
    thick = max(1, round(block.size * STRIKE))
    lines = []
    for line in block.lines:
        across = round(line.y - STRIKE_AT * block.size)
        lines.append((round(line.left), across, round(line.right), across + thick))
    edges = [(left, top, left + drawn.width, top + drawn.height), *lines]
    start, above = min(edge[0] for edge in edges), min(edge[1] for edge in edges)
    end, below = max(edge[2] for edge in edges), max(edge[3] for edge in edges)
    mask = Image.new("L", (end - start, below - above), 0)
    mask.paste(drawn, (left - start, top - above))
    for line_left, line_top, right, bottom in lines:
        mask.paste(255, (line_left - start, line_top - above, right - start, bottom - above))
    return mask, (start, above)


def _inside(placed: Placed, size: tuple[int, int]) -> Placed | None:
    image, (left, top) = placed
    box = max(0, -left), max(0, -top), min(image.width, size[0] - left), min(image.height, size[1] - top)
    if box == (0, 0, *image.size):
        return placed
    if box[0] >= box[2] or box[1] >= box[3]:
        return None
    return image.crop(box), (left + box[0], top + box[1])


def _glyphs(block: TextBlock, *, colour: bool) -> Iterator[Glyph]:
    return (glyph for line in block.lines for glyph in line.glyphs if glyph.face.colour is colour)
