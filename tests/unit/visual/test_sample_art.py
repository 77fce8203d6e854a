"""The committed pictures are what the script in the repository draws."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from promo.testing.sample_art.logos import as_png, logos
from promo.testing.sample_art.photos import PHOTOS

ASSETS = Path(__file__).parents[3] / "assets"


def pixels(image, size=(24, 18)):
    return np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX), float)


def test_logos_are_drawn_exactly():
    for name, svg in logos().items():
        path = ASSETS / "brands" / name
        if path.exists():
            assert path.read_text("utf-8") == svg
        else:
            drawn, kept = Image.open(io.BytesIO(as_png(svg, 480))), Image.open(path.with_suffix(".png"))
            assert np.array_equal(np.asarray(drawn), np.asarray(kept))


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_drawn_small_looks_like_the_committed_one(name):
    draw, width = PHOTOS[name]
    with Image.open(ASSETS / "photos" / name) as kept:
        assert kept.width == width
        small = draw(400 if name == "tea-terraces.jpg" else 110)
        difference = np.abs(pixels(small) - pixels(kept))
    assert difference.mean() < 7
    assert np.median(difference) < 5


def test_the_pictures_stay_small():
    files = [path for path in ASSETS.rglob("*") if path.suffix in {".jpg", ".png", ".svg"}]
    assert max(path.stat().st_size for path in files) <= 200_000
    assert sum(path.stat().st_size for path in files) <= 3_000_000
