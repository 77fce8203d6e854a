"""QR codes: their modules, and whether a phone would read them in the finished picture."""

from __future__ import annotations

import numpy as np
import zxingcpp
from PIL import Image

from promo.errors import UserMistake
from promo.language import _

QUIET = 4  # modules of empty margin on every side (ISO/IEC 18004:2015, section 6.3.8)


def modules(link: str) -> Image.Image:
    """Return the code of `link` as an “L” picture, one pixel a module, without margin; 0 is dark.

    Error correction M: 15 % may be lost (ISO/IEC 18004:2015). Raises UserMistake for a link that is too long.
    """
    try:
        code = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    except (ValueError, RuntimeError):
        raise UserMistake(_("the link is too long for a QR code: {link}…", link=link[:40])) from None
    return Image.fromarray(np.array(code.to_image(1, add_hrt=False, add_quiet_zones=False)))


def readable(picture: Image.Image, link: str) -> bool:
    """Whether the pixels of `picture` decode to `link`."""
    grey = picture.convert("L")
    found = zxingcpp.read_barcodes(np.asarray(grey), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return any(code.text == link for code in found)
