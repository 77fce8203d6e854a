"""Print files, read by poppler, ghostscript, qpdf and zbar."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import numpy as np
import pikepdf
import pytest
from PIL import Image

from promo.brand.model import Ink
from promo.errors import UserMistake
from promo.visual.file.metadata import read_metadata
from promo.visual.paint.painter import paint
from promo.visual.scene import GradientMark, GroupMark, ImageMark, LogoMark, Rect, ShapeMark, Stop

CYAN = Ink(name="cyan", rgb="#00a0e0", cmyk=(100, 0, 0, 0))
GREEN = Ink(name="green", rgb="#14503f", cmyk=(85, 35, 70, 45))
SPOT = Ink(name="sun", rgb="#f0a35e", cmyk=(0, 40, 70, 0), spot="PANTONE 7411 C")
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100">
<g fill="#14503f" transform="translate(100 0) scale(-1 1)"><rect x="5" y="5" width="60" height="60" rx="12"/>
<circle cx="30" cy="40" r="14" fill="white"/></g><path fill-rule="evenodd" style="fill:#c02020"
d="M10 10h60v60h-60zM25 25h30v30h-30z"/><path d="M120 80A40 30 20 0 1 190 60" fill="none" stroke="#3040c0"
stroke-width="8" stroke-linecap="round"/><polygon points="150,10 190,10 170,40" fill-opacity=".5"
transform="rotate(20 170 25)"/></svg>"""


def rect(left, top, width, height):
    return Rect(left=left, top=top, width=width, height=height)


def box(report, name):
    return [float(part) for part in re.search(rf"{name}:\s+(.*)", report)[1].split()]


@pytest.fixture
def logo(tmp_path):
    def write(svg=SVG, name="logo.svg"):
        (tmp_path / name).write_text(svg)
        return LogoMark(
            layer="logo",
            rect=rect(40, 300, 200, 100),
            drawn=rect(40, 300, 200, 100),
            variants={"light": tmp_path / name},
        )

    return write


@pytest.fixture
def rich(make, face, photo, logo):
    """One page with every kind of mark, turned, faded, clipped and rounded."""

    def build(**page):
        on = make.page(150, 200, **page)
        stops = (Stop(at=0, ink=GREEN), Stop(at=1, ink=SPOT))
        veil = (Stop(at=0, ink=GREEN, opacity=0), Stop(at=1, ink=GREEN, opacity=0.9))
        three = (Stop(at=0.1, ink=SPOT), Stop(at=0.4, ink=CYAN, opacity=0.8), Stop(at=1, ink=GREEN, opacity=0.1))
        shape = ShapeMark(layer="shape", rect=rect(60, 40, 160, 90), ink=GREEN, border=SPOT, border_width=8, radius=24)
        picture = ImageMark(
            layer="photo", rect=rect(300, 30, 300, 220), file=photo(640, 480), radius=30, focal=(0.9, 0.2)
        )
        return make.scene(
            on,
            GradientMark(layer="ground", rect=rect(0, 0, on.width, 280), stops=stops, angle=30),
            shape,
            replace(shape, rect=rect(260, 280, 90, 60), shape="ellipse", opacity=0.5, rotation=25),
            picture,
            replace(picture, rect=rect(640, 60, 150, 200), fit="contain", radius=0, rotation=-12, saturation=0.2),
            GradientMark(layer="veil", rect=rect(300, 30, 300, 220), stops=veil, radius=30),
            GradientMark(
                layer="band", rect=rect(60, 820, 400, 120), stops=three, angle=100, strengthen=0.9, strength=0.5
            ),
            GroupMark(
                layer="group",
                rect=rect(420, 320, 200, 200),
                clip=True,
                radius=40,
                opacity=0.6,
                rotation=15,
                marks=(
                    replace(shape, rect=rect(400, 300, 120, 240), rotation=30),
                    make.words(face, "Group", x=440, y=440, size=70, ink=CYAN, strike=True),
                ),
            ),
            make.words(face, "Open day 开放日", x=40, y=620, size=64, ink=GREEN, rotation=-4),
            make.words(face, "½ plate", x=60, y=760, size=50, ink=GREEN, plate=SPOT, plate_radius=12, opacity=0.7),
            logo(),
            make.code(left=520, top=700, module=6),
            ground=Ink(name="ivory", rgb="#faf6ec", cmyk=(2, 3, 8, 0)),
        )

    return build


