"""Logos: SVG or PNG, safe to open, drawn sharp at any size."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.parsers import expat

import resvg_py
from PIL import Image

from promo.errors import UserMistake
from promo.language import _

LARGEST_FILE = 2_000_000  # bytes
_REFERENCES = {"href", "src"}
_FORBIDDEN = {"script", "foreignobject", "iframe", "image", "text", "animate", "set", "handler"}
_OUTWARD = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)


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
            raise _broken(name) from None
        image = Image.open(io.BytesIO(bytes(drawn)), formats=("PNG",)).convert("RGBA")
        if image.width > widest:
            return load_logo(path, height=max(1, height * widest // image.width), widest=image.width)
        return image
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            if opened.width * opened.height > 40_000_000:
                raise UserMistake(_("{file} has too many pixels", file=name))
            image = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _broken(name) from None
    scale = min(height / image.height, widest / image.width)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def check_svg(data: bytes, name: str) -> None:
    """Refuse what an SVG may smuggle in. Raises UserMistake.

    Refused: entities, scripts, event handlers, references out of the file, and live text, which would look
    different on every machine.
    """
    parser = expat.ParserCreate()

    def refuse(what: str) -> None:
        raise UserMistake(
            _("the logo {file} holds {what}, which a logo must not", file=name, what=what),
            hint=_("export it again as plain SVG, texts converted to paths"),
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) in _FORBIDDEN:
            refuse(f"<{tag}>")
        for key, value in attributes.items():
            outward = _local(key) in _REFERENCES and not value.strip().startswith("#")
            if outward or _local(key).startswith("on") or _OUTWARD.search(value):
                refuse(f"{key}={value[:40]}")

    def text(content: str) -> None:
        if _OUTWARD.search(content):
            refuse(content.strip()[:40])

    def doctype(*_declaration: object) -> None:
        refuse("<!DOCTYPE>")

    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise _broken(name) from None


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _broken(name: str) -> UserMistake:
    return UserMistake(_("the logo {file} cannot be read: it is broken", file=name))
