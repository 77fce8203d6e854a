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


def load_logo(path: Path, *, height: int, widest: int) -> Image.Image:
    """Return the logo as RGBA, as high as `height` pixels unless that makes it wider than `widest`.

    Raises UserMistake for a file that is broken, or an SVG with scripts, links or text.
    """
    name = path.name
    try:
        data = path.read_bytes()
    except OSError:
        raise UserMistake(_("there is no logo {file}", file=name)) from None
    if len(data) > LARGEST_FILE:
        raise UserMistake(_("the logo {file} is larger than 2 MB", file=name))
    if path.suffix.lower() == ".svg":
        check_svg(data, name)
        try:
            drawn = resvg_py.svg_to_bytes(svg_string=data.decode("utf-8"), height=height, skip_system_fonts=True)
        except (ValueError, UnicodeDecodeError):
            raise broken_logo(name) from None
        image = Image.open(io.BytesIO(bytes(drawn)), formats=("PNG",)).convert("RGBA")
        if image.width > widest:
            return load_logo(path, height=max(1, height * widest // image.width), widest=image.width)
        return image
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            if opened.width * opened.height > 40_000_000:
                raise UserMistake(_("{file} has too many pixels", file=name))
            image = opened.convert("RGBA")
    except UserMistake:
        raise
    except Exception:  # noqa: BLE001 - Pillow's readers raise errors of any kind on broken files
        raise broken_logo(name) from None
    scale = min(height / image.height, widest / image.width)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)
