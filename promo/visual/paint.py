"""Paint: gradients, rounded areas, and text as masks."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from promo.visual.canvas import Rect
from promo.visual.fonts import pillow_font
from promo.visual.stack import PLATE_PAD, PlacedText

_STEPS = 256  # along a gradient; the eight bits of a mask hold no more


def gradient(size: tuple[int, int], *, angle: float, start: float, end: float, haste: float = 0) -> Image.Image:
    """Return an “L” mask running from `start` to `end` (0–1) at `angle` degrees, eased so that no edge shows.

    180 runs downwards, 90 to the right, as in CSS (CSS Images Level 3, “linear-gradient”). `haste` makes it rise
    earlier, while its beginning stays as it is.
    """
    radians = math.radians(angle)
    dx, dy = math.sin(radians), -math.cos(radians)
    width, height = (min(side, _STEPS) for side in size)
    xs = (np.arange(width) + 0.5) / width - 0.5
    ys = (np.arange(height) + 0.5) / height - 0.5
    # In pixels of the real area, so that the angle is true on a long side too.
    along = xs[None, :] * size[0] * dx + ys[:, None] * size[1] * dy
    reach = (abs(size[0] * dx) + abs(size[1] * dy)) / 2
    t = np.clip(along / (2 * reach) + 0.5, 0, 1)
    eased = (t * t * (3 - 2 * t)) ** (1 / (1 + haste))
    values = (start + (end - start) * eased) * 255
    mask = Image.fromarray(np.rint(values).astype(np.uint8))
    return mask if mask.size == size else mask.resize(size, Image.Resampling.BICUBIC)


def rounded(size: tuple[int, int], radius: float) -> Image.Image:
    """Return an “L” mask of a rectangle with round corners, its edges smooth."""
    scale = 4
    radius = min(radius, min(size) / 2)
    corner = max(1, math.ceil(radius))
    mask = Image.new("L", size, 255)
    big = Image.new("L", (corner * scale, corner * scale), 0)
    ImageDraw.Draw(big).ellipse((0, 0, 2 * radius * scale - 1, 2 * radius * scale - 1), fill=255)
    quarter = big.resize((corner, corner), Image.Resampling.BOX)
    for image, place in (
        (quarter, (0, 0)),
        (quarter.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (size[0] - corner, 0)),
        (quarter.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, size[1] - corner)),
        (quarter.transpose(Image.Transpose.ROTATE_180), (size[0] - corner, size[1] - corner)),
    ):
        mask.paste(image, place)
    return mask


def fill(picture: Image.Image, rect: Rect, colour: str, *, mask: Image.Image | None = None, opacity: float = 1) -> None:
    """Lay one colour over an area, through a mask of the area's size."""
    left, top, right, bottom = rect.pixels()
    size = right - left, bottom - top
    if opacity < 1:
        mask = (mask or Image.new("L", size, 255)).point(lambda value: round(value * opacity))
    picture.paste(colour, (left, top, right, bottom), mask)


def blend_into(
    picture: Image.Image, rect: Rect, colours: tuple[str, str], *, angle: float, mask: Image.Image | None
) -> None:
    """Lay a gradient of two colours over an area."""
    left, top, right, bottom = rect.pixels()
    size = right - left, bottom - top
    area = Image.composite(
        Image.new("RGB", size, colours[1]),
        Image.new("RGB", size, colours[0]),
        gradient(size, angle=angle, start=0, end=1),
    )
    picture.paste(area, (left, top), mask)


def decorate(
    picture: Image.Image, rect: Rect, colours: tuple[str, str], accent: str, *, mask: Image.Image | None
) -> None:
    """Fill the place of a photo that is not there: a gradient, and rings of the brand's accent rising in a corner."""
    left, top, right, bottom = rect.pixels()
    size = right - left, bottom - top
    area = picture.crop((left, top, right, bottom))
    whole = Rect(left=0, top=0, width=size[0], height=size[1])
    blend_into(area, whole, colours, angle=155, mask=None)
    scale = 2 if max(size) < 2500 else 1
    rings = Image.new("L", (size[0] * scale, size[1] * scale), 0)
    draw = ImageDraw.Draw(rings)
    reach, x, y = min(size) * scale, size[0] * scale * 0.92, size[1] * scale * 0.04
    for index in range(7, 0, -1):
        radius = reach * 0.115 * index
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=46 - 5 * index if index % 2 else 0)
    area.paste(accent, (0, 0, *size), rings.resize(size, Image.Resampling.BOX))
    picture.paste(area, (left, top), mask)


def text_mask(text: PlacedText, size: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """Return the “L” mask of a text's letters and the canvas point of its upper left corner."""
    pad = math.ceil(text.size * 0.4)
    left, top, right, bottom = text.rect.grown(pad).pixels()
    left, top, right, bottom = max(0, left), max(0, top), min(size[0], right), min(size[1], bottom)
    mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    draw = ImageDraw.Draw(mask)
    for placed in text.lines:
        for glyph in placed.line.glyphs:
            if not glyph.text.isspace():
                x = placed.x + (glyph.x + glyph.shift) * text.size - left
                draw.text(
                    (x, round(placed.y - top)),
                    glyph.text,
                    fill=255,
                    font=pillow_font(glyph.face, text.size),
                    anchor="ls",
                )
        if text.strike:
            across = placed.y - top - 0.34 * text.size
            thick = max(1, round(text.size * 0.06))
            end = placed.x - left + placed.line.width * text.size
            draw.rectangle((placed.x - left, across, end, across + thick), fill=255)
    return mask, (left, top)


def plate_radius(text: PlacedText) -> float:
    """Return the corner radius of a text's plate, in pixels: a pill for one line."""
    return text.size * (0.5 + PLATE_PAD[1]) if len(text.lines) < 2 else text.size * 0.5
