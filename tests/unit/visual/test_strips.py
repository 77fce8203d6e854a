"""Files put together from strips: the same bytes as when they are encoded whole, after any change."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from promo.visual.file import jpeg
from promo.visual.file.encode import encode, in_strips
from promo.visual.layout.model import Output

KINDS = ("jpeg", "png")


def grain(width, height, seed=1):
    steps = np.random.default_rng(seed).integers(-9, 10, (height, width, 3))
    return Image.fromarray(np.uint8(128 + np.cumsum(steps, axis=1) % 120))


@pytest.mark.parametrize("kind", KINDS)
@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    top=st.integers(0, 89),
    height=st.integers(1, 60),
    seed=st.integers(0, 9),
)
def test_a_changed_area_becomes_the_bytes_of_the_whole(kind, size, top, height, seed):
    output = Output(type=kind, quality=85)
    before, after = grain(*size), grain(*size)
    top = min(top, size[1] - 1)
    bottom = min(top + height, size[1])
    after.paste(grain(size[0], bottom - top, seed + 2), (0, top))
    strips = in_strips(before, output, dpi=72)
    first, end = strips.around(top, bottom, size[1])
    patched = strips.changed(after.crop((0, first, size[0], end)), first).joined()
    assert patched == encode(after, output, dpi=72)


@pytest.mark.parametrize("kind", KINDS)
def test_a_large_picture_is_cut_into_strips(kind):
    picture = grain(1080, 301)
    strips = in_strips(picture, Output(type=kind, quality=90), dpi=300)
    assert len(strips.parts) == -(-301 // strips.rows)
    assert len(strips.parts) > 8  # restart markers are counted in eights
    decoded = Image.open(io.BytesIO(strips.joined()))
    assert [round(value) for value in decoded.info["dpi"]] == [300, 300]
    assert b"acsp" in decoded.info["icc_profile"]
    if kind == "png":
        assert decoded.tobytes() == picture.tobytes()


@pytest.mark.parametrize("slab", [1_000_000, 333 * 48, 1])
def test_neither_restart_markers_nor_slabs_change_a_pixel(monkeypatch, slab):
    monkeypatch.setattr(jpeg, "SLAB", slab)
    picture, plain = grain(333, 222), io.BytesIO()
    picture.save(plain, "JPEG", quality=85, subsampling=0)
    ours = Image.open(io.BytesIO(encode(picture, Output(type="jpeg", quality=85), dpi=72)))
    assert ours.tobytes() == Image.open(plain).tobytes()
    assert ours.info.get("progressive") is None


def test_webp_keeps_the_picture_and_the_profile():
    picture = grain(64, 48).resize((640, 480), Image.Resampling.BICUBIC)
    data = encode(picture, Output(type="webp", quality=90), dpi=72)
    decoded = Image.open(io.BytesIO(data))
    assert decoded.format == "WEBP"
    assert b"acsp" in decoded.info["icc_profile"]
    away = np.abs(np.asarray(decoded.convert("RGB"), np.int16) - np.asarray(picture, np.int16))
    assert away.mean() < 3
    assert encode(picture, Output(type="webp", quality=90), dpi=72) == data
