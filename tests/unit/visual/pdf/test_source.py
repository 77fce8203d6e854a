"""Photos read part by part are what they are as a whole, however the camera was held."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ExifTags, Image

from promo.visual.paint.photo import open_photo
from promo.visual.pdf.source import Source


@pytest.mark.parametrize("orientation", range(1, 9))
def test_parts_of_a_turned_photo(tmp_path, orientation):
    pixels = np.random.default_rng(3).integers(0, 255, (40, 60, 3), np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(pixels).save(tmp_path / "photo.png", exif=exif)
    upright = open_photo(tmp_path / "photo.png", near=(60, 60))
    source = Source(tmp_path / "photo.png", near=(60, 60))
    assert source.size == upright.size
    box = (3, 7, 31, 29)
    assert np.array_equal(np.asarray(source.part(box, (28, 22))), np.asarray(upright.crop(box)))
    smaller = np.asarray(source.part(box, (14, 11)), int)
    expected = np.asarray(upright.resize((14, 11), Image.Resampling.LANCZOS, box=box), int)
    assert np.abs(smaller - expected).mean() < 1  # scaled down first, it is rounded at other places
