"""The QR code on the finished pixels: read by another decoder than the one that wrote it."""

from __future__ import annotations

import numpy as np
import zxingcpp
from PIL import Image


def readable(picture: Image.Image, link: str) -> bool:
    """Whether the pixels of `picture` decode to `link`."""
    grey = picture.convert("L")
    found = zxingcpp.read_barcodes(np.asarray(grey), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return any(code.text == link for code in found)
