"""Contact sheets and comparisons: what a person would see on them."""

import pikepdf
import pytest
from PIL import Image, ImageDraw

from promo.errors import UserMistake
from promo.visual.view.contact import A4, DPI, MARGIN, Entry, sheet_scenes, write_sheet
from promo.visual.view.difference import MARK, compare, draw_difference


@pytest.fixture
def photo(tmp_path):
    """A picture with soft and hard parts."""
    picture = Image.effect_noise((400, 300), 40).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 60, 200, 200), fill="#14503f")
    file = tmp_path / "photo.png"
    picture.save(file)
    return file


def altered(photo, name, change, **options):
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    picture = change(picture) or picture
    file = photo.with_name(name)
    picture.save(file, **options)
    return file


def square(box, colour="#e2703a"):
    return lambda picture: ImageDraw.Draw(picture).rectangle(box, fill=colour)


def test_the_same_picture_is_the_same(photo):
    found = compare(photo, altered(photo, "copy.png", lambda picture: None))
    assert found.same
    assert (found.share, found.likeness) == (0, 1)


def test_what_only_a_meter_sees_is_the_same(photo):
    found = compare(photo, altered(photo, "soft.png", lambda picture: picture.point(lambda value: min(255, value + 1))))
    assert found.same


def test_the_share_is_that_of_the_changed_area(photo):
    found = compare(photo, altered(photo, "square.png", square((220, 100, 319, 179))))
    assert found.share == pytest.approx(100 * 100 * 80 / (400 * 300), rel=0.02)
    assert 0.5 < found.likeness < 1
    assert found.changed.getbbox() == (220, 100, 320, 180)


def test_more_change_is_less_alike(photo):
    little = compare(photo, altered(photo, "little.png", square((0, 0, 40, 40))))
    much = compare(photo, altered(photo, "much.png", square((0, 0, 300, 280))))
    nothing_alike = compare(photo, altered(photo, "white.png", lambda picture: Image.new("RGB", picture.size, "white")))
    assert little.likeness > much.likeness > nothing_alike.likeness
    assert nothing_alike.share > 95


def test_another_size_is_told(photo):
    found = compare(photo, altered(photo, "large.png", lambda picture: picture.resize((800, 600))))
    assert found.resized
    assert not found.same


def test_a_large_poster_is_compared_in_little_memory(photo):
    before = altered(photo, "before.png", lambda picture: picture.resize((4000, 3000)))
    after = altered(
        photo, "after.png", lambda picture: picture.resize((4000, 3000)).transpose(Image.Transpose.ROTATE_180)
    )
    found = compare(before, after)
    assert max(found.changed.size) == 1600
    assert found.share > 20


def test_a_broken_picture_gets_one_line(photo, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(photo.read_bytes()[:400])
    with pytest.raises(UserMistake, match=r"broken\.png is no picture"):
        compare(broken, photo)


def test_the_comparison_marks_the_changed_place_only(photo, tmp_path):
    after = altered(photo, "square.png", square((220, 100, 319, 179)))
    target = tmp_path / "diff.png"
    draw_difference(photo, after, compare(photo, after), ("before", "after", "changed"), target)
    with Image.open(target) as opened:
        picture = opened.convert("RGB")
    third = picture.crop((picture.width * 2 // 3, 0, *picture.size))
    marked = Image.new("L", third.size)
    marked.putdata([255 if pixel == MARK else 0 for pixel in third.get_flattened_data()])
    left, top, right, bottom = marked.getbbox()
    assert (right - left) / (bottom - top) == pytest.approx(100 / 80, rel=0.05)
    first = picture.crop((0, 0, picture.width * 2 // 3, picture.height))
    assert MARK not in {pixel for _count, pixel in first.getcolors(1_000_000)}


def entries(photo, count, size=(400, 300)):
    return [
        Entry(
            file=photo,
            width=size[0],
            height=size[1],
            title=f"倒计时 Countdown {n}",
            lines=("长毛象", "2027-03-08 10:00"),
        )
        for n in range(count)
    ]


def test_a_sheet_holds_every_picture_whole_and_inside_its_margins(photo):
    scenes = sheet_scenes(
        {"Shapes": [*entries(photo, 5), *entries(photo, 5, (300, 900)), *entries(photo, 3, (2000, 200))]}, note=""
    )
    margin = MARGIN / 25.4 * DPI
    shown = [mark for scene in scenes for mark in scene.marks if mark.layer == "picture"]
    assert len(shown) == 13
    for mark in shown:
        assert mark.rect.left >= margin - 1
        assert mark.rect.right <= A4[0] / 25.4 * DPI - margin + 1
        assert mark.rect.bottom <= A4[1] / 25.4 * DPI - margin + 1
    wide = [mark.rect.width / mark.rect.height for mark in shown]
    assert wide == pytest.approx([4 / 3] * 5 + [1 / 3] * 5 + [10] * 3)


def test_pictures_of_a_page_do_not_overlap(photo):
    [scene, *_more] = sheet_scenes({"Shapes": [*entries(photo, 4), *entries(photo, 3, (300, 900))]}, note="")
    rects = [mark.rect for mark in scene.marks if mark.layer in ("picture", "caption")]
    assert not [(a, b) for n, a in enumerate(rects) for b in rects[n + 1 :] if a.grown(-1).meets(b.grown(-1))]


def test_chapters_begin_pages_and_a_pdf_has_them_all(photo, tmp_path):
    scenes = sheet_scenes({"One": entries(photo, 14), "Two": entries(photo, 1)}, note="2027-03-08")
    [file] = write_sheet(scenes, tmp_path / "sheet.pdf")
    with pikepdf.open(file) as pdf:
        assert len(pdf.pages) == len(scenes) >= 3
        box = [float(side) for side in pdf.pages[0].mediabox]
    assert box[2:] == pytest.approx([297 / 25.4 * 72, 210 / 25.4 * 72], abs=1)


def test_pages_as_pictures_are_numbered(photo, tmp_path):
    scenes = sheet_scenes({"One": entries(photo, 14)}, note="2027-03-08")
    files = write_sheet(scenes, tmp_path / "sheet.png")
    assert [file.name for file in files] == [f"sheet-{n}.png" for n in range(1, len(scenes) + 1)]
    with Image.open(files[0]) as picture:
        assert picture.size == (2339, 1654)
