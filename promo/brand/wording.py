"""The brand's words: what it never says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from promo.brand.model import Brand
from promo.language import _


@dataclass(frozen=True, kw_only=True, slots=True)
class WordingFinding:
    """A banned word in a text: `start` and `end` count characters from 0."""

    word: str
    start: int
    end: int
    message: str
    hint: str | None = None


def check_wording(brand: Brand, text: str) -> list[WordingFinding]:
    """Return every use of a word the brand bans, in the order of the text.

    Case does not matter; a word in Latin letters is found as a whole word only (`best`, not `bestow`),
    a Chinese one anywhere, since Chinese writes no spaces.
    """
    banned = brand.guide.voice.banned
    if not banned:
        return []
    found = []
    for match in _pattern(tuple(entry.word for entry in banned)).finditer(text):
        hint = banned[(match.lastindex or 1) - 1].hint
        found.append(
            WordingFinding(
                word=match[0],
                start=match.start(),
                end=match.end(),
                message=_("{brand} does not say “{word}”", brand=brand.guide.name.in_language(), word=match[0]),
                hint=hint.in_language() if hint else None,
            )
        )
    return found


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for all words, a group each; plans ask for each of their thousands of texts."""
    parts = []
    for word in words:
        before = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
        after = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
        parts.append(f"({before}{re.escape(word)}{after})")
    return re.compile("|".join(parts), re.IGNORECASE)
