"""The bidirectional algorithm (UAX #9, Unicode 16): in which direction each character runs, and the order on a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from promo.visual.text.bidi_run import INITIATORS, resolve_run, side

DEEPEST = 125  # max_depth of BD2
EMBEDDINGS = {"RLE": 1, "LRE": 0, "RLO": 1, "LRO": 0}
REMOVED = frozenset({"RLE", "LRE", "RLO", "LRO", "PDF", "BN"})  # X9
LEFTWARD = frozenset({"R", "AL", "AN", "RLE", "LRE", "RLO", "LRO", "PDF", "LRI", "RLI", "FSI", "PDI"})


@lru_cache(maxsize=96)
def resolve(text: str, base: int | None = None) -> tuple[int, tuple[int | None, ...]]:
    """Return a paragraph's level, and each character's before L1; None for those X9 removes.

    `base` 0 or 1 gives the paragraph's direction; without it the first strong letter does (P2, P3). Even levels run
    from left to right, odd ones from right to left.
    """
    kinds = [unicodedata.bidirectional(character) or "L" for character in text]
    if not base and LEFTWARD.isdisjoint(kinds):
        return 0, (0,) * len(text)
    partners = _isolates(kinds)
    paragraph = _first_strong(kinds, partners, 0, len(kinds)) if base is None else base
    explicit, types = _explicit(kinds, partners, paragraph)
    levels: list[int | None] = [None] * len(text)
    for sequence in _sequences(kinds, partners, explicit):
        found = resolve_run(
            "".join(text[index] for index in sequence),
            [types[index] for index in sequence],
            [kinds[index] for index in sequence],
            _edges(kinds, partners, explicit, sequence, paragraph),
            explicit[sequence[0]],
        )
        for index, level in zip(sequence, found, strict=True):
            levels[index] = level
    return paragraph, tuple(levels)


def line_levels(text: str, levels: Sequence[int | None], paragraph: int) -> list[int]:
    """Return the levels of one line of a paragraph after L1: separators and white space at its end run with it."""
    found: list[int] = []
    before = paragraph
    for level in levels:  # what X9 removed stands where the character before it does
        before = before if level is None else level
        found.append(before)
    trailing = True
    for index in range(len(text) - 1, -1, -1):
        kind = unicodedata.bidirectional(text[index])
        if kind in {"B", "S"}:
            trailing = True
        elif kind not in REMOVED and kind not in {"WS", "FSI", "LRI", "RLI", "PDI"}:
            trailing = False
        if trailing:
            found[index] = paragraph
    return found


def visual_order(levels: Sequence[int]) -> list[int]:
    """Return the indices of a line's parts from left to right (L2)."""
    order = list(range(len(levels)))
    odd = [level for level in levels if level % 2]
    for level in range(max(levels, default=0), min(odd, default=1) - 1, -1):
        start = None
        for at in range(len(order) + 1):
            inside = at < len(order) and levels[order[at]] >= level
            if inside and start is None:
                start = at
            elif not inside and start is not None:
                order[start:at] = order[start:at][::-1]
                start = None
    return order


def _isolates(kinds: Sequence[str]) -> dict[int, int]:
    """Return isolate initiator → its PDI, and the other way round (BD9)."""
    partners: dict[int, int] = {}
    open_: list[int] = []
    for index, kind in enumerate(kinds):
        if kind in INITIATORS:
            open_.append(index)
        elif kind == "PDI" and open_:
            start = open_.pop()
            partners[start], partners[index] = index, start
        elif kind == "B":
            open_.clear()
    return partners


def _first_strong(kinds: Sequence[str], partners: dict[int, int], start: int, end: int) -> int:
    index = start
    while index < end:
        if kinds[index] in {"L", "R", "AL"}:
            return 0 if kinds[index] == "L" else 1
        index = partners.get(index, end) + 1 if kinds[index] in INITIATORS else index + 1
    return 0


