"""One pattern for hundreds of words, their common beginnings shared: it finds whether any of them occurs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_END = ""


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that matches where one of the words begins; with no words it never does."""
    tree: dict[str, Any] = {}
    for word in words:
        place = tree
        for character in word:
            place = place.setdefault(character, {})
        place[_END] = {}
    return re.compile(_pattern(tree) if tree else r"(?!)")


def _pattern(tree: dict[str, Any]) -> str:
    if _END in tree:  # whether a longer word goes on does not matter
        return ""
    branches = [re.escape(character) + _pattern(below) for character, below in sorted(tree.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
