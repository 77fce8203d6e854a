"""Lines: they break as Chinese, Japanese and English want, and shrink, balance or end in an ellipsis."""

from __future__ import annotations

import sys
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.brand.model import TypeStyle
from promo.errors import UserMistake
from promo.visual.text.breaking import CLOSING, OPENING, breaks, graphemes
from promo.visual.text.fit import Setting, fit

LINE_BREAK_TEST = "/usr/share/unicode/auxiliary/LineBreakTest.txt"


def cases(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        marks = line.partition("#")[0].split()
        if marks:
            text, ends = "", []
            for mark in marks[1:]:
                if mark == "÷":
                    ends.append(len(text))
                elif mark != "×":
                    text += chr(int(mark, 16))
            yield text, ends[:-1], " ".join(marks)


def known(text, marks):
    """Say why ICU (Unicode 17) breaks otherwise than the test file of Debian 12 (Unicode 15.0), or nothing."""
    if marks.startswith("× 0022"):
        return "a quotation mark and a space no longer hold a bracket (LB15, Unicode 15.1)"
    if "002D" in marks.split() or "2010" in marks.split():
        return "a hyphen holds the word it begins, and frees Hebrew ones (LB20a, LB21a, Unicode 16)"
    if {"00AB", "00BB"} & set(marks.split()):
        return "« and » hold what they enclose (LB15a, LB15b, Unicode 15.1)"
    if {"002E", "002C"} & set(marks.split()):
        return "stops before and in numbers (LB13, LB25, rewritten in Unicode 15.1 and 16)"
    return ""


def test_lines_break_where_the_unicode_line_break_test_says(debian, capsys):
    wrong, excused, count = [], {}, 0
    for text, ends, marks in cases(debian(LINE_BREAK_TEST, "unicode-data")):
        count += 1
        if [at for at, _penalty in breaks(text, "en")] != ends:
            why = known(text, marks)
            if why:
                excused.setdefault(why, []).append(marks)
            else:
                wrong.append(marks)
    with capsys.disabled():
        passed = count - len(wrong) - sum(map(len, excused.values()))
        sys.stdout.write(f"\nLineBreakTest: {passed} of {count} lines pass\n")
        sys.stdout.writelines(f"  {len(marks)} not: {why}\n" for why, marks in excused.items())
    assert wrong == []
    assert sum(map(len, excused.values())) < 40
    assert count > 7000


def test_graphemes_are_those_of_the_unicode_test(debian):
    path = debian("/usr/share/unicode/auxiliary/GraphemeBreakTest.txt", "unicode-data")
    found = [(marks, list(accumulate(map(len, graphemes(text))))[:-1] == ends) for text, ends, marks in cases(path)]
    assert len(found) > 600
    # A dingbat that Unicode 16 no longer counts among the pictures.
    assert [marks for marks, right in found if not right] == ["÷ 2701 × 200D × 2701 ÷"]


chinese = st.text(st.sampled_from("锦绣社区开放日把花园还给邻居茶，。、！？「」（）《》“” "), min_size=1, max_size=40)


@given(chinese, st.integers(4, 14), st.booleans())
@settings(max_examples=80, deadline=None)
def test_no_line_begins_or_ends_with_the_wrong_mark(text, width, balance):
    setting = Setting(text, style=TypeStyle(), folder=Path(), language="zh", width=width * 10, size=10, balance=balance)
    lines = setting.fitted(0).lines
    assert "".join(line.text for line in lines).replace(" ", "") == setting.text.replace(" ", "")
    assert all(line.width <= width + 0.01 for line in lines)
    ends = {at for at, _penalty in breaks(setting.text, "zh")}
    at = 0
    for line, following in pairwise(lines):
        at = setting.text.index(following.text, at + len(line.text))
        if at in ends:  # else nothing else was possible
            assert following.text[0] not in CLOSING
            assert line.text[-1] not in OPENING or len(line.text) == 1


def test_english_words_stay_whole(lines):
    found = lines("The garden between the towers opens in the autumn", width=7, language="en")
    assert " ".join(found) == "The garden between the towers opens in the autumn"
    assert len(found) > 2


def test_a_word_wider_than_the_line_is_broken_rather_than_lost(setting):
    found = setting("Donaudampfschifffahrtsgesellschaft", width=4).fitted(0).lines
    assert "".join(line.text for line in found) == "Donaudampfschifffahrtsgesellschaft"
    assert all(line.width <= 4 for line in found)


def test_letters_stay_joined_where_a_word_is_broken(setting):
    word = "استقلاليتهم"
    parts = setting(word, width=2, language="ar").fitted(0).lines
    assert len(parts) > 2
    whole = setting(word, language="ar").fitted(0).lines[0].width
    assert sum(part.width for part in parts) == pytest.approx(whole, abs=0.01)


@pytest.mark.parametrize("width", range(4, 16))
@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("2027 年 11 月 6–7 日，云溪镇茶文化广场", ["2027 年", "11 月", "6–7 日"]),
        ("限时特价 ¥1,299 起，仅此三天", ["¥1,299 起"]),
        ("买两盒立减50元，满200元包邮", ["50元", "200元"]),
        ("第 3 届茶会 14:00–16:00 开始", ["第 3 届", "14:00"]),
        ("含量 99.9 % 以上", ["99.9 %"]),
        ("净含量 50 kg装一袋，上午 10 a.m. 起发货", ["50 kg", "10 a.m."]),
        ("价格是￥299—￥399元", ["￥299"]),
    ],
)
def test_prices_and_numbers_stay_with_what_they_count(lines, text, whole, width):
    found = lines(text, width=width)
    for words in whole:
        if len(words) * 0.7 < width:
            assert any(words in line for line in found), found


