"""The rules that need the finished pixels: contrast, sizes, clear space, and a code that can be read."""

from __future__ import annotations

from typing import Any

from promo.brand.model import Brand
from promo.visual import qr
from promo.visual.paint.painter import Measured, Painted, weak
from promo.visual.place.label import labelled
from promo.visual.rule.findings import finding
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
        notes.append(finding("label-missing", severity="error", layer="photo"))
    return tuple(notes)


def _measured(measured: Measured, page: Page, brand: Brand) -> list[Note]:
    mark = measured.mark
    match mark:
        case TextMark():
            if not weak(measured):
                return []
            words = mark.block.text.replace("\n", " ")
            facts = {
                "text": words if len(words) <= 24 else words[:23] + "…",
                "ratio": f"{measured.contrast:.1f}",
                "needed": f"{mark.min_contrast:g}",
            }
            severity = "error" if measured.contrast < mark.min_contrast * 0.75 else "warning"
            return [finding("contrast", severity=severity, layer=mark.layer, **facts)]
        case LogoMark():
            notes = _logo_size(mark, page, brand)
            if weak(measured):
                notes.append(
                    finding("logo-contrast", severity="warning", layer=mark.layer, ratio=f"{measured.contrast:.1f}")
                )
            return notes
        case ImageMark() if measured.enlarged > (SOFT_PRINT if page.print else SOFT):
            return [finding("photo-small", severity="warning", layer=mark.layer, factor=f"{measured.enlarged:.1f}")]
    return []


def _logo_size(mark: LogoMark, page: Page, brand: Brand) -> list[Note]:
    guide, height = brand.guide.logo, mark.drawn.height if mark.drawn else 0.0
    if page.print and page.mm(height) < guide.min_mm:
        size, needed = f"{page.mm(height):.1f} mm", f"{guide.min_mm:g} mm"
    elif not page.print and height < guide.min_px:
        size, needed = f"{height:.0f} px", f"{guide.min_px} px"
    else:
        return []
    return [finding("logo-small", severity="warning", layer=mark.layer, size=size, needed=needed)]


def _code(code: QrMark, painted: Painted, texts: list[TextMark]) -> list[Note]:
    page, notes = painted.scene.page, []
    if page.print and page.mm(code.module) < MODULE_MM:
        shown, needed = f"{page.mm(code.module):.2f} mm", f"{MODULE_MM} mm"
        notes.append(finding("qr-small", severity="warning", layer=code.layer, size=shown, needed=needed))
    elif not page.print and code.module < MODULE_PX:
        shown, needed = f"{code.module} px", f"{MODULE_PX} px"
        notes.append(finding("qr-small", severity="warning", layer=code.layer, size=shown, needed=needed))
    seen = painted.picture.crop(code.rect.grown(code.rect.width * 0.1).pixels())
    if not qr.readable(seen, code.link):
        notes.append(finding("qr-unreadable", severity="error", layer=code.layer))
    notes += [
        finding("overlap", severity="error", layer=text.layer, other="qr")
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
    names = [text.layer for text in texts if text.rect.meets(zone)]
    names += [m.layer for m in painted.scene.walk() if isinstance(m, QrMark) and m.rect.meets(zone)]
    if not _inside(zone, painted.scene.page.trim):
        names.append("edge")
    return [finding("clear-space", severity="warning", layer=logo.layer, other=name) for name in names]


def _inside(rect: Rect, area: Rect) -> bool:
    return rect.left >= area.left and rect.top >= area.top and rect.right <= area.right and rect.bottom <= area.bottom
