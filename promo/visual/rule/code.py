"""QR codes on the finished pixels: size, margin, contrast, and whether another decoder than the writer reads them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from promo.brand.colour import luminance
from promo.visual import qr
from promo.visual.finding import finding
from promo.visual.platform import platform_of
from promo.visual.rule.sight import Note, Sight
from promo.visual.rule.spot import Spot
from promo.visual.scene import Page, QrMark, Rect

MARGIN = 4  # modules (ISO/IEC 18004:2015, 6.3.8)
MODULE_PX = 2.5  # a module as it is shown: a phone that reads a screen needs that many pixels to tell two apart
MODULE_MM = 0.4  # held in the hand; 0.33 mm is what presses and phones of today just manage
SHARE_OF_DISTANCE = 0.1  # a code is read from ten times its side (a rule of thumb of makers of readers)
DISTANCE = 0.7  # of a sheet's long side: from so far it is read
DIFFERENCE = 0.55  # of reflectance, dark to light: grade 3 of 4 (ISO/IEC 15415:2011, symbol contrast)
LIGHT = np.array([luminance((level, level, level)) for level in range(256)])  # of grey levels, 0–1
UNREADABLE = "qr-unreadable"  # the one rule whose finding depends on the link
FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def check_codes(sight: Sight) -> Iterator[Note]:
    """Yield what is wrong with each code."""
    for spot in sight.codes:
        mark = spot.mark
        if not isinstance(mark, QrMark):
            continue
        yield from _size(mark, sight.page)
        yield from _margin_and_contrast(mark, spot, sight.picture)
        yield from unreadable(mark, spot.rect, sight.picture.crop(surroundings(spot.rect, sight.page)))


def surroundings(rect: Rect, page: Page) -> tuple[int, int, int, int]:
    """Return the box of the page, in pixels, in which a code that stands at `rect` is looked for."""
    left, top, right, bottom = rect.grown(rect.width * 0.05).pixels()
    return max(0, left), max(0, top), min(page.width, right), min(page.height, bottom)


def unreadable(mark: QrMark, rect: Rect, seen: Image.Image) -> Iterator[Note]:
    """Yield a finding where a code cannot be read in the finished pixels of its surroundings."""
    if not readable(seen, mark.link):
        yield finding(UNREADABLE, layer=mark.layer, where=rect)


def readable(picture: Image.Image, link: str) -> bool:
    """Whether the pixels of `picture` decode to `link`."""
    found = zxingcpp.read_barcodes(np.asarray(picture.convert("L")), formats=FORMATS)
    return any(code.text == link for code in found)


def _size(mark: QrMark, page: Page) -> Iterator[Note]:
    if page.print:
        height = page.mm(max(page.trim.width, page.trim.height))
        needed = max(MODULE_MM, DISTANCE * height * SHARE_OF_DISTANCE / mark.modules, page.mm(mark.min_module))
        shown, small = page.mm(mark.module), page.mm(mark.module) < needed - 0.01
        value, limit = f"{shown:.2f} mm", f"{needed:.2f} mm"
    else:
        shown = mark.module * platform_of(page).scale(page)
        least = max(MODULE_PX, mark.min_module)
        small = shown < least - 0.05
        value, limit = f"{shown:.1f} px", f"{least:g} px"
    if small:
        yield finding("qr-small", layer=mark.layer, where=mark.rect, value=value, limit=limit)


def _margin_and_contrast(mark: QrMark, spot: Spot, picture: Image.Image) -> Iterator[Note]:
    light = _reflectance(mark, spot, picture)
    inner = light[MARGIN:-MARGIN, MARGIN:-MARGIN]
    dark = np.asarray(qr.modules(mark.link, mark.level)) == 0
    difference = float(inner[~dark].mean() - inner[dark].mean())
    if difference < DIFFERENCE:
        value, limit = f"{100 * difference:.0f} %", f"{100 * DIFFERENCE:.0f} %"
        yield finding("qr-contrast", layer=mark.layer, where=spot.rect, value=value, limit=limit)
    if difference < 0.1:
        return  # nothing tells a margin from a code
    empty = np.asarray(light > (float(inner[~dark].mean()) + float(inner[dark].mean())) / 2)
    free = min(_free(side[:, MARGIN:-MARGIN]) for side in (empty, empty[::-1], empty.T, empty.T[::-1]))
    if free < MARGIN:
        yield finding("qr-quiet", layer=mark.layer, where=spot.rect, value=f"{free}", limit=f"{MARGIN}")


def _free(empty: NDArray[np.bool_]) -> int:
    """Return how many rows next to the code are empty; the margin is the first rows, from the outside inwards."""
    rows = np.asarray(empty[:MARGIN].all(axis=1))[::-1]
    return MARGIN if rows.all() else int(np.argmin(rows))


def _reflectance(mark: QrMark, spot: Spot, picture: Image.Image) -> NDArray[np.float64]:
    """Return the mean light of every module, margin included, 0–1; off the page it is dark."""
    count = mark.modules + 2 * MARGIN
    side = count * mark.module
    x, y = spot.rect.left + spot.rect.width / 2, spot.rect.top + spot.rect.height / 2
    if spot.angle % 90:
        reach = math.ceil(side * 0.75)
        box = (round(x) - reach, round(y) - reach, round(x) + reach, round(y) + reach)
        area = picture.crop(box).rotate(spot.angle, Image.Resampling.BILINEAR)
        left = top = reach - side // 2
        area = area.crop((left, top, left + side, top + side))
    else:
        left, top = round(x - side / 2), round(y - side / 2)
        area = picture.crop((left, top, left + side, top + side)).rotate(spot.angle)
    light = LIGHT[np.asarray(area.convert("L"))].reshape(count, mark.module, count, mark.module)
    return np.asarray(light.mean(axis=(1, 3)))
