"""All the words of one delivery, text and picture together: what they may not hold, and what they owe."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from promo.brand.model import Brand
from promo.brand.rules import Level
from promo.brand.wording.check import BrandWords, law_article
from promo.brand.wording.pack import WordingRule
from promo.brand.wording.plain import plain
from promo.language import _


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """What a delivery says: `parts` by name (`text`, `title`, `visual.subtitle`, …), in one language.

    `to_public` is false for what stays in the house, such as a task: it owes no marks and disclosures.
    """

    parts: Mapping[str, str]
    language: str
    sponsored: bool = False
    to_public: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsProblem:
    """What is wrong with the words of a delivery; `part` is where, or where what is missing belongs."""

    rule: str
    part: str
    message: str
    hint: str | None
    severity: Level


class DeliveryWords:
    """What one brand's deliveries may not say and what they owe."""

    def __init__(self, brand: Brand) -> None:
        self._brand = brand
        self._words = BrandWords(brand)
        voice = brand.guide.voice
        self._owes = bool(voice.required or voice.disclosures or self._words.notices)

    def check(self, spoken: Spoken) -> list[WordsProblem]:
        """Return every breach of the brand's voice and of the law of its trades in the words of one delivery."""
        together = "\n".join(filter(None, spoken.parts.values()))
        found = [] if self._words.silent(together) else list(self._said(spoken.parts, together))
        if spoken.to_public and together and (self._owes or spoken.sponsored):
            found += _owed(self._brand, spoken, together)
            found += _notices(self._brand, self._words.notices, spoken, together)
        return found

    def _said(self, parts: Mapping[str, str], together: str) -> Iterator[WordsProblem]:
        """Yield what should not be said. All parts are read as one: a source in the picture serves the text too."""
        names = [name for name, text in parts.items() if text]
        ends = list(accumulate(len(parts[name]) + 1 for name in names))
        for finding in self._words.check(together):
            yield WordsProblem(
                rule=finding.rule,
                part=names[bisect_right(ends, finding.start)],
                message=finding.message,
                hint=finding.hint,
                severity=finding.severity,
            )


def _owed(brand: Brand, spoken: Spoken, together: str) -> Iterator[WordsProblem]:
    """Yield what should be said and is not."""
    voice, parts = brand.guide.voice, spoken.parts
    first = _first(parts)

    def missing(rule: str, message: str, part: str = first, hint: str | None = None) -> Iterator[WordsProblem]:
        level = brand.severity(rule)
        if level != "off":
            yield WordsProblem(rule=rule, part=part, message=message, hint=hint, severity=level)

    if spoken.sponsored and not any(_says(together, mark) for mark in voice.sponsored.values()):
        mark = voice.sponsored.in_language(spoken.language)
        yield from missing(
            "sponsored-missing",
            _("sponsored content does not say that it is: “{mark}”", mark=mark),
            hint=_("write {mark} into the text or the picture", mark=f"“{mark}”"),
        )
    for required in voice.required:
        if not _says(together, wanted := required.in_language(spoken.language)):
            yield from missing("required-missing", _("“{words}” must be said", words=wanted))
    for disclosure in voice.disclosures:
        wanted = disclosure.text.in_language(spoken.language)
        word = next((word for word in disclosure.when if _says(together, word)), None)
        if word is not None and not _says(together, wanted):
            part = next((name for name, text in parts.items() if _says(text, word)), first)
            message = _("“{word}” is said without “{words}”", word=word, words=wanted)
            yield from missing("disclosure-missing", message, part)


def _notices(brand: Brand, rules: tuple[WordingRule, ...], spoken: Spoken, together: str) -> Iterator[WordsProblem]:
    """Yield the notices that a law asks for in every advertisement of a trade."""
    text = plain(together)[0] if rules else ""
    for rule in rules:
        if re.search(rule.must_say or "", text) is None:
            yield WordsProblem(
                rule=rule.id,
                part=_first(spoken.parts),
                message=f"{rule.note.in_language()} ({law_article(rule)})",
                hint=rule.hint.in_language(),
                severity=brand.severity(rule.id, rule.severity),
            )


def _first(parts: Mapping[str, str]) -> str:
    return next(name for name, text in parts.items() if text)


def _says(text: str, words: str) -> bool:
    return _words(words).search(text) is not None


@cache
def _words(words: str) -> re.Pattern[str]:
    """Return a pattern of these words: any space is any run of spaces, Latin words are whole ones."""
    before = r"(?<![A-Za-z0-9])" if words[:1].isascii() and words[:1].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if words[-1:].isascii() and words[-1:].isalnum() else ""
    return re.compile(before + r"\s+".join(map(re.escape, words.split())) + after, re.IGNORECASE)
