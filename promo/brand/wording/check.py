"""A text against the brand's own voice and the law of its trades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from promo.brand.model import Brand
from promo.brand.rules import Level
from promo.brand.voice import Allowed, Banned
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
    severity: Level  # error | warning
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
    voice = brand.guide.voice
    found = list(_banned(brand, text)) if voice.banned else []
    off = _off(tuple(brand.guide.rules.items()))
    ready, places = plain(text)
    for match in matcher(brand.guide.trades, off).matches(ready):
        start, end = match.start, match.end
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        found.append(_finding(brand, match.rule, text, start, end))
    if found and voice.allow:
        found = [finding for finding in found if not _allowed(voice.allow, text, finding)]
    return sorted(found, key=lambda finding: (finding.start, finding.end))


@lru_cache(maxsize=64)
def _off(rules: tuple[tuple[str, Level], ...]) -> frozenset[str]:
    return frozenset(rule for rule, level in rules if level == "off")


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
    return _("{law}, article {article}", law=laws()[rule.law].name.in_language(), article=rule.article)


def _banned(brand: Brand, text: str) -> Iterator[WordingFinding]:
    severity = brand.severity("banned-word")
    if severity == "off":
        return
    banned = brand.guide.voice.banned
    for match in _pattern(banned).finditer(text):
        hint = banned[(match.lastindex or 1) - 1].hint
        yield WordingFinding(
            rule="banned-word",
            severity=severity,
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
def _pattern(banned: tuple[Banned, ...]) -> re.Pattern[str]:
    """Return one pattern for all words, a group each; plans ask for each of their thousands of texts."""
    parts = []
    for word in (entry.word for entry in banned):
        before = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
        after = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
        parts.append(f"({before}{re.escape(word)}{after})")
    return re.compile("|".join(parts), re.IGNORECASE)
