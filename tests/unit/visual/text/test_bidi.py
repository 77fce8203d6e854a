"""Direction: the bidirectional algorithm against the Unicode consortium's own test file."""

from __future__ import annotations

import unicodedata

import pytest

from promo.visual.text.bidi import line_levels, resolve, visual_order
from promo.visual.text.bidi_run import bracket

UNICODE = "/usr/share/unicode"


def data(file):
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_every_line_of_the_bidi_character_test_is_right(debian):
    wrong = []
    for line in data(debian(f"{UNICODE}/BidiCharacterTest.txt", "unicode-data")):
        codes, direction, paragraph, levels, order = line.split(";")
        text = "".join(chr(int(code, 16)) for code in codes.split())
        found, resolved = resolve(text, {"0": 0, "1": 1, "2": None}[direction])
        on_line = line_levels(text, resolved, found)
        shown = ["x" if level is None else str(now) for level, now in zip(resolved, on_line, strict=True)]
        seen = [str(index) for index in visual_order(on_line) if resolved[index] is not None]
        if (str(found), shown, seen) != (paragraph, levels.split(), order.split()):
            wrong.append(line)
    assert wrong == []


def test_brackets_pair_as_the_unicode_data_says(debian):
    said = {}
    for line in data(debian(f"{UNICODE}/BidiBrackets.txt", "unicode-data")):
        code, other, kind = line.partition("#")[0].split(";")
        said[chr(int(code, 16))] = kind.strip(), unicodedata.normalize("NFC", chr(int(other, 16)))
    known = {character: bracket(character) for character in map(chr, range(0x30000))}
    assert {character: found for character, found in known.items() if found[0] != "n"} == said


@pytest.mark.parametrize(
    ("text", "base", "shown"),
    [
        ("ABC", None, "ABC"),
        ("שלום 2027", None, "2027 םולש"),
        ("Open day: שלום!", None, "Open day: םולש!"),
        ("שלום!", 0, "םולש!"),
        ("שלום!", 1, "!םולש"),
    ],
)
def test_words_stand_in_the_order_they_are_seen(text, base, shown):
    paragraph, levels = resolve(text, base)
    assert "".join(text[index] for index in visual_order(line_levels(text, levels, paragraph))) == shown
