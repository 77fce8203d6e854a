"""Lines: where a text may break, which breaks look best, and how wide each line is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from budoux import Parser, load_default_simplified_chinese_parser
from uniseg.graphemecluster import grapheme_clusters
from uniseg.linebreak import line_break_boundaries

from promo.errors import UserMistake
from promo.language import _
from promo.visual.text.block import Face
from promo.visual.text.fonts import Chain, shape

LONGEST = 1200  # graphemes in one text: more is no text for a picture
OPENING = frozenset("「『（《〈【〔［｛")  # full-width punctuation only
CLOSING = frozenset("」』）》〉】〕］｝，。、；：")
SHARED = frozenset("‘’“”·")  # marks that both Chinese and Latin texts use
WORSE_THAN_A_LINE = 3.0  # a break so bad is taken only where it saves more than one line
LATIN_TRACKING = 0.25  # of the style's letter-spacing
HANGING = frozenset("，。、；：")  # its right half is empty


@dataclass(frozen=True, slots=True)
class Letter:
    """One grapheme of a line: its face and glyph, where it begins and how far its drawing is moved, in em."""

    text: str
    face: Face
    id: int
    x: float
    shift: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line, `width` in em."""

    letters: tuple[Letter, ...]
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One text prepared for breaking: graphemes with their faces; `uncovered` no font has."""

    graphemes: tuple[str, ...]
    faces: tuple[Face, ...]
    uncovered: tuple[str, ...]
    tracking: float
    breaks: tuple[tuple[int, float], ...]  # (a line may end before this grapheme, how bad that looks)
    ends: tuple[float, ...]  # width in em up to and with each grapheme


@cache
def _phrases() -> Parser:
    return load_default_simplified_chinese_parser()


def prepare(text: str, chain: Chain, tracking: float) -> Paragraph:
    """Split a text without line feeds into graphemes, find their fonts, measure it, and weigh its breaks.

    Raises UserMistake for a text longer than 1,200 characters.
    """
    text = unicodedata.normalize("NFC", "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Co"}))
    text = " ".join(text.split())
    if len(text) > LONGEST * 8 or len(parts := list(grapheme_clusters(text))) > LONGEST:
        raise UserMistake(
            _("a text of {count} characters is too long for a picture: “{start}…”", count=len(text), start=text[:20]),
            hint=_("write at most {count} characters", count=LONGEST),
        )
    graphemes, faces, uncovered = [], [], []
    for grapheme in parts:
        face = chain.face_for(grapheme)
        if face is None:
            uncovered.append(grapheme)
        else:
            graphemes.append(grapheme)
            faces.append(face)
    ends, at = [], 0.0
    for advance, _shift, _id in _advances(graphemes, faces, tracking, half=()):
        at += advance
        ends.append(at)
    breaks = tuple(_breaks(graphemes))
    return Paragraph(tuple(graphemes), tuple(faces), tuple(dict.fromkeys(uncovered)), tracking, breaks, tuple(ends))


def _advances(
    graphemes: Sequence[str], faces: Sequence[Face], tracking: float, half: Sequence[int]
) -> Iterator[tuple[float, float, int]]:
    """Yield advance, shift and glyph number of each grapheme, shaped by runs of a face; those at `half` half wide."""
    start = 0
    while start < len(graphemes):
        end = start + 1
        while end < len(graphemes) and faces[end] == faces[start]:
            end += 1
        offsets, offset = [], 0
        for grapheme in graphemes[start:end]:
            offsets.append(offset)
            offset += len(grapheme)
        glyphs = shape(
            faces[start],
            "".join(graphemes[start:end]),
            half=[offsets[index - start] for index in half if start <= index < end],
            narrow=[offsets[index - start] for index in range(start, end) if _narrow(graphemes, index)],
        )
        for grapheme, first in zip(graphemes[start:end], offsets, strict=True):
            # Letters are spaced for Chinese: Latin words fall apart at the same distance.
            space = tracking if _wide(grapheme) else tracking * LATIN_TRACKING
            yield sum(glyphs.advances[first : first + len(grapheme)]) + space, glyphs.offsets[first], glyphs.ids[first]
        start = end


def _wide(grapheme: str) -> bool:
    return unicodedata.east_asian_width(grapheme[0]) in "WF"


def _narrow(graphemes: Sequence[str], index: int) -> bool:
    """Whether a mark that Chinese sets on a full em stands among Latin letters, or between spaces."""
    if graphemes[index] not in SHARED:
        return False
    around = [graphemes[near] for near in (index - 1, index + 1) if 0 <= near < len(graphemes)]
    return not any(map(_wide, around))


def _breaks(graphemes: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Yield the places a line may break (UAX #14) and a penalty: low after a pause, high inside a phrase."""
    text = "".join(graphemes)
    offsets = {0: 0}
    at = 0
    for index, grapheme in enumerate(graphemes, 1):
        at += len(grapheme)
        offsets[at] = index
    phrase_ends, at = set(), 0
    for phrase in _phrases().parse(text) if text else ():
        at += len(phrase)
        phrase_ends.add(at)
    for boundary in line_break_boundaries(text):
        if 0 < boundary < len(text) and boundary in offsets:
            yield offsets[boundary], _penalty(text, boundary, phrase_end=boundary in phrase_ends)


