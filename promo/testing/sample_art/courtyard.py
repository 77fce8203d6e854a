"""The courtyard of an estate on an autumn morning: houses, trees, a path, low sun."""

from __future__ import annotations

import numpy as np
from PIL import Image

from promo.testing.sample_art.film import Array, colour, develop, lumps, mix, step
from promo.testing.sample_art.products import plain
from promo.testing.sample_art.shapes import ball, block, can, plane
from promo.testing.sample_art.studio import Material, Scene, Shape, shoot

Thing = tuple[Shape, Material]


def _leafy(place: tuple[float, float, float], radius: float, seed: float) -> Shape:
    """A crown: a ball whose surface is broken up into clumps of leaves."""
    smooth = ball(place, radius, (1, 0.92, 1))

    def shape(points: Array) -> Array:
        distance = smooth(points)
        near = distance < radius * 0.45
        if near.any():
            close = points[near]
            clumps = 0.26 * lumps(close, 2.2 / radius, seed) + 0.14 * lumps(close, 6 / radius, seed + 1)
            distance = distance.copy()
            distance[near] -= radius * (clumps + 0.07 * lumps(close, 19 / radius, seed + 2)) * 0.8
        return np.asarray(distance * 0.72, np.float32)

    return shape


def _tree(x: float, z: float, size: float, tones: tuple[str, str], seed: float) -> list[Thing]:
    """A tree with three crowns; the colour runs from `tones[1]` below to `tones[0]` in the light."""
    dark, bright = colour(tones[1]), colour(tones[0])

    def paint(points: Array) -> Array:
        leaves = 0.5 + 0.35 * lumps(points, 7, seed) + 0.35 * lumps(points, 28, seed + 4)
        up = step(1.0, 3.2, points[:, 1] / size)
        return mix(np.broadcast_to(dark, points.shape), bright, np.clip(0.25 + 0.35 * up + 0.55 * (leaves - 0.4), 0, 1))

    foliage = Material(paint=paint, gloss=0.0, through=0.28)
    crowns = ((0.0, 2.35, 0.0, 0.95), (-0.62, 1.95, 0.25, 0.72), (0.66, 2.0, -0.1, 0.76))
    things: list[Thing] = [
        (_leafy((x + dx * size, y * size, z + dz * size), radius * size, seed + index), foliage)
        for index, (dx, y, dz, radius) in enumerate(crowns)
    ]
    bark = Material(paint=plain("#4d3b2c"), gloss=0.0)
    things.append((can((x, -0.1, z), 0.1 * size, 2.0 * size, 0.03), bark))
    return things


def _house(x: float, z: float, half: tuple[float, float, float], *, turn: float, wall: str, seed: int) -> list[Thing]:
    """A block of flats with windows, a few of them lit, and balconies."""
    width, height, depth = half
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    lit = np.random.Generator(np.random.PCG64(seed)).uniform(0, 1, (64, 64)).astype(np.float32)

    def local(points: Array) -> tuple[Array, Array, Array]:
        away = points - np.array([x, 0, z], np.float32)
        return away[:, 0] * cos - away[:, 2] * sin, away[:, 1], away[:, 0] * sin + away[:, 2] * cos

    def windows(points: Array) -> tuple[Array, Array]:
        across, up, deep = local(points)
        along = np.where(np.abs(np.abs(deep) - depth) < 0.04, across, deep)
        column, row = along / 0.92, (up - 0.35) / 0.95
        inside = (
            (np.abs(column % 1 - 0.5) < 0.31)
            & (np.abs(row % 1 - 0.5) < 0.29)
            & (np.floor(row) < np.floor((2 * height - 0.6) / 0.95))
            & (row > 0)
        )
        frame = (np.abs(column % 1 - 0.5) < 0.02) | (np.abs(row % 1 - 0.5) > 0.27)
        on = lit[np.floor(row).astype(int) % 64, np.floor(column).astype(int) % 64] > 0.80
        return (inside & ~frame).astype(np.float32), (inside & ~frame & on).astype(np.float32)

    def paint(points: Array) -> Array:
        glass, _on = windows(points)
        _across, up, _deep = local(points)
        band = (((up - 0.35) / 0.95) % 1 > 0.94).astype(np.float32)
        base = mix(np.broadcast_to(colour(wall), points.shape), colour("#8d6f57"), step(0.62, 0.6, up))
        base = mix(base, colour("#f3ead9"), 0.5 * band)
        return mix(base, colour("#41525a"), glass)

    def glow(points: Array) -> Array:
        _glass, on = windows(points)
        return (on[:, None] * np.array([0.75, 0.45, 0.17], np.float32)).astype(np.float32)

    body = block((x, height, z), half, 0.05, turn)
    roof = block((x, 2 * height + 0.1, z), (width + 0.18, 0.1, depth + 0.18), 0.03, turn)
    rails: list[Thing] = []
    for offset in (-0.5, 0.42):
        place = np.array([offset * width, 0, depth + 0.18])
        turned = x + place[0] * cos + place[2] * sin, z - place[0] * sin + place[2] * cos
        slab = block((turned[0], 0, turned[1]), (0.62, 0.16, 0.24), 0.02, turn)

        def stacked(points: Array, slab: Shape = slab) -> Array:
            folded = points.copy()
            level = np.clip(np.round((points[:, 1] - 1.35) / 0.95), 0, round((2 * height - 2.0) / 0.95))
            folded[:, 1] = points[:, 1] - 1.35 - 0.95 * level
            return slab(folded)

        rails.append((stacked, Material(paint=plain("#e9e0cf"), gloss=0.0)))
    return [
        (body, Material(paint=paint, gloss=0.06, glow=glow)),
        (roof, Material(paint=plain("#5b4a40"), gloss=0.0)),
        *rails,
    ]


