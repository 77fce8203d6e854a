"""The bidirectional algorithm inside one run: weak classes, brackets, neutrals, levels (UAX #9, W1 to I2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache

MOST_BRACKETS = 63  # open at once (BD16)
INITIATORS = frozenset({"LRI", "RLI", "FSI"})
NEUTRAL = frozenset({"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"})


def side(level: int) -> str:
    """Return the strong class of a level's direction."""
    return "R" if level % 2 else "L"


def _marks_and_numbers(types: list[str], sos: str) -> None:
    """Resolve marks, and numbers after Arabic letters (W1 to W3), in place."""
    before = sos
    for at, kind in enumerate(types):  # W1
        if kind == "NSM":
            types[at] = "ON" if before in INITIATORS or before == "PDI" else before
        before = types[at]
    strong = sos
    for at, kind in enumerate(types):  # W2, W3
        if kind in {"L", "R", "AL"}:
            strong = kind
        elif kind == "EN" and strong == "AL":
            types[at] = "AN"
    types[:] = ["R" if kind == "AL" else kind for kind in types]


def _separators(types: list[str], sos: str) -> None:
    """Resolve what stands in and beside numbers (W4 to W7), in place."""
    for at in range(1, len(types) - 1):  # W4
        around = types[at - 1], types[at + 1]
        if around == ("EN", "EN") and types[at] in {"ES", "CS"}:
            types[at] = "EN"
        elif around == ("AN", "AN") and types[at] == "CS":
            types[at] = "AN"
    for start, end in _spans(types, {"ET"}):  # W5
        if "EN" in (types[start - 1 : start] or [""]) or "EN" in types[end : end + 1]:
            types[start:end] = ["EN"] * (end - start)
    strong = sos
    for at, kind in enumerate(types):  # W6, W7
        if kind in {"L", "R"}:
            strong = kind
        elif kind in {"ET", "ES", "CS"}:
            types[at] = "ON"
        elif kind == "EN" and strong == "L":
            types[at] = "L"


def _spans(types: Sequence[str], kinds: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    start = None
    for at in range(len(types) + 1):
        inside = at < len(types) and types[at] in kinds
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            yield start, at
            start = None


def _as_strong(kind: str) -> str:
    return "R" if kind in {"EN", "AN"} else kind if kind in {"L", "R"} else ""


def _brackets(text: str, types: list[str], original: Sequence[str], sos: str, level: int) -> None:
    """Give paired brackets the direction of what they enclose (N0), in place."""
    inward = side(level)
    for start, end in _pairs(text, types):
        inside = {_as_strong(kind) for kind in types[start + 1 : end]} - {""}
        if not inside:
            continue
        before = next((_as_strong(kind) for kind in types[:start][::-1] if _as_strong(kind)), sos)
        towards = inward if inward in inside else before
        for at in (start, end):
            types[at] = towards
            following = at + 1
            while following < len(types) and original[following] == "NSM":
                types[following] = towards
                following += 1


def _pairs(text: str, types: Sequence[str]) -> list[tuple[int, int]]:
    """Return the bracket pairs of one sequence in the order of their beginnings (BD16)."""
    stack: list[tuple[str, int]] = []
    pairs = []
    for at, character in enumerate(text):
        if types[at] != "ON":
            continue
        kind, other = bracket(character)
        if kind == "o":
            if len(stack) == MOST_BRACKETS:
                break
            stack.append((other, at))
        elif kind == "c":
            wanted = unicodedata.normalize("NFC", character)
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == wanted:
                    pairs.append((stack[depth][1], at))
                    del stack[depth:]
                    break
    return sorted(pairs)


@cache
def bracket(character: str) -> tuple[str, str]:
    """Return a character's paired bracket type, “o”, “c” or “n”, and the bracket that closes or opens it.

    Python's Unicode data has no such property: it follows from the general category, and the partner from the name.
    """
    category = unicodedata.category(character)
    if category not in {"Ps", "Pe"} or not unicodedata.mirrored(character):
        return "n", ""
    name, step = unicodedata.name(character), 1 if category == "Ps" else -1
    words = ("LEFT", "RIGHT") if category == "Ps" else ("RIGHT", "LEFT")
    try:
        other = unicodedata.lookup(name.replace(*words)) if words[0] in name else chr(ord(character) + step)
    except KeyError:  # the partner's name differs in more than the side
        other = chr(ord(character) + step)
    return "o" if category == "Ps" else "c", unicodedata.normalize("NFC", other)


def resolve_run(text: str, types: list[str], original: Sequence[str], edges: tuple[str, str], level: int) -> list[int]:
    """Return the levels of one isolating run sequence at `level` (W1 to I2).

    `types` are its characters' classes after overrides, `original` those before, `edges` its sos and eos.
    """
    sos, eos = edges
    types = list(types)
    _marks_and_numbers(types, sos)
    _separators(types, sos)
    _brackets(text, types, original, sos, level)
    for start, end in list(_spans(types, NEUTRAL)):  # N1, N2
        before = _as_strong(types[start - 1]) if start else sos
        after = _as_strong(types[end]) if end < len(types) else eos
        types[start:end] = [before if before == after else side(level)] * (end - start)
    if level % 2:  # I1, I2
        return [level if kind == "R" else level + 1 for kind in types]
    return [level + {"L": 0, "R": 1}.get(kind, 2) for kind in types]
