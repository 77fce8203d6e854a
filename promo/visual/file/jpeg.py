"""JPEG in strips: restart markers make groups of block rows independent of each other (ITU-T T.81, E.1.4)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import partial
from itertools import cycle

from PIL import Image

from promo.visual.file.profile import srgb
from promo.visual.file.strips import Strips

BLOCK = 8  # rows of a block; without chroma subsampling a row of blocks is no higher
BLOCK_ROWS = 2  # of a strip: a marker each 16 rows costs a quarter of a percent of the file
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")  # inside a scan every other FF is followed by 00
SLAB = 400_000  # pixels encoded at a time
_FRAME = b"\xff\xc0"  # baseline
_START, _SCAN, _END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
_MARKERS = tuple(bytes((0xFF, 0xD0 + number)) for number in range(8))


def jpeg_strips(picture: Image.Image, *, quality: int, dpi: int) -> Strips:
    """Return the picture, RGB or L, as a baseline JPEG with its resolution and, in colour, the sRGB profile.

    Without chroma subsampling: it blurs coloured letters.
    """
    rows = BLOCK * BLOCK_ROWS
    encoder = partial(_encoded, quality=quality, dpi=dpi)
    slab = max(rows, SLAB // picture.width // rows * rows)
    parts: list[bytes] = []
    head = b""
    for top in range(0, picture.height, slab):  # a poster's file is not held three times over
        area = (
            picture.crop((0, top, picture.width, min(top + slab, picture.height))) if slab < picture.height else picture
        )
        head, found = encoder(area)
        parts += found
    return Strips(
        rows=rows,
        parts=tuple(parts),
        encoder=lambda area: encoder(area)[1],
        joiner=partial(_joined, _with_height(head, picture.height)),
    )


def _with_height(head: bytes, height: int) -> bytes:
    """Return a head that says another height (T.81, B.2.2: after the frame's length and precision)."""
    at = next(at for at in _segments(head) if head[at : at + 2] == _FRAME)
    return head[: at + 5] + height.to_bytes(2) + head[at + 7 :]


def _encoded(picture: Image.Image, *, quality: int, dpi: int) -> tuple[bytes, tuple[bytes, ...]]:
    """Return all that stands before the scan's data, and the data strip by strip."""
    stream = io.BytesIO()
    picture.save(
        stream,
        "JPEG",
        quality=quality,
        subsampling=0,
        dpi=(dpi, dpi),
        icc_profile=srgb() if picture.mode == "RGB" else None,
        restart_marker_rows=BLOCK_ROWS,
    )
    data = stream.getvalue()
    begin = _scan_begins(data)
    return data[:begin], tuple(_RESTART.split(data[begin : -len(_END)]))


def _scan_begins(data: bytes) -> int:
    """Return where the scan's data begin."""
    at = next(at for at in _segments(data) if data[at : at + 2] == _SCAN)
    return at + 2 + int.from_bytes(data[at + 2 : at + 4])


def _segments(data: bytes) -> Iterator[int]:
    """Yield where each segment begins, up to the scan's: each says how long it is (T.81, B.1.1.4)."""
    at = len(_START)
    while at < len(data):
        yield at
        at += 2 + int.from_bytes(data[at + 2 : at + 4])


def _joined(head: bytes, parts: tuple[bytes, ...]) -> bytes:
    between = cycle(_MARKERS)
    pieces = [head, parts[0]]
    for part in parts[1:]:
        pieces += (next(between), part)
    return b"".join((*pieces, _END))
