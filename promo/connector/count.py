"""Counting a text the way a channel counts it."""

from __future__ import annotations

import re
import unicodedata

from promo.connector.capabilities import TextLimit, TextUnit

# White space, quotes and full-width punctuation; escaped, because the latter look like their ASCII twins.
STOPS = r"\s<>\"'\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u300a\u300b\u300c\u300d\u3010\u3011"
# What Mastodon and its kind take for a link: from the scheme to the next stop; ASCII punctuation at its end
# belongs to the sentence.
LINK = re.compile(rf"https?://[^{STOPS}]*[^{STOPS}.,;:!?)]")


def count_text(text: str, limit: TextLimit) -> int:
    """Return the length of `text` in the limit's unit, each link at `link_cost` where there is one."""
    links = 0
    if limit.link_cost is not None:
        text, links = LINK.subn("", text)
    match limit.unit:
        case TextUnit.CHARACTERS:
            length = len(text)
        case TextUnit.BYTES:
            length = len(text.encode())
        case TextUnit.WEIGHTED:
            length = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
        case TextUnit.GRAPHEMES:
            if text.isascii():
                length = len(text) - text.count("\r\n")
            else:
                from uniseg.graphemecluster import grapheme_clusters  # slow to import

                length = sum(1 for _cluster in grapheme_clusters(text))
    return length + links * (limit.link_cost or 0)
