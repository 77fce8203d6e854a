"""The chain of fonts a text may use, and which of them draws each of its characters."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from promo.errors import UserMistake
from promo.language import _
from promo.visual.text.block import Face
from promo.visual.text.face import draws, shapes
from promo.visual.text.sources import FILES, brand_face, packaged, packaged_face, system_face, system_fallback

# One design, drawn as each country writes it: the language decides which comes first.
REGIONS = {"zh": "Noto Sans SC", "zh-hant": "Noto Sans TC", "ja": "Noto Sans JP", "ko": "Noto Sans KR"}
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
TEXT_STYLE, EMOJI_STYLE, KEYCAP = "\ufe0e", "\ufe0f", "\u20e3"
# Joiners, marks of direction, hyphens that may show, variation selectors: they need no glyph of their own.
INVISIBLE = frozenset(
    {0x00AD, 0x034F, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF}
    | {*range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0)}
)


class Chain:
    """The faces a text may use, in order; `missing` names families that are not installed."""

    def __init__(self, faces: tuple[Face, ...], missing: tuple[str, ...] = ()) -> None:
        self.faces = faces
        self.missing = missing
        self._found: dict[str, Face | None] = {}

    def face_for(self, grapheme: str) -> Face | None:
        """Return the first face that draws every character of `grapheme`, a machine's font last, or None.

        Emoji are looked for in fonts that draw in colours first; other characters never in those.
        """
        if grapheme not in self._found:
            self._found[grapheme] = self._look(grapheme)
        return self._found[grapheme]

    def _look(self, grapheme: str) -> Face | None:
        codes = frozenset(map(ord, grapheme)) - INVISIBLE
        weight = self.faces[0].weight
        if is_emoji(grapheme):
            for face in self.faces:
                if face.colour and shapes(face, grapheme):
                    return face
            system = system_fallback(codes, weight, colour=True)
            if system is not None and shapes(system, grapheme):
                return system
        for face in self.faces:
            if not face.colour and covers(face, grapheme):
                return face
        system = system_fallback(codes, weight, colour=False)
        return system if system is not None and covers(system, grapheme) else None


def covers(face: Face, grapheme: str) -> bool:
    """Whether a face draws every character of a grapheme, as it is written or taken apart."""
    if all(draws(face, ord(character)) for character in grapheme if ord(character) not in INVISIBLE):
        return True
    apart = unicodedata.normalize("NFD", grapheme)
    return apart != grapheme and all(draws(face, ord(c)) for c in apart if ord(c) not in INVISIBLE)


def is_emoji(grapheme: str) -> bool:
    """Whether a grapheme is to be shown in colours (UTS #51: by its property, or by a variation selector)."""
    if TEXT_STYLE in grapheme:
        return False
    if EMOJI_STYLE in grapheme or KEYCAP in grapheme:
        return True
    if unicodedata.category(grapheme[0]) not in {"So", "Sk"}:
        return False
    from uniseg.emoji import emoji_presentation

    return bool(emoji_presentation(grapheme[0]))


def region(language: str) -> str:
    """Return the packaged family that draws Chinese characters as `language` writes them."""
    code = language.lower()
    if code.startswith(TRADITIONAL):
        return REGIONS["zh-hant"]
    return REGIONS.get(code.partition("-")[0], REGIONS["zh"])


@cache
def chain(fonts: tuple[str, ...], weight: int, folder: Path, language: str = "zh") -> Chain:
    """Return the chain for a brand's fonts: its own, then the packaged ones. `folder` holds its font files.

    Where the brand names a font for Chinese, a text in Japanese takes its Japanese sister first. Raises UserMistake
    when a font file cannot be read, or there is no font at all.
    """
    faces: list[Face] = []
    missing: list[str] = []
    own = region(language)
    for name in fonts:
        if name.lower().endswith(FILES):
            faces.append(brand_face(folder / name, weight))
            continue
        if name in REGIONS.values() and name != own and (sister := packaged_face(own, weight)) is not None:
            faces.append(sister)
        face = packaged_face(name, weight) or system_face(name, weight)
        if face is None:
            missing.append(name)
        else:
            faces.append(face)
    others = dict.fromkeys((own, *REGIONS.values(), *sorted(packaged())))
    faces += [face for name in others if (face := packaged_face(name, weight)) is not None]
    if not faces:
        raise UserMistake(_("no font is installed"), hint=_("install the package justmytype-intl-cjk"))
    return Chain(tuple(dict.fromkeys(faces)), tuple(missing))
