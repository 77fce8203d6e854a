"""Broken and hostile pictures, logos and layouts: one clear line each, and nothing half-written."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from promo.brand.load import load_brands
from promo.errors import PromoError, UserMistake
from promo.visual.layout.load import load_layouts
from promo.visual.logo_files import check_logo_files
from promo.visual.paint.logo import check_svg, load_logo
from promo.visual.paint.photo import open_photo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">{}</svg>'


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def bomb():
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


def large():
    return encoded(Image.new("1", (10_000, 9_000)), "PNG")


def animated():
    frames = [Image.new("RGB", (40, 40), tone) for tone in ("red", "blue")]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


BROKEN = {
    "empty": b"",
    "text": b"not a picture at all",
    "cut short": encoded(Image.effect_noise((300, 300), 60).convert("RGB"), "JPEG")[:4000],
    "cut short png": encoded(Image.effect_noise((300, 300), 60), "PNG")[:4000],
    "bomb": bomb(),
    "too large": large(),
    "animated": animated(),
    "svg": SVG.format("").encode(),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_photo_that_cannot_be_used_is_one_mistake(workspace, renderer, request_for, kind):
    (workspace.asset_folder / "photos" / "bad.jpg").write_bytes(BROKEN[kind])
    with pytest.raises(UserMistake, match=r"bad\.jpg") as caught:
        renderer.render(request_for(photo="photos/bad.jpg"))
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert not list(workspace.root.glob("cache/**/*.*"))


def test_cmyk_sixteen_bit_and_transparent_photos_keep_their_look(tmp_path):
    orange = Image.new("RGB", (64, 64), (230, 120, 40))
    cases = {
        "cmyk.jpg": (encoded(orange.convert("CMYK"), "JPEG", quality=95), (230, 120, 40)),
        "deep.png": (encoded(Image.fromarray(np.full((64, 64), 32768, np.uint16)), "PNG"), (127, 127, 127)),
        "clear.png": (encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"), (255, 255, 255)),
        "palette.png": (encoded(orange.quantize(8), "PNG"), (230, 120, 40)),
    }
    for name, (data, expected) in cases.items():
        (tmp_path / name).write_bytes(data)
        image = open_photo(tmp_path / name, near=(64, 64))
        assert image.mode == "RGB"
        assert np.abs(np.subtract(image.getpixel((30, 30)), expected)).max() <= 6, name


def test_a_photo_is_turned_as_its_camera_was_held(tmp_path):
    image = Image.new("RGB", (80, 40), "blue")
    image.paste("red", (0, 0, 20, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the first column is the top row
    image.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    upright = open_photo(tmp_path / "turned.jpg", near=(80, 80))
    assert upright.size == (40, 80)
    red, _green, blue = upright.getpixel((20, 5))
    assert red > 200 > blue


def test_a_phone_s_photo_with_a_preview_inside_is_no_animation(tmp_path):
    photo, preview = Image.new("RGB", (80, 60), "red"), Image.new("RGB", (20, 15), "blue")
    photo.save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=[preview])
    assert open_photo(tmp_path / "phone.jpg", near=(80, 80)).size == (80, 60)


HOSTILE = {
    "script": SVG.format("<script>alert(1)</script>"),
    "handler": SVG.format('<rect onload="x()" width="1" height="1"/>'),
    "link": SVG.format('<use xlink:href="https://evil.example/x.svg#a"/>'),
    "image": SVG.format('<image href="file:///etc/passwd" width="9" height="9"/>'),
    "style": SVG.format("<style>@import url(https://evil.example/x.css);</style>"),
    "fill": SVG.format('<rect fill="url(https://evil.example/#p)" width="1" height="1"/>'),
    "entity": '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("&a;"),
    "text": SVG.format("<text>锦绣</text>"),
    "broken": "<svg",
    "no svg": "<html/>",
    "pattern": SVG.format('<pattern id="p" width="1e9" height="1e9"/><rect fill="url(#p)" width="9" height="9"/>'),
    "filter": SVG.format('<filter id="f"><feGaussianBlur stdDeviation="9999"/></filter>'),
    "proportions": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000000 1"><rect width="9" height="9"/></svg>',
    "sides": '<svg xmlns="http://www.w3.org/2000/svg" width="1e30" height="1e-30"><rect width="9" height="9"/></svg>',
    "one side": '<svg xmlns="http://www.w3.org/2000/svg" width="100000"><rect width="9" height="9"/></svg>',
    "one side of the box": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="1e5"><g/></svg>',
    "units": '<svg xmlns="http://www.w3.org/2000/svg" width="900in" height="900px"><rect width="9" height="9"/></svg>',
    "no size": '<svg xmlns="http://www.w3.org/2000/svg"><rect x="-1e30" width="2e30" height="1e-9"/></svg>',
    # Found by making drawings up from numbers like these: resvg panicked, or asked for more memory than there is.
    "a radius": '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><ellipse rx="1e9%"/></svg>',
    "a radius beyond floats": SVG.format('<a><circle r="1e30"/></a>'),
    "a radius in ems": SVG.format('<ellipse rx="1e30em"/>'),
    "a radius just allowed": SVG.format('<g transform="scale(999999)"><ellipse rx="9999999em" ry="9999999"/></g>'),
    "a path": SVG.format('<path d="M1e38 1e38L-1e38 0"/>'),
    "depth": SVG.format("<g>" * 500 + "</g>" * 500),
    "repeated": SVG.format(
        '<g id="a0"><rect width="1" height="1"/></g>'
        + "".join(f'<g id="a{n}">' + f'<use xlink:href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 12))
    ),
    "itself": SVG.format('<g id="a"><use xlink:href="#a"/></g>'),
    "masks in masks": SVG.format(
        "".join(
            f'<mask id="m{n}">' + f'<rect width="9" height="9" mask="url(#m{n - 1})"/>' * 12 + "</mask>"
            for n in range(1, 12)
        )
    ),
    "layers": SVG.format('<g opacity=".9"><rect width="9" height="9"/></g>' * 2_000),
    "an encoding nobody knows": '<?xml version="1.0" encoding="x-none"?><svg/>',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_or_broken_logo_is_refused(workspace, renderer, request_for, kind):
    (workspace.brand_folder / "jinxiu" / "logo-on-dark.svg").write_text(HOSTILE[kind], "utf-8")
    with pytest.raises(UserMistake, match=r"logo-on-dark\.svg") as caught:
        renderer.render(request_for())
    assert "\n" not in str(caught.value)
    assert not list(workspace.root.glob("cache/**/*.*"))


def test_gradients_inside_the_logo_are_fine(tmp_path):
    inner = '<defs><linearGradient id="g"/></defs><rect fill="url(#g)" width="9" height="9"/>'
    check_svg(SVG.format(inner).encode(), "logo.svg")
    check_svg(SVG.format('<path d="' + "M1 1L2 2" * 100_000 + '"/>').encode(), "logo.svg")
    check_svg(SVG.format('<g id="a1e99"><path d="M1.25e3-.5" fill="#1e1010"/></g>' * 900).encode(), "logo.svg")
    (tmp_path / "logo.svg").write_text(SVG.format('<rect fill="#123456" width="10" height="10"/>'), "utf-8")
    assert load_logo(tmp_path / "logo.svg", height=50, widest=500).size == (50, 50)
    assert load_logo(tmp_path / "logo.svg", height=50, widest=20).size == (20, 20)


def test_a_logo_without_ink_is_told(tmp_path):
    (tmp_path / "logo.svg").write_text(SVG.format('<rect x="50" width="10" height="10"/>'), "utf-8")
    with pytest.raises(UserMistake, match="draws nothing"):
        load_logo(tmp_path / "logo.svg", height=50, widest=500)


def test_every_logo_is_looked_at_where_its_brand_names_it(workspace):
    (workspace.brand_folder / "jinxiu" / "logo-mono.svg").write_text(SVG.format("<script/>"), "utf-8")
    [problem] = check_logo_files(load_brands(workspace), workspace)
    line = (workspace.root / problem.at.file).read_text("utf-8").splitlines()[problem.at.line - 1]
    assert line[problem.at.column - 1 :].startswith("file: logo-mono.svg")
    assert "<script>" in problem.message


@pytest.mark.parametrize("kind", ["bomb", "too large", "cut short png", "empty", "text"])
def test_a_logo_that_is_no_png_is_a_mistake(tmp_path, kind):
    (tmp_path / "logo.png").write_bytes(BROKEN[kind])
    with pytest.raises(PromoError, match=r"logo\.png"):
        load_logo(tmp_path / "logo.png", height=50, widest=500)


def test_every_mistake_of_a_layout_has_its_place(workspace):
    folder = workspace.asset_folder / "layouts"
    folder.mkdir()
    (folder / "wrong.yaml").write_text(
        "name: wrong\n"
        "formats:\n"
        "  square: {size: [1080, 1080]}\n"
        "layers:\n"
        "  - {kind: fill, color: purple}\n"
        "  - {kind: photo, box: {sqare: [0, 0, 100, 100]}}\n"
        "  - {kind: stack, items: [{size: 4}]}\n",
        "utf-8",
    )
    layouts, problems = load_layouts(workspace)
    assert "wrong" not in layouts
    assert {(str(problem.at.file), problem.at.line) for problem in problems} >= {
        ("assets/layouts/wrong.yaml", 5),
        ("assets/layouts/wrong.yaml", 7),
    }
    (folder / "wrong.yaml").write_text(
        "name: wrong\n"
        "formats: {square: {size: [1080, 1080]}}\n"
        "layers:\n"
        "  - {kind: image, visible_if: format == 'sqare'}\n",
        "utf-8",
    )
    [problem] = load_layouts(workspace)[1]
    assert (problem.code, problem.at.line) == ("no-such-format", 4)
    assert "square" in (problem.hint or "")


def test_layouts_and_brands_that_are_links_to_elsewhere_are_not_read(workspace, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("password: hunter2\n", "utf-8")
    for link in (workspace.asset_folder / "layouts" / "own.yaml", workspace.brand_folder / "own" / "brand.yaml"):
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(secret)
    problems = [*load_layouts(workspace)[1], *load_brands(workspace).problems]
    assert [problem.code for problem in problems] == ["path-leaves"] * 2
    assert "password" not in repr(problems)


def test_a_workspace_s_layout_replaces_the_built_in_one(workspace):
    folder = workspace.asset_folder / "layouts"
    folder.mkdir()
    (folder / "event-card.yaml").write_text(
        "name: mine\nformats: {tiny: {size: [64, 64]}}\nlayers: [{kind: shape, fill: primary}]\n", "utf-8"
    )
    layouts, problems = load_layouts(workspace)
    assert not problems
    assert list(layouts["event-card"].spec.formats) == ["tiny"]
    assert "product-card" in layouts
