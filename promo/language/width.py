"""How wide a text stands in a terminal, in cells: cut and folded by that. Chinese characters take two."""

from __future__ import annotations

import re
import unicodedata

TYPE_CHECKING = False  # as in the package itself: this module is on the way of every start
if TYPE_CHECKING:
    from collections.abc import Iterator

# A line of Chinese may break between any two characters, but not before what closes (GB/T 15834-2011, 5.1).
_CLOSING = "，。、；：？！…—·”’）》】」』〉%,.;:?!)]}"
_PIECES = re.compile(rf"\s+|[\u2e80-\uffef][{re.escape(_CLOSING)}]*|[^\s\u2e80-\uffef]+")


def cells(text: str) -> int:
    """Return how many cells of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1  # accents, joiners, variation selectors


def shorten(text: str, width: int) -> str:
    """Put a text on one line of at most `width` cells; what is cut off ends in `…`."""
    line = " ".join(text.split())
    if cells(line) <= width:
        return line
    room, end = width - 1, 0
    for char in line:
        room -= _cells(char)
        if room < 0:
            break
        end += 1
    return line[:end].rstrip() + "…" if width > 0 else ""


def fold(text: str, width: int) -> Iterator[str]:
    """Yield `text` in lines of at most `width` cells, broken between words or Chinese characters."""
    line, room = "", width
    for found in _PIECES.findall(text):
        piece = found
        if cells(piece) > room and line.strip():
            yield line.rstrip()
            line, room, piece = "", width, piece.lstrip()
        while cells(piece) > room:  # longer than a line: an address, mostly
            head = _head(piece, room)
            yield line + head
            line, room, piece = "", width, piece[len(head) :]
        line += piece
        room -= cells(piece)
    yield line.rstrip()


def _head(text: str, width: int) -> str:
    """Return as much of the beginning as fits; one character at least."""
    used = 0
    for end, char in enumerate(text):
        used += _cells(char)
        if used > width:
            return text[: max(end, 1)]
    return text
