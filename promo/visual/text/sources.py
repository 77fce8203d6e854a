"""Where fonts come from: files of the brand, installed font packages, and what fontconfig knows of this machine."""

from __future__ import annotations

import logging
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Mapping
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
MONOSPACED, UPRIGHT = "100", "0"  # fontconfig's figures
TOOL = "fc-list"
logging.getLogger("fontTools").setLevel(logging.ERROR)  # what it repairs by itself is no news
ASKED = ("file", "index", "family", "weight", "slant", "spacing", "color", "charset")


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
    return _nearest((font for font in _machine(shutil.which(TOOL)) if family.lower() in font.families), weight)


def system_fallback(codes: frozenset[int], weight: int, *, colour: bool) -> Face | None:
    """Return a face of this machine that claims all of `codes`, in colours or without."""
    fonts = (font for font in _machine(shutil.which(TOOL)) if font.colour is colour and font.claims(codes))
    return _nearest(fonts, weight)


@dataclass(frozen=True, slots=True)
class _Installed:
    """One font of this machine, as fontconfig describes it; `weight` None is a variable font."""

    file: str
    index: int
    families: frozenset[str]
    weight: int | None
    slanted: bool
    monospaced: bool
    colour: bool
    starts: tuple[int, ...]  # of the ranges of its characters
    ends: tuple[int, ...]

    def claims(self, codes: frozenset[int]) -> bool:
        for code in codes:
            place = bisect_right(self.starts, code) - 1
            if place < 0 or self.ends[place] < code:
                return False
        return True


@cache
def _machine(tool: str | None) -> tuple[_Installed, ...]:
    """Ask fontconfig once for all fonts of this machine; none where it is not installed."""
    if tool is None:
        return ()
    try:
        form = "\t".join(f"%{{{name}}}" for name in ASKED) + "\n"
        asked = [tool, "--format", form, ":scalable=true"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - no shell
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = (line.split("\t") for line in answer.stdout.splitlines())
    described = (dict(zip(ASKED, line, strict=True)) for line in lines if len(line) == len(ASKED))
    return tuple(_installed(font) for font in described if font["file"].lower().endswith(FILES))


def _installed(font: Mapping[str, str]) -> _Installed:
    ranges = [part.partition("-") for part in font["charset"].split()]
    return _Installed(
        file=font["file"],
        index=int(font["index"] or 0) & 0xFFFF,  # above are the named instances of a variable font
        families=frozenset(name.strip().lower() for name in font["family"].split(",")),
        weight=None if font["weight"].startswith("[") else int(float(font["weight"] or 80)),
        slanted=font["slant"] not in {"", UPRIGHT},
        monospaced=font["spacing"] == MONOSPACED,
        colour=font["color"] == "True",
        starts=tuple(int(start, 16) for start, _dash, _end in ranges),
        ends=tuple(int(end or start, 16) for start, _dash, end in ranges),
    )


def _nearest(fonts: Iterable[_Installed], weight: int) -> Face | None:
    """Return the face that is most like the text's other ones: upright, its letters of their own widths, as bold."""
    wanted = 200 if weight >= BOLD else 80  # fontconfig's figures for bold and regular

    def unlike(font: _Installed) -> tuple[bool, bool, int, bool, int, str]:
        off = 0 if font.weight is None else abs(font.weight - wanted)
        return font.slanted, font.monospaced, off, "NotoSans" not in font.file, len(font.file), font.file

    best = min(fonts, key=unlike, default=None)
    if best is None:
        return None
    file = Path(best.file)
    return Face(file, weight, system=True, index=best.index, colour=bool(colours(file, best.index)))


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
