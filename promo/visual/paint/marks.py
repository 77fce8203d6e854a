"""Marks whose look depends on nothing but themselves: shapes, gradients, QR codes."""

from __future__ import annotations

from PIL import Image

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
        edge = ellipse(size, mark.border_width)
        if mark.shape == "rectangle":
            edge = frame(size, mark.radius, mark.border_width)
        sheet.lay(mark.border.rgb, (left, top), faded(edge, size, mark.opacity))


def lay_gradient(sheet: Sheet, mark: GradientMark) -> None:
    """Lay a gradient: between stops of one ink a veil whose opacity runs, between two inks an area."""
    left, top, right, bottom = mark.rect.pixels()
    size = right - left, bottom - top
    clip = rounded(size, mark.radius) if mark.radius else None
    for first, second in zip(mark.stops, mark.stops[1:], strict=False):
        if first.ink == second.ink:
            end = second.opacity + max(0.0, (mark.strengthen or 0) - second.opacity) * mark.strength
            mask = gradient(
                size,
                angle=mark.angle,
                start=first.opacity * mark.opacity,
                end=end * mark.opacity,
                haste=HASTE * mark.strength,
                linear=mark.linear,
            )
            if clip is not None:
                mask = Image.composite(mask, Image.new("L", size, 0), clip)
            sheet.lay(first.ink.rgb, (left, top), mask)
        else:
            run = gradient(size, angle=mark.angle, start=0, end=1, linear=mark.linear)
            area = Image.composite(Image.new("RGB", size, second.ink.rgb), Image.new("RGB", size, first.ink.rgb), run)
            sheet.lay(area, (left, top), faded(clip, size, mark.opacity))


def lay_code(sheet: Sheet, mark: QrMark) -> None:
    """Lay a QR code on its plate."""
    left, top, right, bottom = mark.rect.pixels()
    sheet.lay(mark.ground.rgb, (left, top), rounded((right - left, bottom - top), 1.5 * mark.module))
    code = qr.modules(mark.link, mark.level)
    dark = code.resize((code.width * mark.module, code.height * mark.module), Image.Resampling.NEAREST).point(
        lambda value: 255 - value
    )
    sheet.lay(mark.ink.rgb, (left + mark.quiet * mark.module, top + mark.quiet * mark.module), dark)
