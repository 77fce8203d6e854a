"""Paragraphs: a text cleaned, split into graphemes with font, script and direction, measured, its breaks weighed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from fontTools.unicodedata import script

from promo.errors import UserMistake
from promo.language import _
from promo.visual.text import breaking
from promo.visual.text.bidi import line_levels, resolve
from promo.visual.text.block import Face
from promo.visual.text.breaking import graphemes, marks
from promo.visual.text.face import opened
from promo.visual.text.fonts import Chain, covers
from promo.visual.text.shaping import CHINESE, Piece, runs, shape

LONGEST = 1200  # graphemes in one text: more is no text for a picture
EM_BOX = CHINESE | {"Latn", "Grek", "Cyrl"}  # scripts whose lines are as high as the em says
SPACES = re.compile("[\\s\x1c-\x1f\x85\u2028\u2029]+", re.ASCII)
DROPPED = frozenset({"Cc", "Cs"})


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


@lru_cache(maxsize=96)
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
