"""Shaping: a run of characters of one font, script and direction becomes glyphs with their places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import uharfbuzz

from promo.visual.text.block import Face
from promo.visual.text.breaking import marks, wide
from promo.visual.text.face import has_ink, opened

SHARED = frozenset("‘’“”·")  # marks that both Chinese and Latin texts use
NARROW_SIDE, NARROW_QUOTE = {"·": 0.12}, 0.06  # em left free on each side of a tightened mark
BETWEEN_SCRIPTS = 0.125  # em from Chinese to Latin (CSS Text Module Level 4, “text-autospace”)
LATIN_TRACKING = 0.25  # of the style's letter-spacing
SPACED = frozenset({"Latn", "Grek", "Cyrl", "Hebr", "Armn", "Geor", "Zyyy"})  # letters that may be set apart
CHINESE = frozenset({"Hani", "Hira", "Kana", "Bopo", "Hang", "Zyyy"})  # scripts the brand's own order of fonts serves
CONTEXT = 3  # graphemes beside a run that may join with it
HALF_EM = 0.75  # a mark wider than that has not been halved by its font


@dataclass(frozen=True, slots=True)
class Letter:
    """One glyph of a line, in em: its number, where it is drawn, and the grapheme it stands for.

    `text` is empty for the further glyphs of one cluster.
    """

    face: Face
    id: int
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One grapheme with all that shaping needs to know."""

    text: str
    face: Face
    script: str
    level: int


def runs(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of one font, script and direction."""
    start = 0
    for at in range(1, len(pieces) + 1):
        if at == len(pieces) or (pieces[at].face, pieces[at].script, pieces[at].level) != (
            pieces[start].face,
            pieces[start].script,
            pieces[start].level,
        ):
            yield start, at
            start = at


def shape(
    pieces: Sequence[Piece],
    start: int,
    end: int,
    *,
    halved: frozenset[int],
    tracking: float,
    language: str,
    around: tuple[str, str] = ("", ""),
) -> Iterator[tuple[int, list[Letter], float]]:
    """Yield one run's clusters from left to right: the first grapheme's index, the glyphs from 0 on, the advance.

    Everything is in em. Full-width marks at `halved` get half of their width; marks that Chinese sets on a full em get
    only what their ink needs where they stand among Latin letters. `around` are the words before and after all pieces:
    letters that are joined with them look so, also where a line ends inside a word.
    """
    first = pieces[start]
    open_ = opened(first.face)
    before = "".join(piece.text for piece in pieces[max(0, start - CONTEXT) : start]) or around[0]
    after = "".join(piece.text for piece in pieces[end : end + CONTEXT]) or around[1]
    places = list(accumulate((len(piece.text) for piece in pieces[start:end]), initial=len(before)))
    at = [index for index in range(start, end) for _character in pieces[index].text]
    buffer = uharfbuzz.Buffer()
    run = "".join(piece.text for piece in pieces[start:end])
    buffer.add_str(f"{before}{run}{after}", len(before), len(run))
    buffer.script = first.script if first.script not in {"Zyyy", "Zzzz"} else "Latn"
    buffer.direction = "rtl" if first.level % 2 else "ltr"
    buffer.language = language or "en"
    apart = bool(tracking) and first.script in SPACED
    features: dict[str, bool | list[tuple[int, int, bool]]] = {"kern": True}
    if apart:
        features |= {"liga": False, "clig": False}
    if half := [
        (places[index - start], places[index - start] + 1, True) for index in sorted(halved) if start <= index < end
    ]:
        features["halt"] = half
    uharfbuzz.shape(open_.font, buffer, features)
    scale = 1 / open_.upem
    clusters: list[tuple[int, list[Letter], float]] = []
    last = -1
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        index = at[info.cluster - len(before)]
        if index != last:
            clusters.append((index, [], 0.0))
            last = index
        _index, letters, advance = clusters[-1]
        letter = Letter(
            first.face,
            info.codepoint,
            advance + position.x_offset * scale,
            position.y_offset * scale,
            "" if letters else pieces[index].text,
        )
        letters.append(letter)
        clusters[-1] = index, letters, advance + position.x_advance * scale
    for index, letters, advance in clusters:
        yield _adjusted(pieces, index, letters, advance, halved=halved, tracking=tracking)


def _adjusted(
    pieces: Sequence[Piece],
    index: int,
    letters: list[Letter],
    advance: float,
    *,
    halved: frozenset[int],
    tracking: float,
) -> tuple[int, list[Letter], float]:
    piece = pieces[index]
    if _narrow(pieces, index) and has_ink(piece.face, letters[0].id):
        open_, side = opened(piece.face), NARROW_SIDE.get(piece.text, NARROW_QUOTE)
        extents, upem = open_.font.get_glyph_extents(letters[0].id), open_.upem
        letters = [Letter(piece.face, letters[0].id, side - extents.x_bearing / upem, letters[0].y, piece.text)]
        advance = extents.width / upem + 2 * side
    elif index in halved and advance > HALF_EM:  # the font has no half-width forms
        move = -0.5 if marks([other.text for other in pieces])[index] == "(" else 0.0
        letters = [Letter(piece.face, letter.id, letter.x + move, letter.y, letter.text) for letter in letters]
        advance -= 0.5
    # Letters are spaced for Chinese: Latin words fall apart at the same distance, and joined scripts anywhere.
    if wide(piece.text):
        advance += tracking
    elif piece.script in SPACED or piece.script in CHINESE:
        advance += tracking * LATIN_TRACKING
    if index + 1 < len(pieces) and not piece.level % 2 and _meet(piece.text[0], pieces[index + 1].text[0]):
        advance += BETWEEN_SCRIPTS
    return index, letters, advance


def _meet(before: str, after: str) -> bool:
    """Whether a Chinese character stands beside a Latin letter or digit, with no space between them."""
    if wide(before) == wide(after) or "\uac00" <= max(before, after) <= "\ud7a3":  # Korean has spaces of its own
        return False
    return unicodedata.category(before)[0] in "LN" and unicodedata.category(after)[0] in "LN"


def _narrow(pieces: Sequence[Piece], index: int) -> bool:
    """Whether a mark that Chinese sets on a full em stands among Latin letters, or between spaces."""
    if pieces[index].text not in SHARED:
        return False
    around = [pieces[near].text for near in (index - 1, index + 1) if 0 <= near < len(pieces)]
    return not any(map(wide, around))