def test_a_sheet_has_its_boxes_and_crop_marks_on_every_plate(make, written, tool, plates):
    on = make.page(210, 297, bleed_mm=3)
    file, _printed = written(make.scene(on, ground=SPOT))
    report = tool("pdfinfo", "-box", file)
    media, bleed, trim = (box(report, name) for name in ("MediaBox", "BleedBox", "TrimBox"))
    mm = 72 / 25.4
    assert [trim[2] - trim[0], trim[3] - trim[1]] == pytest.approx([210 * mm, 297 * mm], abs=0.5)
    assert [trim[0] - bleed[0], bleed[3] - trim[3]] == pytest.approx([3 * mm, 3 * mm], abs=0.5)
    assert bleed[0] - media[0] >= 8 * mm
    inks = plates(file, 288)
    assert set(inks) == {"Cyan", "Magenta", "Yellow", "Black", "PANTONE 7411 C"}
    x, y = round(trim[0] * 4), round((media[3] - bleed[3] - 3 * mm) * 4)
    for ink in inks.values():  # the mark left of the upper corner, and nothing nearer to the trim than the bleed
        assert ink[y, x - 3 : x + 4].max() > 200
        assert ink[y + 60 : round(media[3] * 2), x].max() == (255 if ink is inks["PANTONE 7411 C"] else 0)


def test_a_page_without_bleed_is_the_sheet_itself(make, written, tool):
    file, _printed = written(make.scene(make.page(297, 420)))
    report = tool("pdfinfo", "-box", file)
    assert box(report, "MediaBox") == box(report, "TrimBox") == pytest.approx([0, 0, 841.9, 1190.6], abs=0.5)


def test_words_and_code_are_outlines_in_black_ink_alone(make, written, face, tool, rastered):
    marks = make.words(face, "Open day 开放日", x=60, y=150, size=60), make.code(left=60, top=220, module=5)
    dark = make.words(face, "nearly black", x=60, y=480, size=40, ink=Ink(name="ink", rgb="#1d2723"))
    file, _printed = written(make.scene(make.page(150, 120), *marks, dark))
    cyan, magenta, yellow, black = map(float, tool("gs", "-q", "-o", "-", "-sDEVICE=inkcov", file).split()[:4])
    assert (cyan, magenta, yellow) == (0, 0, 0)
    assert 0.02 < black < 0.3
    assert tool("pdffonts", file).count("\n") == 2  # the table's head only
    assert tool("pdfimages", "-list", file).count("\n") == 2
    rastered(file, 144)[0].save(file.with_suffix(".png"))
    assert tool("zbarimg", "-q", "--raw", file.with_suffix(".png")).strip() == make.link


def test_black_words_print_over_the_ground(make, written, face, plates):
    file, _printed = written(make.scene(make.page(60, 30), make.words(face, "黑", x=20, y=130, size=120), ground=CYAN))
    inks = plates(file, 144)
    assert inks["Black"].max() == 255
    assert inks["Cyan"].min() == 255  # not left out under the word: no white edge when the sheet shifts


