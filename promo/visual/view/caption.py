"""Captions: short texts of a sheet or a comparison, set without any brand's style."""

from __future__ import annotations

from pathlib import Path

from promo.brand.model import Ink
from promo.visual.scene import Rect, TextMark
from promo.visual.text.block import Glyph, SetLine, TextBlock
from promo.visual.text.fonts import chain
from promo.visual.text.lines import Line, break_lines, prepare, set_line

FAMILY = ("Noto Sans SC",)
EM_TOP = 0.88  # the ideographic em box reaches from 0.88 above the base line to 0.12 below it
LEADING = 1.35

INK = Ink(name="ink", rgb="#1d2521")
FAINT = Ink(name="faint", rgb="#66716b")
LINE = Ink(name="line", rgb="#d5dbd7")
PAPER = Ink(name="paper", rgb="#ffffff")
ALERT = Ink(name="alert", rgb="#b3261e")
CAUTION = Ink(name="caution", rgb="#a15c00")


def caption(
    text: str,
    *,
    left: float,
    top: float,
    width: float,
    size: float,
    ink: Ink = INK,
    weight: int = 400,
    max_lines: int = 1,
    align: float = 0.0,
) -> TextMark | None:
    """Set a text into `width` pixels, cut with “…” after `max_lines`; `align` 0 is left, 1 right. None: no text."""
    paragraph = prepare(text, chain(FAMILY, weight, Path()), 0.0)
    ranges, _bad = break_lines(paragraph, width / size, balance=False)
    if not ranges:
        return None
    cut, ranges = len(ranges) > max_lines, ranges[:max_lines]
    lines = []
    for number, (start, end) in enumerate(ranges):
        line = set_line(paragraph, start, end, ellipsis=cut and number == len(ranges) - 1)
        at = left + (width - line.width * size) * align
        lines.append(_placed(line, size, at, top + (EM_TOP + number * LEADING) * size))
    rect = Rect(left=left, top=top, width=width, height=height(size, len(lines)))
    return TextMark(layer="caption", rect=rect, block=TextBlock(tuple(lines), size, text, "zh", cut=cut), ink=ink)


def height(size: float, lines: int = 1) -> float:
    """Return how high so many lines of a type size are."""
    return size * (1 + (lines - 1) * LEADING)


def _placed(line: Line, size: float, x: float, y: float) -> SetLine:
    glyphs = tuple(
        Glyph(letter.face, letter.id, x + (letter.x + letter.shift) * size, y, letter.text) for letter in line.letters
    )
    return SetLine(glyphs, x, x + line.width * size, y, line.text)
