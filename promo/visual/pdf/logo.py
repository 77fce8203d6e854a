"""Logos on the sheet: as vectors where the drawing can be told in PDF, else as fine pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf

from promo.visual.paint.logo import check_svg, load_logo
from promo.visual.pdf.colour import Press
from promo.visual.pdf.photo import layered_object
from promo.visual.pdf.stream import Box, Content, decimal
from promo.visual.pdf.vector import Drawing, Paint, Unsupported, read_drawing
from promo.visual.scene import LogoMark, Page, Rect

FINE = 1200  # dots per inch of a logo in pixels: its edges are seen as lines
_MOST = 6000  # pixels a side
UNIT: Box = (0, 0, 1, 1)


class Logos:
    """The logos of one document: each is a form or an image that fills the unit square, upright as PDF has it."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self._made: dict[Path, pikepdf.Object] = {}
        self.rastered: list[LogoMark] = []  # drawings laid down as pixels

    def object(self, mark: LogoMark, page: Page) -> pikepdf.Object:
        """Return the form or image of a logo that painting has decided. Raises UserMistake for a file without use."""
        file = mark.file or next(iter(mark.variants.values()))
        if file not in self._made:
            made = self._vector(file)
            if made is None and file.suffix.lower() == ".svg":
                self.rastered.append(replace(mark, file=file))
            self._made[file] = made or self._pixels(file, mark.drawn or mark.rect, page)
        return self._made[file]

    def _vector(self, file: Path) -> pikepdf.Object | None:
        if file.suffix.lower() != ".svg":
            return None
        data = file.read_bytes()
        check_svg(data, file.name)
        try:
            return self._form(read_drawing(data))
        except Unsupported:
            return None

    def _form(self, drawing: Drawing) -> pikepdf.Object:
        content = Content(self.press.pdf)
        across, down = 1 / drawing.width, 1 / drawing.height
        matrix = f"{across:.9f} 0 0 {-down:.9f} {-drawing.left * across:.9f} {1 + drawing.top * down:.9f}"
        content.op("cm", matrix)
        for shape in drawing.shapes:
            content.op("q")
            content.op("cm", " ".join(f"{part:.6f}" for part in shape.matrix))
            operator = self._paint(content, shape.paint)
            content.raw(shape.operators)
            content.op(operator)
            content.op("Q")
        return content.form(UNIT)

    def _paint(self, content: Content, paint: Paint) -> str:
        """Set the paint; return the operator that paints the path."""
        if paint.fill_opacity < 1 or paint.stroke_opacity < 1:
            content.state(
                self.press.pdf.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.ExtGState, ca=decimal(paint.fill_opacity), CA=decimal(paint.stroke_opacity)
                    )
                )
            )
        if paint.fill:
            self.press.fill(content, self.press.ink_of(paint.fill))
        if paint.stroke:
            self.press.fill(content, self.press.ink_of(paint.stroke), stroke=True)
            content.op("w", paint.width)
            content.op("J", paint.cap)
            content.op("j", paint.join)
            content.op("M", paint.miter)
        if paint.fill:
            return ("B" if paint.stroke else "f") + ("*" if paint.even_odd else "")
        return "S" if paint.stroke else "n"

    def _pixels(self, file: Path, rect: Rect, page: Page) -> pikepdf.Object:
        finer = max(1.0, min(FINE / page.dpi, _MOST / max(rect.width, rect.height)))
        picture = load_logo(file, height=max(1, round(rect.height * finer)), widest=max(1, round(rect.width * finer)))
        return layered_object(self.press, picture)
