"""Fonts: where they come from, which one has a character, and how wide and high its letters are."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import uharfbuzz
from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont
from PIL.ImageFont import Axis

from promo.errors import UserMistake
from promo.language import _
from promo.visual.text.block import Face

PACKS = "justmytype.packs"  # the entry point group of font packages
PACKAGED_FALLBACK = ("Noto Sans SC", "Noto Sans TC", "Noto Sans JP", "Noto Sans KR")
FEATURES = {"kern": True, "liga": False, "clig": False}  # no ligatures: each character is drawn by itself
NARROW_SIDE, NARROW_QUOTE = {"·": 0.12}, 0.06  # em left free on each side of a tightened mark
INVISIBLE = {0x200B, 0x200C, 0x200D, 0x2060, 0xFE0E, 0xFE0F}  # joiners and variation selectors need no glyph


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A shaped run: for each character its advance and its offset to the right, in em, and its glyph's number."""

    advances: tuple[float, ...]
    offsets: tuple[float, ...]
    ids: tuple[int, ...]


class _Opened:
    """The HarfBuzz and FreeType objects of one face. Neither may be shared by two threads."""

    def __init__(self, face: Face) -> None:
        blob = uharfbuzz.Blob.from_file_path(str(face.path))
        self.shaper = uharfbuzz.Font(uharfbuzz.Face(blob))
        # A variable font opens at its axis' default, for Noto Sans SC the weight 100: set it before measuring.
        self.shaper.set_variations({"wght": face.weight})
        self.upem = self.shaper.face.upem
        self.sized: dict[float, ImageFont.FreeTypeFont] = {}


_local = threading.local()


def _opened(face: Face) -> _Opened:
    faces: dict[Face, _Opened] = _local.__dict__.setdefault("faces", {})
    if face not in faces:
        faces[face] = _Opened(face)
    return faces[face]


@cache
def characters(path: Path) -> frozenset[int]:
    """Return the code points a font file has glyphs for."""
    return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).unicodes)


def shape(face: Face, text: str, *, half: Iterable[int] = (), narrow: Iterable[int] = ()) -> Glyphs:
    """Return kerned advances of `text`, whose every character `face` covers.

    Characters at `half` get half of their width, those at `narrow` only what their ink needs: CJK fonts set
    quotation marks and middle dots on a full em, which tears Latin words apart.
    """
    opened = _opened(face)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "ltr"
    halves = [(index, index + 1, True) for index in half]
    uharfbuzz.shape(opened.shaper, buffer, {**FEATURES, **({"halt": halves} if halves else {})})
    advances, offsets, ids = [0.0] * len(text), [0.0] * len(text), [0] * len(text)
    tight = set(narrow)
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        ids[info.cluster] = ids[info.cluster] or info.codepoint
        if info.cluster in tight:
            ink = opened.shaper.get_glyph_extents(info.codepoint)
            side = NARROW_SIDE.get(text[info.cluster], NARROW_QUOTE)
            advances[info.cluster] += ink.width / opened.upem + 2 * side
            offsets[info.cluster] = side - ink.x_bearing / opened.upem
        else:
            advances[info.cluster] += position.x_advance / opened.upem
            offsets[info.cluster] = position.x_offset / opened.upem
    return Glyphs(tuple(advances), tuple(offsets), tuple(ids))


def pillow_font(face: Face, size: float) -> ImageFont.FreeTypeFont:
    """Return the face at `size` pixels, for drawing.

    With the basic layout: HarfBuzz has placed each character already, and Pillow's Raqm layout works only where
    the machine has FriBiDi, so that pictures would differ.
    """
    opened = _opened(face)
    if size not in opened.sized:
        if len(opened.sized) > 64:
            opened.sized.clear()
        font = ImageFont.truetype(str(face.path), size, layout_engine=ImageFont.Layout.BASIC)
        if _variable(face.path):
            font.set_variation_by_axes([_on_axis(axis, face.weight) for axis in font.get_variation_axes()])
        opened.sized[size] = font
    return opened.sized[size]


def _on_axis(axis: Axis, weight: int) -> float:
    low, default, high = axis["minimum"] or 0, axis["default"] or 0, axis["maximum"] or 0
    return min(max(weight, low), high) if axis["name"] == b"Weight" else default


@cache
def _variable(path: Path) -> bool:
    with TTFont(path, lazy=True) as font:
        return "fvar" in font


