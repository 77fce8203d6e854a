"""Text as the wording rules read it: one width, small letters, nothing hidden between two characters."""

from __future__ import annotations

import re

# Full-width forms and Chinese marks, one character for one, so that places stay where they are.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(mark): plain
    for mark, plain in zip("。、；：“”‘’「」『』《》【】〔〕　…—～", ';,;:""\'\'""""""()() ,-~', strict=True)
}
_CJK = "\u3400-\u9fff"
# What people put between the characters of a word to hide it, and what cannot be seen at all. The set stands first,
# since one set is what `re` skips ahead by.
_UNSEEN, _BETWEEN = "\u00ad\u200b-\u200f\u2060\ufeff", r" ·•*_\-"
_HIDDEN = re.compile(rf"[{_UNSEEN}{_BETWEEN}](?:(?<=[{_UNSEEN}])|(?<=[{_CJK}].)(?=[{_CJK}]))")
_WIDE = "\uff05\uff10-\uff5a"
HARD_TO_READ = re.compile(rf"[{_WIDE}{_UNSEEN}{_BETWEEN}](?:(?<=[{_WIDE}{_UNSEEN}])|(?<=[{_CJK}].)(?=[{_CJK}]))")
URL = re.compile(r"https?://[!-~]+")
_END = re.compile(r"[!?;\n]|\.(?!\d)")


def plain(text: str) -> tuple[str, list[int] | None]:
    """Return `text` ready for matching, and where each of its characters stood; None: all where they were."""
    places = None
    if "://" in text:
        text = URL.sub(lambda link: " " * len(link[0]), text)
    if _HIDDEN.search(text):
        hidden = {place for match in _HIDDEN.finditer(text) for place in range(*match.span())}
        places = [place for place in range(len(text)) if place not in hidden]
        text = "".join(text[place] for place in places)
    small = text.translate(_WIDTH).lower()
    if len(small) != len(text):  # a few letters have no small form of the same length
        small = "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_WIDTH))
    return small, places


def sentence_ends(text: str) -> list[int]:
    """Return where each sentence of a plain text ends, in order; the last one ends with the text."""
    ends = [match.end() for match in _END.finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]
