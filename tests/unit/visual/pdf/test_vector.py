"""Reading SVG drawings."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.visual.pdf.vector import Paint, Unsupported, read_drawing

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'


def read(inner, head=HEAD):
    return read_drawing(f"{head}{inner}</svg>".encode())


def test_paint_is_inherited_and_overruled():
    drawing = read('<g fill="#123" stroke="#FF0000" stroke-width="2"><path d="M0 0h5v5z" style="fill:none"/></g>')
    assert drawing.shapes[0].paint == Paint(fill=None, stroke="#ff0000", width=2)


def test_transforms_nest_from_the_outside_in():
    drawing = read('<g transform="translate(3,4)"><g transform="scale(2) rotate(90)"><path d="M0 0L1 0"/></g></g>')
    a, b, c, d, e, f = drawing.shapes[0].matrix
    assert (a, b, c, d, e, f) == pytest.approx((0, 2, -2, 0, 3, 4))


def test_curves_become_cubic():
    drawing = read('<path d="M0 0Q3 3 6 0"/>')
    assert drawing.shapes[0].operators == "0.000 0.000 m\n2.000 2.000 4.000 2.000 6.000 0.000 c"


@pytest.mark.parametrize(
    "inner",
    [
        '<rect width="5" height="5" fill="url(#a)"/>',
        '<rect width="50%" height="5"/>',
        '<rect width="5" height="5" rx="4"/>',
        '<g opacity=".5"><path d="M0 0h1v1z"/></g>',
        '<path d="M0 0h1v1z" stroke="#000000" opacity=".5"/>',
        '<path d="M0 0h1v1z" clip-path="url(#c)"/>',
        '<path d="M0 0h1v1z" transform="wobble(3)"/>',
        "<use href='#a'/>",
        "<style>path{fill:red}</style>",
        '<path d="M0 0 nonsense"/>',
        '<path d="M0 0h1v1z" fill="papayawhip"/>',
        "<defs><clipPath/></defs>",
        '<path d="M0 0L1e999 0"/>',
        '<path d="M0 0h1v1z" stroke-width="nan"/>',
        '<g transform="scale(1e300)"><path transform="scale(1e300)" d="M0 0h1"/></g>',
        "<g>" * 5000 + "</g>" * 5000,
    ],
)
def test_what_has_no_plain_counterpart_is_said(inner):
    with pytest.raises(Unsupported):
        read(inner)


@pytest.mark.parametrize("box", ["", 'viewBox="0 0 0 10"', 'viewBox="0 0 nan 10"', 'width="5"'])
def test_a_drawing_without_a_size_is_said(box):
    with pytest.raises(Unsupported):
        read("", head=f'<svg xmlns="http://www.w3.org/2000/svg" {box}>')


WORDS = st.sampled_from(
    [
        "M0 0",
        "L5 5",
        "A1 2 3 0 1 4 5",
        "C",
        "z",
        "1e9",
        "-",
        "10px",
        "#abc",
        "red",
        "none",
        "matrix(1 0 0 1",
        ")",
        "rotate(",
        "nan",
    ]
)
NAMES = st.sampled_from(
    ["d", "fill", "stroke", "transform", "points", "r", "width", "height", "style", "opacity", "rx"]
)
TAGS = st.sampled_from(["path", "rect", "circle", "polygon", "g", "line", "text", "ellipse"])


@given(
    st.lists(st.tuples(TAGS, st.dictionaries(NAMES, st.lists(WORDS, max_size=4).map(" ".join), max_size=4)), max_size=5)
)
def test_any_drawing_is_read_or_refused(elements):
    inner = "".join(f"<{tag} {' '.join(f'{k}={quoteattr(v)}' for k, v in said.items())}/>" for tag, said in elements)
    try:
        drawing = read(inner)
    except Unsupported:
        return
    assert not re.search("nan|inf", "".join(shape.operators for shape in drawing.shapes))
