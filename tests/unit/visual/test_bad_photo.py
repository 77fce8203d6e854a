"""Photos as they come: every way to store colour is shown right, and what would do harm is refused in one line."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import textwrap
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from promo.errors import UserMistake
from promo.visual.paint.photo import open_photo, photo_at

NEAR = (64, 64)
ORANGE = (230, 120, 40)


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(*chunks, size=(8, 8), depth=8, kind=2):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in ((b"IHDR", header), *chunks, (b"IEND", b"")))


def rows(width, height, pixel):
    return (b"IDAT", zlib.compress((b"\0" + pixel * width) * height))


def gradient(size=(300, 200)):
    across = np.linspace(0, 255, size[0], dtype=np.uint8)
    return Image.fromarray(np.dstack([np.tile(across, (size[1], 1))] * 3))


def jpeg_size(data, width, height):
    """Return a JPEG whose header promises another size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def many_scans():
    """Return a progressive JPEG whose last scan is repeated, each a pass over the whole picture."""
    data = encoded(gradient(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 5_000 + data[-2:]


def tiled_tiff():
    """Return a TIFF of one pixel in a tile of 60,000 by 60,000."""
    tags = [(256, 4, 1), (257, 4, 1), (258, 3, 8), (259, 3, 1), (262, 3, 1), (277, 3, 1)]
    tags += [(322, 4, 60_000), (323, 4, 60_000), (324, 4, 8), (325, 4, 4)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 12) + b"\0" * 4 + struct.pack("<H", len(tags)) + entries + b"\0" * 4


def huge_webp():
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (16_382).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(body)) + body + b"\0" * 64


def one_wrong_byte():
    """Return a PNG whose pixels are stored, not packed, so that a wrong byte would only be shown as a wrong colour."""
    data = bytearray(encoded(gradient(), "PNG", compress_level=0))
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


SMALL = encoded(gradient(), "JPEG")
REFUSED = {
    "empty": (b"", "0 bytes"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64, "HEIC"),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0" * 64, "AVIF"),
    "gif": (encoded(Image.new("P", (9, 9)), "GIF"), "GIF"),
    "svg": (b'  <svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "psd": (b"8BPS\0\1", "PSD"),
    "noise": (os.urandom(2000), "broken"),
    "a PNG of 60,000²": (png(rows(1, 1, b"abc"), size=(60_000, 60_000)), "too many pixels"),
    "a JPEG of 65,000²": (jpeg_size(SMALL, 65_000, 65_000), "too many pixels"),
    "a WebP of 16,383²": (huge_webp(), "too many pixels"),
    "a JPEG cut short": (jpeg_size(SMALL, 8_000, 8_000)[:-200], "broken"),
    "a progressive JPEG of 5,000 scans": (many_scans(), "broken"),
    "a TIFF of one vast tile": (tiled_tiff(), "broken"),
    "a TIFF cut short": (encoded(gradient(), "TIFF")[:900], "broken"),
    "packed text of 100 MB": (
        png((b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 100_000_000)), rows(8, 8, b"abc")),
        "broken",
    ),
    "a packed profile of 100 MB": (
        png((b"iCCP", b"x\0\0" + zlib.compress(b"a" * 100_000_000)), rows(8, 8, b"abc")),
        "broken",
    ),
    "a PNG with one wrong byte": (one_wrong_byte(), "broken"),
    "32 bits a channel": (encoded(Image.new("F", (9, 9)), "TIFF"), "not read"),
    "Lab": (encoded(Image.new("LAB", (9, 9)), "TIFF"), "not read"),
    "an animated PNG": (
        encoded(gradient(), "PNG", save_all=True, append_images=[Image.new("RGB", (300, 200))]),
        "animated",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_used_is_one_line_that_says_why(tmp_path, kind):
    data, why = REFUSED[kind]
    (tmp_path / "bad.jpg").write_bytes(data)
    with pytest.raises(UserMistake) as caught:
        open_photo(tmp_path / "bad.jpg", near=NEAR)
    assert caught.value.message.startswith("bad.jpg ")
    assert why in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_folder_or_a_pipe_is_no_photo(tmp_path, make):
    make(tmp_path / "photo.jpg")
    with pytest.raises(UserMistake, match="no photo"):
        open_photo(tmp_path / "photo.jpg", near=NEAR)


@pytest.mark.parametrize(
    "name", ["../outside.jpg", "/etc/hostname", "photos/link.jpg", "photos\0.jpg", "photos/../../x"]
)
def test_a_photo_outside_the_workspace_is_not_opened(workspace, renderer, request_for, tmp_path_factory, name):
    outside = tmp_path_factory.mktemp("outside") / "secret.jpg"
    outside.write_bytes(SMALL)
    (workspace.asset_folder / "photos" / "link.jpg").symlink_to(outside)
    with pytest.raises(UserMistake):
        renderer.render(request_for(photo=name))
    assert not list(workspace.root.glob("cache/**/*.*"))


def exif(turn):
    tags = Image.Exif()
    tags[0x0112] = turn
    return tags


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_all_eight_ways_to_hold_a_camera(tmp_path, turn, kind):
    upright = Image.new("RGB", (96, 48), "blue")
    upright.paste("red", (0, 0, 24, 24))  # the upper left corner tells them all apart, with the sides' lengths
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[turn]) if turn in undo else upright
    stored.save(tmp_path / "photo", kind, exif=exif(turn))
    seen = open_photo(tmp_path / "photo", near=(96, 96))
    assert seen.size == (96, 48)
    assert seen.getpixel((8, 8))[0] > 180 > 90 > seen.getpixel((60, 8))[0]
    assert seen.getpixel((8, 40))[2] > 180


@pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL.TiffImagePlugin"
)  # of the tags; the suite turns warnings into errors
def test_exif_that_cannot_be_read_turns_nothing(tmp_path):
    broken = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x03\xff\xff\xff\xff\xff\xff\xff\xff" * 4
    (tmp_path / "photo.jpg").write_bytes(encoded(gradient(), "JPEG", exif=broken))
    assert open_photo(tmp_path / "photo.jpg", near=(300, 300)).size == (300, 200)


def deep(kind):
    grey = np.full((64, 64), 0x8000, np.uint16)
    if kind == "grey png":
        return encoded(Image.fromarray(grey), "PNG")
    if kind == "grey tiff":
        return encoded(Image.fromarray(grey), "TIFF")
    if kind == "grey big-endian tiff":
        return encoded(Image.fromarray(grey.astype(">u2")), "TIFF")
    return png(rows(64, 64, b"\x80\x00" * 3), size=(64, 64), depth=16)


@pytest.mark.parametrize("kind", ["grey png", "grey tiff", "grey big-endian tiff", "rgb png"])
def test_sixteen_bits_a_channel_keep_their_tone(tmp_path, kind):
    (tmp_path / "photo").write_bytes(deep(kind))
    assert max(abs(tone - 128) for tone in open_photo(tmp_path / "photo", near=NEAR).getpixel((30, 30))) <= 1


def clear(kind):
    half = Image.new("RGBA", (64, 64), (*ORANGE, 0))
    half.paste((*ORANGE, 255), (0, 0, 32, 64))
    if kind == "rgba":
        return encoded(half, "PNG")
    if kind == "webp":
        return encoded(half, "WEBP", lossless=True)
    if kind == "palette":
        return encoded(half.quantize(8), "PNG")
    return png((b"tRNS", struct.pack(">HHH", 1, 2, 3)), rows(64, 64, b"\1\2\3"), size=(64, 64))


@pytest.mark.parametrize("near", [(64, 64), (8, 8)])
@pytest.mark.parametrize("kind", ["rgba", "webp", "palette", "one colour"])
def test_what_is_transparent_becomes_white(tmp_path, kind, near):
    (tmp_path / "photo").write_bytes(clear(kind))
    seen = open_photo(tmp_path / "photo", near=near)
    right = seen.getpixel((seen.width - 2, seen.height // 2))
    assert min(right) >= 254
    if kind != "one colour":
        assert np.abs(np.subtract(seen.getpixel((1, 1)), ORANGE)).max() <= 3


def profile(x, y):
    """Return an RGB profile (ICC.1:2022, matrix and curves) with these chromaticities of its primaries, gamma 2.2."""
    white = np.array([0.9642, 1.0, 0.8249])  # D50, the profile connection space's
    primaries = np.array([[x[i] / y[i], 1, (1 - x[i] - y[i]) / y[i]] for i in range(3)]).T
    columns = primaries * np.linalg.solve(primaries, white)

    def s15(values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2, 28) + "x".encode("utf-16-be") + b"\0\0"
    tags = [(b"desc", text), (b"cprt", text), (b"wtpt", b"XYZ \0\0\0\0" + s15(white))]
    tags += [(name, b"XYZ \0\0\0\0" + s15(columns[:, i])) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"test", 0x04200000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + s15(white) + b"\0" * 48
    return head + struct.pack(">I", len(tags)) + table + body


WIDE = profile((0.680, 0.265, 0.150), (0.320, 0.690, 0.060))  # the primaries of SMPTE RP 431-2, as Display P3 has


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("near", [(64, 64), (8, 8)])
def test_a_wide_profile_is_converted_to_srgb(tmp_path, kind, near):
    tone = (200, 120, 110)
    Image.new("RGB", (64, 64), tone).save(tmp_path / "photo", kind, icc_profile=WIDE, quality=98)
    expected = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), tone), ImageCms.ImageCmsProfile(io.BytesIO(WIDE)), ImageCms.createProfile("sRGB")
    ).getpixel((0, 0))
    seen = open_photo(tmp_path / "photo", near=near).getpixel((3, 3))
    assert expected[0] > tone[0] + 8  # the conversion does something
    assert np.abs(np.subtract(seen, expected)).max() <= 4


def test_a_profile_counts_on_a_palette_and_on_transparent_pictures(tmp_path):
    for name, image in (
        ("palette", Image.new("RGB", (32, 32), (200, 120, 110)).quantize(4)),
        ("clear", Image.new("RGBA", (32, 32), (200, 120, 110, 255))),
    ):
        image.save(tmp_path / name, "PNG", icc_profile=WIDE)
        assert open_photo(tmp_path / name, near=NEAR).getpixel((3, 3))[0] > 208


@pytest.mark.parametrize(
    "broken", [b"x" * 40, WIDE[:200], WIDE.replace(b"RGB ", b"CMYK"), WIDE.replace(b"acsp", b"pcsa")]
)
def test_a_profile_that_is_broken_changes_nothing(tmp_path, broken):
    Image.new("RGB", (32, 32), ORANGE).save(tmp_path / "photo", "PNG", icc_profile=broken)
    assert open_photo(tmp_path / "photo", near=NEAR).getpixel((3, 3)) == ORANGE


def test_cmyk_with_a_profile_of_another_space_is_still_shown(tmp_path):
    Image.new("RGB", (32, 32), ORANGE).convert("CMYK").save(tmp_path / "photo", "JPEG", icc_profile=WIDE, quality=98)
    assert np.abs(np.subtract(open_photo(tmp_path / "photo", near=NEAR).getpixel((3, 3)), ORANGE)).max() <= 6


def test_a_wrong_extension_a_progressive_and_a_layered_file_are_all_read(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(encoded(gradient(), "PNG"))
    (tmp_path / "later.jpg").write_bytes(encoded(gradient(), "JPEG", progressive=True))
    pages = encoded(gradient(), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    (tmp_path / "pages.tif").write_bytes(pages)
    for name in ("photo.jpg", "later.jpg", "pages.tif"):
        assert open_photo(tmp_path / name, near=(300, 300)).size == (300, 200)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16", "L", "CMYK", "LA"])
def test_a_reduced_photo_looks_like_the_whole_one(tmp_path, mode):
    base = gradient((1200, 800))
    if mode == "I;16":
        base = Image.fromarray(np.asarray(base.convert("L")).astype(np.uint16) * 257)
    else:
        base = base.convert(mode)
    base.save(tmp_path / "photo", "TIFF" if mode == "CMYK" else "PNG")
    small, enlarged = photo_at(tmp_path / "photo", (300, 200), (0.5, 0.5))
    assert small.size == (300, 200)
    assert enlarged < 1
    whole = open_photo(tmp_path / "photo", near=(1200, 1200)).reduce(4)
    assert np.abs(np.asarray(small, int) - np.asarray(whole, int)).mean() < 2


def measured(script, tmp_path, *, megabytes):
    """Run a script that loads one photo; return what it printed, failing if it needs more memory or time."""
    code = (
        f"import resource, sys\nresource.setrlimit(resource.RLIMIT_AS, ({megabytes << 20},) * 2)\n"
        + textwrap.dedent(script)
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-800:]
    return done.stdout


def test_the_largest_photo_of_the_worst_kind_stays_within_its_memory(tmp_path):
    line = b"\0" + b"\x20\x40\x60\x80" * 10_000
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(line) for _row in range(8_000)) + packer.flush()
    (tmp_path / "vast.png").write_bytes(png((b"IDAT", data), size=(10_000, 8_000), kind=6))
    script = """
        from pathlib import Path
        from promo.visual.paint.photo import open_photo
        image = open_photo(Path(sys.argv[1]) / "vast.png", near=(1080, 1080))
        # ru_maxrss would be the parent's, where that was larger
        peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
        print(image.size, int(peak.split()[1]) // 1024)
    """
    said = measured(script, tmp_path, megabytes=1200)
    assert said.startswith("(3334, 2667)")  # read at a third: still finer than asked for
    assert int(said.split()[-1]) < 520  # MB: 320 for the pixels, the rest for Python, Pillow and one strip
