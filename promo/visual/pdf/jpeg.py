"""A JPEG made band by band, so that a poster's pixels never stand in memory all at once."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable

from PIL import Image

from promo.errors import UserMistake
from promo.language import _

BAND = 512  # rows: a whole number of times eight restart intervals of eight rows each
_LONGEST = 65_500  # pixels a side (ITU-T T.81, B.2.2: sixteen bits; libjpeg keeps some)
_SOF, _SOS, _RST7 = b"\xff\xc0", b"\xff\xda", b"\xff\xd7"


def banded_jpeg(bands: Iterable[Image.Image], size: tuple[int, int], *, quality: int) -> bytes:
    """Return one baseline JPEG of `size` made of bands, each but the last `BAND` rows high.

    Every row of blocks is its own restart interval (ITU-T T.81, E.1.4), which begins anew; so the bands' coded rows
    can be put behind one another, as long as their restart numbers, which run from 0 to 7, go on. All bands share
    the standard Huffman tables.
    """
    if max(size) > _LONGEST:
        raise UserMistake(_("a picture in print may have {limit} pixels a side at most", limit=_LONGEST))
    out = bytearray()
    for band in bands:
        stream = io.BytesIO()
        band.save(stream, "JPEG", quality=quality, subsampling=0, restart_marker_rows=1)
        data = stream.getvalue()
        start = _scan(data)
        if out:
            out += _RST7
        else:
            out += _with_height(data[:start], size[1])
        out += data[start:-2]  # without the end-of-image marker
    return bytes(out) + b"\xff\xd9"


def _segments(data: bytes) -> Iterable[tuple[bytes, int, int]]:
    """Yield marker, start and end of each segment before the coded rows."""
    place = 2
    while True:
        marker = data[place : place + 2]
        end = place + 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        yield marker, place, end
        if marker == _SOS:
            return
        place = end


def _scan(data: bytes) -> int:
    """Return where the coded rows begin."""
    return max(end for _marker, _start, end in _segments(data))


def _with_height(head: bytes, height: int) -> bytes:
    start = next(start for marker, start, _end in _segments(head) if marker == _SOF)
    return head[: start + 5] + struct.pack(">H", height) + head[start + 7 :]
