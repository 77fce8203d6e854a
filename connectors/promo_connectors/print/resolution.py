"""The resolution a picture file says it has, and the sheet a PDF is trimmed to."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

INCH = 25.4  # millimetres
POINTS = 72  # an inch


def read_dpi(path: Path) -> float | None:
    """Return dots per inch as a PNG's pHYs chunk or a JPEG's JFIF header says; None where it says nothing."""
    with path.open("rb") as file:
        head = file.read(65_536)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(head)
    if head.startswith(b"\xff\xd8\xff\xe0") and head[6:11] == b"JFIF\0":
        unit, across = struct.unpack(">BH", head[13:16])
        return {1: float(across), 2: across * INCH / 10}.get(unit) or None
    return None


def read_sheet(path: Path) -> tuple[float, float] | None:
    """Return width and height in millimetres of a PDF's first page once it is trimmed; None for other files."""
    import pikepdf

    try:
        with pikepdf.open(path) as pdf:
            left, bottom, right, top = (float(side) for side in pdf.pages[0].trimbox.as_list())
    except (pikepdf.PdfError, ValueError, IndexError):
        return None
    return round((right - left) / POINTS * INCH, 1), round((top - bottom) / POINTS * INCH, 1)


def _png(head: bytes) -> float | None:
    place = 8
    while place + 8 <= len(head):
        length, kind = struct.unpack(">I4s", head[place : place + 8])
        if kind == b"IDAT":
            return None
        if kind == b"pHYs" and place + 17 <= len(head):
            across, _down, unit = struct.unpack(">IIB", head[place + 8 : place + 17])
            return round(across * INCH / 1000, 1) if unit == 1 and across else None
        place += length + 12
    return None
