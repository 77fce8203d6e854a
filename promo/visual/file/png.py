"""PNG in strips, written without libpng: the Paeth filter in numpy, the compression by ISA-L.

Pillow's encoder filters and deflates on one thread with the zlib it was linked with, some 260 ms for a square card;
this takes some 11 ms for a file that is about a fifth larger. Format: PNG (Third Edition), W3C, 2025.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache, partial

import numpy as np
from isal import igzip_lib, isal_zlib
from PIL import Image

from promo.visual.file.profile import srgb
from promo.visual.file.strips import Strips

CHANNELS = {"L": (1, 0), "RGB": (3, 2), "RGBA": (4, 6)}  # mode: bytes a pixel, colour type (table 11.1)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SUB, PAETH = 1, 4  # the filters' numbers (table 9.1)
LEVEL = 2  # ISA-L's levels 2 and 3 differ little in size, 3 takes half as long again
STRIP = 96_000  # bytes of a strip: what its steps need stays in the processor's cache
ZLIB = b"\x78\x01"  # RFC 1950: deflate with a window of 32 KiB
LAST_BLOCK = b"\x03\x00"  # RFC 1951: an empty block, the final one
MODULUS = 65521  # of Adler-32
SUMS = struct.Struct("<II")
METRES_PER_INCH = 0.0254

Bytes2D = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


def png_strips(picture: Image.Image, *, dpi: int) -> Strips:
    """Return the picture, of mode L, RGB or RGBA, as a PNG with its resolution and, in colour, the sRGB profile.

    Raises ValueError for another mode.
    """
    if picture.mode not in CHANNELS:
        raise ValueError(picture.mode)
    channels, colour_type = CHANNELS[picture.mode]
    per_metre = round(dpi / METRES_PER_INCH)
    head = (
        SIGNATURE,
        chunk(b"IHDR", struct.pack(">IIBBBBB", picture.width, picture.height, 8, colour_type, 0, 0, 0)),
        *((_profile(),) if picture.mode != "L" else ()),  # a grey picture may not carry a profile of RGB
        chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        chunk(b"IDAT", ZLIB),
    )
    rows = max(1, STRIP // (picture.width * channels))
    encoder = partial(_encoded, rows=rows, channels=channels)
    return Strips(rows=rows, parts=encoder(picture), encoder=encoder, joiner=partial(_joined, b"".join(head)))


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(data, isal_zlib.crc32(kind)))


@cache
def _profile() -> bytes:
    return chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb(), 9))


def _encoded(area: Image.Image, *, rows: int, channels: int) -> tuple[bytes, ...]:
    """Return each strip as a chunk of its own, before it the checksum and the length of what it holds."""
    return tuple(
        _strip(area.crop((0, top, area.width, min(top + rows, area.height))), channels)
        for top in range(0, area.height, rows)
    )


def _strip(area: Image.Image, channels: int) -> bytes:
    filtered = _filtered(np.asarray(area).reshape(area.height, area.width * channels), channels)
    deflate = isal_zlib.compressobj(LEVEL, wbits=-15, memLevel=igzip_lib.MEM_LEVEL_SMALL)
    data = deflate.compress(filtered) + deflate.flush(isal_zlib.Z_FULL_FLUSH)
    return SUMS.pack(isal_zlib.adler32(filtered), filtered.size) + chunk(b"IDAT", data)


def _joined(head: bytes, parts: tuple[bytes, ...]) -> bytes:
    """Return the file. The chunks form one zlib stream, whose checksum follows from those of the strips."""
    checksum = 1
    for part in parts:
        checksum = _both(checksum, *SUMS.unpack_from(part))
    end = chunk(b"IDAT", LAST_BLOCK + struct.pack(">I", checksum)) + chunk(b"IEND", b"")
    return b"".join((head, *(part[SUMS.size :] for part in parts), end))


def _both(first: int, second: int, length: int) -> int:
    """Return the Adler-32 (RFC 1950, 8.2) of two texts in a row from those of each and the second's length."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + length * ((first & 0xFFFF) - 1)
    return high % MODULUS << 16 | low % MODULUS


def _filtered(strip: Bytes2D, channels: int) -> Bytes2D:
    """Return the rows with each byte's difference from its best neighbour, after the filter's number.

    Paeth: with a the byte to the left, b above and c between them, the neighbour nearest to a + b - c (PNG, 9.4). In
    unsigned bytes: the distance of a is |b - c|, that of b is |a - c|; c can be nearest only when both lie on
    different sides of it, and its distance is then how much those two differ. The first row knows none above it.
    """
    up, row = strip[:-1], strip[1:]
    left, corner = np.zeros_like(up), np.zeros_like(up)
    left[:, channels:] = row[:, :-channels]
    corner[:, channels:] = up[:, :-channels]
    to_left = np.maximum(up, corner) - np.minimum(up, corner)
    to_up = np.maximum(left, corner) - np.minimum(left, corner)
    farther, nearer = np.maximum(to_left, to_up), np.minimum(to_left, to_up)
    opposite = (up > corner) != (left > corner)
    guess = up ^ ((up ^ left) & _mask(to_left <= to_up))
    guess ^= (guess ^ corner) & _mask(opposite & (farther - nearer < nearer))
    rows = np.empty((strip.shape[0], strip.shape[1] + 1), np.uint8)
    rows[0, 0], rows[1:, 0] = SUB, PAETH
    rows[0, 1 : 1 + channels] = strip[0, :channels]
    np.subtract(strip[0, channels:], strip[0, :-channels], out=rows[0, 1 + channels :])
    np.subtract(row, guess, out=rows[1:, 1:])
    return rows


def _mask(chosen: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Bytes2D:
    """Return 255 where true: choosing by bits is several times quicker than np.where."""
    return chosen.view(np.uint8) * np.uint8(255)
