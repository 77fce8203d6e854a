"""Metadata of finished files: put into the bytes and read back from them; no pixel is decoded.

Pillow's writers drop XMP for PNG, and any of them would encode the picture a second time.
"""

from __future__ import annotations

from promo.errors import UserMistake
from promo.language import _
from promo.visual.file import metadata_jpeg, metadata_pdf, metadata_png, metadata_webp
from promo.visual.file.metadata_iptc import iptc_block, read_iptc
from promo.visual.file.metadata_model import Aigc, Metadata, Origin
from promo.visual.file.metadata_xmp import read_xmp, xmp_packet

__all__ = ["Aigc", "Metadata", "Origin", "read_metadata", "with_metadata", "xmp_packet"]


def with_metadata(data: bytes, mime: str, metadata: Metadata) -> bytes:
    """Return the encoded picture with `metadata` in place of what it held. Same input, same bytes.

    `mime` is image/jpeg (XMP and IPTC IIM), image/png or image/webp (XMP). PDFs take `xmp_packet` into their own
    structure. Raises ValueError for another type or bytes that are not of it, and UserMistake for texts that are
    together too long for the file.
    """
    packet = xmp_packet(metadata)
    if mime == "image/jpeg":
        if len(packet) > metadata_jpeg.LARGEST_PACKET:
            raise UserMistake(
                _("title, alt text and credits are together too long for a picture's metadata"),
                hint=_("shorten the alt text to one or two sentences"),
            )
        return metadata_jpeg.put(data, packet, iptc_block(metadata))
    if mime == "image/png":
        return metadata_png.put(data, packet)
    if mime == "image/webp":
        return metadata_webp.put(data, packet)
    raise ValueError(mime)


def read_metadata(data: bytes) -> Metadata:
    """Return what a JPEG, PNG, WebP or PDF says of itself in XMP; IPTC IIM where a JPEG has no XMP.

    Nothing said, or said in a broken way, reads as empty: photos come from anywhere.
    """
    for reader in (metadata_jpeg, metadata_png, metadata_webp, metadata_pdf):
        if data.startswith(reader.STARTS):
            found = reader.find(data)
            if found.xmp:
                return read_xmp(found.xmp)
            return read_iptc(found.iptc) if found.iptc else Metadata()
    return Metadata()
