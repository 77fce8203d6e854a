"""Marks on the sheet: each kind of mark as operators, in the page's own pixels with y downwards."""

from __future__ import annotations

from collections.abc import Sequence

import pikepdf

from promo.visual import qr
from promo.visual.pdf.code import dark_outlines
from promo.visual.pdf.colour import Press
from promo.visual.pdf.glyph import EM, Glyphs
from promo.visual.pdf.gradient import lay_gradient
from promo.visual.pdf.ink import PhotoInk
from promo.visual.pdf.logo import Logos
from promo.visual.pdf.path import ellipse, rounded, turn
from promo.visual.pdf.photo import Pixels, coded, image_object, layered_object
from promo.visual.pdf.stream import Box, Content, decimal
from promo.visual.scene import (
    AnyMark,
    GradientMark,
    GroupMark,
    ImageMark,
    LogoMark,
    Page,
    QrMark,
    Rect,
    ShapeMark,
    TextMark,
    faded_as_one,
)
from promo.visual.text.block import Face, Glyph
from promo.visual.text.emoji import picture


class Marks:
    """Lays down the marks of one document; glyphs, photos and logos are made once."""

    def __init__(self, press: Press) -> None:
        self.press, self.pdf = press, press.pdf
        self.glyphs, self.logos = Glyphs(press.pdf), Logos(press)
        self.page = 0  # that marks are laid on, counted from 0
        self.photo_inks: list[PhotoInk] = []
        self._photos: dict[int, tuple[Pixels, pikepdf.Object]] = {}
        self._emoji: dict[tuple[Face, int, float], pikepdf.Object] = {}
        self._states: dict[float | str, pikepdf.Object] = {}

    def lay(self, content: Content, marks: Sequence[AnyMark], page: Page) -> None:
        """Lay marks down in order. Raises UserMistake for a photo or logo that cannot be used."""
        for mark in marks:
            content.op("q")
            turn(content, mark.rect, mark.rotation)
            if mark.opacity < 1 and faded_as_one(mark) and not isinstance(mark, ImageMark | GroupMark):
                # Its parts overlap: they are faded together, as one layer.
                layer = Content(self.pdf)
                self._one(layer, mark, page, faded=True)
                content.state(self._alpha(mark.opacity))
                content.do(layer.form(sheet_box(page), group=self.press.group()))
            else:
                self._one(content, mark, page)
            content.op("Q")

    def _one(self, content: Content, mark: AnyMark, page: Page, *, faded: bool = False) -> None:
        match mark:
            case ShapeMark():
                self._shape(content, mark, faded=faded)
            case GradientMark():
                lay_gradient(content, self.press, mark)
            case ImageMark():
                self._image(content, mark, page)
            case TextMark():
                self._text(content, mark, over=not faded)
            case QrMark():
                self._code(content, mark)
            case LogoMark():
                self._logo(content, mark, page)
            case GroupMark():
                self._group(content, mark, page)

    def _shape(self, content: Content, mark: ShapeMark, *, faded: bool) -> None:
        if mark.opacity < 1 and not faded:
            content.state(self._alpha(mark.opacity))
        trace = ellipse if mark.shape == "ellipse" else rounded
        if mark.ink is not None:
            self.press.fill(content, mark.ink)
            trace(content, mark.rect, *(() if mark.shape == "ellipse" else (mark.radius,)))
            content.op("f")
        width = mark.border_width
        if mark.border is not None and width:
            self.press.fill(content, mark.border)
            inner = mark.rect.grown(-width)
            if mark.shape == "ellipse":
                ellipse(content, mark.rect)
                ellipse(content, inner)
            else:
                rounded(content, mark.rect, mark.radius)
                rounded(content, inner, max(0.0, mark.radius - width))
            content.op("f*")

    def _image(self, content: Content, mark: ImageMark, page: Page) -> None:
        pixels = coded(self.press, mark, page.dpi)
        if id(pixels) not in self._photos:
            self._photos[id(pixels)] = pixels, image_object(self.press, pixels)
        _pixels, image = self._photos[id(pixels)]
        if pixels.ink is not None:
            self.photo_inks.append(PhotoInk(layer=mark.layer, value=pixels.ink[0], rect=pixels.ink[1], page=self.page))
        if mark.opacity < 1:
            content.state(self._alpha(mark.opacity))
        rounded(content, mark.rect if mark.fit == "cover" else pixels.rect, mark.radius)
        content.op("W")
        content.op("n")
        _fill_rect(content, pixels.rect, image)

    def _logo(self, content: Content, mark: LogoMark, page: Page) -> None:
        _fill_rect(content, mark.drawn or mark.rect, self.logos.object(mark, page))

    def _text(self, content: Content, mark: TextMark, *, over: bool) -> None:
        block = mark.block
        if mark.plate is not None:
            self.press.fill(content, mark.plate)
            rounded(content, mark.rect, mark.plate_radius)
            content.op("f")
        if self.press.is_black(mark.ink):
            self.press.fill_black(content)
            if over and self.press.separates:
                content.state(self._overprint())
        else:
            self.press.fill(content, mark.ink)
        for line in block.lines:
            for glyph in line.glyphs:
                self._glyph(content, glyph, block.size)
            if mark.strike:
                across, thick = line.y - 0.34 * block.size, max(1.0, block.size * 0.06)
                content.op("re", line.left, across, line.right - line.left, thick)
                content.op("f")

    def _glyph(self, content: Content, glyph: Glyph, size: float) -> None:
        if glyph.face.colour:
            drawn = picture(glyph, size)
            if drawn is not None:
                image, (left, top) = drawn
                key = glyph.face, glyph.id, size
                if key not in self._emoji:
                    self._emoji[key] = layered_object(self.press, image)
                rect = Rect(left=left, top=top, width=image.width, height=image.height)
                content.op("q")
                _fill_rect(content, rect, self._emoji[key])
                content.op("Q")
            return
        form = self.glyphs.form(glyph.face, glyph.id)
        if form is not None:
            scale = size / EM
            content.op("q")
            content.op("cm", f"{scale:.7f} 0 0 {-scale:.7f}", glyph.x, glyph.y)
            content.do(form)
            content.op("Q")

    def _code(self, content: Content, mark: QrMark) -> None:
        self.press.fill(content, mark.ground)
        rounded(content, mark.rect, 1.5 * mark.module)
        content.op("f")
        self.press.fill_black(content)
        margin = mark.quiet * mark.module
        content.op("cm", mark.module, "0 0", mark.module, mark.rect.left + margin, mark.rect.top + margin)
        for outline in dark_outlines(qr.modules(mark.link, mark.level)):
            for index, (x, y) in enumerate(outline):
                content.op("l" if index else "m", x, y)
            content.op("h")
        content.op("f*")

    def _group(self, content: Content, group: GroupMark, page: Page) -> None:
        if group.clip:
            rounded(content, group.rect, group.radius)
            content.op("W")
            content.op("n")
        if group.opacity < 1:
            layer = Content(self.pdf)
            self.lay(layer, group.marks, page)
            content.state(self._alpha(group.opacity))
            content.do(layer.form(sheet_box(page), group=self.press.group()))
        else:
            self.lay(content, group.marks, page)

    def _alpha(self, opacity: float) -> pikepdf.Object:
        if opacity not in self._states:
            value = decimal(opacity)
            self._states[opacity] = self.pdf.make_indirect(
                pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=value, CA=value)
            )
        return self._states[opacity]

    def _overprint(self) -> pikepdf.Object:
        """Return the state in which black is printed over the other inks instead of leaving them out under it."""
        if "overprint" not in self._states:
            self._states["overprint"] = self.pdf.make_indirect(
                pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, OP=True, op=True, OPM=1)
            )
        return self._states["overprint"]


def sheet_box(page: Page) -> Box:
    """Return a box around all that may stand on the page, turned or not, in its pixels."""
    reach = page.width + page.height
    return -reach, -reach, page.width + reach, page.height + reach


def _fill_rect(content: Content, rect: Rect, value: pikepdf.Object) -> None:
    """Paint a form or image that fills the unit square over a rect."""
    content.op("cm", rect.width, "0 0", -rect.height, rect.left, rect.bottom)
    content.do(value)
