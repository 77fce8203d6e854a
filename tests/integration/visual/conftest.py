"""Scenes made by hand, a CMYK profile of this machine, and tools that read finished files, which nobody here wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from promo.brand.model import Ink
from promo.visual.pdf.colour import PrintSettings
from promo.visual.pdf.write import Printed, write_pdf
from promo.visual.scene import AnyMark, Page, QrMark, Rect, Scene, TextMark
from promo.visual.text.block import Face, Glyph, SetLine, TextBlock
from promo.visual.text.face import opened
from promo.visual.text.fonts import chain

LINK = "https://go.jinxiu.example/l/Ab3dE6gH9k"
PROFILE = Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")  # comes with Debian's ghostscript
PACKAGES = {
    **dict.fromkeys(("pdfinfo", "pdffonts", "pdfimages", "pdftoppm"), "poppler-utils"),
    "gs": "ghostscript",
    "qpdf": "qpdf",
    "zbarimg": "zbar-tools",
}
WHITE, BLACK = Ink(name="white", rgb="#ffffff", cmyk=(0, 0, 0, 0)), Ink(name="black", rgb="#000000")


def missing(reason: str) -> None:
    (pytest.fail if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT") else pytest.skip)(reason)


@pytest.fixture
def tool() -> Callable[..., str]:
    def run(name: str, *arguments: str | Path) -> str:
        if shutil.which(name) is None:
            missing(f"{name} is missing: Debian's {PACKAGES[name]}")
        done = subprocess.run([name, *map(str, arguments)], capture_output=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "replace")

    return run


@pytest.fixture(scope="session")
def profile() -> bytes:
    if not PROFILE.is_file():
        missing(f"{PROFILE} is missing: Debian's ghostscript")
    return PROFILE.read_bytes()


@pytest.fixture(scope="session")
def press(profile) -> PrintSettings:
    return PrintSettings(profile=profile, condition="CGATS TR 001", total_ink=300)


@pytest.fixture(scope="session")
def face() -> Face:
    return chain(("Noto Sans SC",), 700, Path()).faces[0]


@pytest.fixture(scope="session")
def emoji() -> Face:
    file = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
    if not file.is_file():
        missing(f"{file} is missing: Debian's fonts-noto-color-emoji")
    return Face(file, 400, colour=True)


def page(width_mm: float, height_mm: float, *, dpi: int = 144, bleed_mm: float = 0) -> Page:
    pixels = dpi / 25.4
    width, height, bleed = (round(side * pixels) for side in (width_mm, height_mm, bleed_mm))
    trim = Rect(left=bleed, top=bleed, width=width, height=height)
    whole = width + 2 * bleed, height + 2 * bleed
    return Page(width=whole[0], height=whole[1], dpi=dpi, trim=trim, safe=trim.grown(-10), print=True)


def scene(on: Page, *marks: AnyMark, ground: Ink = WHITE) -> Scene:
    return Scene(page=on, ground=ground, marks=marks)


def words(face: Face, text: str, *, x: float, y: float, size: float, ink: Ink = BLACK, **more) -> TextMark:
    font, glyphs, left = opened(face), [], x
    for character in text:
        number = font.font.get_nominal_glyph(ord(character))
        glyphs.append(Glyph(face, number, left, y, character))
        left += font.font.get_glyph_h_advance(number) / font.upem * size
    block = TextBlock((SetLine(tuple(glyphs), x, left, y, text),), size, text, "en")
    rect = Rect(left=x, top=y - size, width=left - x, height=size * 1.3)
    return TextMark(layer="words", rect=rect, block=block, ink=ink, min_contrast=1, **more)


def code(*, left: float, top: float, module: int, link: str = LINK) -> QrMark:
    rect = Rect(left=left, top=top, width=module * 37, height=module * 37)
    return QrMark(layer="code", rect=rect, link=link, module=module, modules=29, quiet=4, ink=BLACK, ground=WHITE)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The functions above: tests cannot import this file."""
    return SimpleNamespace(page=page, scene=scene, words=words, code=code, apart=apart, link=LINK, white=WHITE)


@pytest.fixture
def written(tmp_path, face, press) -> Callable[..., tuple[Path, Printed]]:
    def write(*pages: Scene, name: str = "print.pdf", **changes) -> tuple[Path, Printed]:
        settings = replace(press, **changes)
        target = tmp_path / name
        printed = write_pdf(pages, settings=settings, title="Open day 开放日", slug_face=face)
        target.write_bytes(printed.data)
        return target, printed

    return write


@pytest.fixture
def rastered(tool, tmp_path) -> Callable[..., list[Image.Image]]:
    def raster(file: Path, dpi: int) -> list[Image.Image]:
        tool("pdftoppm", "-r", str(dpi), "-png", file, tmp_path / f"{file.stem}-page")
        return [Image.open(path).convert("RGB") for path in sorted(tmp_path.glob(f"{file.stem}-page*.png"))]

    return raster


@pytest.fixture
def photo(tmp_path) -> Callable[..., Path]:
    def make(width: int, height: int, *, name: str = "photo.jpg", dark: bool = False) -> Path:
        x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        channels = [200 * x + 30, 180 * y + 40, 120 + 100 * np.sin(9 * x + 5 * y)]
        pixels = np.stack(channels, axis=-1).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels // 16 if dark else pixels).save(tmp_path / name, quality=95)
        return tmp_path / name

    return make


def apart(first: Image.Image, second: Image.Image) -> tuple[float, float]:
    """Return how far two pictures differ once both are a little blurred: on average and at worst, 0–255."""
    small = [np.asarray(image.convert("RGB").reduce(4), dtype=float) for image in (first, second)]
    difference = np.abs(small[0] - small[1]).max(axis=-1)
    return float(difference.mean()), float(np.percentile(difference, 99.5))


@pytest.fixture
def plates(tool, tmp_path) -> Callable[..., dict[str, np.ndarray]]:
    def separate(file: Path, dpi: int = 72) -> dict[str, np.ndarray]:
        """Return the plates ghostscript makes of a page, by ink, as arrays of 0 (no ink) to 255."""
        to = f"-sOutputFile={tmp_path}/sep.tif"
        tool("gs", "-q", "-dBATCH", "-dNOPAUSE", f"-r{dpi}", "-sDEVICE=tiffsep", to, file)
        found = {}
        for path in tmp_path.glob("sep(*).tif"):
            with Image.open(path) as image:
                found[path.stem[4:-1]] = 255 - np.asarray(image.convert("L"))
        return found

    return separate
