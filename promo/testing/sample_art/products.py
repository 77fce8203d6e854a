"""The shop's product photos: a tea tin, a mug, a paper lamp, towels, and all of them on a shelf."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from promo.testing.sample_art.film import Array, colour, develop, mix, step
from promo.testing.sample_art.shapes import backdrop, ball, block, can, hollow, joined, plane, pleated, ring, wall
from promo.testing.sample_art.studio import Material, Scene, Shape, shoot

Thing = tuple[Shape, Material]
Point = tuple[float, float, float]


def plain(code: str) -> Callable[[Array], Array]:
    """One colour everywhere."""
    tone = colour(code)
    return lambda points: np.broadcast_to(tone, points.shape).astype(np.float32)


def ripple(points: Array, scale: float, seed: float) -> Array:
    """Cheap solid noise, -1 to 1: sines out of step with each other."""
    x, y, z = (points * scale).T
    total = np.sin(x * 1.7 + seed) * np.sin(y * 1.3 - seed * 2) + np.sin(z * 1.9 + x * 0.7) * np.sin(y * 2.3 + z * 0.6)
    finer = np.sin(x * 5.1 - y * 3.7 + seed) * np.sin(z * 4.3 + y * 2.9)
    return np.asarray((total + 0.6 * finer) / 2.6, np.float32)


def wood(light: str, dark: str, *, along: int = 0) -> Callable[[Array], Array]:
    """Planed wood, its grain along one axis."""

    def paint(points: Array) -> Array:
        across = [axis for axis in range(3) if axis != along]
        grain = (
            points[:, across[0]] * 9 + points[:, across[1]] * 9 + 0.9 * ripple(points * np.array([0.5, 1, 1]), 1.1, 2)
        )
        rings = 0.5 + 0.5 * np.sin(grain * 2.2 + 1.5 * np.sin(points[:, along] * 0.9))
        fibre = 0.5 + 0.5 * np.sin(points[:, across[-1]] * 160 + 3 * np.sin(points[:, along] * 3))
        return mix(colour(light), colour(dark), np.clip(0.55 * rings + 0.15 * fibre, 0, 1))

    return paint


def tin(place: Point, body: str, label: str, ink: str, scale: float = 1) -> list[Thing]:
    """A tea tin with a lid, and a paper label with hills on it."""
    x, y, z = place
    radius, height = 0.46 * scale, 0.98 * scale
    lid = can((x, y + height, z), radius + 0.012 * scale, 0.3 * scale, 0.035 * scale)
    knob = can((x, y + height + 0.29 * scale, z), 0.33 * scale, 0.03 * scale, 0.012 * scale)

    def paint(points: Array) -> Array:
        angle = np.arctan2(points[:, 0] - x, points[:, 2] - z)
        up = (points[:, 1] - y) / scale
        paper = step(0.2, 0.207, up) * (1 - step(0.78, 0.787, up)) * (1 - step(0.78, 0.79, np.abs(angle - 0.1)))
        near = 0.34 + 0.07 * np.sin(angle * 5.2 + 0.6) + 0.03 * np.sin(angle * 11)
        far = 0.44 + 0.08 * np.sin(angle * 3.7 + 2.4) + 0.025 * np.sin(angle * 9)
        sun = (np.hypot((angle - 0.33) * 0.46, up - 0.62) < 0.075).astype(np.float32)
        rows = 0.75 + 0.25 * np.sign(np.sin((up - near) * 120))
        sheet = mix(np.broadcast_to(colour(label), points.shape).astype(np.float32), colour("#d9683a"), sun)
        sheet = mix(sheet, mix(colour(ink), colour(label), 0.55), ((up < far) * 1.0))
        sheet = mix(sheet, mix(colour(ink), colour(label), 0.1), ((up < near) * rows))
        frame = (np.abs(up - 0.225) < 0.004) | (np.abs(up - 0.762) < 0.004)
        sheet = mix(sheet, colour(ink), (frame * 0.9))
        metal = np.broadcast_to(colour(body), points.shape).astype(np.float32)
        return mix(metal, sheet, paper)

    enamel = Material(paint=paint, gloss=0.35, sharp=60)
    return [
        (can((x, y, z), radius, height + 0.02 * scale, 0.03 * scale), enamel),
        (lid, Material(paint=plain(body), gloss=0.5, sharp=70)),
        (knob, Material(paint=plain("#c9a45c"), gloss=0.75, sharp=50)),
    ]


def mug(
    place: Point, glaze: str, clay: str, scale: float = 1, *, tea: str | None = None, handle: float = 1
) -> list[Thing]:
    """A stoneware mug, dipped into glaze; `handle` is the side its handle is on (1 or -1)."""
    x, y, z = place
    outer = can((x, y, z), 0.44 * scale, 0.86 * scale, 0.09 * scale)
    inner = can((x, y + 0.1 * scale, z), 0.385 * scale, 1.2 * scale, 0.1 * scale)
    grip = ring((x + handle * 0.47 * scale, y + 0.45 * scale, z), 0.2 * scale, 0.058 * scale, 1.25)
    inside = can((x, y - 0.1 * scale, z), 0.42 * scale, 1.4 * scale, 0.02 * scale)
    body = joined(hollow(outer, inner), hollow(grip, inside), 0.05 * scale)

    def paint(points: Array) -> Array:
        angle = np.arctan2(points[:, 2] - z, points[:, 0] - x)
        edge = 0.27 + 0.025 * np.sin(angle * 3 + 1) + 0.018 * np.sin(angle * 7)
        up = (points[:, 1] - y) / scale
        dipped = step(0, 0.015, up - edge)
        speck = step(0.72, 0.8, ripple(points / scale, 26, 3)) * 0.55
        glazed = mix(colour(glaze), mix(colour(glaze), colour("#ffffff"), 0.25), (0.5 + 0.5 * ripple(points, 3.3, 1)))
        glazed = mix(glazed, colour("#6b5138"), speck)
        rim = step(0.835, 0.86, up) * 0.7
        glazed = mix(glazed, colour(clay), rim)
        raw = mix(colour(clay), mix(colour(clay), colour("#2d2018"), 0.45), (0.5 + 0.5 * ripple(points, 22, 5)))
        return mix(raw, glazed, dipped)

    things: list[Thing] = [(body, Material(paint=paint, gloss=0.3, sharp=35))]
    if tea:
        things.append(
            (
                can((x, y + 0.1 * scale, z), 0.4 * scale, 0.6 * scale, 0.01),
                Material(paint=plain(tea), gloss=0.6, sharp=90),
            )
        )
    return things


def lamp(place: Point, scale: float = 1, *, lit: float = 1) -> list[Thing]:
    """A lamp with a folded paper shade, switched on, on a wooden foot."""
    x, y, z = place
    shade = pleated(
        (x, y + 0.42 * scale, z),
        bottom=0.62 * scale,
        top=0.4 * scale,
        height=1.0 * scale,
        pleats=26,
        depth=0.075 * scale,
    )
    foot = can((x, y, z), 0.3 * scale, 0.1 * scale, 0.03 * scale)
    stem = can((x, y, z), 0.055 * scale, 0.6 * scale, 0.02 * scale)

    def glow(points: Array) -> Array:
        up = np.clip((points[:, 1] - y - 0.42 * scale) / scale, 0, 1)
        bulb = np.exp(-((up - 0.42) ** 2) / 0.09)
        angle = np.arctan2(points[:, 2] - z, points[:, 0] - x)
        fold = np.abs((angle * 26 / (2 * np.pi) + 0.5 * np.floor(up * 2)) % 1 * 2 - 1)
        strength = (0.12 + 0.6 * bulb) * (0.72 + 0.28 * fold) * lit
        return np.asarray(strength[:, None] * np.array([1.55, 1.0, 0.5], np.float32), np.float32)

    return [
        (shade, Material(paint=plain("#e9dcc2"), gloss=0.02, glow=glow, through=0.35)),
        (joined(foot, stem, 0.06 * scale), Material(paint=wood("#b98555", "#7d5230", along=1), gloss=0.25, sharp=30)),
    ]


def towels(place: Point, colours: tuple[str, ...], scale: float = 1, width: float = 0.95) -> list[Thing]:
    """A pile of folded terry towels, the fold to the front."""
    x, y, z = place
    things: list[Thing] = []
    thick = 0.27 * scale
    for index, code in enumerate(colours):
        middle = y + thick * (index + 0.5)
        turn = (0.03, -0.045, 0.02, -0.02)[index % 4]
        layers = [
            block((x, middle + side * thick * 0.24, z), (width * scale, thick * 0.27, 0.62 * scale), thick * 0.25, turn)
            for side in (-1, 1)
        ]
        bend = block((x, middle, z + 0.03 * scale), (width * scale, thick * 0.5, 0.62 * scale), thick * 0.48, turn)
        back = block((x, middle, z - 0.5 * scale), (2 * scale, thick, 0.95 * scale), 0.01, turn)
        fold = joined(layers[0], layers[1], 0.012)
        pile = joined(fold, hollow(bend, back), 0.02)

        def terry(points: Array, pile: Shape = pile, seed: float = index) -> Array:
            loops = (
                0.006 * ripple(points, 34, seed)
                + 0.004 * ripple(points, 71, seed + 2)
                + 0.012 * ripple(points, 3.1, seed)
            )
            return np.asarray((pile(points) - loops * scale) * 0.8, np.float32)

        def paint(points: Array, code: str = code, seed: float = index, x: float = x) -> Array:
            nap = 0.5 + 0.5 * ripple(points, 47, seed)
            cloth = mix(mix(colour(code), colour("#30261d"), 0.16), mix(colour(code), colour("#ffffff"), 0.18), nap)
            band = step(0.62, 0.63, np.abs(points[:, 0] - x) / scale / width) * (
                1 - step(0.74, 0.75, np.abs(points[:, 0] - x) / scale / width)
            )
            return mix(cloth, mix(colour(code), colour("#ffffff"), 0.4), 0.6 * band)

        things.append((terry, Material(paint=paint, gloss=0.02, sharp=8, through=0.12)))
    return things


def _size(width: int, ratio: float) -> tuple[int, int]:
    return width, round(width * ratio)


def tea_tin(width: int) -> Image.Image:
    """A green tea tin beside a cup of tea, on a board."""
    things = [
        (backdrop(3.2), Material(paint=plain("#c9bd9c"), gloss=0.0)),
        (
            block((0.25, 0.05, 0.1), (1.45, 0.05, 0.72), 0.04, 0.12),
            Material(paint=wood("#c79a68", "#95673c"), gloss=0.12),
        ),
        *tin((-0.28, 0.1, -0.05), "#1f4a3a", "#f1e8d2", "#1f4a3a", 1.15),
        *mug((0.78, 0.1, 0.32), "#e9e2d0", "#a5795a", 0.5, tea="#a8702a"),
        *[
            (
                ball(
                    (-1.0 + 0.09 * (i % 7), 0.115 + 0.03 * (i % 2), 0.5 + 0.05 * ((i * 5) % 7)), 0.05, (1.5, 0.5, 0.7)
                ),
                Material(paint=plain("#39482b"), gloss=0.1),
            )
            for i in range(8)
        ],
    ]
    scene = Scene(
        things=tuple(things), eye=(0.35, 1.6, 5.6), target=(0.12, 0.74, 0), lens=2.75, key=(-0.75, 0.85, 0.62)
    )
    return develop(shoot(scene, _size(width, 1)), seed=11)


def stoneware_mug(width: int) -> Image.Image:
    """A stoneware mug on a table of dark wood, a second one out of the light behind it."""
    things = [
        (backdrop(3.4), Material(paint=plain("#a9b8b0"), gloss=0.0)),
        (block((0.1, 0.03, 0.0), (1.5, 0.03, 0.85), 0.03, -0.16), Material(paint=plain("#56625c"), gloss=0.1)),
        *mug((-0.12, 0.06, 0.25), "#6f8f8a", "#9c6b49", 1.22, tea="#8a4f1d"),
        *mug((0.95, 0.06, -0.55), "#d8c6a4", "#9c6b49", 1.05, handle=1),
    ]
    scene = Scene(things=tuple(things), eye=(0.2, 1.95, 5.4), target=(0.26, 0.5, 0), lens=3.0, key=(-0.8, 0.8, 0.5))
    return develop(shoot(scene, _size(width, 1)), seed=12)


def paper_lamp(width: int) -> Image.Image:
    """A paper lamp, lit, in a room at dusk, with two books beside it."""
    things = [
        (plane(), Material(paint=wood("#8a5f3d", "#5a3b25"), gloss=0.1, sharp=25)),
        (wall(1.5), Material(paint=plain("#5d6f78"), gloss=0.0)),
        *lamp((0.15, 0, 0), 1.12),
        (block((-1.12, 0.11, 0.15), (0.52, 0.11, 0.4), 0.025, 0.2), Material(paint=plain("#7b3f33"), gloss=0.08)),
        (block((-1.08, 0.29, 0.13), (0.46, 0.07, 0.36), 0.02, 0.05), Material(paint=plain("#d7cbb2"), gloss=0.04)),
    ]
    scene = Scene(
        things=tuple(things),
        eye=(0.0, 1.35, 6.0),
        target=(-0.05, 0.78, 0),
        lens=3.0,
        key_light=(0.30, 0.34, 0.42),
        sky_light=(0.16, 0.19, 0.25),
        lamp=((0.15, 0.95, 0.75), (1.9, 1.15, 0.55)),
    )
    return develop(shoot(scene, _size(width, 1)), seed=13, bloom=0.28)


def cotton_towels(width: int) -> Image.Image:
    """Three folded towels on a stool, a sprig in a small cup beside them."""
    things = [
        (backdrop(3.2), Material(paint=plain("#d3c3ae"), gloss=0.0)),
        (block((0, 0.06, 0), (1.6, 0.06, 0.95), 0.03), Material(paint=wood("#d6b48a", "#b98f62"), gloss=0.1)),
        *towels((-0.05, 0.12, 0), ("#7f9a92", "#ead9c0", "#c9785a"), 1.12, 0.9),
    ]
    scene = Scene(things=tuple(things), eye=(1.2, 1.95, 5.4), target=(0.0, 0.46, 0), lens=3.0, key=(-0.7, 0.9, 0.5))
    return develop(shoot(scene, _size(width, 1)), seed=14)


def shop_shelf(width: int) -> Image.Image:
    """The shop's wall: two oak boards, and the goods on them in warm light."""
    oak = Material(paint=wood("#c89a66", "#9a6c40"), gloss=0.1)
    upper = 1.72
    things: list[Thing] = [
        (wall(0.75), Material(paint=plain("#b9b8a4"), gloss=0.0)),
        (block((0, -0.06, -0.1), (6, 0.06, 0.68), 0.02), oak),
        (block((0, upper - 0.06, -0.1), (6, 0.06, 0.68), 0.02), oak),
        *towels((-2.3, 0, -0.1), ("#7f9a92", "#ead9c0", "#c9785a"), 0.95, 0.68),
        *mug((-1.0, 0, 0.1), "#6f8f8a", "#9c6b49", 0.78),
        *mug((-0.2, 0, -0.12), "#d8c6a4", "#9c6b49", 0.78, handle=1),
        *lamp((1.05, 0, -0.1), 0.86),
        *tin((2.25, 0, 0.05), "#1f4a3a", "#f1e8d2", "#1f4a3a", 0.84),
        *tin((3.1, 0, -0.12), "#9c4a32", "#f1e8d2", "#7a3524", 0.84),
        *tin((-2.9, upper, -0.05), "#9c4a32", "#f1e8d2", "#7a3524", 0.72),
        *tin((-2.1, upper, 0.02), "#c7a15a", "#f4ecd8", "#6b4a1e", 0.72),
        *tin((-1.3, upper, -0.08), "#1f4a3a", "#f1e8d2", "#1f4a3a", 0.72),
        (
            block((0.0, upper + 0.34, -0.2), (0.09, 0.34, 0.26), 0.015, 0.0),
            Material(paint=plain("#2f4f56"), gloss=0.08),
        ),
        (block((0.2, upper + 0.3, -0.2), (0.08, 0.3, 0.26), 0.015, 0.0), Material(paint=plain("#e6d3a3"), gloss=0.05)),
        (block((0.4, upper + 0.36, -0.2), (0.1, 0.36, 0.26), 0.015, 0.0), Material(paint=plain("#b4563c"), gloss=0.08)),
        *mug((1.35, upper, 0.0), "#c7cdb8", "#9c6b49", 0.7),
        *towels((2.75, upper, -0.1), ("#e9e1d2", "#8fa7ad"), 0.82, 0.7),
    ]
    scene = Scene(
        things=tuple(things),
        eye=(0.2, 1.75, 7.6),
        target=(0.15, 1.28, 0),
        lens=2.25,
        key=(-0.5, 0.75, 0.9),
        key_light=(1.35, 1.2, 1.0),
        lamp=((1.05, 0.75, 0.6), (1.3, 0.8, 0.4)),
    )
    return develop(shoot(scene, _size(width, 0.72)), seed=15)