@pytest.mark.parametrize(
    "address", ["go.jinxiu.example/l/Ab3dE6gH9k", "https://jinxiu.example/open-day?x=1", "a-b@jinxiu.example"]
)
@pytest.mark.parametrize("width", [20, 22, 26])
def test_addresses_stay_whole(lines, address, width):
    found = lines(f"报名请见 {address} 或者到中心花园的服务台来", width=width)
    assert any(address in line for line in found)


def test_words_before_an_address_break_as_ever(lines):
    found = lines("报名请写信到a-b@jinxiu.example或者打电话", width=12)
    assert found[0].startswith("报名请写信")
    assert any("a-b@jinxiu.example" in line for line in found)
    assert max(map(len, found)) < 26


def test_an_address_that_is_too_wide_breaks_at_its_slashes(lines):
    assert lines("https://jinxiu.example/open-day/2027", width=10)[0].endswith("/")


@pytest.mark.parametrize(
    ("text", "language", "width", "found"),
    [
        ("锦绣社区开放日：把花园还给邻居", "zh", 8.2, ["锦绣社区开放日：", "把花园还给邻居"]),
        ("一盏会陪你读书的台灯", "zh", 7, ["一盏会陪你", "读书的台灯"]),
        ("新しいお茶を今すぐ体験してください", "ja", 10, ["新しいお茶を今すぐ", "体験してください"]),
        ("把日子照看好的社區花園今天開放", "zh-Hant", 9, ["把日子照看好的", "社區花園今天開放"]),
    ],
)
def test_headlines_break_between_phrases(lines, text, language, width, found):
    assert lines(text, language=language, width=width, balance=True) == found


@pytest.mark.parametrize("width", range(6, 14))
@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("第一次，我知道邻居家孩子的名字", ["第一次", "邻居", "孩子"]),
        ("锦绣开放日请您把花园还给邻居", ["开放日", "把花园", "邻居"]),
        ("云溪镇茶文化节十一月开幕", ["文化", "十一月", "开幕"]),
    ],
)
def test_a_headline_would_rather_shrink_than_break_a_word(setting, text, whole, width):
    fitted = fit(setting(text, width=width, max_lines=3, min_size=50, balance=True))
    for words in whole:
        assert any(words in line.text for line in fitted.lines), [line.text for line in fitted.lines]


def test_small_kana_never_begin_a_line(lines):
    for width in range(3, 9):
        for line in lines("キャッチコピーをチェックしてショップへ", language="ja", width=width)[1:]:
            assert line[0] not in "ャッュョェー"


def test_thai_breaks_between_words():
    words = "ยินดีต้อนรับสู่สวน"  # welcome to the garden
    assert [at for at, _penalty in breaks(words, "th")] == [5, 12, 15]


def test_balanced_lines_are_alike_in_length(setting):
    words = "A neighbourhood garden opens its gates again on Sunday"
    widths = [line.width for line in setting(words, width=14, language="en", balance=True).fitted(0).lines]
    assert max(widths) < 1.5 * min(widths)
    filled = [line.width for line in setting(words, width=14, language="en").fitted(0).lines]
    assert max(filled) - min(filled) > max(widths) - min(widths)


def test_no_character_is_left_alone_on_the_last_line(lines):
    found = lines("把花园还给我们的邻居们", width=10, balance=True)
    assert len(found) == 2
    assert len(found[-1]) > 2


def test_an_apostrophe_takes_no_full_em(setting):
    with_one = setting("children’s").fitted(0).lines[0].width
    assert with_one < setting("childrens").fitted(0).lines[0].width + 0.45


@pytest.mark.parametrize("text", ["茶」。", "「『茶", "茶”："])
def test_punctuation_side_by_side_is_tightened(setting, text):
    assert setting(f"开{text}开").fitted(0).lines[0].width < len(text) + 2 - 0.4


def test_marks_at_the_edges_give_up_half_of_their_em(setting):
    assert setting("「茶」").fitted(0).lines[0].width == pytest.approx(2, abs=0.05)


