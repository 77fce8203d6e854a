"""Encoding: the same picture always becomes the same bytes, with its resolution and the sRGB profile."""

from __future__ import annotations

import io

from PIL import Image

from promo.visual.file.jpeg import jpeg_strips
from promo.visual.file.png import png_strips
from promo.visual.file.profile import srgb
from promo.visual.file.strips import Strips
from promo.visual.layout.model import Output

MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "pdf": "application/pdf"}
SUFFIX = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "pdf": ".pdf"}
WEBP_EFFORT = 4  # of 0-6: 6 takes twice as long for a twentieth of the size


def encode(picture: Image.Image, output: Output, *, dpi: int) -> bytes:
    """Return the picture as PNG, JPEG or WebP; `dpi` is written into the file (WebP has no place for it)."""
    strips = in_strips(picture, output, dpi=dpi)
    if strips is not None:
        return strips.joined()
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=output.quality, method=WEBP_EFFORT, icc_profile=srgb())
    return stream.getvalue()


def in_strips(picture: Image.Image, output: Output, *, dpi: int) -> Strips | None:
    """Return the picture encoded in strips, whose `joined()` is the file; None where the type knows no strips."""
    if output.type == "png":
        return png_strips(picture, dpi=dpi)
    if output.type == "jpeg":
        return jpeg_strips(picture, quality=output.quality, dpi=dpi)
    return None
