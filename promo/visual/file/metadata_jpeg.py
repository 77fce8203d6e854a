"""Metadata in a JPEG: APP1 (XMP) and APP13 (IPTC IIM), put before the picture's own segments."""

from __future__ import annotations

from collections.abc import Iterator

from promo.visual.file.metadata_iptc import HEADER as IPTC
from promo.visual.file.metadata_model import Found

STARTS = b"\xff\xd8\xff"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
LARGEST_PACKET = 0xFFFF - 2 - len(XMP)
_APP1, _APP13, _START_OF_SCAN, _END = 0xE1, 0xED, 0xDA, 0xD9
_BARE = {0x01, *range(0xD0, 0xD9)}  # markers without a length


def put(data: bytes, packet: bytes, iptc: bytes) -> bytes:
    """Return the JPEG with this XMP packet and this APP13 content instead of its own.

    They follow JFIF and Exif, which must come first. Raises ValueError for bytes that are no JPEG.
    """
    view = memoryview(data)  # slices of it are no copies
    kept: list[memoryview] = []
    added_at, end = 0, 2
    for marker, start, stop in _segments(data):
        content = data[start + 4 : start + 4 + len(_MORE_XMP)]
        if not _ours(marker, content):
            kept.append(view[start:stop])
            if marker == 0xE0 or (marker == _APP1 and content.startswith(b"Exif\0")):
                added_at = len(kept)
        end = stop
    added = _segment(_APP1, XMP + packet) + (_segment(_APP13, iptc) if iptc else b"")
    return b"".join((b"\xff\xd8", *kept[:added_at], added, *kept[added_at:], view[end:]))


def find(data: bytes) -> Found:
    """Return the metadata of a JPEG; of one that is broken, what stands before the break."""
    xmp = iptc = b""
    try:
        for marker, start, stop in _segments(data):
            content = data[start + 4 : stop] if marker in (_APP1, _APP13) else b""
            if content.startswith(XMP):
                xmp = xmp or content[len(XMP) :]
            elif content.startswith(IPTC):
                iptc = iptc or content
    except ValueError:
        pass
    return Found(xmp=xmp, iptc=iptc)


def _ours(marker: int, content: bytes) -> bool:
    return (marker == _APP1 and content.startswith((XMP, _MORE_XMP))) or (marker == _APP13 and content.startswith(IPTC))


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of every segment before the first scan. Raises ValueError where there is none."""
    if not data.startswith(STARTS):
        raise ValueError("no JPEG")
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker in (_START_OF_SCAN, _END):
            return
        length = 2 if marker in _BARE else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if at + length > len(data) or (length < 4 and marker not in _BARE):
            break
        yield marker, at, at + length
        at += length
    raise ValueError("a JPEG without a picture")
