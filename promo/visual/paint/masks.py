"""Masks: gradients, rounded areas, ellipses and frames."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

_STEPS = 256  # along a gradient; the eight bits of a mask hold no more


def gradient(
    size: tuple[int, int], *, angle: float, start: float, end: float, haste: float = 0, linear: bool = False
) -> Image.Image:
    """Return an “L” mask running from `start` to `end` (0–1) at `angle` degrees.

    180 runs downwards, 90 to the right, as in CSS (CSS Images Level 3, “linear-gradient”). It is eased, so that no
    edge shows, unless `linear`. `haste` makes it rise earlier, while its beginning stays as it is.
    """
    radians = math.radians(angle)
    dx, dy = math.sin(radians), -math.cos(radians)
    # A veil that runs straight down or across is one column or row, stretched.
    width, height = (min(side, 1 if abs(share) < 1e-9 else _STEPS) for side, share in zip(size, (dx, dy), strict=True))
    xs = (np.arange(width) + 0.5) / width - 0.5
    ys = (np.arange(height) + 0.5) / height - 0.5
    # In pixels of the real area, so that the angle is true on a long side too.
    along = xs[None, :] * size[0] * dx + ys[:, None] * size[1] * dy
    reach = (abs(size[0] * dx) + abs(size[1] * dy)) / 2
    t = np.clip(along / (2 * reach) + 0.5, 0, 1)
    eased = t if linear else (t * t * (3 - 2 * t)) ** (1 / (1 + haste))
    values = (start + (end - start) * eased) * 255
    mask = Image.fromarray(np.rint(values).astype(np.uint8))
    if 1 in mask.size:
        long = max(1, size[0] if mask.width > 1 else 1), max(1, size[1] if mask.height > 1 else 1)
        return mask.resize(long, Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)
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


def ellipse(size: tuple[int, int], border: float = 0) -> Image.Image:
    """Return an “L” mask of the ellipse that fills `size`, or with `border` of a ring so many pixels wide."""
    scale = 2 if max(size) < 2500 else 1
    width, height = size[0] * scale, size[1] * scale
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((0, 0, width - 1, height - 1), fill=255)
    if border:
        inset = border * scale
        if 2 * inset <= min(width, height) - 1:
            draw.ellipse((inset, inset, width - 1 - inset, height - 1 - inset), fill=0)
    return mask if scale == 1 else mask.resize(size, Image.Resampling.BOX)


def frame(size: tuple[int, int], radius: float, border: float) -> Image.Image:
    """Return an “L” mask of the border of a rectangle with round corners, `border` pixels wide."""
    inset = max(1, round(border))
    outer = rounded(size, radius) if radius else Image.new("L", size, 255)
    inner = size[0] - 2 * inset, size[1] - 2 * inset
    if min(inner) > 0:
        hole = rounded(inner, max(0.0, radius - inset)) if radius > inset else Image.new("L", inner, 255)
        outer.paste(0, (inset, inset), hole)
    return outer


def faded(mask: Image.Image | None, size: tuple[int, int], opacity: float) -> Image.Image | None:
    """Return the mask at an opacity of 0–1; None stands for a mask that covers all."""
    if opacity >= 1:
        return mask
    if mask is None:
        return Image.new("L", size, round(255 * opacity))
    return mask.point(lambda value: round(value * opacity))
