"""Glyphs: each outline once as a form, in thousandths of an em, painted in whatever colour is set."""

from __future__ import annotations

import pikepdf

from promo.visual.pdf.stream import Box, Content
from promo.visual.text.block import Face
from promo.visual.text.outline import outline

EM = 1000
_FAR = 8 * EM  # no glyph reaches farther from its origin
_BOX: Box = (-_FAR, -_FAR, _FAR, _FAR)


class Glyphs:
    """The glyph forms of one document."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self._forms: dict[tuple[Face, int], pikepdf.Object | None] = {}

    def form(self, face: Face, glyph: int) -> pikepdf.Object | None:
        """Return the form of a glyph; None where it has no outline, such as a space."""
        key = face, glyph
        if key not in self._forms:
            self._forms[key] = self._made(face, glyph)
        return self._forms[key]

    def _made(self, face: Face, glyph: int) -> pikepdf.Object | None:
        content = Content(self.pdf)
        at = 0.0, 0.0
        for step, coordinates in outline(face, glyph):
            points = [value * EM for value in coordinates]
            match step:
                case "M" | "L":
                    content.op(step.lower(), *points)
                case "Q":  # PDF knows cubic curves only
                    x, y, *end = points
                    first = at[0] + (x - at[0]) * 2 / 3, at[1] + (y - at[1]) * 2 / 3
                    second = end[0] + (x - end[0]) * 2 / 3, end[1] + (y - end[1]) * 2 / 3
                    content.op("c", *first, *second, *end)
                case "C":
                    content.op("c", *points)
                case _:
                    content.op("h")
            if points:
                at = points[-2], points[-1]
        if not content.data():
            return None
        content.op("f")
        return content.form(_BOX)
