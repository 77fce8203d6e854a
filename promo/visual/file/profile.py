"""The sRGB profile that is written into every picture."""

from __future__ import annotations

from functools import cache

from PIL import ImageCms

_DATE, _ID = slice(24, 36), slice(84, 100)  # ICC.1:2022, table 17: date and time, profile ID


@cache
def srgb() -> bytes:
    """Return an sRGB profile without its date of making, so that bytes do not change from day to day."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATE] = bytes(12)
    profile[_ID] = bytes(16)
    return bytes(profile)