def _path(z: Array) -> Array:
    return np.asarray(-0.35 + 0.9 * np.sin((z + 1.0) * 0.33), np.float32)


def _ground(points: Array) -> Array:
    x, z = points[:, 0], points[:, 2]
    off = np.abs(x - _path(z))
    lawn = mix(
        colour("#6f7f3c"),
        colour("#3d5128"),
        np.clip(0.5 + 0.5 * lumps(points, 3, 1) + 0.35 * lumps(points, 34, 2), 0, 1),
    )
    row = np.floor(z / 0.34)
    joint = (np.abs(z / 0.34 % 1 - 0.5) > 0.46) | (np.abs((x / 0.5 + 0.5 * (row % 2)) % 1 - 0.5) > 0.47)
    tone = 0.5 + 0.5 * np.sin(row * 12.9 + np.floor(x / 0.5 + 0.5 * (row % 2)) * 7.7)
    stone = mix(colour("#a89a86"), colour("#8d8070"), np.clip(0.6 * tone + 0.3 * lumps(points, 24, 3), 0, 1))
    stone = mix(stone, colour("#5f574c"), joint * 0.8)
    paint = mix(lawn, stone, step(1.02, 1.0, off))
    kerb = step(0.10, 0.08, np.abs(off - 1.07))
    paint = mix(paint, colour("#b7ab98"), kerb)
    speck = lumps(points, 13, 4) + 0.5 * lumps(points, 29, 9)
    fallen = step(0.55, 0.75, speck + 0.22 * lumps(points, 0.9, 6)) * step(0.35, 0.9, off + 0.2)
    leaf = mix(colour("#c98a22"), colour("#a8431f"), step(-0.3, 0.4, lumps(points, 9, 8)))
    return mix(paint, leaf, 0.9 * fallen)


def _bare_ground(points: Array) -> Array:
    """Trodden earth with some weeds, and a cracked concrete path."""
    x, z = points[:, 0], points[:, 2]
    off = np.abs(x - _path(z))
    earth = mix(colour("#8b7558"), colour("#6a563f"), np.clip(0.5 + 0.5 * lumps(points, 2, 1), 0, 1))
    weeds = step(0.35, 0.75, lumps(points, 1.3, 5) + 0.4 * lumps(points, 9, 6))
    earth = mix(earth, colour("#6d7040"), 0.8 * weeds)
    concrete = mix(colour("#97928a"), colour("#7b766e"), np.clip(0.5 + 0.5 * lumps(points, 5, 3), 0, 1))
    cracks = step(0.05, 0.02, np.abs(lumps(points, 1.7, 7) + 0.35 * lumps(points, 6, 8)))
    concrete = mix(concrete, colour("#4c463f"), 0.75 * cracks)
    edge = off + 0.12 * lumps(points, 3.2, 9)
    ground = mix(earth, concrete, step(1.02, 0.96, edge))
    puddle = step(0.62, 0.7, lumps(points, 0.8, 11) + 0.1 * lumps(points, 4, 12)) * step(1.3, 0.9, off)
    return mix(ground, colour("#7d858a"), 0.7 * puddle)


def _grey_sky(rays: Array) -> Array:
    up = np.clip(rays[:, 1], 0, 1)
    return mix(np.broadcast_to(colour("#d9d8d2"), rays.shape), colour("#a9b0b3"), step(0.02, 0.5, up))


def _houses() -> list[Thing]:
    return [
        *_house(-7.2, -10.5, (2.6, 3.6, 4.2), turn=0.12, wall="#d9c3a0", seed=3),
        *_house(1.0, -21.0, (4.6, 4.4, 2.2), turn=-0.06, wall="#c9b294", seed=4),
        *_house(10.5, -16.0, (2.6, 3.4, 3.6), turn=-0.2, wall="#d3b795", seed=5),
    ]


