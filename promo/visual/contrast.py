"""Contrast on real pixels: how well a text can be read on what lies behind it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from promo.brand.colour import luminance, rgb

PERCENTILE = 5  # the worst twentieth of the ground decides: a bright leaf behind one letter is enough to lose it
LARGE_SHARE = 6.0  # percent of the short side: 24 CSS pixels where a card is seen 400 CSS pixels wide
NORMAL, LARGE = 4.5, 3.0  # WCAG 2.2, success criterion 1.4.3 (AA)

_values = np.arange(256) / 255
_LINEAR = np.where(_values <= 0.04045, _values / 12.92, ((_values + 0.055) / 1.055) ** 2.4)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
_ENOUGH = 300  # pixels a side: larger areas are measured scaled down


def ground_luminance(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the relative luminance (0–1) of every pixel, as an array of height × width."""
    linear: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = _LINEAR[np.asarray(picture.convert("RGB"))] @ _WEIGHTS
    return linear


def text_contrast(picture: Image.Image, mask: Image.Image, place: tuple[int, int], colour: str) -> float:
    """Return the contrast of a text, not yet drawn, on the pixels behind and right around its letters.

    The 5th percentile: 95 % of those pixels contrast at least as much.
    """
    area = picture.crop((*place, place[0] + mask.width, place[1] + mask.height))
    factor = max(1, max(area.size) // _ENOUGH)
    if factor > 1:
        area, mask = area.reduce(factor), mask.reduce(factor)
    near = np.asarray(mask.filter(ImageFilter.MaxFilter(3))) > 64
    if not near.any():
        return 21.0
    ground, ink = ground_luminance(area)[near], luminance(rgb(colour))
    ratios = (np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05)
    return float(np.percentile(ratios, PERCENTILE))


def needed(size: float, unit: float) -> float:
    """Return the contrast a text of `size` pixels needs, where `unit` is a percent of the short side."""
    return LARGE if size >= LARGE_SHARE * unit else NORMAL
