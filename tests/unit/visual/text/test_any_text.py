"""Any text at all is set within its width, drawn and outlined, and the same in every thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from promo.brand.model import TypeStyle
from promo.visual.text.draw import colour_glyphs, text_mask
from promo.visual.text.fit import Setting, fit
from promo.visual.text.outline import outline

PARTS = [
    *(
        "茶",
        "，",
        "「",
        "」",
        "“",
        " ",
        "\n",
        "\t",
        "a",
        "fi",
        "é",
        "e\u0301",
        "1",
        "¥",
        "م",
        "ر",
        "لا",
        "ש",
        "क्षि",
        "हि",
    ),
    *(
        "ไท",
        "한",
        "ー",
        "\u0301",
        "\u200f",
        "\u202e",
        "\u2067",
        "\u2069",
        "\u200d",
        "\ufe0f",
        "😀",
        "👨‍👩‍👧",
        "🇨🇳",
        "…",
    ),
    "https://a.example/b",
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PARTS), max_size=30).map("".join))


def set_(text, language, width):
    style = TypeStyle(weight=600, tracking=0.03, line_height=1.3)
    setting = Setting(
        text, style=style, folder=Path(), language=language, width=width, size=40, min_size=20, max_lines=4
    )
    return fit(setting, height=200)


@given(texts, st.sampled_from(["zh", "en", "ja", "ar", "hi", "zh-Hant"]), st.integers(60, 500))
@settings(max_examples=250, deadline=None, derandomize=True)
@example("\u202e\u2067\u0301", "zh", 100)
@example("「", "zh", 60)
@example("00ؠػ0I", "zh", 60)  # found by this test, as the next
@example("0Bػلآ00:", "zh", 60)
def test_any_text_is_set_and_drawn(text, language, width):
    fitted = set_(text, language, width)
    block = fitted.block(left=10, top=10)
    assert len(fitted.lines) <= 4
    for line in block.lines:
        # A single letter that is wider than the whole line reaches over it; a word too long for a line that is broken
        # between two letters drawn as one (lam and alef) changes its width a little.
        assert line.right - line.left <= width * 1.1 or len([g for g in line.glyphs if g.text.strip()]) <= 2
        for glyph in line.glyphs:
            outline(glyph.face, glyph.id)
    mask = text_mask(block, (600, 400))
    assert mask is None or mask[0].getbbox() is not None
    colour_glyphs(block)


def test_threads_set_and_draw_the_same():
    words = ["锦绣社区开放日", "A garden opens", "مرحبا بالجيران", "प्रिय पड़ोसियों", "新しいお茶"] * 8

    def draw(text):
        image, place = text_mask(set_(text, "zh", 300).block(left=10, top=10), (600, 400))
        return image.tobytes(), place

    alone = [draw(text) for text in words]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(draw, words)) == alone
