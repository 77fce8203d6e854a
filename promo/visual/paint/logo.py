"""Logos: SVG or PNG, safe to open, drawn sharp at any size."""

from __future__ import annotations

import io
from pathlib import Path

import resvg_py
from PIL import Image

from promo.errors import UserMistake
from promo.language import _
from promo.visual.paint.svg_check import broken_logo, check_svg

__all__ = ["check_svg", "load_logo"]

LARGEST_FILE = 2_000_000  # bytes
LARGEST = 40_000_000  # pixels


def load_logo(path: Path, *, height: int, widest: int) -> Image.Image:
    """Return the logo as RGBA, as high as `height` pixels unless that makes it wider than `widest`.

    Raises UserMistake for a file that is missing, broken or too large, or an SVG that `check_svg` refuses.
    """
    name = path.name
    try:
        data = path.read_bytes() if path.is_file() else b""  # a pipe would never end
    except OSError:
        data = b""
    if not data:
        raise UserMistake(_("there is no logo {file}", file=name))
    if len(data) > LARGEST_FILE:
        raise UserMistake(_("the logo {file} is larger than 2 MB", file=name))
    if path.suffix.lower() != ".svg":
        image = _opened(data, name)
        scale = min(height / image.height, widest / image.width)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        return image.resize(size, Image.Resampling.LANCZOS)
    check_svg(data, name)
    image = _drawn(data, name, height)
    if image.width > widest:
        image = _drawn(data, name, max(1, height * widest // image.width))
    return image.crop((0, 0, min(image.width, widest), image.height))


def _drawn(data: bytes, name: str, height: int) -> Image.Image:
    """Return an SVG drawn at a height in pixels."""
    try:
        png = resvg_py.svg_to_bytes(svg_string=data.decode("utf-8"), height=height, skip_system_fonts=True)
    except BaseException as error:
        if isinstance(error, ValueError) or type(error).__name__ == "PanicException":  # resvg's is no Exception
            raise broken_logo(name) from None
        raise
    drawn = Image.open(io.BytesIO(bytes(png)), formats=("PNG",)).convert("RGBA")
    if drawn.getchannel("A").getbbox() is None:
        raise UserMistake(
            _("the logo {file} draws nothing", file=name),
            hint=_("give it a viewBox around what it draws, such as 0 0 200 80"),
        )
    return drawn


def _opened(data: bytes, name: str) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            if opened.width * opened.height > LARGEST:
                raise UserMistake(_("{file} has too many pixels", file=name))
            return opened.convert("RGBA")
    except UserMistake:
        raise
    except Exception:  # noqa: BLE001 - Pillow's readers raise errors of any kind on broken files
        raise broken_logo(name) from None
