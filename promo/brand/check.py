"""What a brand file must hold beyond its shape: roles that exist, files that are there, pairs one can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from promo.brand.colour import contrast, rgb
from promo.brand.model import NEEDED_ROLES, Brand
from promo.errors import UserMistake
from promo.language import _
from promo.source.path import inside
from promo.source.problem import Position, Problem, Severity
from promo.source.suggest import did_you_mean

Keys = tuple[str | int, ...]
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3 (AA), text of any size
LARGE = 3.0  # the same for large text
LOGO_TYPES = (".svg", ".png")
FONT_TYPES = (".ttf", ".otf")


def check_guide(brand: Brand, positions: Mapping[Keys, Position], *, root: Path) -> list[Problem]:
    """Return what is wrong in a guide that has the right shape; `root` is the workspace's folder."""

    def problem(
        code: str, keys: Keys, message: str, hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> Problem:
        return Problem(
            code=code, message=message, at=_nearest(positions, keys, brand, root), hint=hint, severity=severity
        )

    found = [problem(code, keys, message, hint) for code, keys, message, hint in _names(brand)]
    found += [problem(code, keys, message, hint) for code, keys, message, hint in _files(brand)]
    if not found:
        for keys, text, ground, ratio in _pairs(brand):
            if ratio < READABLE:
                found.append(
                    problem(
                        "contrast",
                        keys,
                        _(
                            "{text} on {ground} has a contrast of {ratio}:1",
                            text=text,
                            ground=ground,
                            ratio=f"{ratio:.1f}",
                        ),
                        _("text needs 4.5:1 (WCAG AA), large headlines at least 3:1: make one of the two darker"),
                        Severity.WARNING if ratio >= LARGE else Severity.ERROR,
                    )
                )
    return found


def _nearest(positions: Mapping[Keys, Position], keys: Keys, brand: Brand, root: Path) -> Position:
    for length in range(len(keys), 0, -1):
        if (at := positions.get(keys[:length])) is not None:
            return at
    return Position(file=brand.file.relative_to(root))


def _names(brand: Brand) -> Iterator[tuple[str, Keys, str, str | None]]:
    palette = brand.guide.palette
    for role, name in palette.roles.items():
        if name not in palette.colors:
            message = _("the palette has no colour {name}", name=f"`{name}`")
            yield "no-such-colour", ("palette", "roles", role), message, did_you_mean(name, palette.colors)
    missing = [role for role in NEEDED_ROLES if role not in palette.roles]
    if missing:
        message = _("no colour is named for: {roles}", roles=", ".join(missing))
        yield (
            "role-missing",
            ("palette", "roles"),
            message,
            _("write for example {example}", example=f"{missing[0]}: …"),
        )
    known = {*palette.colors, *palette.roles}
    for index, pair in enumerate(palette.pairs):
        for place, name in enumerate(pair):
            if name not in known:
                message = _("the palette has no colour {name}", name=f"`{name}`")
                yield "no-such-colour", ("palette", "pairs", index, place), message, did_you_mean(name, known)


def _files(brand: Brand) -> Iterator[tuple[str, Keys, str, str | None]]:
    for index, variant in enumerate(brand.guide.logo.variants):
        keys: Keys = ("logo", "variants", index, "file")
        yield from _file(brand, variant.file, LOGO_TYPES, keys)
    for style, voice in brand.guide.typography:
        for index, font in enumerate(getattr(voice, "fonts", ())):
            if font.lower().endswith(FONT_TYPES):
                yield from _file(brand, font, FONT_TYPES, ("typography", style, "fonts", index))


def _file(brand: Brand, name: str, types: tuple[str, ...], keys: Keys) -> Iterator[tuple[str, Keys, str, str | None]]:
    try:
        path = inside(brand.folder, name)
    except UserMistake as mistake:
        yield "path-escape", keys, mistake.message, mistake.hint
        return
    if path.suffix.lower() not in types:
        message = _("{file} is none of: {types}", file=name, types=", ".join(types))
        yield "file-type", keys, message, None
    elif not path.is_file():
        there = [other.name for other in brand.folder.iterdir() if other.suffix.lower() in types]
        yield (
            "no-such-file",
            keys,
            _("there is no file {file} beside the brand file", file=name),
            did_you_mean(name, there),
        )


def _pairs(brand: Brand) -> Iterator[tuple[Keys, str, str, float]]:
    palette = brand.guide.palette
    roles: tuple[tuple[str, str], ...] = (("text", "background"), ("on_primary", "primary"), ("on_accent", "accent"))
    named = [(("palette", "roles", text), text, ground) for text, ground in roles if text in palette.roles]
    listed = [(("palette", "pairs", index), text, ground) for index, (text, ground) in enumerate(palette.pairs)]
    hexes: dict[str, str] = {role: palette.colors[name] for role, name in palette.roles.items()}
    hexes |= palette.colors
    seen = set()
    for keys, text, ground in (*named, *listed):
        colours = hexes[text], hexes[ground]
        if colours not in seen:
            seen.add(colours)
            yield keys, text, ground, contrast(rgb(colours[0]), rgb(colours[1]))
