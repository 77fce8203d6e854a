"""Shaping: a paragraph's characters, each with its font, script and direction, become glyphs with widths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

import uharfbuzz
from fontTools.unicodedata import script

from promo.errors import UserMistake
from promo.language import _
from promo.visual.text import breaking
from promo.visual.text.bidi import line_levels, resolve
from promo.visual.text.block import Face
from promo.visual.text.breaking import graphemes, marks, wide
from promo.visual.text.face import has_ink, opened
from promo.visual.text.fonts import TRADITIONAL, Chain

LONGEST = 1200  # graphemes in one text: more is no text for a picture
SHARED = frozenset("‘’“”·")  # marks that both Chinese and Latin texts use
NARROW_SIDE, NARROW_QUOTE = {"·": 0.12}, 0.06  # em left free on each side of a tightened mark
BETWEEN_SCRIPTS = 0.125  # em from Chinese to Latin (CSS Text Module Level 4, “text-autospace”)
LATIN_TRACKING = 0.25  # of the style's letter-spacing
SPACED = frozenset({"Latn", "Grek", "Cyrl", "Hebr", "Armn", "Geor", "Zyyy"})  # letters that may be set apart
CHINESE = frozenset({"Hani", "Hira", "Kana", "Bopo", "Hang", "Zyyy"})  # scripts the brand's own order of fonts serves
EM_BOX = CHINESE | {"Latn", "Grek", "Cyrl"}  # scripts whose lines are as high as the em says
SPACES = re.compile("[\\s\x1c-\x1f\x85\u2028\u2029]+", re.ASCII)
DROPPED = frozenset({"Cc", "Cs", "Co"})
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


@dataclass(frozen=True, eq=False, slots=True)
class Paragraph:
    """One text prepared for breaking. `ends` are the widths in em up to and with each grapheme."""

    pieces: tuple[Piece, ...]
    level: int  # of the paragraph: odd ones begin at the right
    language: str
    tracking: float
    chain: Chain
    uncovered: tuple[str, ...]  # graphemes no font has
    breaks: tuple[tuple[int, float], ...]  # (a line may end before this grapheme, how bad that looks)
    ends: tuple[float, ...]
    halved: frozenset[int]  # graphemes that give up half of their em
    reach: tuple[float, float]  # em above and below the base line, of scripts that need more than Chinese or Latin

    @property
    def text(self) -> str:
        """Return the words that are set."""
        return "".join(piece.text for piece in self.pieces)


@lru_cache(maxsize=512)
def prepare(text: str, chain: Chain, tracking: float, language: str, direction: str = "auto") -> Paragraph:
    """Split a text without line feeds into graphemes, find fonts and directions, measure it, and weigh its breaks.

    `tracking` is in em; `direction` is “ltr”, “rtl”, or “auto” for the first letter's. Raises UserMistake for a text
    longer than 1,200 characters.
    """
    parts = _clean(text)
    faces: list[Face | None] = []
    scripts = _scripts(parts)
    for part, code in zip(parts, scripts, strict=True):
        near = faces[-1] if faces and code not in CHINESE and code != "Latn" else None
        faces.append(near if near is not None and _stays(part, near) else chain.face_for(part))
    whole = "".join(parts)
    base, resolved = resolve(whole, {"ltr": 0, "rtl": 1}.get(direction))
    levels = line_levels(whole, resolved, base)
    starts = list(accumulate((len(part) for part in parts), initial=0))
    pieces = tuple(
        Piece(part, face, code, levels[start])
        for part, face, code, start in zip(parts, faces, scripts, starts[:-1], strict=True)
        if face is not None
    )
    uncovered = tuple(dict.fromkeys(part for part, face in zip(parts, faces, strict=True) if face is None))
    kept = [piece.text for piece in pieces]
    halved = frozenset(_halved(kept))
    widths, reach = _measure(pieces, halved, tracking, language)
    return Paragraph(
        pieces=pieces,
        level=base,
        language=language,
        tracking=tracking,
        chain=chain,
        uncovered=uncovered,
        breaks=tuple(_breaks(kept, language)),
        ends=tuple(accumulate(widths)),
        halved=halved,
        reach=reach,
    )


def _clean(text: str) -> tuple[str, ...]:
    # Spaces that hold words together, and those as wide as a Chinese character, stay what they are.
    kept = SPACES.sub(" ", text)
    kept = "".join(character for character in kept if unicodedata.category(character) not in DROPPED)
    kept = unicodedata.normalize("NFC", SPACES.sub(" ", kept).strip(" "))
    if len(kept) > LONGEST * 8 or len(parts := graphemes(kept)) > LONGEST:
        raise UserMistake(
            _("a text of {count} characters is too long for a picture: “{start}…”", count=len(kept), start=kept[:20]),
            hint=_("write at most {count} characters", count=LONGEST),
        )
    return parts


def _scripts(parts: Sequence[str]) -> list[str]:
    """Return each grapheme's script (UAX #24): signs and spaces take that of the letters before, else after them."""
    found = [script(part[0]) for part in parts]
    before = next((code for code in found if code not in {"Zyyy", "Zinh"}), "Zyyy")
    for index, code in enumerate(found):
        if code in {"Zyyy", "Zinh"}:
            found[index] = before
        else:
            before = code
    return found


