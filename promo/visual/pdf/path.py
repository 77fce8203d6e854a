"""Paths: rectangles with round corners, ellipses, and turning around a middle."""

from __future__ import annotations

import math

from promo.visual.pdf.stream import Content
from promo.visual.scene import Rect

_ARC = 4 / 3 * (math.sqrt(2) - 1)  # the handle of a cubic curve that stands for a quarter of a circle


def rounded(content: Content, rect: Rect, radius: float = 0.0) -> None:
    """Trace a rectangle; the radius is at most half of its short side."""
    radius = min(radius, rect.width / 2, rect.height / 2)
    if radius <= 0:
        content.op("re", rect.left, rect.top, rect.width, rect.height)
        return
    _corners(content, rect, radius, radius)


def ellipse(content: Content, rect: Rect) -> None:
    """Trace the ellipse that fills a rectangle."""
    _corners(content, rect, rect.width / 2, rect.height / 2)


def _corners(content: Content, rect: Rect, across: float, down: float) -> None:
    left, top, right, bottom = rect.left, rect.top, rect.right, rect.bottom
    x, y = across * (1 - _ARC), down * (1 - _ARC)
    content.op("m", left + across, top)
    content.op("l", right - across, top)
    content.op("c", right - x, top, right, top + y, right, top + down)
    content.op("l", right, bottom - down)
    content.op("c", right, bottom - y, right - x, bottom, right - across, bottom)
    content.op("l", left + across, bottom)
    content.op("c", left + x, bottom, left, bottom - y, left, bottom - down)
    content.op("l", left, top + down)
    content.op("c", left, top + y, left + x, top, left + across, top)
    content.op("h")


def turn(content: Content, rect: Rect, degrees: float) -> None:
    """Turn all that follows clockwise around the middle of `rect`; the page's y runs downwards."""
    if degrees % 360 == 0:
        return
    x, y = rect.left + rect.width / 2, rect.top + rect.height / 2
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    content.op("cm", f"{cos:.8f} {sin:.8f} {-sin:.8f} {cos:.8f}", x - cos * x + sin * y, y - sin * x - cos * y)
