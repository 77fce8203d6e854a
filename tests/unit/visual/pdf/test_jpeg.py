"""A JPEG made of bands is the JPEG made at once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from promo.errors import UserMistake
from promo.visual.pdf.jpeg import BAND, banded_jpeg


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
@pytest.mark.parametrize("height", [1, BAND - 3, BAND, BAND + 1, 3 * BAND + 77])
def test_bands_decode_to_what_one_whole_decodes_to(mode, height):
    noise = np.random.default_rng(5).integers(0, 255, (height // 8 + 1, 12, len(mode)), np.uint8)
    picture = Image.fromarray(noise, mode).resize((90, height))
    bands = (picture.crop((0, top, 90, min(height, top + BAND))) for top in range(0, height, BAND))
    whole = io.BytesIO()
    picture.save(whole, "JPEG", quality=90, subsampling=0)
    with Image.open(io.BytesIO(banded_jpeg(bands, picture.size, quality=90))) as joined, Image.open(whole) as once:
        assert joined.size == picture.size
        assert joined.mode == mode
        assert np.array_equal(np.asarray(joined), np.asarray(once))


def test_a_side_too_long_for_jpeg_is_refused():
    with pytest.raises(UserMistake, match="65500 pixels"):
        banded_jpeg([], (10, 70_000), quality=90)
