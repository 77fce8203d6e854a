"""Where marks stand on the finished page: inside turned groups they stand elsewhere than their own places say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from promo.visual.scene import AnyMark, GroupMark, LogoMark, Rect, Scene

Turn = tuple[float, float, float]  # degrees clockwise, around x, y


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A mark of the page: `rect` is what it covers there, upright; `angle` how far it is turned altogether.

    `opacity` is its own and its groups'; `clips` are the areas of clipping groups around it, as they stand.
    """

    mark: AnyMark
    rect: Rect
    angle: float = 0.0
    opacity: float = 1.0
    clips: tuple[Rect, ...] = ()


def spots(scene: Scene) -> tuple[Spot, ...]:
    """Return every mark but groups, in the order they are laid down."""
    return tuple(_spots(scene.marks, (), 1.0, ()))


def own_rect(mark: AnyMark) -> Rect:
    """Return what a mark covers by itself: a logo is smaller than its box."""
    return mark.drawn if isinstance(mark, LogoMark) and mark.drawn else mark.rect


def _spots(
    marks: tuple[AnyMark, ...], turns: tuple[Turn, ...], opacity: float, clips: tuple[Rect, ...]
) -> Iterator[Spot]:
    for mark in marks:
        rect = own_rect(mark)
        around = ((mark.rotation, rect.left + rect.width / 2, rect.top + rect.height / 2),) if mark.rotation else ()
        here, seen = (*around, *turns), opacity * mark.opacity
        if isinstance(mark, GroupMark):
            yield from _spots(mark.marks, here, seen, (*clips, _turned(rect, here)) if mark.clip else clips)
        else:
            angle = sum(turn[0] for turn in here) % 360
            yield Spot(mark=mark, rect=_turned(rect, here), angle=angle, opacity=seen, clips=clips)


def _turned(rect: Rect, turns: tuple[Turn, ...]) -> Rect:
    """Return the upright rectangle around `rect` after the turns, the innermost first."""
    if not turns:
        return rect
    points = [(x, y) for x in (rect.left, rect.right) for y in (rect.top, rect.bottom)]
    for degrees, x0, y0 in turns:
        sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        points = [
            (x0 + (x - x0) * cosine - (y - y0) * sine, y0 + (x - x0) * sine + (y - y0) * cosine) for x, y in points
        ]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return Rect(left=min(xs), top=min(ys), width=max(xs) - min(xs), height=max(ys) - min(ys))
