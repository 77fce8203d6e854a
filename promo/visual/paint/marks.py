"""Marks whose look depends on nothing but themselves: shapes, gradients, QR codes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageColor

from promo.visual import qr
from promo.visual.paint.masks import ellipse, faded, frame, gradient, rounded
from promo.visual.paint.sheet import Sheet
from promo.visual.scene import GradientMark, QrMark, ShapeMark

HASTE = 3.0  # how much earlier the strongest veil rises


def lay_shape(sheet: Sheet, mark: ShapeMark) -> None:
    """Lay an area, its border, or both."""
    left, top, right, bottom = mark.rect.pixels()
    size = right - left, bottom - top
    if mark.ink is not None:
        outline = ellipse(size) if mark.shape == "ellipse" else rounded(size, mark.radius) if mark.radius else None
        mask = faded(outline, size, mark.opacity)
        if mask is None:
            sheet.fill(mark.ink.rgb, (left, top, right, bottom))
        else:
            sheet.lay(mark.ink.rgb, (left, top), mask)
    if mark.border is not None and mark.border_width:
        if mark.shape == "rectangle":
            edge = frame(size, mark.radius, mark.border_width)
        else:
            edge = ellipse(size, mark.border_width)
        sheet.lay(mark.border.rgb, (left, top), faded(edge, size, mark.opacity))


def lay_gradient(sheet: Sheet, mark: GradientMark) -> None:
    """Lay a gradient: of one ink a veil whose opacity runs, of two an area, of more all that their stops say."""
    left, top, right, bottom = mark.rect.pixels()
    size = right - left, bottom - top
    clip = rounded(size, mark.radius) if mark.radius else None
    first, second = mark.stops[0], mark.stops[-1]
    plain = len(mark.stops) == 2 and (first.at, second.at) == (0, 1)
    if plain and first.ink == second.ink:
        mask = gradient(
            size,
            angle=mark.angle,
            start=first.opacity * mark.opacity,
            end=_densest(mark) * mark.opacity,
            haste=HASTE * mark.strength,
            linear=mark.linear,
        )
        if clip is not None:
            mask = Image.composite(mask, Image.new("L", size, 0), clip)
        sheet.lay(first.ink.rgb, (left, top), mask)
    elif plain and first.opacity == second.opacity == 1:
        run = gradient(size, angle=mark.angle, start=0, end=1, linear=mark.linear)
        area = Image.composite(Image.new("RGB", size, second.ink.rgb), Image.new("RGB", size, first.ink.rgb), run)
        sheet.lay(area, (left, top), faded(clip, size, mark.opacity))
    else:
        run = gradient(size, angle=mark.angle, start=0, end=1, linear=True)
        *colours, opacity = _levels(mark)
        area = Image.merge("RGB", [run.point(levels) for levels in colours])
        mask = run.point(opacity)
        if clip is not None:
            mask = Image.composite(mask, Image.new("L", size, 0), clip)
        sheet.lay(area, (left, top), mask)


def _densest(mark: GradientMark) -> float:
    """Return the last stop's opacity, raised as far as the veil has become stronger."""
    last = mark.stops[-1].opacity
    return last + max(0.0, (mark.strengthen or 0) - last) * mark.strength


def _levels(mark: GradientMark) -> list[list[int]]:
    """Return red, green, blue and opacity, 0–255, at each of 256 places along a gradient, eased between its stops."""
    places = np.array([stop.at for stop in mark.stops])
    opacities = [*(stop.opacity for stop in mark.stops[:-1]), _densest(mark)]
    values = np.array(
        [
            (*ImageColor.getrgb(stop.ink.rgb)[:3], 255 * opacity * mark.opacity)
            for stop, opacity in zip(mark.stops, opacities, strict=True)
        ]
    )
    along = np.linspace(0, 1, 256)
    after = np.clip(np.searchsorted(places, along), 1, len(places) - 1)
    span = np.maximum(places[after] - places[after - 1], 1e-9)
    share = np.clip((along - places[after - 1]) / span, 0, 1)
    if not mark.linear:
        share = (share * share * (3 - 2 * share)) ** (1 / (1 + HASTE * mark.strength))
    levels = values[after - 1] + (values[after] - values[after - 1]) * share[:, None]
    return [[int(level) for level in column] for column in np.rint(levels).T]


def lay_code(sheet: Sheet, mark: QrMark) -> None:
    """Lay a QR code on its plate."""
    left, top, right, bottom = mark.rect.pixels()
    sheet.lay(mark.ground.rgb, (left, top), rounded((right - left, bottom - top), 1.5 * mark.module))
    code = qr.modules(mark.link, mark.level)
    dark = code.resize((code.width * mark.module, code.height * mark.module), Image.Resampling.NEAREST).point(
        lambda value: 255 - value
    )
    sheet.lay(mark.ink.rgb, (left + mark.quiet * mark.module, top + mark.quiet * mark.module), dark)