def test_tracking_spaces_chinese_and_leaves_words_together(setting):
    def width(text, tracking, language="zh"):
        return setting(text, tracking=tracking, language=language).fitted(0).lines[0].width

    assert width("开放日", 0.1) == pytest.approx(width("开放日", 0) + 0.2, abs=0.01)
    assert width("Open", 0.1) == pytest.approx(width("Open", 0) + 0.1, abs=0.03)
    assert width("مرحبا", 0.1, "ar") == pytest.approx(width("مرحبا", 0, "ar"), abs=0.001)


def test_latin_letters_stand_a_little_apart_from_chinese(setting):
    def width(text):
        return setting(text).fitted(0).lines[0].width

    assert width("满200元") == pytest.approx(width("满元") + width("200") + 0.25, abs=0.01)
    assert width("Open日") == pytest.approx(width("Open") + 1.125, abs=0.01)
    assert width("2027년") == pytest.approx(width("2027") + width("년"), abs=0.02)
    assert width("日，200") == pytest.approx(width("日，茶") - 1 + width("200"), abs=0.01)


def test_text_shrinks_until_it_fits(setting):
    one = fit(setting("锦绣社区开放日", width=5, max_lines=1, min_size=20))
    assert len(one.lines) == 1
    assert not one.cut
    assert one.width <= 500
    assert 60 < one.size < 75


def test_text_that_may_not_shrink_ends_in_an_ellipsis(setting):
    chinese = fit(setting("锦绣社区开放日，把花园还给邻居", width=6, max_lines=1, min_size=20, overflow="ellipsis"))
    assert (chinese.size, chinese.cut) == (100, True)
    assert chinese.lines[0].text == "锦绣社区开…"
    assert chinese.width <= 600
    english = fit(setting("A neighbourhood garden", width=7, max_lines=1, language="en", overflow="ellipsis"))
    assert english.lines[0].text.startswith("A neigh")
    assert english.lines[0].text.endswith("...")
    assert english.width <= 700
    words = fit(setting("The garden opens again", width=7, max_lines=1, language="en", overflow="ellipsis"))
    assert words.lines[0].text == "The garden..."


def test_text_too_long_for_the_smallest_size_is_cut_and_says_so(setting):
    fitted = fit(setting("把花园还给邻居" * 20, width=8, max_lines=2, min_size=60))
    assert fitted.cut
    assert fitted.size == 60
    assert len(fitted.lines) == 2
    assert fitted.block(left=0, top=0).cut


def test_text_shrinks_until_it_is_low_enough(setting):
    words = "把花园还给邻居，带上孩子，带上旧茶具"
    free = fit(setting(words, width=10, max_lines=4, min_size=40))
    tight = fit(setting(words, width=10, max_lines=4, min_size=40), height=100)
    assert free.height > 100
    assert tight.height <= 100
    assert 40 <= tight.size < free.size


def test_a_body_keeps_its_size_however_many_lines_it_takes(setting):
    words = "本届茶文化节由云溪镇人民政府主办，设有斗茶、采青、夜游三个板块，欢迎各地茶友前来。" * 3
    assert fit(setting(words, width=20, max_lines=12, min_size=50)).size > 90


def test_scripts_with_high_marks_get_the_room_they_need(setting):
    assert setting("茶 Tea").metrics == (0.88, 0.12, 1.2)
    ascent, descent, leading = setting("हिन्दी र्कैं टू", language="hi").metrics
    assert ascent > 0.88
    assert descent > 0.2
    assert leading > ascent + descent


@pytest.mark.parametrize("text", ["茶" * 10_000, "tea " * 3000, "e" + "\u0301" * 20_000])
def test_too_long_a_text_is_one_clear_mistake(setting, text):
    with pytest.raises(UserMistake, match="too long"):
        setting(text)


def test_control_characters_and_tabs_do_no_harm(lines):
    assert lines("开放\t日\x00\x07 \u2028花园") == ["开放 日 花园"]


def test_spaces_that_hold_words_together_do_so(lines):
    for width in range(7, 12):
        found = lines("Open on 16\u00a0October, all day long", width=width, language="en")
        assert any("16\u00a0October" in line for line in found)
    assert lines("开放日\u3000花园") == ["开放日\u3000花园"]


def test_a_soft_hyphen_shows_where_the_line_ends(setting):
    fitted = setting("Nachbar\u00adschafts\u00adgarten", width=9, language="de").fitted(0)
    assert [line.text for line in fitted.lines] == ["Nachbar\u00adschafts-", "garten"]
    assert all(line.width <= 9 for line in fitted.lines)
    assert setting("Nachbar\u00adschaft", language="de").uncovered == ()


def test_emoji_families_flags_and_accents_are_one_grapheme():
    assert graphemes("👨‍👩‍👧🇨🇳e\u0301क्षि") == ("👨‍👩‍👧", "🇨🇳", "e\u0301", "क्षि")
