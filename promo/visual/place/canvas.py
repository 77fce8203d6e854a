"""The canvas: from a layout's percentages to pixels, trim and bleed included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from promo.visual.layout.model import Format
from promo.visual.scene import MM_PER_INCH, PT_PER_INCH, Page, Rect

T = TypeVar("T")
PRINT_DPI = 150  # below that a picture is made for a screen


class Canvas:
    """One format of a layout. Percentages are of the trimmed page; the bleed lies around it."""

    def __init__(self, name: str, format: Format) -> None:
        self.name = name
        bleed = round(format.bleed_mm / MM_PER_INCH * format.dpi)
        width, height = format.size
        trim = Rect(left=bleed, top=bleed, width=width, height=height)
        self.page = Page(
            width=width + 2 * bleed,
            height=height + 2 * bleed,
            dpi=format.dpi,
            trim=trim,
            safe=trim,
            print=format.dpi >= PRINT_DPI,
        )

    def pick(self, values: Mapping[str, T]) -> T:
        """Return the value for this format: its own, else `default`, else the first."""
        return values.get(self.name) or values.get("default") or next(iter(values.values()))

    def length(self, percent: float) -> float:
        """Return pixels for a percentage of the short side."""
        return percent * self.page.unit

    def rect(self, boxes: Mapping[str, tuple[float, float, float, float]], *, to_bleed: bool = False) -> Rect:
        """Return a layer's box in pixels; with `to_bleed` edges that touch the trim reach into the bleed."""
        x, y, width, height = self.pick(boxes)
        trim = self.page.trim
        left, top = trim.left + x / 100 * trim.width, trim.top + y / 100 * trim.height
        right, bottom = left + width / 100 * trim.width, top + height / 100 * trim.height
        if to_bleed:
            left, top = (0.0 if x <= 0 else left), (0.0 if y <= 0 else top)
            right = float(self.page.width) if x + width >= 100 else right
            bottom = float(self.page.height) if y + height >= 100 else bottom
        return Rect(left=left, top=top, width=right - left, height=bottom - top)

    def from_pt(self, points: float) -> float:
        """Return pixels for a type size in points."""
        return points / PT_PER_INCH * self.page.dpi
