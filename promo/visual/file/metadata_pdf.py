"""Metadata in a PDF: the XMP stream of the document's catalogue (ISO 32000-2, 14.3.2)."""

from __future__ import annotations

import io

from promo.visual.file.metadata_model import Found

STARTS = b"%PDF-"


def find(data: bytes) -> Found:
    """Return the metadata of the document; pictures inside may carry their own, which is not it."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            stream = document.Root.get("/Metadata")
            return Found(xmp=stream.read_bytes()) if isinstance(stream, pikepdf.Stream) else Found()
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return Found()
