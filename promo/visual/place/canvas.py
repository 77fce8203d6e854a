"""The canvas: from a layout's lengths to pixels, trim and bleed included."""

from __future__ import annotations

from collections.abc import Sequence

from promo.errors import UserMistake
from promo.language import _
from promo.visual.layout.formats import PageSpec, in_pixels
from promo.visual.layout.length import Box, Length
from promo.visual.platform import platform_of
from promo.visual.scene import PT_PER_INCH, Page, Rect

LARGEST = 4.0  # of the page's longer side: no layer is larger


class Canvas:
    """One format of a layout, and its page. Percentages are of the trimmed page; the bleed lies around it."""

    def __init__(self, spec: PageSpec) -> None:
        self.spec = spec
        trim = Rect(left=spec.bleed, top=spec.bleed, width=spec.width, height=spec.height)
        self._short = min(spec.width, spec.height)
        self.page = Page(
            width=spec.width + 2 * spec.bleed,
            height=spec.height + 2 * spec.bleed,
            dpi=spec.dpi,
            trim=trim,
            safe=self.inside(trim, spec.safe) if spec.safe else trim,
            print=spec.print,
            platform=spec.platform,
        )

    @property
    def free(self) -> Rect:
        """Return the area words may stand in: the layout's safe area without what the platform covers or cuts."""
        safe, shown = self.page.safe, platform_of(self.page).area(self.page.trim)
        left, top = max(safe.left, shown.left), max(safe.top, shown.top)
        right, bottom = min(safe.right, shown.right), min(safe.bottom, shown.bottom)
        return Rect(left=left, top=top, width=max(1.0, right - left), height=max(1.0, bottom - top))

    def length(self, length: Length | None, *, whole: float | None = None) -> float:
        """Return pixels; percentages are of `whole`, by default of the page's short side. None is 0."""
        if length is None:
            return 0.0
        unit = length.unit or self.spec.unit
        if unit == "%":
            return length.number / 100 * (self._short if whole is None else whole)
        return in_pixels(length, unit, self.spec.dpi)

    def box(self, box: Box | None, around: Rect) -> Rect:
        """Return a layer's box in pixels, inside the page or group `around` it; without a box it fills that."""
        if box is None:
            return around
        x, y, width, height = box
        return Rect(
            left=around.left + self.length(x, whole=around.width),
            top=around.top + self.length(y, whole=around.height),
            width=self.length(width, whole=around.width),
            height=self.length(height, whole=around.height),
        )

    def inside(self, rect: Rect, insets: Box | None) -> Rect:
        """Return what of `rect` is left inside of margins (top, right, bottom, left)."""
        top, right, bottom, left = (self.length(part) for part in insets) if insets else (0.0,) * 4
        return Rect(
            left=rect.left + left,
            top=rect.top + top,
            width=max(1.0, rect.width - left - right),
            height=max(1.0, rect.height - top - bottom),
        )

    def checked(self, layer: str | None, width: float, height: float) -> None:
        """Raise UserMistake for a layer far larger than the page: it would take memory for what nobody sees."""
        if max(width, height) > LARGEST * max(self.page.width, self.page.height):
            raise UserMistake(
                _("the layer {name} is far larger than the page", name=f"`{layer}`"),
                hint=_("bare numbers are in the unit of the canvas, {unit}", unit=f"`{self.spec.unit}`"),
            )

    def to_bleed(self, rect: Rect) -> Rect:
        """Return a rect whose edges, where they touch the trim, reach into the bleed."""
        page, trim = self.page, self.page.trim
        left = min(0.0, rect.left) if rect.left <= trim.left + 0.01 else rect.left
        top = min(0.0, rect.top) if rect.top <= trim.top + 0.01 else rect.top
        right = max(page.width, rect.right) if rect.right >= trim.right - 0.01 else rect.right
        bottom = max(page.height, rect.bottom) if rect.bottom >= trim.bottom - 0.01 else rect.bottom
        return Rect(left=left, top=top, width=right - left, height=bottom - top)

    def from_pt(self, points: float) -> float:
        """Return pixels for a type size in points."""
        return points / PT_PER_INCH * self.page.dpi


def around(rects: Sequence[Rect]) -> Rect:
    """Return the smallest rect that holds all, of which there is at least one."""
    left, top = min(rect.left for rect in rects), min(rect.top for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return Rect(left=left, top=top, width=right - left, height=bottom - top)
