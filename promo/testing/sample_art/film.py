"""Film: noise, tone, grain and the last steps from light to a saved photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Array: TypeAlias = NDArray[Any]  # float32; numpy's own types differ from version to version here
LARGEST = 200_000  # bytes of one photo


def clouds(size: tuple[int, int], *, cells: float, octaves: int, seed: int, stretch: float = 1) -> Array:
    """Return fractal noise of width × height `size`, about -1 to 1; `cells` lumps across the width."""
    width, height = size
    random = np.random.Generator(np.random.PCG64(seed))
    total, weight = np.zeros((height, width), np.float32), 1.0
    for octave in range(octaves):
        columns = max(2, int(cells * 2**octave))
        rows = max(2, int(columns * height / width * stretch))
        grid = random.uniform(-1, 1, (min(rows, 2000), min(columns, 2000))).astype(np.float32)
        total += weight * np.asarray(Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC))
        weight *= 0.5
    return total / 1.4


_LATTICE = np.random.Generator(np.random.PCG64(7)).uniform(-1, 1, (32, 32, 32)).astype(np.float32)


def lumps(points: Array, scale: float, seed: float) -> Array:
    """Return solid noise at points (n × 3), -1 to 1: random values on a lattice, smooth between."""
    place = points * np.float32(scale) + np.float32(seed * 7.31)
    cell = np.floor(place).astype(np.int32)
    share = place - cell
    share = share * share * (3 - 2 * share)
    near, far = cell & 31, (cell + 1) & 31
    result = np.zeros(len(points), np.float32)
    for x, along in ((near[:, 0], 1 - share[:, 0]), (far[:, 0], share[:, 0])):
        for y, up in ((near[:, 1], 1 - share[:, 1]), (far[:, 1], share[:, 1])):
            pair = _LATTICE[x, y, near[:, 2]] * (1 - share[:, 2]) + _LATTICE[x, y, far[:, 2]] * share[:, 2]
            result += along * up * pair
    return result


def colour(code: str) -> Array:
    """Return a hex colour as linear light."""
    values = np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)], np.float32) / 255
    return (values**2.2).astype(np.float32)


def mix(first: Array, second: Array, share: Array | float) -> Array:
    """Blend two colours or pictures by a number, or by a share for each point or pixel."""
    amount = np.asarray(share, np.float32)
    if amount.ndim:
        amount = amount[..., None]
    return np.asarray(first * (1 - amount) + second * amount, np.float32)


def step(low: float, high: float, value: Array) -> Array:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def develop(
    light: Array, *, seed: int, grain: float = 0.008, vignette: float = 0.18, bloom: float = 0.12
) -> Image.Image:
    """Turn linear light into a photo: bloom, filmic tone, vignette, grain."""
    height, width = light.shape[:2]
    curve = light * 0.92
    toned = np.clip((curve * (2.51 * curve + 0.03)) / (curve * (2.43 * curve + 0.59) + 0.14), 0, 1) ** (1 / 2.2)
    picture = Image.fromarray((toned * 255).astype(np.uint8))
    if bloom:
        glow = np.asarray(picture.filter(ImageFilter.GaussianBlur(width / 40)), np.float32) / 255
        toned = 1 - (1 - toned) * (1 - bloom * glow**2)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    away = ((xs / width - 0.5) ** 2 + (ys / height - 0.5) ** 2) * 2
    toned = toned * (1 - vignette * step(0.15, 1.0, away))[..., None]
    noise = np.random.Generator(np.random.PCG64(seed)).normal(0, grain, (height, width)).astype(np.float32)
    toned = toned + noise[..., None]
    return Image.fromarray((np.clip(toned, 0, 1) * 255 + 0.5).astype(np.uint8))


def save(picture: Image.Image, path: Path) -> None:
    """Save as JPEG of at most 200 KB: quality 85, lower where there is much to see."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in (85, 80, 75, 70, 65):
        picture.save(path, "JPEG", quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= LARGEST:
            break
