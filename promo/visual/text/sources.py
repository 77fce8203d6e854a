"""Where fonts come from: files of the brand, installed font packages, and what fontconfig knows of this machine."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import uharfbuzz
from fontTools.ttLib import TTFont

from promo.errors import PromoError, UserMistake
from promo.language import _
from promo.visual.text.block import Face
from promo.visual.text.face import colours

PACKS = "justmytype.packs"  # the entry point group of font packages
FILES = (".ttf", ".otf", ".ttc", ".otc")
LARGEST = 64 * 2**20  # bytes: Noto Sans CJK as a collection has 20 MB
TABLES = ("cmap", "head", "hhea", "hmtx", "maxp")  # without them nothing can be set
SHAPES = ("glyf", "CFF ", "CFF2", "CBDT", "sbix")
BOLD = 600
TYPOGRAPHIC_FAMILY, FAMILY = 16, 1  # names of the OpenType “name” table
MONOSPACED, UPRIGHT = 100, 0  # fontconfig's figures
logging.getLogger("fontTools").setLevel(logging.ERROR)  # what it repairs by itself is no news
ASKED = "%{file}\t%{index}\t%{weight}\t%{slant}\t%{spacing}\n"


@dataclass(frozen=True, slots=True)
class Source:
    """One font file of a family; `weight` 0 is a variable font."""

    weight: int
    path: Path


@cache
def packaged() -> dict[str, tuple[Source, ...]]:
    """Return family → files of every installed font package, slanted ones left out."""
    families: dict[str, list[Source]] = {}
    for point in entry_points(group=PACKS):
        for folder in point.load()().get_font_directories():
            for path in sorted(Path(folder).rglob("*.[to]tf")):
                face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
                if not _slanted(face):
                    family = face.get_name(TYPOGRAPHIC_FAMILY) or face.get_name(FAMILY) or path.stem
                    weight = 0 if face.has_var_data else _style(face, "WEIGHT")
                    families.setdefault(family, []).append(Source(int(weight), path))
    return {family: tuple(files) for family, files in families.items()}


def packaged_face(family: str, weight: int) -> Face | None:
    """Return a packaged family's face that is nearest to `weight`."""
    files = packaged().get(family)
    if not files:
        return None
    nearest = min(files, key=lambda file: (abs(file.weight - weight) if file.weight else 0, file.path))
    return Face(nearest.path, weight, colour=bool(colours(nearest.path)))


def system_face(family: str, weight: int) -> Face | None:
    """Return a face of a family installed on this machine, or None."""
    return _fontconfig(re.sub(r"([-\\:,])", r"\\\1", family) + ":scalable=true", weight)


@cache
def system_fallback(codes: frozenset[int], weight: int, *, colour: bool) -> Face | None:
    """Return a face of this machine that claims all of `codes`, in colours or without."""
    charset = " ".join(f"{code:x}" for code in sorted(codes))
    return _fontconfig(f":charset={charset}:color={'true' if colour else 'false'}", weight)


@cache
def _fontconfig(pattern: str, weight: int) -> Face | None:
    tool = shutil.which("fc-list")
    if tool is None:
        return None
    asked = [tool, "--format", ASKED, pattern]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - no shell
    except (OSError, subprocess.TimeoutExpired):
        return None
    found: list[tuple[tuple[bool, bool, int, bool], int, str, int]] = []
    for line in answer.stdout.splitlines():
        file, number, cut, slant, spacing = line.split("\t")
        path = Path(file)
        if path.suffix.lower() in FILES:
            variable = cut.startswith("[")
            # Fontconfig counts regular 80 and bold 200.
            off = 0 if variable else abs(int(float(cut or 80)) - (200 if weight >= BOLD else 80))
            unlike = slant not in {"", str(UPRIGHT)}, spacing == str(MONOSPACED), off, "NotoSans" not in path.name
            found.append((unlike, len(path.name), file, int(number or 0) & 0xFFFF))
    if not found:
        return None
    _unlike, _length, file, index = min(found)
    return Face(Path(file), weight, system=True, index=index, colour=bool(colours(Path(file), index)))


def _style(face: uharfbuzz.Face, tag: str) -> float:
    return float(uharfbuzz.Font(face).get_style_value(uharfbuzz.StyleTag[tag]))


def _slanted(face: uharfbuzz.Face) -> bool:
    return bool(_style(face, "ITALIC") or _style(face, "SLANT_ANGLE"))


@cache
def brand_face(file: Path, weight: int) -> Face:
    """Return the face of a brand's own font file, once its tables have been looked at.

    Raises UserMistake for what is no font, or one that says it has tables it has not.
    """
    try:
        if file.stat().st_size > LARGEST:
            raise UserMistake(_("the font {file} is larger than {size} MB", file=file.name, size=LARGEST // 2**20))
        with file.open("rb") as stream, TTFont(stream, lazy=True, fontNumber=0) as font:
            packed = font.flavor is not None  # WOFF: made for browsers
            for table in (*TABLES, "fvar", "avar"):
                if table in font or table in TABLES:
                    font[table]
            whole = any(table in font for table in SHAPES)
    except PromoError:
        raise
    except Exception as error:  # fontTools meets broken tables with errors of any kind
        raise UserMistake(_("{file} is no font one can read", file=file.name)) from error
    if packed:
        raise UserMistake(
            _("{file} is a web font", file=file.name), hint=_("give the TTF or OTF file it was made from")
        )
    if not whole or not uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file))).unicodes:
        raise UserMistake(_("{file} is no font one can read", file=file.name))
    return Face(file, weight, colour=bool(colours(file)))
