"""QR codes as outlines: whole dark areas, so that no hairline shows between two modules."""

from __future__ import annotations

import numpy as np
from PIL import Image

Point = tuple[int, int]


def dark_outlines(code: Image.Image) -> list[list[Point]]:
    """Return the closed outlines of a code's dark modules (0 in an “L” picture, one pixel a module), by corners.

    Filled by the even-odd rule they are the code.
    """
    dark = np.pad(np.asarray(code) < 128, 1)
    steps: dict[Point, list[Point]] = {}
    for row, column in zip(*np.nonzero(dark), strict=True):
        y, x = int(row), int(column)
        # An edge runs wherever a dark module meets a light one, the dark on its right.
        for light, start, end in (
            (not dark[y - 1, x], (x, y), (x + 1, y)),
            (not dark[y, x + 1], (x + 1, y), (x + 1, y + 1)),
            (not dark[y + 1, x], (x + 1, y + 1), (x, y + 1)),
            (not dark[y, x - 1], (x, y + 1), (x, y)),
        ):
            if light:
                steps.setdefault(start, []).append(end)
    outlines = []
    while steps:
        first = next(iter(steps))
        outline = [first]
        point = _next(steps, first)
        while point != first:
            outline.append(point)
            point = _next(steps, point)
        outlines.append([(x - 1, y - 1) for x, y in _corners(outline)])
    return outlines


def _next(steps: dict[Point, list[Point]], point: Point) -> Point:
    ends = steps[point]
    end = ends.pop()
    if not ends:
        del steps[point]
    return end


def _corners(outline: list[Point]) -> list[Point]:
    """Leave out points in the middle of a straight line."""
    return [
        here
        for before, here, after in zip(outline[-1:] + outline, outline, outline[1:] + outline[:1], strict=False)
        if not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1])
    ]
