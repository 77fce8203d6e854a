"""Text: every character has a glyph, lines break as Chinese and English want, sizes shrink until it fits."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.errors import UserMistake
from promo.visual.text.fonts import chain, characters, examine_fonts, pillow_font, shape
from promo.visual.text.lines import CLOSING, OPENING, break_lines, prepare, set_line

FONTS = ("Noto Sans SC",)


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return chain(FONTS, 700, tmp_path_factory.mktemp("brand"))


def lines_of(text, faces, width, *, balance=True):
    paragraph = prepare(text, faces, 0)
    ranges, _bad = break_lines(paragraph, width, balance=balance)
    return [set_line(paragraph, start, end) for start, end in ranges]


def test_every_character_of_gb2312_has_a_glyph(faces):
    hanzi = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
    hanzi += [bytes((high, low)).decode("gb2312") for high in range(0xD8, 0xF8) for low in range(0xA1, 0xFF)]
    punctuation = "，。！？；：、“”‘’《》「」【】（）—…·¥%℃"
    known = characters(faces.faces[0].path)
    assert len(hanzi) == 6674
    assert [c for c in [*hanzi, *punctuation] if ord(c) not in known] == []


def test_chinese_is_drawn_not_tofu(faces):
    font = pillow_font(faces.faces[0], 64)
    tofu = bytes(font.getmask("\U000f0000", mode="L"))
    drawn = {c: bytes(font.getmask(c, mode="L")) for c in "锦绣物业云溪富硒茶"}
    assert tofu not in drawn.values()
    assert len(set(drawn.values())) == len(drawn)


def test_the_weight_of_a_variable_font_is_set(tmp_path):
    def ink(weight):
        return sum(bytes(pillow_font(chain(FONTS, weight, tmp_path).faces[0], 80).getmask("锦", mode="L")))

    assert ink(900) > 1.3 * ink(400) > 1.3 * ink(100)


def test_measured_and_drawn_widths_agree(faces):
    word = "Jinxiu"
    measured = sum(shape(faces.faces[0], word).advances) * 200
    assert pillow_font(faces.faces[0], 200).getlength(word) == pytest.approx(measured, rel=0.02)


chinese = st.text(st.sampled_from("锦绣社区开放日把花园还给邻居茶，。、！？「」（）《》 "), min_size=1, max_size=40)


@given(chinese, st.integers(4, 14), st.booleans())
@settings(max_examples=80, deadline=None)
def test_no_line_begins_or_ends_with_the_wrong_mark(text, width, balance):
    paragraph = prepare(text, chain(FONTS, 700, Path()), 0)
    ranges, _bad = break_lines(paragraph, width, balance=balance)
    assert "".join("".join(paragraph.graphemes[a:b]) for a, b in ranges) == "".join(paragraph.graphemes)
    allowed = {start for start, _penalty in paragraph.breaks}
    for line in (set_line(paragraph, start, end) for start, end in ranges):
        assert line.width <= width + 0.51  # a hanging comma may reach over the edge
    for (start, end), following in pairwise(ranges):
        if following[0] in allowed:
            assert paragraph.graphemes[following[0]] not in CLOSING
            assert "".join(paragraph.graphemes[start:end]).rstrip()[-1:] not in OPENING or end - start == 1


def test_english_words_stay_whole(faces):
    lines = lines_of("The garden between the towers opens in the autumn", faces, 7)
    words = ["The", "garden", "between", "the", "towers", "opens", "in", "the", "autumn"]
    assert [word for line in lines for word in line.text.split()] == words
    assert len(lines) > 2


def test_a_word_wider_than_the_line_is_broken_rather_than_lost(faces):
    lines = lines_of("Donaudampfschifffahrtsgesellschaft", faces, 4)
    assert "".join(line.text for line in lines) == "Donaudampfschifffahrtsgesellschaft"
    assert all(line.width <= 4 for line in lines)


def test_a_number_stays_with_its_measure_word(faces):
    lines = lines_of("2027 年 11 月 6–7 日，云溪镇茶文化广场", faces, 10)
    assert not any(line.text.startswith(("年", "月", "日")) for line in lines)


def test_a_headline_breaks_after_the_pause(faces):
    assert [line.text for line in lines_of("锦绣社区开放日：把花园还给邻居", faces, 8.2)] == [
        "锦绣社区开放日：",
        "把花园还给邻居",
    ]


def test_balanced_lines_are_alike_in_length(faces):
    widths = [line.width for line in lines_of("A neighbourhood garden opens its gates again", faces, 14)]
    assert max(widths) < 1.5 * min(widths)


def test_an_apostrophe_takes_no_full_em(faces):
    assert lines_of("children’s", faces, 20)[0].width < lines_of("childrens", faces, 20)[0].width + 0.45


def test_punctuation_side_by_side_is_tightened(faces):
    assert lines_of("茶」。", faces, 20)[0].width < 3


def test_too_long_a_text_is_one_clear_mistake(faces):
    with pytest.raises(UserMistake, match="10000"):
        prepare("茶" * 10_000, faces, 0)


def test_a_character_no_font_has_is_left_out_and_told(faces, monkeypatch):
    monkeypatch.setenv("PATH", "")  # no fontconfig
    paragraph = prepare("茶𓀀会", faces, 0)
    assert paragraph.uncovered == ("𓀀",)
    assert "".join(paragraph.graphemes) == "茶会"


def test_a_file_that_is_no_font_is_a_mistake(tmp_path):
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(UserMistake, match=r"broken\.ttf"):
        chain(("broken.ttf",), 400, tmp_path)


def test_a_font_that_is_not_installed_is_named_and_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    found = chain(("No Such Font",), 400, tmp_path)
    assert found.missing == ("No Such Font",)
    assert found.face_for("茶") is not None


def test_the_doctor_is_told_which_font_is_here():
    [(words, missing)] = examine_fonts()
    assert words.startswith("Noto Sans SC")
    assert not missing
