"""Finding what the rules forbid: one pass over the text for all their words, patterns only where a word occurs."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from promo.brand.voice import Trade
from promo.brand.wording.oneof import any_of
from promo.brand.wording.pack import Clause, WordingRule, wording_rules
from promo.brand.wording.plain import HARD_TO_READ, URL, plain, sentence_ends


@dataclass(frozen=True, slots=True)
class Match:
    """A guilty stretch of a plain text."""

    rule: WordingRule
    start: int
    end: int


class Matcher:
    """The rules that bind some trades, ready to be matched. Patterns are compiled when first needed."""

    def __init__(self, rules: tuple[WordingRule, ...]) -> None:
        self.notices = tuple(rule for rule in rules if rule.must_say is not None)
        self._clauses = [(rule, clause) for rule in rules for clause in rule.find]
        words = {word for _rule, clause in self._clauses for word in clause.at}
        # The patterns stop at the shortest word: it stands for all that begin with it.
        self._numbers: dict[str, list[int]] = {}
        for number, (_rule, clause) in enumerate(self._clauses):
            for word in clause.at:
                short = next(word[:end] for end in range(1, len(word) + 1) if word[:end] in words)
                self._numbers.setdefault(short, []).append(number)
        # Apart, since `re` skips ahead to what one of them may begin with: a text in Chinese has few such places.
        latin = {word for word in words if word[0].isascii()}
        self._latin, self._chinese = any_of(latin), any_of(words - latin)

    def touches(self, text: str) -> bool:
        """Whether a text, as it was written, may hold a guilty stretch; most do not, and this is quick."""
        if "://" in text:
            text = URL.sub("", text)
        if HARD_TO_READ.search(text):
            text = plain(text)[0]
        small = text.lower()
        return self._chinese.search(small) is not None or self._latin.search(small) is not None

    def _hits(self, text: str) -> Iterator[int]:
        for words in (self._chinese, self._latin):
            hit = words.search(text)
            while hit is not None:
                yield from self._numbers[hit[0]]
                hit = words.search(text, hit.start() + 1)

    def matches(self, text: str) -> list[Match]:
        """Return the guilty stretches of a plain text in its order; of two that overlap under one rule the longer."""
        numbers = set(self._hits(text))
        if not numbers:
            return []
        reading = _Reading(text)
        found = [match for number in sorted(numbers) for match in reading.guilty(*self._clauses[number])]
        kept: list[Match] = []
        taken: dict[str, bytearray] = {}
        for match in sorted(found, key=lambda m: (m.start - m.end, m.start)):
            places = taken.setdefault(match.rule.id, bytearray(len(text)))
            if not any(places[match.start : match.end]):
                places[match.start : match.end] = b"\1" * (match.end - match.start)
                kept.append(match)
        return sorted(kept, key=lambda m: (m.start, m.end))


class _Reading:
    """One text while it is read: each question is asked of a sentence, or of the text, only once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = sentence_ends(text)
        self._innocent: dict[int, bytearray] = {}  # by rule: 1 where what stands there is innocent
        self._said: dict[tuple[str, int, int], bool] = {}

    def guilty(self, rule: WordingRule, clause: Clause) -> Iterator[Match]:
        """Yield what breaks the rule in this way."""
        if rule.excused is not None and self._says(rule.excused, 0, len(self._text)):
            return
        for match in _pattern(clause).finditer(self._text):
            start, end = match.span()
            sentence = self._sentence(start, end)
            if clause.with_ is not None and not self._says(clause.with_, *sentence):
                continue
            if clause.unless is not None and self._says(clause.unless, *sentence):
                continue
            if not any(self._innocence(rule)[start:end]):
                yield Match(rule, start, end)

    def _sentence(self, start: int, end: int) -> tuple[int, int]:
        """Return the bounds of the sentence, or sentences, a stretch stands in."""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._ends, end, lo=first)
        return self._ends[first - 1] if first else 0, self._ends[last]

    def _says(self, pattern: str, start: int, end: int) -> bool:
        asked = pattern, start, end
        if asked not in self._said:
            self._said[asked] = _compiled(pattern).search(self._text, start, end) is not None
        return self._said[asked]

    def _innocence(self, rule: WordingRule) -> bytearray:
        places = self._innocent.get(id(rule))
        if places is None:
            places = self._innocent[id(rule)] = bytearray(len(self._text))
            for pattern in rule.innocent:
                for match in _compiled(pattern).finditer(self._text):
                    places[match.start() : match.end()] = b"\1" * (match.end() - match.start())
        return places


@cache
def matcher(trades: tuple[Trade, ...], off: frozenset[str]) -> Matcher:
    """Return the matcher of the rules that bind these trades, but for those turned off."""
    rules = (rule for name, parts in wording_rules().items() if name not in off for rule in parts)
    return Matcher(tuple(rule for rule in rules if rule.binds(trades)))


def _pattern(clause: Clause) -> re.Pattern[str]:
    return _compiled(clause.as_) if clause.as_ is not None else _of_words(clause.at)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _of_words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for plain words: Latin ones as whole words, the longest first."""
    parts = []
    for word in sorted(words, key=len, reverse=True):
        before = r"(?<![a-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
        after = r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
        parts.append(before + re.escape(word) + after)
    return re.compile("|".join(parts))
