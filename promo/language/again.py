"""Sentences that were kept in one language, told in the other: a daemon writes its reasons into the ledger as text.

What a person wrote, or another server said, stays as it is: only whole sentences of the rooms that publish are known.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from string import Formatter
from typing import TYPE_CHECKING

from promo.language import language

if TYPE_CHECKING:
    from promo.language import Language

ROOMS = ("delivery", "lanes", "core", "connector", "builtin_connectors", "mail", "mastodon")
INNER = ("error", "reason")  # fields that may hold such a sentence themselves
LEAST = 13  # letters of a sentence besides its fields: what is shorter could be anybody's words
LONGEST = 1000  # letters; what is longer is no sentence of ours
_WITH_HINT = re.compile(r"(.+?) \((.+)\)", re.DOTALL)  # as `PromoError` writes itself


def again(text: str) -> str:
    """Return a kept sentence in the language in force; what is not known comes back unchanged."""
    if not text or len(text) > LONGEST:
        return text
    told = _told(text)
    if told is None and (parts := _WITH_HINT.fullmatch(text)):
        message, hint = (_told(part) or part for part in parts.groups())
        return f"{message} ({hint})"
    return told or text


def _told(text: str) -> str | None:
    plain, patterns = _known(language())
    if text in plain:
        return plain[text]
    for pattern, wanted in patterns:
        if found := pattern.fullmatch(text):
            fields = {name: again(value) if name in INNER else value for name, value in found.groupdict().items()}
            return wanted.format(**fields)
    return None


@cache
def _known(into: Language) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Return the sentences without fields and the patterns of the others, the most telling first."""
    plain: dict[str, str] = {}
    patterns: list[tuple[int, re.Pattern[str], str]] = []
    for room in ROOMS:
        for english, chinese in import_module(f"promo.language.zh.{room}").MESSAGES.items():
            kept, wanted = (english, chinese) if into == "zh" else (chinese, english)
            letters = sum(len(literal) for literal, *_field in Formatter().parse(english))
            if letters < LEAST or " " not in english:
                continue
            if any(name for _literal, name, *_rest in Formatter().parse(english)):
                patterns.append((letters, _pattern(kept), wanted))
            else:
                plain[kept.format()] = wanted.format()
    patterns.sort(key=lambda entry: -entry[0])
    return plain, [(pattern, wanted) for _letters, pattern, wanted in patterns]


def _pattern(message: str) -> re.Pattern[str]:
    parts, seen = [], set[str]()
    for literal, name, *_rest in Formatter().parse(message):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
