"""Metadata in a PNG: the iTXt chunk `XML:com.adobe.xmp`, before the picture's own data."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from promo.visual.file.metadata_model import Found

STARTS = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"XML:com.adobe.xmp\0"
_PLAIN = b"\0\0\0\0"  # not compressed, method 0, no language, no translated keyword (PNG 3rd edition, 11.3.3.4)
_LARGEST_PACKET = 4_000_000  # bytes, unpacked


def put(data: bytes, packet: bytes) -> bytes:
    """Return the PNG with this XMP packet instead of its own. Raises ValueError for bytes that are no PNG."""
    view = memoryview(data)  # slices of it are no copies
    parts: list[bytes | memoryview] = [STARTS]
    end, done = len(STARTS), False
    for kind, start, stop in _chunks(data):
        if kind == b"IDAT":
            content = b"iTXt" + _KEYWORD + _PLAIN + packet
            parts += [(len(content) - 4).to_bytes(4, "big"), content, zlib.crc32(content).to_bytes(4, "big")]
            done = True
            break
        if kind != b"iTXt" or not data.startswith(_KEYWORD, start + 8):
            parts.append(view[start:stop])
        end = stop
    if not done:
        raise ValueError("a PNG without a picture")
    return b"".join((*parts, view[end:]))


def find(data: bytes) -> Found:
    """Return the metadata of a PNG, also where it stands behind the picture."""
    try:
        for kind, start, stop in _chunks(data):
            if kind == b"iTXt" and data.startswith(_KEYWORD, start + 8):
                return Found(xmp=_text(data[start + 8 + len(_KEYWORD) : stop - 4]))
    except ValueError:
        pass
    return Found()


def _text(content: bytes) -> bytes:
    """Undo the head of an iTXt chunk: flag, method, language, translated keyword, text."""
    if len(content) < 4:
        return b""
    _language, _zero, rest = content[2:].partition(b"\0")
    _keyword, _zero, text = rest.partition(b"\0")
    if content[0] == 0:
        return text
    try:
        return zlib.decompressobj().decompress(text, _LARGEST_PACKET)
    except zlib.error:
        return b""


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of every chunk. Raises ValueError for bytes that are no PNG or cut short."""
    if not data.startswith(STARTS):
        raise ValueError("no PNG")
    at = len(STARTS)
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            raise ValueError("a PNG cut short")
        kind = data[at + 4 : at + 8]
        yield kind, at, at + 12 + length
        at += 12 + length
        if kind == b"IEND":
            return
