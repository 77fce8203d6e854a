"""Font files of a brand, looked at before anything is set in them: they may be broken, packed, or say untrue things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from promo.language import _

LARGEST = 64 * 2**20  # bytes; the largest CJK fonts have about half of that
_NEEDED = ("head", "hhea", "hmtx", "maxp", "cmap")  # OpenType 1.9.1, “Required tables”, those that setting text reads
_SHAPES = ("glyf", "CFF ", "CFF2", "CBDT", "sbix", "COLR", "SVG ")
_KINDS = ((b"wOFF", "WOFF"), (b"wOF2", "WOFF2"), (b"PK", "ZIP"), (b"%!", "PostScript"))


def font_mistake(file: Path) -> tuple[str, str | None] | None:
    """Return what is wrong with a font file and how to mend it, or None for one that can be used.

    Looks at sizes, needed tables, the units of the em, and whether characters lead to glyphs that are there.
    """
    if file.stat().st_size > LARGEST:
        return _("the font {file} is larger than {size} MB", file=file.name, size=LARGEST // 2**20), None
    with file.open("rb") as stream:
        head = stream.read(4)
    packed = next((kind for start, kind in _KINDS if head.startswith(start)), None)
    if packed:
        message = _("{file} is {kind}, not a font file", file=file.name, kind=packed)
        return message, _("give the TTF or OTF file it was made from")
    from fontTools.ttLib import TTFont

    try:
        with file.open("rb") as stream, TTFont(stream, lazy=True, fontNumber=0) as font:
            untrue = _untrue(font)
    except Exception:  # noqa: BLE001 - fontTools meets broken tables with errors of any kind
        untrue = _("its tables are broken")
    if untrue is None:
        return None
    message = _("{file} is no font one can use: {reason}", file=file.name, reason=untrue)
    return message, _("get it again from where it comes from")


def _untrue(font: Any) -> str | None:
    missing = [table for table in _NEEDED if table not in font]
    if missing or not any(table in font for table in _SHAPES):
        return _("it lacks the table {name}", name=missing[0] if missing else "glyf")
    if not 16 <= font["head"].unitsPerEm <= 16_384:  # OpenType 1.9.1, head
        return _("its em has {count} units", count=font["head"].unitsPerEm)
    glyphs = font["maxp"].numGlyphs
    if not 0 < font["hhea"].numberOfHMetrics <= glyphs:
        return _("it gives widths for glyphs it has not")
    if "loca" in font and len(font["loca"].locations) < glyphs + 1:
        return _("it lacks the shapes of some glyphs")
    characters = font.getBestCmap()
    if not characters:
        return _("it names no characters")
    if any(font.getGlyphID(name) >= glyphs for name in characters.values()):
        return _("its characters lead to glyphs it has not")
    return None
