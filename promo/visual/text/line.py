"""One line: the exact place of every glyph."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from promo.visual.text.bidi import line_levels, visual_order
from promo.visual.text.breaking import CLOSING, marks, wide
from promo.visual.text.face import opened
from promo.visual.text.fonts import TRADITIONAL
from promo.visual.text.paragraph import Paragraph
from promo.visual.text.shaping import CONTEXT, Letter, Piece, runs, shape

SHORTER = 0.6  # of a cut line may be given up so that it ends with a whole word
SOFT_HYPHEN = "\u00ad"
STOPS = frozenset("，。、；：")  # in the middle of their em in Taiwan and Hong Kong


@dataclass(frozen=True, slots=True)
class Line:
    """One line, `width` in em: its glyphs from left to right, and its words in the order they are read."""

    letters: tuple[Letter, ...]
    width: float
    text: str


def set_line(paragraph: Paragraph, start: int, end: int, *, room: float | None = None) -> Line:
    """Place the graphemes `start` to `end` on one line.

    With `room` em it takes what fits into them, whatever `end` says, and ends in an ellipsis.
    """
    pieces = list(paragraph.pieces[start:end]) if room is None else _cut(paragraph, start, room)
    halved = {index - start for index in paragraph.halved if start <= index < start + len(pieces)}
    while pieces and pieces[-1].text.isspace():
        pieces.pop()
    if not pieces:
        return Line((), 0.0, "")
    if pieces[-1].text == SOFT_HYPHEN:
        pieces[-1] = replace(pieces[-1], text="-")
    kinds = marks([piece.text for piece in pieces])
    if kinds[0] == "(":
        halved.add(0)
    after = "" if room is not None else _words(paragraph.pieces[end : end + CONTEXT])
    around = _words(paragraph.pieces[max(0, start - CONTEXT) : start]), after
    letters, x = _set(pieces, frozenset(halved), paragraph, around)
    width = x - (paragraph.tracking if wide(pieces[-1].text) else 0.0)
    if len(pieces) - 1 not in halved:
        width -= overhang(pieces[-1], kinds[-1], paragraph.language)
    return Line(tuple(letters), max(width, 0.0), _words(pieces))


def overhang(piece: Piece, kind: str, language: str) -> float:
    """Return how far a grapheme of a kind (see `marks`) reaches over the edge at a line's end, in em.

    The right half of marks that close is empty; a soft hyphen that shows needs room.
    """
    if piece.text == SOFT_HYPHEN:
        open_ = opened(piece.face)
        glyph = open_.font.get_nominal_glyph(ord("-"))
        return -float(open_.font.get_glyph_h_advance(glyph) / open_.upem) if glyph else 0.0
    centred = piece.text in STOPS and language.lower().startswith(TRADITIONAL)
    return 0.5 if kind == ")" and not centred else 0.0


def _words(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _set(
    pieces: list[Piece], halved: frozenset[int], paragraph: Paragraph, around: tuple[str, str] = ("", "")
) -> tuple[list[Letter], float]:
    """Return the glyphs in the order they are seen, and the line's whole advance."""
    text = _words(pieces)
    levels = line_levels(text, [piece.level for piece in pieces for _character in piece.text], paragraph.level)
    at, turned = 0, []
    for piece in pieces:
        turned.append(replace(piece, level=levels[at]) if levels[at] != piece.level else piece)
        at += len(piece.text)
    ranges = list(runs(turned))
    letters: list[Letter] = []
    x = 0.0
    for index in visual_order([turned[start].level for start, _end in ranges]):
        for _first, glyphs, advance in shape(
            turned,
            *ranges[index],
            halved=halved,
            tracking=paragraph.tracking,
            language=paragraph.language,
            around=around,
        ):
            letters += [replace(glyph, x=glyph.x + x) for glyph in glyphs]
            x += advance
    return letters, x


def _cut(paragraph: Paragraph, start: int, room: float) -> list[Piece]:
    """Return what fits from `start` on, with an ellipsis: one mark after Chinese, three stops after other letters."""
    left = paragraph.ends[start - 1] if start else 0.0
    end = bisect_right(paragraph.ends, left + room, lo=start)
    while True:
        end = _word_end(paragraph.pieces, start, end)
        pieces = list(paragraph.pieces[start:end])
        dots = ["…"] if not pieces or wide(pieces[-1].text) else ["."] * 3
        like = pieces[-1] if pieces else paragraph.pieces[start]
        pieces += [Piece(dot, paragraph.chain.face_for(dot) or like.face, like.script, paragraph.level) for dot in dots]
        _letters, width = _set(pieces, frozenset(), paragraph)
        if width <= room + 1e-6 or end == start:
            return pieces
        end -= 1


def _word_end(pieces: Sequence[Piece], start: int, end: int) -> int:
    """Return where the words before `end` end: not inside one, nor after a space or a comma."""

    def inside(at: int) -> bool:
        return at < len(pieces) and all(
            piece.text.isalnum() and not wide(piece.text) for piece in pieces[at - 1 : at + 1]
        )

    at = end
    while at > start and inside(at):
        at -= 1
    end = at if at - start > SHORTER * (end - start) else end  # a long word is cut where it must be
    while end > start and (pieces[end - 1].text in CLOSING or pieces[end - 1].text in " ,;:-–"):
        end -= 1
    return end
