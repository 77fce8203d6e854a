"""Total ink: how much of the four inks lies on one spot of paper."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from promo.visual.scene import Rect

PERCENTILE = 99.9  # a thousandth of the pixels may be heavier: single specks do not smear
_FULL = 255
_CELL = 32  # pixels a side of the area named as the heaviest


@dataclass(slots=True)
class InkMeter:
    """Measures pixels in CMYK (0–255) as they pass by, band after band."""

    counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = field(
        default_factory=lambda: np.zeros(4 * _FULL + 1, dtype=np.int64)
    )
    worst: float = 0.0  # percent, the mean of the heaviest cell
    spot: tuple[int, int, int, int] | None = None  # its pixels: left, top, right, bottom

    def add(self, band: Image.Image, *, top: int) -> None:
        """Count a band whose first row is row `top` of its picture."""
        parts = np.asarray(band)
        total = parts[:, :, 0].astype(np.uint16)
        for channel in range(1, 4):
            total += parts[:, :, channel]
        self.counts += np.bincount(total.reshape(-1), minlength=len(self.counts))
        high, wide = max(1, total.shape[0] // _CELL), max(1, total.shape[1] // _CELL)
        tall, broad = min(_CELL, total.shape[0]), min(_CELL, total.shape[1])
        cells = total[: high * tall, : wide * broad].reshape(high, tall, wide, broad).mean(axis=(1, 3))
        row, column = np.unravel_index(int(cells.argmax()), cells.shape)
        mean = float(cells[row, column]) / _FULL * 100
        if mean > self.worst:
            left, upper = int(column) * broad, top + int(row) * tall
            self.worst, self.spot = mean, (left, upper, left + broad, upper + tall)

    @property
    def value(self) -> float:
        """Return the total ink, in percent, that all but a thousandth of the pixels stay below."""
        if not self.counts.any():
            return 0.0
        reached = np.searchsorted(np.cumsum(self.counts), self.counts.sum() * PERCENTILE / 100)
        return float(reached) / _FULL * 100


@dataclass(frozen=True, kw_only=True, slots=True)
class PhotoInk:
    """What a photo's pixels need: total ink in percent, and where on the page it is heaviest."""

    layer: str
    value: float
    rect: Rect
    page: int = 0
