"""Texts in terminal cells: measured, cut, folded."""

from __future__ import annotations

import pytest

from promo.language.width import cells, fold, shorten


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("open day", 8), ("开放日", 6), ("👉 go", 5), ("e\u0301", 1), ("\u2764\ufe0f", 1), ("。", 2)],
)
def test_a_chinese_character_takes_two_cells(text, width):
    assert cells(text) == width


def test_a_cut_text_is_never_wider_than_asked():
    text = "春季 open\nday 开放日"
    assert shorten(text, 40) == "春季 open day 开放日"
    for width in range(30):
        assert cells(shorten(text, width)) <= width
    assert shorten(text, 8) == "春季 op…"


def test_lines_are_broken_between_words_and_chinese_characters():
    text = "欢迎来到锦绣社区，春季开放日 with a garden tour https://jinxiu.example/open-day/with-a-long-path"
    lines = list(fold(text, 16))
    assert max(cells(line) for line in lines) <= 16
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("，", "。")) for line in lines)
    assert "with a garden" in lines
    assert list(fold("", 16)) == [""]


def test_a_line_narrower_than_a_character_still_ends():
    assert "".join(fold("开放", 1)) == "开放"
