"""Lines: which of the places where a text may break look best."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from promo.visual.text.breaking import FORBIDDEN, marks, wide
from promo.visual.text.line import Line, overhang, set_line
from promo.visual.text.paragraph import Paragraph

WORSE_THAN_A_LINE = 3.0  # a break so bad is taken only where it saves more than one line
ANYWHERE = 6.0  # the badness of a break inside what cannot be broken
SHORT = 0.35  # of a line: a last line that is longer counts as full
MOST_WIDTHS = 256  # kept of one text
LONELY = 1.0  # of a last line with one Chinese character


class Breaker:
    """One paragraph to be broken at several widths: what does not depend on the width is measured once.

    What was found is kept: the next picture with the same words takes it over.
    """

    def __init__(self, paragraph: Paragraph) -> None:
        self.paragraph = paragraph
        self.count = len(paragraph.pieces)
        parts = [piece.text for piece in paragraph.pieces]
        kinds = marks(parts)
        ends = (0.0, *paragraph.ends)
        # Where a line that begins at a grapheme has its left edge, and one that ends before it its right edge: marks
        # at the edges give up half of their em when the line is set.
        self.lefts = [
            ends[index] + (0.5 if kind == "(" and index not in paragraph.halved else 0.0)
            for index, kind in enumerate(kinds)
        ]
        self.rights = [0.0]
        for index, part in enumerate(parts, 1):
            if part.isspace():
                self.rights.append(self.rights[-1])
            else:
                over = overhang(paragraph.pieces[index - 1], kinds[index - 1], paragraph.language)
                over = 0.0 if index - 1 in paragraph.halved else over
                self.rights.append(ends[index] - over - (paragraph.tracking if wide(part) else 0.0))
        self._places: dict[float, list[tuple[int, float]]] = {}
        self._broken: dict[tuple[float, bool], tuple[list[tuple[int, int]], float]] = {}
        self._set: dict[tuple[int, int, float | None], Line] = {}

    def width(self, start: int, end: int) -> float:
        """Return how wide a line from one grapheme up to another is, in em."""
        return max(0.0, self.rights[end] - self.lefts[start]) if end > start else 0.0

    def fewest(self, width: float) -> int:
        """Return into how many lines of `width` em the text goes when each is filled."""
        if not self.count:
            return 0
        lines, start, previous = 1, 0, 0
        for place, _penalty in self._places_for(width)[1:]:
            if self.rights[place] - self.lefts[start] > width + 1e-6 and previous > start:
                lines, start = lines + 1, previous
            previous = place
        return lines

    def lines(self, width: float, *, balance: bool) -> tuple[list[tuple[int, int]], float]:
        """Return the lines as ranges of graphemes, as few as fit into `width` em, and how bad their breaks are.

        `balance` makes the lines alike in length; else each is filled. What is wider than a line and may not be broken
        is broken anywhere. The best breaks are found by dynamic programming over the places.
        """
        known = self._broken.get((width, balance))
        if known is None:
            if len(self._broken) >= MOST_WIDTHS:
                self._broken.clear()
                self._places.clear()
                self._set.clear()
            known = self._broken[width, balance] = self._break(width, balance=balance)
        return known

    def set_line(self, start: int, end: int, *, room: float | None = None) -> Line:
        """Place the graphemes `start` to `end` on one line, as `set_line` does."""
        known = self._set.get((start, end, room))
        if known is None:
            known = self._set[start, end, room] = set_line(self.paragraph, start, end, room=room)
        return known

    def _break(self, width: float, *, balance: bool) -> tuple[list[tuple[int, int]], float]:
        if not self.count:
            return [], 0.0
        places = self._places_for(width)
        last = len(places) - 1
        ideal = max(self.width(0, self.count) / self.fewest(width), 1e-6) if balance else width
        weight = 0.5 if balance else 0.1
        best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # for each place: lines so far, badness, the place before
        for here in range(1, len(places)):
            end, penalty = places[here]
            more = 2 if penalty >= WORSE_THAN_A_LINE else 1
            right, fewest, least, chosen = self.rights[end], 1 << 30, 0.0, 0
            for before in range(here - 1, -1, -1):
                start = places[before][0]
                taken = right - self.lefts[start]
                if taken > width + 1e-6 and before < here - 1:
                    break
                slack = (ideal - taken) / ideal if taken > 0 else 1.0
                lines, badness, _before = best[before]
                badness += slack * slack + penalty * weight
                if here == last:
                    badness += self._at_the_end(start, end, 0.0 if balance else slack, ideal=ideal, taken=taken)
                if (lines, badness) <= (fewest, least):
                    fewest, least, chosen = lines, badness, before
            best.append((fewest + more, least, chosen))
        ranges, bad, here = [], 0.0, last
        while here:
            before = best[here][2]
            ranges.append((places[before][0], places[here][0]))
            bad += places[here][1]
            here = before
        return ranges[::-1], bad

    def _at_the_end(self, start: int, end: int, slack: float, *, ideal: float, taken: float) -> float:
        """Return what is added for the last line: its room is free where it is not short, one letter is too few."""
        lonely = start > 0 and end - start == 1 and wide(self.paragraph.pieces[start].text)
        return (LONELY if lonely else 0.0) - (slack * slack if taken > SHORT * ideal else 0.0)

    def _places_for(self, width: float) -> list[tuple[int, float]]:
        """Return the places where a line of `width` may end: forbidden ones only inside what is too wide."""
        if width not in self._places:
            allowed = [(at, penalty) for at, penalty in self.paragraph.breaks if penalty < FORBIDDEN]
            forbidden = [at for at, penalty in self.paragraph.breaks if penalty >= FORBIDDEN]
            found: list[tuple[int, float]] = []
            for (start, penalty), (end, _penalty) in pairwise([(0, 0.0), *allowed, (self.count, 0.0)]):
                found.append((start, penalty))
                if self.width(start, end) > width:
                    parts = [start, *(at for at in forbidden if start < at < end), end]
                    for left, right in pairwise(parts):
                        found += [(left, ANYWHERE)] if left > start else []
                        if self.width(left, right) > width:
                            found += [(at, ANYWHERE) for at in range(left + 1, right) if self._letter_begins(at)]
            self._places[width] = [*found, (self.count, 0.0)]
        return self._places[width]

    def _letter_begins(self, at: int) -> bool:
        """Whether a grapheme has a glyph of its own, and is not part of a ligature with the one before."""
        return self.paragraph.ends[at] > self.paragraph.ends[at - 1]


@lru_cache(maxsize=96)
def breaker_of(paragraph: Paragraph) -> Breaker:
    """Return the breaker of a prepared paragraph."""
    return Breaker(paragraph)
