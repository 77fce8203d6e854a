"""Fonts: which one draws a character, and what happens with those that lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from promo.errors import UserMistake
from promo.visual.text.draw import text_mask
from promo.visual.text.face import draws
from promo.visual.text.fonts import chain, is_emoji
from promo.visual.text.outline import outline
from promo.visual.text.sources import packaged_face

FONTS = ("Noto Sans SC",)


@pytest.fixture
def alone(monkeypatch):
    monkeypatch.setenv("PATH", "")  # no fontconfig


def square(reach=600):
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for point in ((50, reach), (reach, reach), (reach, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


@pytest.fixture
def made(tmp_path):
    """Return what writes a font of squares; `empty` letters have no outline, `far` a huge one, `broad` a huge width."""

    def write(name="Made.ttf", letters="AB", *, empty="", far="", broad=""):
        order = [".notdef", *(f"uni{ord(c):04X}" for c in letters)]
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(order)
        builder.setupCharacterMap({ord(c): f"uni{ord(c):04X}" for c in letters})
        shapes = {".notdef": square()}
        for c in letters:
            shapes[f"uni{ord(c):04X}"] = TTGlyphPen(None).glyph() if c in empty else square(30000 if c in far else 600)
        builder.setupGlyf(shapes)
        wide = {f"uni{ord(c):04X}" for c in broad}
        builder.setupHorizontalMetrics({name: (60000 if name in wide else 700, 50) for name in order})
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupNameTable({"familyName": "Made", "styleName": "Regular"})
        builder.setupOS2()
        builder.setupPost()
        builder.save(tmp_path / name)
        return tmp_path / name

    return write


def test_every_character_of_gb2312_has_a_glyph():
    face = packaged_face("Noto Sans SC", 700)
    hanzi = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
    hanzi += [bytes((high, low)).decode("gb2312") for high in range(0xD8, 0xF8) for low in range(0xA1, 0xFF)]
    assert len(hanzi) == 6674
    assert [c for c in [*hanzi, *"，。！？；：、“”‘’《》「」【】（）—…·¥%℃"] if not draws(face, ord(c))] == []


@pytest.mark.parametrize(
    ("grapheme", "file"),
    [
        ("锦", "NotoSansSC"),
        ("한", "NotoSansKR"),
        ("س", "NotoSansArabic"),
        ("ש", "NotoSansHebrew"),
        ("क्षि", "NotoSansDevanagari"),
        ("ত", "NotoSansBengali"),
    ],
)
def test_packages_bring_the_scripts(alone, tmp_path, grapheme, file):
    face = chain(FONTS, 700, tmp_path).face_for(grapheme)
    assert face.path.name.startswith(file)
    assert not face.system


@pytest.mark.parametrize(
    ("language", "file"),
    [("zh", "SC"), ("zh-Hans", "SC"), ("zh-TW", "TC"), ("zh-Hant", "TC"), ("ja", "JP"), ("ko", "KR")],
)
def test_a_language_takes_the_drawing_of_its_country(tmp_path, language, file):
    assert chain(FONTS, 700, tmp_path, language).face_for("骨").path.name.startswith(f"NotoSans{file}")


def test_a_character_no_font_has_is_left_out_and_told(alone, setting):
    text = setting("茶𓀀会")
    assert text.uncovered == ("𓀀",)
    assert text.text == "茶会"


def test_a_character_for_private_use_is_told_too(alone, setting):
    assert setting("茶\ue000会").uncovered == ("\ue000",)


def test_a_font_of_the_machine_is_named(setting, machine_emoji):
    assert setting("茶🍵").system_fonts == {"NotoColorEmoji.ttf": "🍵"}
    assert setting("茶").system_fonts == {}


@pytest.fixture
def fontconfig(tmp_path, monkeypatch):
    """Return what installs a stand-in of fontconfig that knows the fonts given, and notes each question."""

    def install(*described):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "fonts").write_text("".join(f"{line}\n" for line in described))
        tool = folder / "fc-list"
        tool.write_text(
            f'#!/bin/sh\necho asked >> {folder}/asked\nwhile read -r line; do echo "$line"; done < {folder}/fonts\n'
        )
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return folder / "asked"

    return install


def test_fontconfig_is_asked_once_however_many_characters_are_missing(setting, fontconfig):
    asked = fontconfig()
    missing = "".join(map(chr, range(0x18800, 0x18800 + 500)))  # parts of Tangut characters
    assert len(setting(f"茶{missing}").uncovered) == 500
    assert asked.read_text().splitlines() == ["asked"]


def test_the_nearest_font_of_the_machine_is_taken(made, tmp_path, fontconfig):
    files = {name: made(f"{name}.ttf", letters="𗠀") for name in ("Italic", "Mono", "Bold", "Plain")}
    fontconfig(
        f"{files['Italic']}\t0\tMade\t80\t100\t0\tFalse\t17800",
        f"{files['Mono']}\t0\tMade\t80\t0\t100\tFalse\t17800",
        f"{files['Bold']}\t0\tMade\t200\t0\t\tFalse\t17800-17803",
        f"{files['Plain']}\t0\tMade\t80\t0\t\tFalse\t20-7e 17800",
    )
    assert chain(FONTS, 400, tmp_path).face_for("𗠀").path == files["Plain"]
    assert chain(FONTS, 700, tmp_path).face_for("𗠀").path == files["Bold"]
    assert chain(FONTS, 400, tmp_path).face_for("𗠁") is None  # claimed by the bold one, which has it not
    assert chain(("made",), 700, tmp_path).faces[0].path == files["Bold"]


def test_a_font_that_is_not_installed_is_named_and_replaced(alone, tmp_path):
    found = chain(("No Such Font",), 400, tmp_path)
    assert found.missing == ("No Such Font",)
    assert found.face_for("茶") is not None


@pytest.mark.parametrize(
    "content",
    [b"", b"no font", b"\x00\x01\x00\x00" + b"\xff" * 600, b"\x89PNG\r\n\x1a\n" + bytes(100), b"OTTO" + bytes(90)],
)
def test_a_file_that_is_no_font_is_one_clear_mistake(tmp_path, content):
    (tmp_path / "broken.ttf").write_bytes(content)
    with pytest.raises(UserMistake, match=r"broken\.ttf"):
        chain(("broken.ttf",), 400, tmp_path)


def test_a_font_that_is_not_there_is_one_clear_mistake(tmp_path):
    with pytest.raises(UserMistake, match=r"gone\.otf"):
        chain(("gone.otf",), 400, tmp_path)


@pytest.mark.parametrize("table", ["cmap", "glyf", "hmtx", "maxp", "head", "hhea"])
def test_a_font_without_a_table_it_needs_is_one_clear_mistake(made, table):
    whole = made("Whole.ttf")
    with TTFont(whole) as font:
        del font[table]
        file = whole.with_name(f"No-{table}.ttf")
        try:
            font.save(file)
        except Exception:  # noqa: BLE001 - some tables cannot be left out by the writer either: cut the directory entry
            data = whole.read_bytes()
            file.write_bytes(data.replace(table.encode(), b"xxxx", 1))
    with pytest.raises(UserMistake, match=f"No-{table}"):
        chain((file.name,), 400, file.parent)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_font_cut_short_is_one_clear_mistake(made, cut):
    file = made("Whole.ttf")
    short = file.with_name("Short.ttf")
    short.write_bytes(file.read_bytes()[: int(file.stat().st_size * cut)])
    with pytest.raises(UserMistake, match=r"Short\.ttf"):
        chain((short.name,), 400, short.parent)


def test_a_collection_gives_its_first_font(made, tmp_path):
    with (
        (tmp_path / "Both.ttc").open("wb") as stream,
        TTFont(made(letters="茶")) as one,
        TTFont(made(letters="会")) as two,
    ):
        collection = TTCollection()
        collection.fonts = [one, two]
        collection.save(stream)
    found = chain(("Both.ttc", *FONTS), 400, tmp_path)
    assert found.face_for("茶").path.name == "Both.ttc"
    assert found.face_for("会").path.name.startswith("NotoSansSC")


def test_an_opentype_font_with_postscript_curves_is_drawn(tmp_path, setting):
    pen = T2CharStringPen(1000, None)
    pen.moveTo((100, 0))
    pen.curveTo((100, 700), (900, 700), (900, 0))
    pen.closePath()
    bow, nothing = pen.getCharString(), T2CharStringPen(1000, None).getCharString()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "bow"])
    builder.setupCharacterMap({ord("茶"): "bow"})
    builder.setupCFF("Bow", {"FullName": "Bow"}, {".notdef": nothing, "bow": bow}, {})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "bow": (1000, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bow", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "Bow.otf")
    block = setting("茶", fonts=("Bow.otf",)).fitted(0).block(left=0, top=0)
    mask, (left, top) = text_mask(block, (200, 200))
    assert (left, top, mask.width, mask.height) == (10, 88 - 53, 80, 53)  # the bow's height is three quarters of 700
    assert [step[0] for step in outline(block.lines[0].glyphs[0].face, 1)] == ["M", "C", "L", "Z"]


def test_a_web_font_is_told_from_others(made):
    file = made("Whole.ttf")
    with TTFont(file) as font:
        font.flavor = "woff"
        font.save(file.with_name("Web.ttf"))
    with pytest.raises(UserMistake, match="web font"):
        chain(("Web.ttf",), 400, file.parent)


def test_a_promised_glyph_without_ink_comes_from_the_next_font(made):
    file = made(letters="AB", empty="A")
    found = chain((file.name, *FONTS), 400, file.parent)
    assert found.face_for("B").path == file
    assert found.face_for("A").path.name.startswith("NotoSansSC")


def test_a_glyph_that_reaches_far_beyond_its_em_is_not_used(made):
    file = made(letters="AB", far="A")
    found = chain((file.name, *FONTS), 400, file.parent)
    assert found.face_for("A").path.name.startswith("NotoSansSC")


def test_emoji_are_known_by_their_property_and_their_selector():
    assert [is_emoji(g) for g in ("😀", "❤️", "1️⃣", "👨‍👩‍👧", "🇨🇳")] == [True] * 5
    assert [is_emoji(g) for g in ("❤", "☎︎", "1", "茶", "©", "a")] == [False] * 6


def test_emoji_without_a_font_in_colours_are_told_not_drawn_blank(alone, setting):
    assert setting("茶😀").uncovered == ("😀",)


def test_the_brand_folder_is_where_its_files_are(made, tmp_path):
    made("Own.ttf", letters="茶")
    face = chain(("Own.ttf",), 400, tmp_path).face_for("茶")
    assert face.path == Path(tmp_path) / "Own.ttf"


def test_a_glyph_as_wide_as_a_page_is_not_used(made):
    file = made(letters="AB", broad="A")
    found = chain((file.name, *FONTS), 400, file.parent)
    assert found.face_for("A").path.name.startswith("NotoSansSC")
    assert found.face_for("B").path == file


def test_a_substitution_that_leads_nowhere_does_no_harm(made, setting):
    """Found by altering bytes of a font at random."""
    file = made("Nowhere.ttf", letters="אבג")
    with TTFont(file) as font:
        addOpenTypeFeaturesFromString(font, "feature ccmp { sub uni05D0 by uni05D2; } ccmp;")
        font.save(file)
    data = bytearray(file.read_bytes())
    with TTFont(file) as font:
        place = font.reader.tables["maxp"].offset
    data[place + 4 : place + 6] = (3).to_bytes(2, "big")  # so many glyphs there are: the last letter's is gone
    file.write_bytes(data)
    made_ = setting("אב", fonts=(file.name, *FONTS), language="he")
    assert len(made_.fitted(0).lines) == 1
