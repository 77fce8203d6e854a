"""Drawing: a block of set text as a mask."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from promo.visual.text.block import TextBlock
from promo.visual.text.fonts import pillow_font


def text_mask(block: TextBlock, size: tuple[int, int], *, strike: bool = False) -> tuple[Image.Image, tuple[int, int]]:
    """Return the “L” mask of the letters and the page point of its upper left corner; `size` is the page's.

    `strike` draws a line through them.
    """
    pad = block.size * 0.4
    left = max(0, math.floor(min(line.left for line in block.lines) - pad))
    top = max(0, math.floor(block.lines[0].y - block.size - pad))
    right = min(size[0], math.ceil(max(line.right for line in block.lines) + pad))
    bottom = min(size[1], math.ceil(block.lines[-1].y + block.size * 0.3 + pad))
    mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    draw = ImageDraw.Draw(mask)
    for line in block.lines:
        for glyph in line.glyphs:
            if not glyph.text.isspace():
                place = glyph.x - left, round(glyph.y - top)
                draw.text(place, glyph.text, fill=255, font=pillow_font(glyph.face, block.size), anchor="ls")
        if strike:
            across, thick = line.y - top - 0.34 * block.size, max(1, round(block.size * 0.06))
            draw.rectangle((line.left - left, across, line.right - left, across + thick), fill=255)
    return mask, (left, top)
