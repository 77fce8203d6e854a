"""How much ink a printed page takes at its wettest spot, by the press's own profile."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from promo.visual.finding import finding
from promo.visual.rule.sight import Note, Sight
from promo.visual.scene import Rect

TOTAL_INK = "total-ink"
POINTS = 220  # of the short side: ink is judged over millimetres, not pixels
PERCENTILE = 99.7
INTENTS = {
    "perceptual": ImageCms.Intent.PERCEPTUAL,
    "relative": ImageCms.Intent.RELATIVE_COLORIMETRIC,
    "saturation": ImageCms.Intent.SATURATION,
    "absolute": ImageCms.Intent.ABSOLUTE_COLORIMETRIC,
}


def check_ink(sight: Sight) -> Iterator[Note]:
    """Yield the spot that takes too much ink. Without a profile nobody knows: then nothing is said."""
    said, page = sight.brand.guide.print, sight.page
    if not page.print or said.profile is None:
        return
    transform = _transform(sight.brand.folder / said.profile, said.rendering_intent)
    if transform is None:
        return
    step = max(1, min(page.width, page.height) // POINTS)
    small = sight.picture.resize((page.width // step, page.height // step), Image.Resampling.BOX)
    inks = np.asarray(ImageCms.applyTransform(small, transform)).sum(axis=2, dtype=np.int32) / 2.55
    most = float(np.percentile(inks, PERCENTILE))
    if most > said.total_ink + 0.5:
        rows, columns = np.nonzero(inks >= most)
        y, x = float(rows[0] * step), float(columns[0] * step)
        where = Rect(left=x, top=y, width=1, height=1).grown(4 * step)
        yield finding(TOTAL_INK, layer="", where=where, value=f"{most:.0f} %", limit=f"{said.total_ink:g} %")


@lru_cache(maxsize=8)
def _transform(profile: Path, intent: str) -> ImageCms.ImageCmsTransform | None:
    try:
        return ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), str(profile), "RGB", "CMYK", renderingIntent=INTENTS[intent]
        )
    except (ImageCms.PyCMSError, OSError):
        return None  # the brand's own check says so