def test_the_file_says_pdf_x_4_and_carries_the_profile(rich, written, tool, profile):
    file, _printed = written(rich(bleed_mm=3))
    assert "No syntax or stream encoding errors" in tool("qpdf", "--check", file)
    assert "/DeviceRGB" not in (plain := tool("qpdf", "--qdf", "--object-streams=disable", file, "-"))
    assert "/ICCBased" not in plain  # no screen's colours anywhere
    report = tool("pdfinfo", file)
    assert "PDF/X-4" in report
    assert "1.6" in re.search(r"PDF version:.*", report)[0]
    with pikepdf.open(file) as pdf:
        intent = pdf.Root.OutputIntents[0]
        assert intent.S == "/GTS_PDFX"
        assert intent.DestOutputProfile.read_bytes() == profile
        assert str(intent.OutputConditionIdentifier) == "CGATS TR 001"
        assert pdf.docinfo.GTS_PDFXVersion == "PDF/X-4"
        assert pdf.docinfo.Trapped == "/False"
        assert not pdf.is_encrypted
        assert len(pdf.trailer.ID) == 2
        with pdf.open_metadata() as xmp:
            assert xmp["pdfxid:GTS_PDFXVersion"] == "PDF/X-4"
    assert read_metadata(file.read_bytes()).title["x-default"] == "Open day 开放日"


def test_the_sheet_looks_as_the_picture_does(rich, make, written, rastered):
    scene = rich()
    painted = paint(scene)
    file, printed = written(painted.scene, profile=None, black_text=False)
    assert [raw["rule"] for raw in printed.findings] == ["print-rgb"]
    mean, worst = make.apart(rastered(file, 144)[0], painted.picture)
    assert mean < 1.5
    assert worst < 26


def test_letters_in_their_own_colours_are_pixels_with_a_soft_edge(make, written, rastered, emoji):
    mark = make.words(emoji, "🌸🍵", x=60, y=150, size=90)
    scene = make.scene(make.page(100, 50), mark, ground=SPOT)
    file, _printed = written(scene, profile=None)
    mean, worst = make.apart(rastered(file, 144)[0], paint(scene).picture)
    assert mean < 1
    assert worst < 40


def test_colours_stay_near_through_the_press(make, written, photo, tool, tmp_path):
    """Ghostscript brings the inks back to RGB by the profile that the file carries."""
    picture = ImageMark(layer="photo", rect=rect(60, 60, 600, 450), file=photo(640, 480))
    patch = ShapeMark(layer="patch", rect=rect(60, 560, 600, 100), ink=Ink(name="screen", rgb="#b07050"))
    scene = make.scene(make.page(130, 130), picture, patch, ground=make.white)
    file, _printed = written(scene)
    out = tmp_path / "back.png"
    tool("gs", "-q", "-dBATCH", "-dNOPAUSE", "-r144", "-sDEVICE=png16m", f"-sOutputFile={out}", file)
    with Image.open(out) as back:
        mean, _worst = make.apart(back, paint(scene).picture)
        assert np.abs(np.array(back.getpixel((300, 610)), int) - (0xB0, 0x70, 0x50)).max() < 8
    assert mean < 8


def test_a_photo_keeps_its_own_pixels_or_is_scaled_down_to_the_page(make, written, photo, tool):
    on = make.page(100, 100, dpi=300)
    coarse = ImageMark(layer="coarse", rect=rect(0, 0, 1181, 600), file=photo(590, 400))
    fine = ImageMark(layer="fine", rect=rect(0, 600, 1181, 581), file=photo(3000, 2000, name="fine.png"))
    file, _printed = written(make.scene(on, coarse, fine))
    rows = [line.split() for line in tool("pdfimages", "-list", file).splitlines()[2:]]
    assert [(row[3], row[5], row[8]) for row in rows] == [("590", "cmyk", "jpeg"), ("1181", "cmyk", "jpeg")]
    assert [int(row[12]) for row in rows] == pytest.approx([150, 300], abs=2)


