"""The sheet around a page: its boxes, crop marks, a bar of the inks, and a line that says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from promo.visual.pdf.colour import Press
from promo.visual.pdf.glyph import EM, Glyphs
from promo.visual.pdf.stream import Box, Content, numbers
from promo.visual.scene import MM_PER_INCH, PT_PER_INCH, Page
from promo.visual.text.block import Face
from promo.visual.text.face import opened

MM = PT_PER_INCH / MM_PER_INCH  # points
MARGIN = 10 * MM  # around the bleed, for the marks
CROP, HAIR = 5 * MM, 0.25  # how long and how thick crop marks are
_PATCH = 4 * MM
_PATCHES = 6  # places of the bar: five inks and a gap
_BAR = 7 * MM  # below the bleed
_SLUG = 6.0  # points


@dataclass(frozen=True, slots=True)
class Boxes:
    """The sheet's boxes in points, y upwards from its lower left corner: left, bottom, right, top."""

    media: Box
    bleed: Box
    trim: Box
    scale: float  # points for one pixel of the page


def boxes_of(page: Page) -> Boxes:
    """Return the boxes. A page with bleed gets a margin for crop marks around it, one without is the sheet itself."""
    scale = PT_PER_INCH / page.dpi
    trim = page.trim
    margin = MARGIN if has_bleed(page) else 0.0
    width, height = page.width * scale, page.height * scale
    return Boxes(
        media=(0, 0, width + 2 * margin, height + 2 * margin),
        bleed=(margin, margin, margin + width, margin + height),
        trim=(
            margin + trim.left * scale,
            margin + height - trim.bottom * scale,
            margin + trim.right * scale,
            margin + height - trim.top * scale,
        ),
        scale=scale,
    )


def has_bleed(page: Page) -> bool:
    """Whether something will be cut off the page."""
    return page.trim.width < page.width or page.trim.height < page.height


def set_boxes(page: pikepdf.Object, boxes: Boxes) -> None:
    """Write the boxes into a page's dictionary."""
    page.MediaBox = page.CropBox = numbers(boxes.media)
    page.BleedBox, page.TrimBox = numbers(boxes.bleed), numbers(boxes.trim)


def lay_marks(content: Content, press: Press, boxes: Boxes) -> None:
    """Draw the crop marks on every plate, and a bar of the inks, outside the bleed. Black is set afterwards."""
    content.op("q")
    press.fill_all(content)
    for rect in _crop_marks(boxes):
        content.op("re", *rect)
    content.op("f")
    content.op("Q")
    left, bottom = boxes.trim[0] + CROP, boxes.bleed[1] - _BAR
    if press.separates:
        for values in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 0, 0.5)):
            content.op("k", *values)
            content.op("re", left, bottom, _PATCH, _PATCH)
            content.op("f")
            left += _PATCH
    press.fill_black(content)


def lay_slug(content: Content, boxes: Boxes, slug: str, glyphs: Glyphs, face: Face) -> None:
    """Write one line about the sheet beside the bar of the inks, in the colour that is set."""
    left, bottom = boxes.trim[0] + CROP + _PATCHES * _PATCH, boxes.bleed[1] - _BAR
    for character in slug:
        font = opened(face)
        glyph = font.font.get_nominal_glyph(ord(character))
        if not glyph:
            continue
        form = glyphs.form(face, glyph)
        if form is not None:
            content.op("q")
            content.op("cm", f"{_SLUG / EM:.6f} 0 0 {_SLUG / EM:.6f}", left, bottom + 1)
            content.do(form)
            content.op("Q")
        left += font.font.get_glyph_h_advance(glyph) / font.upem * _SLUG


def _crop_marks(boxes: Boxes) -> Sequence[tuple[float, float, float, float]]:
    """Return left, bottom, width, height of each hairline: in line with the trim, and not inside the bleed."""
    left, bottom, right, top = boxes.trim
    outer_left, outer_bottom, outer_right, outer_top = boxes.bleed
    gap = MM  # between bleed and mark, so that a hand that cuts does not meet ink
    rects = []
    for y in (bottom, top):
        rects.append((outer_left - gap - CROP, y - HAIR / 2, CROP, HAIR))
        rects.append((outer_right + gap, y - HAIR / 2, CROP, HAIR))
    for x in (left, right):
        rects.append((x - HAIR / 2, outer_bottom - gap - CROP, HAIR, CROP))
        rects.append((x - HAIR / 2, outer_top + gap, HAIR, CROP))
    return rects
