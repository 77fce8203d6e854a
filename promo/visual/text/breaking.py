"""Where lines may end: the rules of UAX #14, phrases, and what must stay together, as penalties."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate

from budoux import (
    Parser,
    load_default_japanese_parser,
    load_default_simplified_chinese_parser,
    load_default_traditional_chinese_parser,
)
from icu4py.breakers import CharacterBreaker, LineBreaker, WordBreaker

from promo.visual.text.fonts import TRADITIONAL

OPENING = frozenset("「『（《〈【〔［｛")  # full-width punctuation only
CLOSING = frozenset("」』）》〉】〕］｝，。、；：")
QUOTES = {"“": "(", "‘": "(", "”": ")", "’": ")"}  # full-width where Chinese stands beside them
PAUSES = frozenset("。！？；…!?")
FORBIDDEN = 100.0  # only where a line would be too long without
PHRASE, WORD, INSIDE = 0.6, 1.2, 2.0  # between two phrases, where only one of two thinks so, and inside one
# Chinese words of one character that lean on the word before them, and those that lean on the word after them.
LEANS_BACK = frozenset(
    "的地得了着著过過们們吗嗎呢吧啊呀嘛里裡上下中内日节節会會园園镇鎮区區馆館店家季期届屆号號费費价價版型"
)
LEANS_ON = frozenset("第不没沒很最更太再又也都就还還把被给給让讓在和与與跟向从從为為对對一每各本该該")
NUMBER_AFTER_SPACE = 0.3

_KEPT = re.compile(
    r"""
      (?:https?://|www\.)[!-~]+                                   # an address of the web
    | [a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+                   # of a mailbox
    | [a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/[!-~]*)?          # of a site without its scheme
    | [¥￥$€£₩₹]\s?\d[\d,.]*(?:\s?[-–~～—]\s?[¥￥$€£₩₹]?\s?\d[\d,.]*)?(?:\s?[万亿千百]?[元圆円원起折])?    # a price
    | 第\s?\d[\d,.]*\s?\w?                                        # “the 3rd …”
    | \d[\d,.:：/–~～—-]*\s?(?:[%％‰℃]|°[CF]?|(?:[ap]\.?m\.?|[kcm]?m²?|k?g|ml|L|GB|MB|px|h|min)(?![a-z]))
    | \d[\d,.:：/–~～—-]*\s?[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]                     # and its measure word
    | \d[\d,.:：/–~～—-]*\d                                       # a time, a date, a telephone number
    """,
    re.VERBOSE | re.IGNORECASE,
)


def graphemes(text: str) -> tuple[str, ...]:
    """Split a text into what readers see as one character (UAX #29)."""
    return tuple(CharacterBreaker(text, "en"))


@lru_cache(maxsize=192)
def breaks(text: str, language: str) -> tuple[tuple[int, float], ...]:
    """Return where a line of `text` may end, as (offset, penalty).

    UAX #14 with strict rules for Chinese and Japanese marks gives the places; the penalty says how bad one looks:
    0 after a sentence or a word, more between phrases (BudouX) and inside one, `FORBIDDEN` inside a price, an address,
    or between a number and its measure word.
    """
    phrases = _phrases(text, language)
    kept = {at for match in _KEPT.finditer(text) for at in range(match.start() + 1, match.end())}
    found = []
    at = 0
    for piece in LineBreaker(text, f"{language or 'en'}@lb=strict"):
        at += len(piece)
        if at < len(text):
            found.append((at, FORBIDDEN if at in kept else _penalty(text, at, phrases.get(at, INSIDE))))
    return tuple(found)


def wide(grapheme: str) -> bool:
    """Whether a character is set on a full em, as Chinese ones are."""
    return unicodedata.east_asian_width(grapheme[0]) in "WF"


def marks(parts: Sequence[str]) -> list[str]:
    """Say of each grapheme whether it is a full-width mark that opens (“(”) or closes (“)”), or neither (“”)."""
    found = []
    for index, part in enumerate(parts):
        kind = "(" if part in OPENING else ")" if part in CLOSING else ""
        if part in QUOTES and any(map(wide, (*parts[max(0, index - 1) : index], *parts[index + 1 : index + 2]))):
            kind = QUOTES[part]
        found.append(kind)
    return found


def _penalty(text: str, at: int, between: float) -> float:
    before, after = text[:at].rstrip()[-1:], text[at]
    if text[at - 1].isspace():
        return NUMBER_AFTER_SPACE if after.isdigit() else 0.0
    if before in PAUSES:
        return 0.0
    if before in CLOSING or before in "·—|/" or after in OPENING:
        return 0.1
    if not wide(before) and not wide(after):
        return 0.1 if before in "-‐–\u200b\u00ad" else 0.0  # after a hyphen, and between words of Thai
    return between


def _phrases(text: str, language: str) -> dict[int, float]:
    """Return the penalty between two characters where a phrase or a word ends.

    BudouX's model for Chinese and ICU's dictionary each err at times: only where both see an end it is a good one.
    """
    written = _written_in(text, language)
    phrases = frozenset(accumulate(map(len, _parser(written).parse(text)))) if text else frozenset()
    if written == "ja":
        return dict.fromkeys(phrases, PHRASE)
    words = frozenset(accumulate(map(len, WordBreaker(text, "zh"))))
    ends = phrases | words
    found = {at: PHRASE if at in phrases and at in words else WORD for at in ends}
    for at in ends - {0, len(text)}:
        leans_back = text[at] in LEANS_BACK and at + 1 in ends
        leans_on = text[at - 1] in LEANS_ON and (at == 1 or at - 1 in ends)
        if leans_back or leans_on:
            found[at] = INSIDE
    return found


def _written_in(text: str, language: str) -> str:
    if any("\u3041" <= character <= "\u30ff" for character in text):  # kana
        return "ja"
    return "zh-hant" if language.lower().startswith(TRADITIONAL) else "zh-hans"


@cache
def _parser(written: str) -> Parser:
    match written:
        case "ja":
            return load_default_japanese_parser()
        case "zh-hant":
            return load_default_traditional_chinese_parser()
        case _:
            return load_default_simplified_chinese_parser()
