"""“Did you mean …?”"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, listed: bool = False) -> str | None:
    """Return a hint naming the nearest known word, or all of them when they are few, or None.

    `listed`: the message itself has them all.
    """
    words = sorted({str(k) for k in known})
    near = get_close_matches(str(word), words, n=1, cutoff=0.6)
    if near:
        return _("did you mean {word}?", word=f"`{near[0]}`")
    if 0 < len(words) <= 12 and not listed:
        return _("known: {words}", words=", ".join(words))
    return None
