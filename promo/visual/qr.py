"""QR codes: the modules of a link."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import segno
from PIL import Image

from promo.errors import UserMistake
from promo.language import _

QUIET = 4  # modules of empty margin on every side (ISO/IEC 18004:2015, section 6.3.8)
MASK = 3  # weighing all eight masks takes five times as long and helps no reader of today (decision 18)


@lru_cache(maxsize=256)  # placing asks for the size, painting for the modules
def modules(link: str, level: str = "M") -> Image.Image:
    """Return the code of `link` as an “L” picture, one pixel a module, without margin; 0 is dark. Do not change it.

    `level` is the least error correction: of L, M, Q, H about 7, 15, 25, 30 % may be lost (ISO/IEC 18004:2015); more
    where the size stays the same. Raises UserMistake for a link that is too long.
    """
    try:
        code = segno.make_qr(link, error=level.lower(), mask=MASK)
    except segno.DataOverflowError:
        raise UserMistake(_("the link is too long for a QR code: {link}…", link=link[:40])) from None
    return Image.fromarray(255 - 255 * np.array(code.matrix, dtype=np.uint8))
