"""Shapes as distance functions: points (n × 3) → distance to the surface."""

from __future__ import annotations

import numpy as np

from promo.testing.sample_art.film import Array
from promo.testing.sample_art.studio import Shape

Point = tuple[float, float, float]


def backdrop(depth: float, radius: float = 2.5) -> Shape:
    """A seamless backdrop: floor at y = 0, wall at z = -`depth`, rounded between."""

    def shape(points: Array) -> Array:
        floor, wall = points[:, 1], points[:, 2] + depth
        inner = np.hypot(np.minimum(floor - radius, 0), np.minimum(wall - radius, 0))
        return np.asarray(
            np.where((floor < radius) & (wall < radius), radius - inner, np.minimum(floor, wall)), np.float32
        )

    return shape


def plane(height: float = 0) -> Shape:
    """A table top."""
    return lambda points: points[:, 1] - height


def wall(depth: float) -> Shape:
    """A wall at z = -`depth`."""
    return lambda points: points[:, 2] + depth


def can(place: Point, radius: float, height: float, edge: float) -> Shape:
    """An upright cylinder standing on `place`, its edges rounded by `edge`."""
    centre = np.array([place[0], place[1] + height / 2, place[2]], np.float32)

    def shape(points: Array) -> Array:
        local = points - centre
        out = np.hypot(local[:, 0], local[:, 2]) - (radius - edge)
        up = np.abs(local[:, 1]) - (height / 2 - edge)
        outside = np.hypot(np.maximum(out, 0), np.maximum(up, 0))
        return np.asarray(np.minimum(np.maximum(out, up), 0) + outside - edge, np.float32)

    return shape


def block(place: Point, half: Point, edge: float, turn: float = 0) -> Shape:
    """A rounded box about its centre `place`, turned by `turn` radians about y."""
    centre, size = np.array(place, np.float32), np.array(half, np.float32) - edge
    cos, sin = float(np.cos(turn)), float(np.sin(turn))

    def shape(points: Array) -> Array:
        local = points - centre
        turned = np.stack(
            [local[:, 0] * cos - local[:, 2] * sin, local[:, 1], local[:, 0] * sin + local[:, 2] * cos], 1
        )
        away = np.abs(turned) - size
        return np.asarray(np.linalg.norm(np.maximum(away, 0), axis=1) + np.minimum(away.max(1), 0) - edge, np.float32)

    return shape


def ball(place: Point, radius: float, squash: Point = (1, 1, 1)) -> Shape:
    """A ball, squashed along its axes."""
    centre, scale = np.array(place, np.float32), np.array(squash, np.float32)
    return lambda points: (np.linalg.norm((points - centre) / scale, axis=1) - radius) * float(min(squash))


def ring(place: Point, radius: float, thickness: float, tall: float = 1) -> Shape:
    """A ring in the plane of x and y, `tall` times as high as wide: a handle."""
    centre = np.array(place, np.float32)

    def shape(points: Array) -> Array:
        local = points - centre
        around = np.hypot(local[:, 0], local[:, 1] / tall) - radius
        return np.asarray((np.hypot(around, local[:, 2]) - thickness) * min(1.0, 1 / tall), np.float32)

    return shape


def hollow(outer: Shape, inner: Shape) -> Shape:
    """What is in `outer` and not in `inner`."""
    return lambda points: np.maximum(outer(points), -inner(points))


def joined(first: Shape, second: Shape, soft: float = 0.05) -> Shape:
    """Two shapes grown together, with a fillet of about `soft`."""

    def shape(points: Array) -> Array:
        one, two = first(points), second(points)
        share = np.clip(0.5 + 0.5 * (two - one) / soft, 0, 1)
        return np.asarray(two * (1 - share) + one * share - soft * share * (1 - share), np.float32)

    return shape


def pleated(place: Point, *, bottom: float, top: float, height: float, pleats: int, depth: float) -> Shape:
    """A folded paper shade: a cone whose radius runs from `bottom` to `top`, in `pleats` sharp folds."""
    centre = np.array(place, np.float32)

    def shape(points: Array) -> Array:
        local = points - centre
        angle = np.arctan2(local[:, 2], local[:, 0])
        up = np.clip(local[:, 1] / height, 0, 1)
        fold = np.abs((angle * pleats / (2 * np.pi) + 0.5 * np.floor(up * 2)) % 1 * 2 - 1)
        belly = np.sin(up * np.pi) * 0.10
        radius = bottom + (top - bottom) * up + belly + (fold - 0.5) * depth
        side = (np.hypot(local[:, 0], local[:, 2]) - radius) * 0.55
        return np.asarray(np.maximum(side, np.abs(local[:, 1] - height / 2) - height / 2), np.float32)

    return shape
