"""The canvas: from a layout's percentages to pixels, trim and bleed included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from promo.visual.layout import Format

T = TypeVar("T")
MM_PER_INCH = 25.4
PT_PER_INCH = 72


@dataclass(frozen=True, kw_only=True, slots=True)
class Rect:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the y of its lower edge."""
        return self.top + self.height

    def grown(self, by: float) -> Rect:
        """Return the rectangle with `by` pixels more on every side."""
        return Rect(left=self.left - by, top=self.top - by, width=self.width + 2 * by, height=self.height + 2 * by)

    def meets(self, other: Rect) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def pixels(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom as whole pixels, at least one wide and high."""
        left, top = round(self.left), round(self.top)
        return left, top, max(left + 1, round(self.right)), max(top + 1, round(self.bottom))


class Canvas:
    """One format of a layout, in pixels. Percentages are of the trimmed page; `bleed` lies around it."""

    def __init__(self, name: str, format: Format) -> None:
        self.name = name
        self.dpi = format.dpi
        self.print = format.dpi >= 150  # below that it is made for a screen
        self.bleed = round(format.bleed_mm / MM_PER_INCH * format.dpi)
        self.trim_width, self.trim_height = format.size
        self.width, self.height = self.trim_width + 2 * self.bleed, self.trim_height + 2 * self.bleed
        self.unit = min(self.trim_width, self.trim_height) / 100  # one percent of the short side

    def pick(self, values: Mapping[str, T]) -> T:
        """Return the value for this format: its own, else `default`, else the first."""
        return values.get(self.name) or values.get("default") or next(iter(values.values()))

    def length(self, percent: float) -> float:
        """Return pixels for a percentage of the short side."""
        return percent * self.unit

    def rect(self, boxes: Mapping[str, tuple[float, float, float, float]], *, to_bleed: bool = False) -> Rect:
        """Return a layer's box in pixels; with `to_bleed` edges that touch the trim reach into the bleed."""
        x, y, width, height = self.pick(boxes)
        left, top = self.bleed + x / 100 * self.trim_width, self.bleed + y / 100 * self.trim_height
        right, bottom = left + width / 100 * self.trim_width, top + height / 100 * self.trim_height
        if to_bleed:
            left, top = (0.0 if x <= 0 else left), (0.0 if y <= 0 else top)
            right = float(self.width) if x + width >= 100 else right
            bottom = float(self.height) if y + height >= 100 else bottom
        return Rect(left=left, top=top, width=right - left, height=bottom - top)

    def from_pt(self, points: float) -> float:
        """Return pixels for a type size in points."""
        return points / PT_PER_INCH * self.dpi

    def to_pt(self, pixels: float) -> float:
        """Return points for a type size in pixels."""
        return pixels / self.dpi * PT_PER_INCH

    def to_mm(self, pixels: float) -> float:
        """Return millimetres on paper."""
        return pixels / self.dpi * MM_PER_INCH
