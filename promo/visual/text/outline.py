"""Outlines: a glyph's shape as path commands, for drawing that is not done in pixels."""

from __future__ import annotations

from functools import lru_cache

import uharfbuzz

from promo.visual.text.block import Face
from promo.visual.text.face import opened

Command = tuple[str, tuple[float, ...]]


@lru_cache(maxsize=4096)
def outline(face: Face, glyph: int) -> tuple[Command, ...]:
    """Return a glyph's outline: “M”, “L”, “Q”, “C” with their points, and “Z”, in em, y upwards.

    Contours may overlap: fill them by the non-zero rule. A glyph without an outline (a space, a bitmap) is empty.
    """
    open_ = opened(face)
    scale = 1 / open_.upem
    commands: list[Command] = []

    def note(kind: str, *points: float) -> None:
        commands.append((kind, tuple(point * scale for point in points)))

    funcs = uharfbuzz.DrawFuncs()
    funcs.set_move_to_func(lambda x, y, _data: note("M", x, y))
    funcs.set_line_to_func(lambda x, y, _data: note("L", x, y))
    funcs.set_quadratic_to_func(lambda x1, y1, x, y, _data: note("Q", x1, y1, x, y))
    funcs.set_cubic_to_func(lambda x1, y1, x2, y2, x, y, _data: note("C", x1, y1, x2, y2, x, y))
    funcs.set_close_path_func(lambda _data: note("Z"))
    open_.font.draw_glyph(glyph, funcs)
    return tuple(commands)
