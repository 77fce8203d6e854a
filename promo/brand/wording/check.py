"""A text against the brand's own voice and the law of its trades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from promo.brand.model import Brand
from promo.brand.rules import Level
from promo.brand.voice import Allowed
from promo.brand.wording.match import matcher
from promo.brand.wording.pack import WordingRule, laws
from promo.brand.wording.plain import plain
from promo.language import _


@dataclass(frozen=True, kw_only=True, slots=True)
class WordingFinding:
    """Words a text should not hold: `start` and `end` count characters from 0.

    `rule` is the rule's id, `article` names the law and its article, empty for the brand's own rules.
    """

    rule: str
    severity: Level
    word: str
    start: int
    end: int
    message: str
    article: str = ""
    hint: str | None = None


def check_wording(brand: Brand, text: str) -> list[WordingFinding]:
    """Return every use of words that the brand bans or that the wording rules of its trades forbid, in its order.

    Of the brand's own words, a Latin one is found as a whole word only (`best`, not `bestow`), a Chinese one
    anywhere. Phrases the brand file allows (`voice: allow`) are passed over.
    """
    return BrandWords(brand).check(text)


class BrandWords:
    """The wording rules of one brand, ready for thousands of texts."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        rules = brand.guide.rules
        off = frozenset(rule for rule, level in rules.items() if level == "off")
        self._matcher = matcher(brand.guide.trades, off)
        banned = brand.guide.voice.banned if brand.severity("banned-word") != "off" else ()
        self._banned = _pattern(tuple(entry.word for entry in banned)) if banned else None
        self.notices = self._matcher.notices

    def silent(self, text: str) -> bool:
        """Whether a text holds no word that any rule or ban begins with: then `check` finds nothing."""
        return not self._matcher.touches(text) and (self._banned is None or self._banned.search(text) is None)

    def check(self, text: str) -> list[WordingFinding]:
        """Return what `check_wording` does."""
        allow, found = self.brand.guide.voice.allow, []
        ready, places = plain(text)
        for match in self._matcher.matches(ready):
            start, end = match.start, match.end
            if places is not None:
                start, end = places[start], places[end - 1] + 1
            found.append(_finding(self.brand, match.rule, text, start, end))
        if self._banned is not None:
            # What the law forbids is said once, by the law.
            law = [(finding.start, finding.end) for finding in found]
            own = _own(self.brand, self._banned, text)
            found += [f for f in own if not any(f.start < end and start < f.end for start, end in law)]
        if found and allow:
            found = [finding for finding in found if not _allowed(allow, text, finding)]
        return sorted(found, key=lambda finding: (finding.start, finding.end))


def _finding(brand: Brand, rule: WordingRule, text: str, start: int, end: int) -> WordingFinding:
    article = law_article(rule)
    return WordingFinding(
        rule=rule.id,
        severity=brand.severity(rule.id, rule.severity),
        word=text[start:end],
        start=start,
        end=end,
        message=_("“{word}”: {note} ({article})", word=text[start:end], note=rule.note.in_language(), article=article),
        article=article,
        hint=rule.hint.in_language(),
    )


def law_article(rule: WordingRule) -> str:
    """Return the law's name and the article, in the language in force."""
    law = laws()[rule.law].name.in_language()
    if rule.article is None:
        return law
    return _("{law}, {article}", law=law, article=rule.article.in_language())


def _own(brand: Brand, pattern: re.Pattern[str], text: str) -> Iterator[WordingFinding]:
    banned = brand.guide.voice.banned
    for match in pattern.finditer(text):
        hint = banned[(match.lastindex or 1) - 1].hint
        yield WordingFinding(
            rule="banned-word",
            severity=brand.severity("banned-word"),
            word=match[0],
            start=match.start(),
            end=match.end(),
            message=_("{brand} does not say “{word}”", brand=brand.guide.name.in_language(), word=match[0]),
            hint=hint.in_language() if hint else None,
        )


def _allowed(entries: tuple[Allowed, ...], text: str, finding: WordingFinding) -> bool:
    """Whether the finding lies in a phrase that an entry allows."""
    small = text.casefold()
    for entry in entries:
        phrase = entry.phrase.casefold()
        at = -1 if entry.rules and finding.rule not in entry.rules else small.find(phrase)
        while at >= 0:
            if at <= finding.start and finding.end <= at + len(phrase):
                return True
            at = small.find(phrase, at + 1)
    return False


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for all words, a group each; plans ask for each of their thousands of texts."""
    parts = []
    for word in words:
        before = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
        after = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
        parts.append(f"({before}{re.escape(word)}{after})")
    return re.compile("|".join(parts), re.IGNORECASE)