def _stays(part: str, face: Face) -> bool:
    """Whether a sign among letters of another script is taken from their font, so that words are of one cast."""
    from promo.visual.text.fonts import covers

    return script(part[0]) in {"Zyyy", "Zinh"} and not face.colour and covers(face, part)


def _halved(parts: Sequence[str]) -> Iterator[int]:
    """Yield full-width marks beside another one (CLREQ, W3C, “Punctuation width adjustment”)."""
    for index, pair in enumerate(pairwise(marks(parts))):
        if pair in {(")", "("), (")", ")")}:
            yield index
        elif pair == ("(", "("):
            yield index + 1


def _breaks(parts: Sequence[str], language: str) -> Iterator[tuple[int, float]]:
    offsets = {offset: index for index, offset in enumerate(accumulate((len(part) for part in parts), initial=0))}
    for offset, penalty in breaking.breaks("".join(parts), language):
        if offset in offsets:
            yield offsets[offset], penalty


def _measure(
    pieces: Sequence[Piece], halved: frozenset[int], tracking: float, language: str
) -> tuple[list[float], tuple[float, float]]:
    """Return how wide each grapheme is, and how far letters with high and deep marks reach."""
    widths = [0.0] * len(pieces)
    above = below = 0.0
    for start, end in runs(pieces):
        tall = pieces[start].script not in EM_BOX and not pieces[start].face.colour
        open_ = opened(pieces[start].face)
        for index, letters, advance in shape(pieces, start, end, halved=halved, tracking=tracking, language=language):
            widths[index] += advance
            for letter in letters if tall else ():
                extents = open_.font.get_glyph_extents(letter.id)
                if extents is None:  # a substitution that leads nowhere
                    continue
                top = letter.y + extents.y_bearing / open_.upem
                above, below = max(above, top), max(below, -(top + extents.height / open_.upem))
    return widths, (above, below)


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
    pieces: Sequence[Piece], start: int, end: int, *, halved: frozenset[int], tracking: float, language: str
) -> Iterator[tuple[int, list[Letter], float]]:
    """Yield one run's clusters from left to right: the first grapheme's index, the glyphs from 0 on, the advance.

    Everything is in em. Full-width marks at `halved` get half of their width; marks that Chinese sets on a full em get
    only what their ink needs where they stand among Latin letters.
    """
    first = pieces[start]
    open_ = opened(first.face)
    places = list(accumulate((len(piece.text) for piece in pieces[start:end]), initial=0))
    at = [index for index in range(start, end) for _character in pieces[index].text]
    buffer = uharfbuzz.Buffer()
    buffer.add_str("".join(piece.text for piece in pieces[start:end]))
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
    before = -1
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        index = at[info.cluster]
        if index != before:
            clusters.append((index, [], 0.0))
            before = index
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


def centred(language: str) -> bool:
    """Whether commas and stops stand in the middle of their em, as in Taiwan and Hong Kong."""
    return language.lower().startswith(TRADITIONAL)