def _sky(rays: Array) -> Array:
    up = np.clip(rays[:, 1], 0, 1)
    sky = mix(np.broadcast_to(colour("#f5d9b4"), rays.shape), colour("#7ea7bd"), step(0.02, 0.42, up))
    sun = np.clip(rays @ (np.array([0.62, 0.25, -0.74], np.float32) / np.float32(0.998)), 0, 1)
    made: Array = (sky + (0.5 * sun**14 + 0.5 * sun**90)[:, None] * np.array([0.9, 0.55, 0.2], np.float32)).astype(
        np.float32
    )
    return made


def courtyard(width: int) -> Image.Image:
    """Look along the garden path between the houses, the sun coming in low from the right."""
    gold, amber = ("#e0ab2c", "#8a5f18"), ("#cf7a2c", "#7a3a17")
    maple, green = ("#b9482a", "#5f2217"), ("#7d8a38", "#36491f")
    hedge = Material(paint=plain("#3f5429"), gloss=0.0, through=0.1)
    timber = Material(paint=plain("#8a5a36"), gloss=0.08)
    things: list[Thing] = [
        (plane(), Material(paint=_ground, gloss=0.0)),
        *_houses(),
        *_tree(-3.6, -3.6, 1.15, gold, 1),
        *_tree(3.5, -4.6, 1.2, maple, 5),
        *_tree(-2.9, -9.2, 1.05, amber, 9),
        *_tree(3.0, -10.5, 1.05, gold, 13),
        *_tree(6.6, -8.2, 1.2, green, 17),
        *_tree(-0.9, -15.2, 0.95, green, 21),
        (_leafy((-2.35, 0.22, -0.7), 0.42, 3), hedge),
        (_leafy((-2.95, 0.2, -1.5), 0.45, 4), hedge),
        (_leafy((2.35, 0.2, -1.7), 0.45, 6), hedge),
        (_leafy((2.9, 0.22, -2.6), 0.5, 7), hedge),
        (block((1.62, 0.36, -1.05), (0.16, 0.028, 0.62), 0.015, 0.08), timber),
        (block((1.82, 0.62, -1.03), (0.025, 0.13, 0.62), 0.015, 0.08), timber),
        (block((1.66, 0.17, -0.6), (0.14, 0.17, 0.03), 0.01, 0.08), Material(paint=plain("#3a3a3a"), gloss=0.1)),
        (block((1.70, 0.17, -1.5), (0.14, 0.17, 0.03), 0.01, 0.08), Material(paint=plain("#3a3a3a"), gloss=0.1)),
    ]
    scene = Scene(
        things=tuple(things),
        eye=(0.2, 1.55, 5.4),
        target=(0.1, 1.95, -6),
        lens=1.75,
        key=(0.72, 0.42, 0.05),
        key_light=(2.3, 1.6, 0.88),
        sky_light=(0.30, 0.36, 0.46),
        far=70,
        softness=9,
        sky=_sky,
        haze=95,
    )
    return develop(shoot(scene, (width, round(width * 0.72))), seed=22, grain=0.004, bloom=0.1, vignette=0.25)


def courtyard_before(width: int) -> Image.Image:
    """Look along the same way on a dull day before the garden was made: earth, cracked concrete, two poor trees."""
    dull, dry = ("#77784c", "#474a30"), ("#8a8058", "#514a32")
    rusty = Material(paint=plain("#5c6a63"), gloss=0.05)
    lid = Material(paint=plain("#47524d"), gloss=0.05)
    things: list[Thing] = [
        (plane(), Material(paint=_bare_ground, gloss=0.0)),
        *_houses(),
        *_tree(-3.6, -3.6, 0.62, dry, 31),
        *_tree(3.0, -10.5, 0.8, dull, 13),
        (block((2.55, 0.5, -2.2), (0.62, 0.5, 0.42), 0.05, 0.2), rusty),
        (block((2.55, 1.04, -2.2), (0.66, 0.05, 0.46), 0.03, 0.2), lid),
        (block((1.35, 0.16, -1.5), (0.2, 0.16, 0.16), 0.02, 0.5), Material(paint=plain("#a88a62"), gloss=0.0)),
    ]
    scene = Scene(
        things=tuple(things),
        eye=(0.2, 1.55, 5.4),
        target=(0.1, 1.95, -6),
        lens=1.75,
        key=(0.35, 0.8, 0.3),
        key_light=(0.82, 0.82, 0.82),
        sky_light=(0.58, 0.6, 0.62),
        far=70,
        softness=2,
        sky=_grey_sky,
        haze=80,
    )
    return develop(shoot(scene, (width, round(width * 0.72))), seed=23, grain=0.006, bloom=0.02, vignette=0.2)