def test_too_much_ink_is_found_with_its_place(make, written, photo):
    heavy = ImageMark(layer="night", rect=rect(100, 50, 300, 300), file=photo(600, 600, dark=True))
    light = ImageMark(layer="day", rect=rect(0, 400, 300, 300), file=photo(600, 600, name="day.jpg"))
    _file, printed = written(make.scene(make.page(150, 150), heavy, light), total_ink=270)
    assert [(raw["rule"], raw["layer"], raw["limit"]) for raw in printed.findings] == [("total-ink", "night", "270 %")]
    assert float(printed.findings[0]["value"].removesuffix(" %")) > 270
    left, top, right, bottom = printed.findings[0]["where"]
    assert heavy.rect.grown(1).holds(rect(left, top, right - left, bottom - top))
    rich_black = Ink(name="rich", rgb="#000000", cmyk=(80, 70, 70, 100))
    _file, printed = written(make.scene(make.page(50, 50), ground=rich_black))
    assert [(raw["layer"], raw["value"]) for raw in printed.findings] == [("rich", "320 %")]


def test_a_drawing_stays_a_vector_or_says_that_it_does_not(make, written, logo, rastered, tool):
    on = make.page(60, 80)
    file, printed = written(make.scene(on, logo()), profile=None)
    assert [raw["rule"] for raw in printed.findings] == ["print-rgb"]
    assert tool("pdfimages", "-list", file).count("\n") == 2
    vector = rastered(file, 144)[0]
    mean, worst = make.apart(vector, paint(make.scene(on, logo())).picture)
    assert (mean < 1.0, worst < 30) == (True, True), (mean, worst)
    gradient = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1" width="200" height="100"><defs>'
    gradient += '<linearGradient id="a"><stop offset="0" stop-color="#f00"/><stop offset="1" stop-color="#00f"/>'
    gradient += '</linearGradient></defs><rect width="2" height="1" fill="url(#a)"/></svg>'
    mark = logo(gradient, "shaded.svg")
    file, printed = written(make.scene(on, mark), name="shaded.pdf", profile=None)
    assert [(raw["rule"], raw["facts"]) for raw in printed.findings[:1]] == [("logo-pixels", {"file": "shaded.svg"})]
    mean, _worst = make.apart(rastered(file, 144)[0], paint(make.scene(on, mark)).picture)
    assert mean < 1.0


def test_two_sides_are_two_pages(make, written, face, tool):
    sides = [make.scene(make.page(210, 99, bleed_mm=3), make.words(face, side, x=80, y=150, size=60)) for side in "AB"]
    file, _printed = written(*sides)
    assert "Pages:           2" in tool("pdfinfo", file)


def test_the_same_scene_becomes_the_same_bytes(rich, written):
    first, _printed = written(rich(bleed_mm=3), name="first.pdf")
    second, _printed = written(rich(bleed_mm=3), name="second.pdf")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("broken", [b"no profile", None])
def test_a_profile_that_is_none_of_a_press_writes_nothing(make, written, tmp_path, broken):
    from promo.visual.file.profile import srgb

    with pytest.raises(UserMistake, match="profile"):
        written(make.scene(make.page(50, 50)), profile=broken or srgb())
    assert not list(tmp_path.glob("*.pdf*"))


def test_five_hundred_posters_share_all_but_their_codes(make, written, rich, tool, rastered):
    poster = rich(bleed_mm=3)
    links = [f"https://go.jinxiu.example/l/{number:010}" for number in range(500)]
    pages = [replace(poster, marks=(*poster.marks[:-1], replace(poster.marks[-1], link=link))) for link in links]
    one, _printed = written(pages[0], name="one.pdf")
    began = time.process_time()
    file, _printed = written(*pages, name="all.pdf")
    assert time.process_time() - began < 10
    assert "Pages:           500" in tool("pdfinfo", file)
    assert file.stat().st_size < one.stat().st_size + 500 * 1500
    for number in (1, 250, 500):
        tool(
            "pdftoppm",
            "-r",
            "100",
            "-f",
            str(number),
            "-l",
            str(number),
            "-singlefile",
            "-png",
            file,
            file.parent / "n",
        )
        assert tool("zbarimg", "-q", "--raw", file.parent / "n.png").strip() == links[number - 1]
