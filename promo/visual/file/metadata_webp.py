"""Metadata in a WebP: the `XMP ` chunk, which needs the extended format. Facts: RFC 9649 (2024)."""

from __future__ import annotations

from collections.abc import Iterator

from promo.visual.file.metadata_model import Found

STARTS = b"RIFF"
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10  # RFC 9649, 2.7: the flags of VP8X


def put(data: bytes, packet: bytes) -> bytes:
    """Return the WebP with this XMP packet instead of its own; a simple file becomes an extended one.

    Raises ValueError for bytes that are no WebP.
    """
    view = memoryview(data)  # slices of it are no copies
    kept: list[bytes | memoryview] = []
    head, shown = b"", False
    for kind, start, stop in _chunks(data):
        if kind == b"VP8X":
            head = bytes((data[start + 8] | _XMP_FLAG,)) + data[start + 9 : start + 18]
        elif kind != b"XMP ":
            kept += view[start:stop], b"\0" * (stop - start & 1)
            shown = shown or kind in (b"VP8 ", b"VP8L", b"ANMF")
            if not head:
                head = _head(kind, data[start + 8 : start + 18])
    if not shown or len(head) != 10:
        raise ValueError("a WebP without a picture")
    parts = (b"WEBP", _chunk(b"VP8X", head), *kept, _chunk(b"XMP ", packet))
    return b"".join((b"RIFF", sum(map(len, parts)).to_bytes(4, "little"), *parts))


def find(data: bytes) -> Found:
    """Return the metadata of a WebP."""
    try:
        for kind, start, stop in _chunks(data):
            if kind == b"XMP ":
                return Found(xmp=data[start + 8 : stop])
    except ValueError:
        pass
    return Found()


def _head(kind: bytes, content: bytes) -> bytes:
    """Return the VP8X content for a simple file: flags, and width and height less one, in 24 bits each."""
    if kind == b"VP8 " and content[3:6] == b"\x9d\x01\x2a":  # RFC 6386, 9.1
        width = int.from_bytes(content[6:8], "little") & 0x3FFF
        height = int.from_bytes(content[8:10], "little") & 0x3FFF
        flags = 0
    elif kind == b"VP8L" and content[:1] == b"\x2f":  # RFC 9649, 3.4
        bits = int.from_bytes(content[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        raise ValueError("a WebP without a picture")
    size = (max(width, 1) - 1).to_bytes(3, "little") + (max(height, 1) - 1).to_bytes(3, "little")
    return bytes((flags | _XMP_FLAG, 0, 0, 0)) + size


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) & 1)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end (without padding) of every chunk. Raises ValueError for bytes that are no WebP."""
    if data[:4] != STARTS or data[8:12] != b"WEBP" or len(data) < 30:
        raise ValueError("no WebP")
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise ValueError("a WebP cut short")
        yield data[at : at + 4], at, at + 8 + length
        at += 8 + length + (length & 1)