class _Embedding:
    """The explicit levels and overrides, character by character (X1 to X8)."""

    def __init__(self, paragraph: int) -> None:
        self.paragraph = paragraph
        self.stack: list[tuple[int, str, bool]] = [(paragraph, "", False)]  # level, override, opened by an isolate
        self.lost_isolates = self.lost_embeddings = self.isolates = 0

    @property
    def level(self) -> int:
        return self.stack[-1][0]

    def embed(self, kind: str) -> None:
        """Begin an embedding or an override."""
        level = _above(self.level, EMBEDDINGS[kind])
        if level <= DEEPEST and not self.lost_isolates and not self.lost_embeddings:
            self.stack.append((level, {"RLO": "R", "LRO": "L"}.get(kind, ""), False))
        elif not self.lost_isolates:
            self.lost_embeddings += 1

    def isolate(self, direction: int) -> None:
        """Begin an isolate."""
        level = _above(self.level, direction)
        if level <= DEEPEST and not self.lost_isolates and not self.lost_embeddings:
            self.isolates += 1
            self.stack.append((level, "", True))
        else:
            self.lost_isolates += 1

    def end_isolate(self) -> None:
        """End the isolate a PDI matches, with all embeddings in it."""
        if self.lost_isolates:
            self.lost_isolates -= 1
        elif self.isolates:
            self.lost_embeddings = 0
            while not self.stack[-1][2]:
                self.stack.pop()
            self.stack.pop()
            self.isolates -= 1

    def end_embedding(self) -> None:
        """End the embedding a PDF matches."""
        if self.lost_isolates:
            return
        if self.lost_embeddings:
            self.lost_embeddings -= 1
        elif len(self.stack) > 1 and not self.stack[-1][2]:
            self.stack.pop()


def _above(level: int, direction: int) -> int:
    return level + 1 if (level + 1) % 2 == direction else level + 2


def _explicit(kinds: Sequence[str], partners: dict[int, int], paragraph: int) -> tuple[list[int], list[str]]:
    """Return each character's explicit level, and its class after overrides."""
    embedding = _Embedding(paragraph)
    levels, types = [], list(kinds)
    for index, kind in enumerate(kinds):
        if kind in EMBEDDINGS:
            embedding.embed(kind)
        elif kind == "PDF":
            embedding.end_embedding()
        elif kind == "PDI":
            embedding.end_isolate()
        level, override, _isolate = embedding.stack[-1]
        levels.append(paragraph if kind == "B" else level)
        if override and kind not in REMOVED and kind != "B":
            types[index] = override
        if kind in INITIATORS:
            inner = (index + 1, partners.get(index, len(kinds)))
            embedding.isolate({"LRI": 0, "RLI": 1}.get(kind, _first_strong(kinds, partners, *inner)))
    return levels, types


def _sequences(kinds: Sequence[str], partners: dict[int, int], levels: Sequence[int]) -> Iterator[list[int]]:
    """Yield the isolating run sequences (BD13): the indices that are resolved together."""
    kept = [index for index, kind in enumerate(kinds) if kind not in REMOVED]
    runs: list[list[int]] = []
    for index in kept:
        if runs and levels[runs[-1][-1]] == levels[index]:
            runs[-1].append(index)
        else:
            runs.append([index])
    starting = {run[0]: run for run in runs}
    for run in runs:
        if kinds[run[0]] == "PDI" and run[0] in partners:
            continue  # goes on where its initiator's run ended
        sequence = list(run)
        while kinds[sequence[-1]] in INITIATORS and sequence[-1] in partners:
            sequence += starting[partners[sequence[-1]]]
        yield sequence


def _edges(
    kinds: Sequence[str], partners: dict[int, int], levels: Sequence[int], sequence: list[int], paragraph: int
) -> tuple[str, str]:
    """Return sos and eos (X10)."""

    def level_at(indices: Iterable[int]) -> int:
        return next((levels[index] for index in indices if kinds[index] not in REMOVED), paragraph)

    first, last = sequence[0], sequence[-1]
    before = level_at(range(first - 1, -1, -1))
    dangling = kinds[last] in INITIATORS and last not in partners
    after = paragraph if dangling else level_at(range(last + 1, len(kinds)))
    return side(max(before, levels[first])), side(max(after, levels[last]))
