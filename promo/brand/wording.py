"""The brand's words: what it never says."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    findings = []
    for banned in brand.guide.voice.banned:
        pattern = re.escape(banned.word)
        if banned.word[0].isascii() and banned.word[0].isalnum():
            pattern = r"(?<![A-Za-z0-9])" + pattern
        if banned.word[-1].isascii() and banned.word[-1].isalnum():
            pattern += r"(?![A-Za-z0-9])"
        findings += [
            WordingFinding(
                word=match[0],
                start=match.start(),
                end=match.end(),
                message=_("{brand} does not say “{word}”", brand=brand.guide.name.in_language(), word=match[0]),
                hint=banned.hint.in_language() if banned.hint else None,
            )
            for match in re.finditer(pattern, text, re.IGNORECASE)
        ]
    return sorted(findings, key=lambda finding: finding.start)
