"""A large photo scaled band by band is the photo scaled at once."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from promo.visual.paint import photo
from promo.visual.paint.photo import photo_at, photo_in_bands
from promo.visual.paint.spool import Spool


@pytest.mark.parametrize("size", [(300, 200), (700, 900), (641, 480)])
@pytest.mark.parametrize("focal", [(0.5, 0.5), (0.9, 0.1)])
def test_bands_are_the_whole(tmp_path, monkeypatch, size, focal):
    monkeypatch.setattr(photo, "BAND", 20_000)
    pixels = np.random.default_rng(3).integers(0, 256, (60, 80, 3), np.uint8)
    Image.fromarray(pixels).resize((640, 480), Image.Resampling.BICUBIC).save(tmp_path / "photo.png")
    whole, enlarged = photo_at(tmp_path / "photo.png", size, focal)
    scale, bands = photo_in_bands(tmp_path / "photo.png", size, focal)
    together, rows = Image.new("RGB", size), []
    for top, band in bands:
        together.paste(band, (0, top))
        rows.append(band.height)
    assert scale == enlarged
    assert sum(rows) == size[1]
    assert len(rows) > 1
    away = np.abs(np.asarray(together, np.int16) - np.asarray(whole, np.int16))
    assert away.max() <= 2  # of 255: both passes round


def test_what_is_set_aside_comes_back(tmp_path):
    pixels = np.random.default_rng(4).integers(0, 256, (50, 40, 3), np.uint8)
    bands = [(0, Image.fromarray(pixels[:30])), (30, Image.fromarray(pixels[30:]))]
    spool = Spool(1.5, bands)
    for _time in range(2):  # a veil may be made stronger, and all be painted again
        assert np.array_equal(np.concatenate([np.asarray(band) for _top, band in spool]), pixels)
    assert [top for top, _band in spool] == [0, 30]
    spool.close()
