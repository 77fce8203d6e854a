"""Where layers stand: their boxes, and what their neighbours make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from promo.visual.layout.layers import AnyLayer
from promo.visual.place.canvas import Canvas
from promo.visual.scene import Rect

ACROSS = {"left": 0.0, "right": 1.0, "center": 0.5}  # edges of a rect, as shares of its width
DOWN = {"top": 0.0, "bottom": 1.0, "middle": 0.5}


def in_order(layers: Sequence[AnyLayer]) -> Iterator[AnyLayer]:
    """Yield layers so that each comes after those it leans on; layouts with circles are refused before."""
    waiting = {layer.id: layer for layer in layers}
    for first in layers:
        stack = [first]
        while stack:
            layer = stack[-1]
            before = [waiting[name] for name in layer.leans_on if name in waiting and name != layer.id]
            if before and layer.id in waiting:
                stack += before
                continue
            stack.pop()
            if waiting.pop(layer.id, None) is not None:
                yield layer


def rect_of(layer: AnyLayer, around: Rect, placed: Mapping[str, Rect], canvas: Canvas) -> Rect:
    """Return the rect of a layer: its box, moved or stretched by its neighbours, then held to its limits.

    One edge that is given moves the rect; two opposite ones stretch it. A neighbour not drawn is as if not named.
    """
    rect = canvas.box(layer.box, around)
    width = canvas.length(layer.width) if layer.width else rect.width
    height = canvas.length(layer.height) if layer.height else rect.height
    share_x, share_y = shares(layer.anchor)
    rect = held(rect, width, height, share_x, share_y)
    edges = dict(_edges(layer, placed, canvas))
    left, width = _span(rect.left, rect.width, edges.get("left"), edges.get("right"), edges.get("center"))
    top, height = _span(rect.top, rect.height, edges.get("top"), edges.get("bottom"), edges.get("middle"))
    return _limited(layer, Rect(left=left, top=top, width=width, height=height), canvas)


def shares(anchor: str | None, default: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """Return where an anchor lies, across and down, 0–1."""
    if anchor is None:
        return default
    words = anchor.split("_")
    across = next((ACROSS[word] for word in words if word in ("left", "right")), 0.5)
    down = next((DOWN[word] for word in words if word in DOWN), 0.5)
    return across, down


def held(rect: Rect, width: float, height: float, across: float, down: float) -> Rect:
    """Return a rect of another size, held in `rect` at the point that lies at these shares of both."""
    return Rect(
        left=rect.left + (rect.width - width) * across,
        top=rect.top + (rect.height - height) * down,
        width=width,
        height=height,
    )


def _edges(layer: AnyLayer, placed: Mapping[str, Rect], canvas: Canvas) -> Iterator[tuple[str, float]]:
    gap = canvas.length(layer.distance)
    if (other := placed.get(layer.below or "")) is not None:
        yield "top", other.bottom + gap
    if (other := placed.get(layer.above or "")) is not None:
        yield "bottom", other.top - gap
    if (other := placed.get(layer.right_of or "")) is not None:
        yield "left", other.right + gap
    if (other := placed.get(layer.left_of or "")) is not None:
        yield "right", other.left - gap
    for edge, name in layer.edges:
        if (other := placed.get(name)) is not None:
            if edge in ACROSS:
                yield edge, other.left + ACROSS[edge] * other.width
            else:
                yield edge, other.top + DOWN[edge] * other.height


def _span(
    start: float, size: float, first: float | None, last: float | None, middle: float | None
) -> tuple[float, float]:
    """Return start and size of one side after its edges are set."""
    if first is not None and last is not None:
        return first, max(1.0, last - first)
    if first is not None:
        return first, size
    if last is not None:
        return last - size, size
    if middle is not None:
        return middle - size / 2, size
    return start, size


def _limited(layer: AnyLayer, rect: Rect, canvas: Canvas) -> Rect:
    width, height = rect.width, rect.height
    if layer.max_width:
        width = min(width, canvas.length(layer.max_width))
    if layer.max_height:
        height = min(height, canvas.length(layer.max_height))
    if layer.aspect:
        width, height = min(width, height * layer.aspect), min(height, width / layer.aspect)
    if layer.min_width:
        width = max(width, canvas.length(layer.min_width))
    if layer.min_height:
        height = max(height, canvas.length(layer.min_height))
    if (width, height) == (rect.width, rect.height):
        return rect
    return held(rect, width, height, *shares(layer.anchor))
