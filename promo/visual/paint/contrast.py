"""Contrast on real pixels: how well a text can be read on what lies behind it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from promo.brand.colour import luminance, rgb

Chosen = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

LOGO_PERCENTILE = 10  # a mark is larger than letters; nine tenths of it must stand out
PERCENTILE = 5  # the worst twentieth of the ground decides: a bright leaf behind one letter is enough to lose it

_values = np.arange(256) / 255
_LINEAR = np.where(_values <= 0.04045, _values / 12.92, ((_values + 0.055) / 1.055) ** 2.4)
_RED, _GREEN, _BLUE = (_LINEAR * weight for weight in (0.2126, 0.7152, 0.0722))
_ENOUGH = 300  # pixels a side: larger areas are measured scaled down


def ground_luminance(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the relative luminance (0–1) of every pixel, as an array of height × width."""
    return _luminance(np.asarray(picture.convert("RGB")))


def _luminance(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    linear: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    linear = _RED[pixels[..., 0]] + _GREEN[pixels[..., 1]] + _BLUE[pixels[..., 2]]
    return linear


def text_contrast(area: Image.Image, mask: Image.Image, colour: str) -> float:
    """Return the contrast of letters, not yet drawn, on the pixels behind and right around them.

    `area` and `mask` have one size. The 5th percentile: 95 % of those pixels contrast at least as much.
    """
    factor = max(1, max(area.size) // _ENOUGH)
    if factor > 1:
        area, mask = area.reduce(factor), mask.reduce(factor)
    near = _widened(np.asarray(mask) > 64)
    if not near.any():
        return 21.0
    ground, ink = _luminance(np.asarray(area.convert("RGB"))[near]), luminance(rgb(colour))
    ratios = (np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05)
    return float(np.percentile(ratios, PERCENTILE))


def _widened(chosen: Chosen) -> Chosen:
    """Return the places with their eight neighbours."""
    tall = chosen.copy()
    tall[1:] |= chosen[:-1]
    tall[:-1] |= chosen[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


def logo_contrast(image: Image.Image, ground: Image.Image) -> float:
    """Return the contrast of a logo (RGBA) with the `ground` of its size: nine tenths of it contrast at least so."""
    alpha = np.asarray(image.getchannel("A")) > 128
    solid = alpha if alpha.any() else np.ones_like(alpha)
    ink = float(ground_luminance(image)[solid].mean())
    behind = ground_luminance(ground)[solid]
    return float(np.percentile((np.maximum(ink, behind) + 0.05) / (np.minimum(ink, behind) + 0.05), LOGO_PERCENTILE))
