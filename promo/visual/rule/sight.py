"""All that a rule looks at: the finished pixels, the scene, where its marks stand, and the brand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from promo.brand.model import Brand
from promo.visual.paint.painter import Painted
from promo.visual.rule.spot import Spot, spots
from promo.visual.scene import LogoMark, Page, QrMark, Rect, TextMark

Note = dict[str, Any]
SAMPLES = 270  # of a page's short side: flat areas and their colours are seen on so many points as well as on all


@dataclass(frozen=True)
class Sight:
    """One finished page. Nothing in it is changed by looking."""

    painted: Painted
    brand: Brand

    @property
    def page(self) -> Page:
        """Return the sheet."""
        return self.painted.scene.page

    @property
    def picture(self) -> Image.Image:
        """Return the finished pixels, RGB."""
        return self.painted.picture

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Return every mark but groups with the place it has on the page, in the order they were laid down."""
        return spots(self.painted.scene)

    @cached_property
    def texts(self) -> tuple[Spot, ...]:
        """Return the set texts that show."""
        return tuple(s for s in self.spots if isinstance(s.mark, TextMark) and s.mark.block.lines and s.opacity > 0)

    @cached_property
    def logos(self) -> tuple[Spot, ...]:
        """Return the logos."""
        return tuple(spot for spot in self.spots if isinstance(spot.mark, LogoMark) and spot.mark.drawn)

    @cached_property
    def codes(self) -> tuple[Spot, ...]:
        """Return the QR codes."""
        return tuple(spot for spot in self.spots if isinstance(spot.mark, QrMark))

    @cached_property
    def key(self) -> tuple[Spot, ...]:
        """Return what must be seen: texts, logos, codes."""
        return (*self.texts, *self.logos, *self.codes)

    @cached_property
    def step(self) -> int:
        """Return the distance of the points in `points`, in pixels."""
        return max(1, min(self.page.width, self.page.height) // SAMPLES)

    @cached_property
    def packed(self) -> NDArray[np.uint32]:
        """Return every `step`-th pixel of the page, height × width, red in the lowest byte."""
        size = self.page.width // self.step, self.page.height // self.step
        box = (0, 0, size[0] * self.step, size[1] * self.step)
        small = self.picture.resize(size, Image.Resampling.NEAREST, box=box).convert("RGBX")
        return np.asarray(small).view("<u4")[..., 0] & np.uint32(0xFFFFFF)

    @cached_property
    def points(self) -> NDArray[np.uint8]:
        """Return the same pixels as height × width × 3."""
        return np.ascontiguousarray(self.packed).astype("<u4").view(np.uint8).reshape(*self.packed.shape, 4)[..., :3]

    def window(self, rect: Rect) -> tuple[slice, slice]:
        """Return the part of `points` that lies in a rectangle of the page, as rows and columns."""
        left, top, right, bottom = rect.pixels()
        return (
            slice(max(0, math.ceil(top / self.step)), max(0, bottom // self.step)),
            slice(max(0, math.ceil(left / self.step)), max(0, right // self.step)),
        )


def gap(one: Rect, other: Rect) -> float:
    """Return the distance between two rectangles in pixels, 0 where they overlap."""
    across = max(one.left - other.right, other.left - one.right, 0.0)
    down = max(one.top - other.bottom, other.top - one.bottom, 0.0)
    return math.hypot(across, down)


def shared(one: Rect, other: Rect) -> float:
    """Return the area two rectangles share, in square pixels."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0)


def outside(rect: Rect, area: Rect) -> float:
    """Return how many pixels `rect` reaches out of `area` on its worst side, 0 where it lies inside."""
    return max(area.left - rect.left, area.top - rect.top, rect.right - area.right, rect.bottom - area.bottom, 0.0)


def label(mark: TextMark) -> str:
    """Return the beginning of a text, to name it by."""
    words = " ".join(mark.block.text.split())
    return words if len(words) <= 24 else words[:23] + "…"