@cache
def _packaged() -> dict[str, tuple[tuple[int, Path], ...]]:
    """Return family → (weight, file) of every installed font package; a variable font counts as weight 0."""
    families: dict[str, list[tuple[int, Path]]] = {}
    for point in entry_points(group=PACKS):
        for folder in point.load()().get_font_directories():
            for path in sorted(Path(folder).rglob("*.[to]tf")):
                with TTFont(path, lazy=True) as font:
                    family = font["name"].getDebugName(16) or font["name"].getDebugName(1)
                    weight = 0 if "fvar" in font else getattr(font["OS/2"], "usWeightClass", 400)
                families.setdefault(str(family).removesuffix(" Thin"), []).append((weight, path))
    return {family: tuple(files) for family, files in families.items()}


def _packaged_face(name: str, weight: int) -> Face | None:
    files = _packaged().get(name)
    if not files:
        return None
    return Face(min(files, key=lambda file: (0 if file[0] == 0 else abs(file[0] - weight), file[1]))[1], weight)


def _family(name: str, weight: int) -> Face | None:
    if (packaged := _packaged_face(name, weight)) is not None:
        return packaged
    cut = 200 if weight >= 600 else 80  # fontconfig's figures for bold and regular
    path = _fontconfig(f"{name}:weight={cut}") or _fontconfig(name)
    return Face(path, weight, system=True) if path else None


@cache
def _fontconfig(pattern: str) -> Path | None:
    """Ask fontconfig for a scalable font file that fits `pattern`; None where there is none, or no fontconfig."""
    tool = shutil.which("fc-list")
    if tool is None:
        return None
    asked = [tool, "--format", "%{file}\n", pattern]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - no shell
    files = [line for line in answer.stdout.splitlines() if line.lower().endswith((".ttf", ".otf"))]
    # The shortest name is the plain cut of a family (“DejaVuSans.ttf”).
    return Path(min(files, key=lambda file: (len(file), file))) if files else None


@cache
def fallback_for(codes: frozenset[int]) -> Path | None:
    """Return a font of this machine that has all of `codes`."""
    charset = " ".join(f"{code:x}" for code in sorted(codes))
    path = _fontconfig(f":charset={charset}:scalable=true:color=false")
    return path if path and codes <= characters(path) else None


@dataclass(frozen=True, slots=True)
class Chain:
    """The faces a text may use, in order; `missing` names families that are not installed."""

    faces: tuple[Face, ...]
    missing: tuple[str, ...] = ()

    def face_for(self, grapheme: str) -> Face | None:
        """Return the first face with a glyph for every character of `grapheme`, a machine's font last, or None."""
        codes = frozenset(map(ord, grapheme)) - INVISIBLE
        for face in self.faces:
            if codes <= characters(face.path):
                return face
        path = fallback_for(codes)
        return Face(path, self.faces[0].weight, system=True) if path else None


@cache
def chain(fonts: tuple[str, ...], weight: int, folder: Path) -> Chain:
    """Return the chain for a brand's fonts: its own, then the packaged ones. `folder` holds its font files.

    Raises UserMistake when a font file cannot be read, or there is no font at all.
    """
    faces: list[Face] = []
    missing: list[str] = []
    for name in fonts:
        if name.lower().endswith((".ttf", ".otf")):
            face: Face | None = Face(folder / name, weight)
            try:
                with (folder / name).open("rb") as stream, TTFont(stream, lazy=True) as font:
                    font.getBestCmap()
            except (TTLibError, OSError):
                raise UserMistake(_("{file} is no font one can read", file=name)) from None
        else:
            face = _family(name, weight)
        if face is None:
            missing.append(name)
        else:
            faces.append(face)
    packaged = (_packaged_face(name, weight) for name in PACKAGED_FALLBACK if name not in fonts)
    faces += [face for face in packaged if face is not None]
    if not faces:
        raise UserMistake(_("no font is installed"), hint=_("install the package justmytype-intl-cjk"))
    return Chain(tuple(faces), tuple(missing))


def examine_fonts() -> list[tuple[str, bool]]:
    """Say which packaged CJK fonts are here, as (words for a person, whether the needed one is missing)."""
    files = _packaged().get(PACKAGED_FALLBACK[0], ())
    if not files:
        return [(_("no font with Chinese characters"), True)]
    count = len(characters(files[0][1]))
    return [(_("{font}, {count} characters", font=PACKAGED_FALLBACK[0], count=count), False)]
