"""Encoding: the same picture always becomes the same bytes, with its resolution and the sRGB profile."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageCms

from promo.visual.layout.model import Output

MIME = {"png": "image/png", "jpeg": "image/jpeg"}
SUFFIX = {"png": ".png", "jpeg": ".jpg"}
_DATE, _ID = slice(24, 36), slice(84, 100)  # ICC.1:2022, table 17: date and time, profile ID


@cache
def srgb() -> bytes:
    """Return an sRGB profile without its date of making, so that bytes do not change from day to day."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATE] = bytes(12)
    profile[_ID] = bytes(16)
    return bytes(profile)


def encode(picture: Image.Image, output: Output, *, dpi: int) -> bytes:
    """Return the picture as PNG or JPEG; `dpi` is written into the file."""
    stream = io.BytesIO()
    if output.type == "png":
        picture.save(stream, "PNG", dpi=(dpi, dpi), icc_profile=srgb(), compress_level=6)
    else:
        # No chroma subsampling: it blurs coloured letters.
        picture.save(stream, "JPEG", quality=output.quality, subsampling=0, dpi=(dpi, dpi), icc_profile=srgb())
    return stream.getvalue()
