"""Tea terraces in the morning: a height field seen from a hillside, with mist in the valley."""

from __future__ import annotations

import numpy as np
from PIL import Image

from promo.testing.sample_art.film import Array, clouds, colour, develop, mix, step

MAP = 1400  # cells a side of the height field
SPAN = 340.0  # metres a side
FIRST, LAST, SLICES = 9.0, 330.0, 1500  # metres from the eye


def tea_terraces(width: int) -> Image.Image:
    """Hills of tea bushes in rows along the contour lines, the sun just up behind the far ridges."""
    height = round(width * 0.72)
    horizon = round(height * 0.30)
    sky = _sky(width, height, horizon)
    land, far, where = _land(width, height, horizon)
    distance = np.where(where, far, 1e4).astype(np.float32)
    haze = 1 - np.exp(-np.maximum(distance - 45, 0) / 230)
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :] * np.ones((height, 1), np.float32)
    warm = step(0.75, 0.05, np.abs(across - 0.68))
    air = mix(mix(np.zeros((height, width, 3), np.float32), colour("#9fb4b5"), 1.0), colour("#f6d9ae"), warm)
    picture = mix(land, air * 0.95, np.clip(haze, 0, 0.85))
    return develop(np.where(where[..., None], picture, sky), seed=21, grain=0.004, bloom=0.06, vignette=0.3)


def _sky(width: int, height: int, horizon: int) -> Array:
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    up = np.clip(1 - ys / (horizon * 1.35), 0, 1)
    sky = mix(
        np.broadcast_to(colour("#f7dcb2"), (height, width, 3)).astype(np.float32),
        colour("#7fa6b6"),
        step(0.05, 0.95, up),
    )
    sun = np.hypot((xs - 0.68 * width) / width, (ys - 0.72 * horizon) / width)
    sky = sky + np.exp(-((sun / 0.14) ** 1.2))[..., None] * np.array([0.62, 0.36, 0.12], np.float32)
    sky = sky + step(0.022, 0.016, sun)[..., None] * np.array([1.2, 1.0, 0.7], np.float32)
    veil = clouds((width, height), cells=2, octaves=5, seed=3, stretch=5)
    sky = mix(sky, np.array([0.98, 0.86, 0.74], np.float32), 0.45 * step(0.05, 0.7, veil) * step(0.1, 0.6, up))
    for index, (base, tall, tone, seed) in enumerate(
        ((0.72, 0.36, "#a9b4ae", 31), (0.90, 0.34, "#80988f", 32), (1.06, 0.28, "#5c7d72", 33))
    ):
        line = clouds((width, 4), cells=2.2 + index, octaves=6, seed=seed)[0]
        ridge = horizon * (base - tall * (0.5 + 0.5 * line))
        depth = (ys - ridge[None, :]) / horizon
        mist = step(0.0, 0.5, depth) * 0.75
        range_colour = mix(np.broadcast_to(colour(tone), sky.shape).astype(np.float32), colour("#f3dfc0"), mist)
        near_sun = np.exp(-((xs / width - 0.68) ** 2) / 0.04)
        range_colour = mix(range_colour, colour("#f7d6a4"), 0.35 * near_sun)
        sky = mix(sky, range_colour, step(-0.006, 0.006, depth))
    return sky


def _heights() -> tuple[Array, Array]:
    """Return ground heights in metres, and where there is a bush (0–1): in rows along the contour lines."""
    size = (MAP, MAP)
    base = clouds(size, cells=2.6, octaves=3, seed=5)
    zs, xs = np.mgrid[0:MAP, 0:MAP].astype(np.float32) / MAP
    # Two slopes fall towards a valley that winds away to the right.
    valley = 0.52 + 0.14 * np.sin(zs * 5.5 + 0.4)
    bowl = np.abs(xs - valley)
    ground = 8 + 74 * bowl**1.25 + 13 * base + 26 * zs**1.5
    ground += 10 * np.exp(-(((xs - 0.60) / 0.09) ** 2 + ((zs - 0.42) / 0.12) ** 2))
    ground += 15 * np.exp(-(((xs - 0.36) / 0.10) ** 2 + ((zs - 0.62) / 0.13) ** 2))
    row = 0.5 - 0.5 * np.cos(2 * np.pi * ground / 1.12)
    return ground.astype(np.float32), step(0.06, 0.62, row.astype(np.float32))


