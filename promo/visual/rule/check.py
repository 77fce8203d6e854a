"""The rules that need the finished pixels: contrast, sizes, clear space, and a code that can be read."""

from __future__ import annotations

import math
from typing import Any

from promo.brand.model import Brand
from promo.visual.finding import finding
from promo.visual.paint.painter import LOGO_CONTRAST, Painted, weak
from promo.visual.paint.store import Measured
from promo.visual.place.label import labelled
from promo.visual.rule.code import readable
from promo.visual.scene import ImageMark, LogoMark, Page, QrMark, Rect, TextMark

SOFT, SOFT_PRINT = 2.0, 3.2  # enlarged more than that, a photo looks soft; posters are seen from farther away
MODULE_PX, MODULE_MM = 3, 0.4  # the smallest QR module on a screen, and on paper (ISO/IEC 18004:2015, annex)
Note = dict[str, Any]


def check(painted: Painted, brand: Brand) -> tuple[Note, ...]:
    """Return every breach of the style guide in a finished picture, those of placing included."""
    scene = painted.scene
    notes = list(scene.findings)
    for measured in painted.measured:
        notes += _measured(measured, scene.page, brand)
    texts = [mark for mark in scene.walk() if isinstance(mark, TextMark)]
    for code in (mark for mark in scene.walk() if isinstance(mark, QrMark)):
        notes += _code(code, painted, texts)
    for logo in (mark for mark in scene.walk() if isinstance(mark, LogoMark) and mark.drawn):
        notes += _clear_space(logo, painted, texts)
    if any(isinstance(mark, ImageMark) and mark.generated for mark in scene.walk()) and not labelled(scene):
        notes.append(finding("label-missing", layer="photo"))
    return tuple(notes)


def _measured(measured: Measured, page: Page, brand: Brand) -> list[Note]:
    mark = measured.mark
    match mark:
        case TextMark():
            if not weak(measured):
                return []
            value, limit = f"{measured.contrast:.1f}:1", f"{mark.min_contrast:g}:1"
            return [finding("contrast", layer=mark.layer, where=mark.rect, value=value, limit=limit, text=label(mark))]
        case LogoMark():
            notes = _logo_size(mark, page, brand)
            if weak(measured):
                value, limit = f"{measured.contrast:.1f}:1", f"{LOGO_CONTRAST:g}:1"
                notes.append(finding("logo-contrast", layer=mark.layer, where=mark.drawn, value=value, limit=limit))
            return notes
        case ImageMark() if measured.enlarged > (SOFT_PRINT if page.print else SOFT):
            limit = f"{SOFT_PRINT if page.print else SOFT:g}"
            value = f"{measured.enlarged:.1f}"
            return [finding("photo-small", layer=mark.layer, where=mark.rect, value=value, limit=limit)]
    return []


def _logo_size(mark: LogoMark, page: Page, brand: Brand) -> list[Note]:
    guide, height = brand.guide.logo, mark.drawn.height if mark.drawn else 0.0
    if page.print and page.mm(height) < guide.min_mm:
        size, needed = f"{page.mm(height):.1f} mm", f"{guide.min_mm:g} mm"
    elif not page.print and height < guide.min_px:
        size, needed = f"{height:.0f} px", f"{guide.min_px} px"
    else:
        return []
    return [finding("logo-small", layer=mark.layer, where=mark.drawn, value=size, limit=needed)]


def _code(code: QrMark, painted: Painted, texts: list[TextMark]) -> list[Note]:
    page, notes = painted.scene.page, []
    if page.print and page.mm(code.module) < MODULE_MM:
        shown, needed = f"{page.mm(code.module):.2f} mm", f"{MODULE_MM} mm"
        notes.append(finding("qr-small", layer=code.layer, where=code.rect, value=shown, limit=needed))
    elif not page.print and code.module < MODULE_PX:
        shown, needed = f"{code.module} px", f"{MODULE_PX} px"
        notes.append(finding("qr-small", layer=code.layer, where=code.rect, value=shown, limit=needed))
    seen = painted.picture.crop(code.rect.grown(code.rect.width * 0.1).pixels())
    if not readable(seen, code.link):
        notes.append(finding("qr-unreadable", layer=code.layer, where=code.rect))
    notes += [
        finding("overlap", layer=text.layer, where=text.rect, other=code.layer)
        for text in texts
        if text.rect.meets(code.rect)
    ]
    return notes


def _clear_space(logo: LogoMark, painted: Painted, texts: list[TextMark]) -> list[Note]:
    drawn = logo.drawn
    if drawn is None:
        return []
    # One pixel of grace: places are rounded.
    zone = drawn.grown(logo.clear_space * drawn.height - 1)
    rects = {mark.layer: mark.rect for mark in painted.scene.walk() if isinstance(mark, TextMark | QrMark)}
    del texts
    page = painted.scene.page
    trim = page.trim
    near = {name: _gap(drawn, rect) for name, rect in rects.items() if rect.meets(zone)}
    if not _inside(zone, trim):
        sides = drawn.left - trim.left, drawn.top - trim.top, trim.right - drawn.right, trim.bottom - drawn.bottom
        near["edge"] = max(0.0, min(sides))
    limit = page.length(logo.clear_space * drawn.height)
    return [
        finding("clear-space", layer=logo.layer, where=zone, value=page.length(gap), limit=limit, other=name)
        for name, gap in near.items()
    ]


def _gap(one: Rect, other: Rect) -> float:
    """Return the distance between two rectangles in pixels, 0 where they overlap."""
    across = max(one.left - other.right, other.left - one.right, 0.0)
    down = max(one.top - other.bottom, other.top - one.bottom, 0.0)
    return math.hypot(across, down)


def label(mark: TextMark) -> str:
    """Return the beginning of a text, to name it by."""
    words = mark.block.text.replace("\n", " ")
    return words if len(words) <= 24 else words[:23] + "…"


def _inside(rect: Rect, area: Rect) -> bool:
    return rect.left >= area.left and rect.top >= area.top and rect.right <= area.right and rect.bottom <= area.bottom
