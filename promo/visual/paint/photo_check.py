"""What is refused before a photo is decoded: files of another kind, and those that promise or hide too much."""

from __future__ import annotations

import mmap
import zlib
from pathlib import Path

from PIL import Image

from promo.errors import UserMistake
from promo.language import _

LARGEST = 80_000_000  # pixels; Pillow keeps four bytes for each
LARGEST_FILE = 400_000_000  # bytes
MOST_SCANS = 100  # of a progressive JPEG; encoders write about ten, and each is a pass over the whole picture
_KINDS = (  # how files begin that are taken for photos, and what people call them
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"8BPS", "PSD"),
    (b"%PDF", "PDF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG"),
)
_HEIF = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"heif": "HEIC", b"mif1": "HEIC"}


def check_file(path: Path) -> None:
    """Refuse what is no plain file, empty, huge, or of a kind that is not read. Raises UserMistake."""
    name = path.name
    if not path.is_file():  # also a pipe, which would never end
        raise UserMistake(_("there is no photo {file}", file=name), hint=_("photos are looked for in assets/"))
    size = path.stat().st_size
    if size == 0:
        raise UserMistake(_("{file} is empty: 0 bytes", file=name), hint=_("copy it again"))
    if size > LARGEST_FILE:
        limit = LARGEST_FILE // 1_000_000
        raise UserMistake(_("{file} is larger than {size} MB", file=name, size=limit), hint=_("save it as JPEG"))
    with path.open("rb") as stream:
        head = stream.read(64)
    kind = _HEIF.get(head[8:12]) if head[4:8] == b"ftyp" else None
    kind = kind or next((kind for start, kind in _KINDS if head.lstrip().startswith(start)), None)
    if kind:
        raise UserMistake(_("{file} is {kind}, which is not read", file=name, kind=kind), hint=_as_jpeg())
    width, height = _webp_size(head)  # Pillow takes memory for a whole WebP when it only opens it
    if width * height > LARGEST:
        raise too_large(name)


def check_opened(image: Image.Image, path: Path) -> None:
    """Refuse what the header of an opened picture promises. Raises UserMistake."""
    name = path.name
    if image.width * image.height > LARGEST:
        raise too_large(name)
    if image.format in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
        raise UserMistake(_("{file} is animated", file=name), hint=_("save one frame as PNG or JPEG"))
    if image.mode in {"I", "F", "LAB", "HSV"}:
        raise UserMistake(
            _("{file} is stored in a way that is not read ({mode})", file=name, mode=image.mode),
            hint=_("save it in RGB with 8 bits a channel"),
        )
    if image.format == "TIFF":
        tags = getattr(image, "tag_v2", {})
        tile = [tags.get(tag, 1) for tag in (322, 323)]  # TileWidth, TileLength
        if not all(isinstance(side, int) for side in tile) or tile[0] * tile[1] > LARGEST:
            raise broken(name)
    if image.format == "PNG" and not _whole_png(path):
        raise broken(name)
    if image.info.get("progressive") and _scans(path) > MOST_SCANS:
        raise broken(name)


def too_large(name: str) -> UserMistake:
    """Return what is said of a picture with more pixels than are read."""
    return UserMistake(
        _("{file} has too many pixels", file=name),
        hint=_("scale it down to 80 megapixels or less"),
    )


def broken(name: str) -> UserMistake:
    """Return what is said of a picture that cannot be decoded."""
    return UserMistake(_("{file} is no picture one can read: it is broken or cut short", file=name), hint=_as_jpeg())


def _as_jpeg() -> str:
    return _("save it again as JPEG or PNG")


def _webp_size(head: bytes) -> tuple[int, int]:
    """Return width and height of an extended WebP (RFC 9649, 2.7); simple ones cannot be too large."""
    if head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or len(head) < 30:
        return 0, 0
    return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1


def _whole_png(path: Path) -> bool:
    """Whether the sums of a PNG's critical chunks are right: Pillow shows rubbish where a byte of pixels is wrong."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, view = 8, memoryview(data)
        try:
            while at + 12 <= len(data):
                kind, end = data[at + 4 : at + 8], at + 8 + int.from_bytes(data[at : at + 4], "big")
                if kind[:1].isupper() and zlib.crc32(view[at + 4 : end]).to_bytes(4, "big") != data[end : end + 4]:
                    return False
                if kind == b"IEND":
                    return True
                at = end + 4
        finally:
            view.release()
    return False


def _scans(path: Path) -> int:
    """Count the scans of a JPEG: in packed data 0xFF is always followed by 0 or a restart marker."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        count, at = 0, data.find(b"\xff\xda")
        while at >= 0 and count <= MOST_SCANS:
            count, at = count + 1, data.find(b"\xff\xda", at + 2)
    return count