def _land(
    width: int, height: int, horizon: int
) -> tuple[Array, Array, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    ground, bush = _heights()
    leaves = clouds((MAP, MAP), cells=330, octaves=2, seed=8)
    clumps = clouds((MAP, MAP), cells=60, octaves=3, seed=9)
    surface = ground + bush * (0.85 + 0.16 * leaves + 0.12 * clumps)
    cell = SPAN / MAP
    dz, dx = np.gradient(surface, cell)
    normal = np.stack([-dx, np.ones_like(dx), -dz], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    sun = np.array([0.42, 0.42, 0.62], np.float32)
    sun /= np.linalg.norm(sun)
    lit = np.clip(normal @ sun, 0, 1) * _shadows(surface, cell)
    fresh = np.clip(0.5 + 0.6 * clumps + 0.35 * leaves, 0, 1)
    tea = mix(
        mix(np.broadcast_to(colour("#2e5a2b"), (MAP, MAP, 3)).astype(np.float32), colour("#7f9c35"), fresh),
        colour("#16301c"),
        0.6 * (1 - bush),
    )
    soil = mix(
        np.broadcast_to(colour("#33301c"), (MAP, MAP, 3)).astype(np.float32),
        colour("#4d412a"),
        np.clip(0.5 + leaves, 0, 1),
    )
    paint = mix(soil, tea, step(0.1, 0.5, bush))
    groove = 0.35 + 0.65 * bush
    sky_light = (0.35 + 0.35 * normal[..., 1]) * groove
    light = paint * (
        lit[..., None] * np.array([1.75, 1.32, 0.78]) + sky_light[..., None] * np.array([0.34, 0.44, 0.54])
    )
    tips = step(0.55, 1.0, bush * fresh) * lit
    light = (light + tips[..., None] * np.array([0.16, 0.17, 0.03])).astype(np.float32)
    return _look(surface, light, width, height, horizon)


def _shadows(surface: Array, cell: float) -> Array:
    """Return 0 to 1, how much low sun reaches each cell: a few looks towards it."""
    free = np.ones_like(surface)
    for reach in (0.8, 1.6, 3, 6, 12, 22, 36):
        shift_x, shift_z = round(-0.56 * reach / cell), round(-0.83 * reach / cell)
        ahead = np.roll(surface, (shift_z, shift_x), (0, 1))
        free = np.minimum(free, 1 - step(0.0, 0.6 + 0.12 * reach, ahead - surface - 0.5 * reach))
    return np.asarray(0.12 + 0.88 * free, np.float32)


def _look(
    surface: Array, light: Array, width: int, height: int, horizon: int
) -> tuple[Array, Array, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Look over the height field: for each column find the first slice that hides each row."""
    distances = (FIRST * (LAST / FIRST) ** np.linspace(0, 1, SLICES)).astype(np.float32)
    across = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    sideways = 0.47 * MAP + across[None, :] * distances[:, None] * 0.98 / SPAN * MAP
    xs = np.asarray(np.clip(sideways, 0, MAP - 1.01), np.float32)
    ahead = 0.02 * MAP + distances[:, None] / SPAN * MAP * 0.94
    zs = np.asarray(np.clip(ahead, 0, MAP - 1.01) * np.ones_like(xs), np.float32)
    seen = _sample(surface[..., None], xs, zs)[..., 0]
    eye = float(surface[int(0.02 * MAP), int(0.47 * MAP)]) + 27
    rows = horizon + (eye - seen) / distances[:, None] * width * 0.98
    top = np.minimum.accumulate(rows, axis=0)
    land, far = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    where = np.zeros((height, width), bool)
    wanted = np.arange(height, dtype=np.float32) + 0.5
    grain = _leaf_grain()
    for column in range(width):
        first = np.searchsorted(-top[:, column], -wanted, side="left")
        inside = first < SLICES
        first = np.minimum(first, SLICES - 1)
        at_x, at_z = xs[first, column], zs[first, column]
        # Leaves are finer than the map: a texture laid over it, which fades where they grow too small to see.
        metres = distances[first]
        fine = grain[(at_z * 11).astype(np.int32) % 512, (at_x * 11 + metres * 0.37).astype(np.int32) % 512]
        coarse = grain[(at_z * 4).astype(np.int32) % 512, (at_x * 4).astype(np.int32) % 512]
        leaf = 1 + fine * 0.55 * step(60, 12, metres) + coarse * 0.35 * step(130, 30, metres)
        land[:, column] = _sample(light, at_x, at_z) * np.clip(leaf, 0.25, 2.2)[:, None]
        far[:, column] = distances[first]
        where[:, column] = inside
    return land, far, where


def _leaf_grain() -> Array:
    """Leaves too fine for the map, as a tile of 512 × 512."""
    return clouds((512, 512), cells=120, octaves=3, seed=17)


def _sample(field: Array, xs: Array, zs: Array) -> Array:
    """Read a field between its cells."""
    left, near = xs.astype(np.int32), zs.astype(np.int32)
    right_share, far_share = (xs - left)[..., None], (zs - near)[..., None]
    first = field[near, left] * (1 - right_share) + field[near, left + 1] * right_share
    second = field[near + 1, left] * (1 - right_share) + field[near + 1, left + 1] * right_share
    return np.asarray(first * (1 - far_share) + second * far_share, np.float32)
