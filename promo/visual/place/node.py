"""What may stand in a stack: something with a size at every step of shrinking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from promo.brand.model import Brand
from promo.visual.layout.layers import AnyLayer, GroupLayer
from promo.visual.place.canvas import Canvas
from promo.visual.place.content import Content
from promo.visual.scene import AnyMark, Rect

ALONG = {"start": 0.0, "center": 0.5, "end": 1.0, "between": 0.0}  # where things stand in the room that is left
Note = dict[str, Any]
Put = tuple[list[AnyMark], list[Note]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kit:
    """What placing needs at every turn. `wanted` tells whether a layer is drawn, `draw` makes marks of one."""

    brand: Brand
    canvas: Canvas
    wanted: Callable[[AnyLayer, Content], bool]
    draw: Callable[[AnyLayer, Rect, Content], Put]
    dress: Callable[[GroupLayer, Rect, list[AnyMark]], list[AnyMark]]


class Node(Protocol):
    """Something that wants a place in a stack; a step of 0 is its largest size, 1 its smallest."""

    gap: float | None  # before it, where it says one

    def natural(self, shrink: float, /) -> float:
        """Return how wide it would like to be; 0: as wide as what is left."""

    def size(self, width: float, shrink: float, /) -> tuple[float, float]:
        """Return the width it takes of so much room, and its height."""

    def baseline(self, width: float, shrink: float, /) -> float:
        """Return how far below its top its base line lies."""

    def put(self, rect: Rect, shrink: float, /) -> Put:
        """Return its marks in `rect`, and what was found on the way."""


class Fixed:
    """A layer that is as large as it says, or as the stack lets it be."""

    def __init__(self, layer: AnyLayer, content: Content, kit: Kit, *, vertical: bool, align: str) -> None:
        self.layer, self.content, self.kit = layer, content, kit
        self.gap = None if layer.distance is None else kit.canvas.length(layer.distance)
        self.vertical, self.share = vertical, ALONG.get(align, 0.0)
        self.width = kit.canvas.length(layer.width) if layer.width else None
        self.height = kit.canvas.length(layer.height) if layer.height else None
        if layer.aspect and self.width is None and self.height is not None:
            self.width = self.height * layer.aspect
        elif layer.aspect and self.height is None and self.width is not None:
            self.height = self.width / layer.aspect

    def natural(self, _shrink: float) -> float:
        """Return its width; nothing where it takes what is left."""
        return self.width or 0.0

    def size(self, width: float, _shrink: float) -> tuple[float, float]:
        """Return width and height; without a height it is as high as what stands beside it."""
        return min(width, self.width or width), self.height or 0.0

    def baseline(self, _width: float, _shrink: float) -> float:
        """Return its height: it stands on the base line."""
        return self.height or 0.0

    def put(self, rect: Rect, _shrink: float) -> Put:
        """Return its marks in `rect`."""
        width = min(rect.width, self.width or rect.width)
        left = rect.left + (rect.width - width) * (self.share if self.vertical else 0.0)
        at = Rect(left=left, top=rect.top, width=width, height=self.height or rect.height)
        return self.kit.draw(self.layer, at, self.content)
