"""Drawing: glyphs by number as masks, as outlines, and in their own colours."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from promo.visual.text.block import Face, Glyph, SetLine, TextBlock
from promo.visual.text.draw import text_mask
from promo.visual.text.face import draws, opened
from promo.visual.text.outline import outline

NOTO = Path(str(files("justmytype_intl_cjk") / "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"))


def block(characters, *, size=100.0, weight=700, x=10.0, y=120.0):
    face = Face(NOTO, weight)
    glyphs = []
    for character in characters:
        glyphs.append(Glyph(face, opened(face).font.get_nominal_glyph(ord(character)), x, y, character))
        x += size
    return TextBlock((SetLine(tuple(glyphs), 10, x, y, characters),), size, characters, "zh")


def mask(block):
    return text_mask(block, (2000, 400))


def ink(image):
    return float(np.asarray(image, np.float64).sum()) / 255


def area(commands):
    """Return the area a path of straight pieces and quadratic curves encloses."""
    total, path = 0.0, []
    for kind, points in commands:
        if kind == "Q":
            start, control, end = (np.array(point) for point in (path[-1], points[:2], points[2:]))
            path += [(1 - t) ** 2 * start + 2 * t * (1 - t) * control + t * t * end for t in np.linspace(0.1, 1, 10)]
        elif kind == "Z":
            xs, ys = np.array(path).T
            total += float(np.dot(xs, np.roll(ys, -1)) - np.dot(ys, np.roll(xs, -1))) / 2
            path = []
        else:
            path.append(points)
    return abs(total)


def test_the_mask_covers_what_the_outline_encloses():
    word = block("o")  # no overlapping contours
    image, (left, top) = mask(word)
    assert ink(image) == pytest.approx(
        area(outline(word.lines[0].glyphs[0].face, word.lines[0].glyphs[0].id)) * 1e4, rel=0.01
    )
    assert 10 <= left <= 30
    assert 55 <= top <= 70  # the x-height is half an em and more


def test_the_weight_of_a_variable_font_is_set():
    amounts = [ink(mask(block("锦绣", weight=weight))[0]) for weight in (100, 400, 900)]
    assert amounts[2] > 1.3 * amounts[1] > 1.3 * 1.3 * amounts[0]


def test_a_letter_stands_at_a_fraction_of_a_pixel():
    at, beside = mask(block("日", x=10.0))[0], mask(block("日", x=10.5))[0]
    assert np.asarray(at).tobytes() != np.asarray(beside).tobytes()
    assert ink(at) == pytest.approx(ink(beside), rel=0.01)


def test_nothing_but_spaces_has_no_mask():
    assert mask(block("  ")) is None


def test_a_font_is_asked_for_ink_not_for_promises():
    face = Face(NOTO, 400)
    assert draws(face, ord("锦"))
    assert draws(face, ord(" "))
    assert not draws(face, 0x13000)


def test_what_lies_outside_the_page_is_cut_off():
    whole, _place = mask(block("锦"))
    part, (left, _top) = mask(block("锦", x=-50.0))
    assert left == 0
    assert part.width < whole.width
    assert mask(block("锦", x=-500.0)) is None


def test_a_struck_text_has_a_line_from_end_to_end():
    _plain, (left, _top) = mask(block("一 一"))
    struck, (start, top) = text_mask(block("一 一"), (2000, 400), strike=True)
    assert start <= left
    row = np.asarray(struck)[120 - 34 + 3 - top]
    assert (row == 255).mean() > 0.95