def _penalty(text: str, boundary: int, *, phrase_end: bool) -> float:
    """Say how bad a line end before `boundary` looks, from 0 (after a sentence) to 3 (“7 | 日”)."""
    before, after = text[:boundary].rstrip()[-1:], text[boundary]
    if before.isdigit() and _wide(after):
        return 3.0
    if text[boundary - 1].isspace():
        return 0.3 if after.isdigit() else 0.0
    if before in "。！？；…":
        return 0.0
    if before in CLOSING or before in "·—|/" or after in OPENING:
        return 0.1
    return 0.9 if phrase_end else 2.0


def break_lines(paragraph: Paragraph, width: float, *, balance: bool) -> tuple[list[tuple[int, int]], float]:
    """Return the lines as ranges of graphemes, as few as fit into `width` em, and how bad their breaks are.

    `balance` makes the lines alike in length; else each is filled. A word wider than a line is broken anywhere.
    """
    count = len(paragraph.graphemes)
    if not count:
        return [], 0.0
    stops = [(0, 0.0), *paragraph.breaks, (count, 0.0)]
    places: list[tuple[int, float]] = []
    for (start, penalty), (end, _end_penalty) in pairwise(stops):
        places.append((start, penalty))
        if _width(paragraph, start, end) > width:  # an unbreakable piece: break it at any grapheme
            places += [(inside, 6.0) for inside in range(start + 1, end)]
    places.append((count, 0.0))
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # for each place: lines so far, badness, the place before
    ideal = _ideal(paragraph, places, width) if balance else width
    for here in range(1, len(places)):
        end, penalty = places[here]
        candidates = []
        for before in range(here - 1, -1, -1):
            taken = _width(paragraph, places[before][0], end)
            if taken > width + 1e-6 and before < here - 1:
                break
            slack = (ideal - taken) / max(ideal, 1e-6)
            last = end == count
            ragged = (0.0 if last and taken > 0.35 * ideal else slack * slack) if not balance else slack * slack
            lines, badness, _before = best[before]
            more = 2 if penalty >= WORSE_THAN_A_LINE else 1
            candidates.append((lines + more, badness + ragged + penalty * (0.5 if balance else 0.1), before))
        best.append(min(candidates))
    ranges, bad, here = [], 0.0, len(places) - 1
    while here:
        before = best[here][2]
        ranges.append((places[before][0], places[here][0]))
        bad += places[here][1]
        here = before
    return ranges[::-1], bad


def _ideal(paragraph: Paragraph, places: Sequence[tuple[int, float]], width: float) -> float:
    """Return the width of balanced lines: the whole text's, shared among as few lines as fit."""
    lines, start, previous = 1, 0, 0
    for place, _penalty in places[1:]:
        if _width(paragraph, start, place) > width and previous > start:
            lines, start = lines + 1, previous
        previous = place
    return _width(paragraph, 0, len(paragraph.graphemes)) / lines


def _width(paragraph: Paragraph, start: int, end: int) -> float:
    while end > start and paragraph.graphemes[end - 1].isspace():
        end -= 1
    if end <= start:
        return 0.0
    width = paragraph.ends[end - 1] - (paragraph.ends[start - 1] if start else 0.0) - paragraph.tracking
    # Full-width punctuation at a line's edges gives up half of its em when the line is set.
    edges = (paragraph.graphemes[start] in OPENING) + (paragraph.graphemes[end - 1] in HANGING)
    return width - 0.5 * edges


def set_line(paragraph: Paragraph, start: int, end: int, *, ellipsis: bool = False) -> Line:
    """Place the graphemes `start` to `end` on one line; `ellipsis` ends it with “…”.

    Full-width punctuation is set at half width at the line's edges and beside other punctuation (CLREQ,
    W3C, “Punctuation width adjustment”).
    """
    graphemes, faces = list(paragraph.graphemes[start:end]), list(paragraph.faces[start:end])
    while graphemes and graphemes[-1].isspace():
        graphemes.pop()
        faces.pop()
    if ellipsis:
        while graphemes and (graphemes[-1] in CLOSING or graphemes[-1].isspace()):
            graphemes.pop()
            faces.pop()
        graphemes.append("…")
        faces.append(faces[-1] if faces else paragraph.faces[0])
    half = [
        index
        for index, grapheme in enumerate(graphemes)
        if (grapheme in OPENING and (index == 0 or graphemes[index - 1] in OPENING))
        or (grapheme in CLOSING and index + 1 < len(graphemes) and graphemes[index + 1] in OPENING | CLOSING)
    ]
    letters, x = [], 0.0
    for grapheme, face, (advance, shift, number) in zip(
        graphemes, faces, _advances(graphemes, faces, paragraph.tracking, half), strict=True
    ):
        letters.append(Letter(grapheme, face, number, x, shift))
        x += advance
    width = x - (paragraph.tracking if _wide(graphemes[-1]) else 0.0) if letters else 0.0
    if graphemes and graphemes[-1] in HANGING:  # its right half is empty: hang it, so that edges look even
        width -= 0.5
    return Line(tuple(letters), max(width, 0.0), "".join(graphemes))
