"""The PNG writer: any size and mode comes back pixel by pixel, by two decoders, with sound chunks."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np
import pytest
import resvg_py
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from promo.visual.file.png import png_strips

SHAPES = {"L": (), "RGB": (3,), "RGBA": (4,)}


def encode_png(picture, *, dpi):
    return png_strips(picture, dpi=dpi).joined()


@st.composite
def pictures(draw):
    mode = draw(st.sampled_from(sorted(SHAPES)))
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    values = draw(st.sampled_from([st.integers(0, 255), st.sampled_from([0, 1, 127, 128, 254, 255])]))
    pixels = draw(arrays(np.uint8, (height, width, *SHAPES[mode]), elements=values))
    return Image.fromarray(pixels)


def chunks(data):
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body, (checksum,) = (
            data[at + 8 : at + 8 + length],
            struct.unpack(">I", data[at + 8 + length : at + 12 + length]),
        )
        assert zlib.crc32(kind + body) == checksum, kind
        yield kind.decode(), body
        at += 12 + length


@given(pictures())
def test_every_picture_comes_back_as_it_was(picture):
    data = encode_png(picture, dpi=72)
    back = Image.open(io.BytesIO(data), formats=("PNG",))
    assert back.mode == picture.mode
    assert back.size == picture.size
    assert back.tobytes() == picture.tobytes()
    assert encode_png(picture, dpi=72) == data


def test_a_large_picture_comes_back_across_the_bands():
    pixels = np.random.default_rng(1).integers(0, 256, (301, 997, 3), np.uint8)
    pixels[100:200] = np.arange(997, dtype=np.uint32)[:, None] // 4
    data = encode_png(Image.fromarray(pixels), dpi=300)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


def test_the_chunks_are_sound_and_in_order():
    data = encode_png(Image.linear_gradient("L").convert("RGB"), dpi=300)
    found = dict(chunks(data))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    kinds = [kind for kind, _body in chunks(data)]
    assert kinds[:3] == ["IHDR", "iCCP", "pHYs"]
    assert kinds[-1] == "IEND"
    assert set(kinds[3:-1]) == {"IDAT"}
    assert found["pHYs"] == struct.pack(">IIB", 11811, 11811, 1)  # 300 dpi
    assert b"acsp" in zlib.decompress(found["iCCP"].removeprefix(b"sRGB\0\0"))


def test_another_decoder_reads_it_too():
    picture = Image.linear_gradient("L").resize((64, 48)).convert("RGB")
    link = base64.b64encode(encode_png(picture, dpi=72)).decode()
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48">'
        f'<image width="64" height="48" image-rendering="optimizeSpeed" href="data:image/png;base64,{link}"/></svg>'
    )
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))).convert("RGB")
    assert np.array_equal(np.asarray(drawn), np.asarray(picture))


def test_a_grey_picture_carries_no_profile_of_colours():
    assert "iCCP" not in dict(chunks(encode_png(Image.new("L", (3, 3)), dpi=72)))


def test_other_modes_are_refused():
    with pytest.raises(ValueError, match="CMYK"):
        encode_png(Image.new("CMYK", (2, 2)), dpi=72)
