"""What a brand file must hold beyond its shape: colours and rules that exist, files that are there, readable pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from promo.brand.colour import contrast, rgb
from promo.brand.font import font_mistake
from promo.brand.model import NEEDED_ROLES, ROLE_PAIRS, Brand
from promo.brand.rules import RULES
from promo.errors import UserMistake
from promo.language import _
from promo.source.path import inside
from promo.source.problem import Position, Problem, Severity
from promo.source.suggest import did_you_mean

Keys = tuple[str | int, ...]
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3 (AA), text of any size
LARGE = 3.0  # the same for large text
LOGO_TYPES = (".svg", ".png")
FONT_TYPES = (".ttf", ".otf", ".ttc", ".otc")
WEB_FONTS = (".woff", ".woff2", ".eot")
PROFILE_TYPES = (".icc", ".icm")


@dataclass(frozen=True, kw_only=True)
class _Mistake:
    code: str
    keys: Keys
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR


def check_guide(brand: Brand, positions: Mapping[Keys, Position], *, root: Path) -> list[Problem]:
    """Return what is wrong in a guide that has the right shape; `root` is the workspace's folder."""
    mistakes = [*_colours(brand), *_files(brand), *_sizes(brand), *_rules(brand)]
    if not any(mistake.severity is Severity.ERROR for mistake in mistakes):
        mistakes += _contrasts(brand)
    return [
        Problem(
            code=mistake.code,
            message=mistake.message,
            at=_nearest(positions, mistake.keys, brand, root),
            hint=mistake.hint,
            severity=mistake.severity,
        )
        for mistake in mistakes
    ]


def _nearest(positions: Mapping[Keys, Position], keys: Keys, brand: Brand, root: Path) -> Position:
    for length in range(len(keys), 0, -1):
        if (at := positions.get(keys[:length])) is not None:
            return at
    return Position(file=brand.file.relative_to(root))


def _colours(brand: Brand) -> Iterator[_Mistake]:
    palette = brand.guide.palette
    for role, name in palette.roles.items():
        if name not in palette.colors:
            yield _no_colour(name, palette.colors, ("palette", "roles", role))
    missing = [role for role in NEEDED_ROLES if role not in palette.roles]
    if missing:
        yield _Mistake(
            code="role-missing",
            keys=("palette", "roles"),
            message=_("no colour is named for: {roles}", roles=", ".join(missing)),
            hint=_("write for example {example}", example=f"{missing[0]}: …"),
        )
    known = {*palette.colors, *palette.roles}
    for index, pair in enumerate(palette.pairs):
        for place, name in enumerate(pair):
            if name not in known:
                yield _no_colour(name, known, ("palette", "pairs", index, place))
    for name, colour in palette.colors.items():
        total, limit = sum(colour.cmyk or ()), brand.guide.print.total_ink
        if total > limit:
            yield _Mistake(
                code="total-ink",
                keys=("palette", "colors", name, "cmyk"),
                message=_(
                    "{name} takes {total} % of ink, the limit is {limit} %",
                    name=f"`{name}`",
                    total=f"{total:g}",
                    limit=f"{limit:g}",
                ),
                hint=_("take away some cyan, magenta and yellow alike, or raise `print: total_ink`"),
            )


def _no_colour(name: str, known: Iterable[str], keys: Keys) -> _Mistake:
    message = _("the palette has no colour {name}", name=f"`{name}`")
    return _Mistake(code="no-such-colour", keys=keys, message=message, hint=did_you_mean(name, known))


def _files(brand: Brand) -> Iterator[_Mistake]:
    guide = brand.guide
    for index, variant in enumerate(guide.logo.variants):
        yield from _file(brand, variant.file, LOGO_TYPES, ("logo", "variants", index, "file"))
    for voice, style in guide.typography.styles():
        here: Keys = ("typography", voice)
        lists = [((*here, "fonts"), style.fonts)]
        lists += [((*here, "languages", tag, "fonts"), own.fonts or ()) for tag, own in style.languages.items()]
        for keys, fonts in lists:
            for index, font in enumerate(fonts):
                if font.lower().endswith(WEB_FONTS):
                    message = _("{file} is a web font, which is not read", file=font)
                    hint = _("give the TTF or OTF file it was made from")
                    yield _Mistake(code="file-type", keys=(*keys, index), message=message, hint=hint)
                elif font.lower().endswith(FONT_TYPES):
                    wrong = list(_file(brand, font, FONT_TYPES, (*keys, index)))
                    yield from wrong or _font(brand, font, (*keys, index))
    if guide.print.profile is not None:
        wrong = list(_file(brand, guide.print.profile, PROFILE_TYPES, ("print", "profile")))
        yield from wrong or _profile(brand, guide.print.profile)


def _file(brand: Brand, name: str, types: tuple[str, ...], keys: Keys) -> Iterator[_Mistake]:
    try:
        path = inside(brand.folder, name)
    except UserMistake as mistake:
        yield _Mistake(code="path-escape", keys=keys, message=mistake.message, hint=mistake.hint)
        return
    if path.suffix.lower() not in types:
        message = _("{file} is none of: {types}", file=name, types=", ".join(types))
        yield _Mistake(code="file-type", keys=keys, message=message)
    elif not path.is_file():
        there = [other.name for other in brand.folder.iterdir() if other.suffix.lower() in types]
        message = _("there is no file {file} beside the brand file", file=name)
        yield _Mistake(code="no-such-file", keys=keys, message=message, hint=did_you_mean(name, there))


def _font(brand: Brand, name: str, keys: Keys) -> Iterator[_Mistake]:
    mistake = font_mistake(inside(brand.folder, name))
    if mistake is not None:
        yield _Mistake(code="bad-font", keys=keys, message=mistake[0], hint=mistake[1])


def _profile(brand: Brand, name: str) -> Iterator[_Mistake]:
    """Look at an ICC profile's header (ICC.1:2022, 7.2): the signature at byte 36, the colour space at byte 16."""
    with (brand.folder / name).open("rb") as file:
        header = file.read(128)
    if len(header) < 128 or header[36:40] != b"acsp":
        message = _("{file} is no ICC profile", file=name)
        yield _Mistake(code="bad-profile", keys=("print", "profile"), message=message)
    elif header[16:20] != b"CMYK":
        space = header[16:20].decode("ascii", "replace").strip()
        yield _Mistake(
            code="bad-profile",
            keys=("print", "profile"),
            message=_("{file} is a profile for {space}, print wants one for CMYK", file=name, space=space),
            hint=_("ask the printer which profile the press is run by"),
        )


def _sizes(brand: Brand) -> Iterator[_Mistake]:
    typography = brand.guide.typography
    for name, size in typography.scale.items():
        if size < typography.min_size:
            yield _Mistake(
                code="text-small",
                keys=("typography", "scale", name),
                message=_(
                    "the size {name} is smaller than the smallest type, {smallest}",
                    name=f"`{name}`",
                    smallest=f"{typography.min_size:g}",
                ),
            )


def _rules(brand: Brand) -> Iterator[_Mistake]:
    named: list[tuple[Keys, str]] = [(("rules", rule), rule) for rule in brand.guide.rules]
    for index, entry in enumerate(brand.guide.voice.allow):
        named += [(("voice", "allow", index, "rules", place), rule) for place, rule in enumerate(entry.rules)]
    if not named:
        return
    from promo.brand.wording.pack import wording_rules

    known = {*RULES, *wording_rules()}
    for keys, rule in named:
        if rule not in known:
            yield _Mistake(
                code="no-such-rule",
                keys=keys,
                message=_("there is no rule {name}", name=f"`{rule}`"),
                hint=did_you_mean(rule, known),
            )


def _contrasts(brand: Brand) -> Iterator[_Mistake]:
    for keys, text, ground, ratio in _pairs(brand):
        if ratio < READABLE:
            yield _Mistake(
                code="contrast",
                keys=keys,
                message=_(
                    "{text} on {ground} has a contrast of {ratio}:1", text=text, ground=ground, ratio=f"{ratio:.1f}"
                ),
                hint=_("text needs 4.5:1 (WCAG AA), large headlines at least 3:1: make one of the two darker"),
                severity=Severity.WARNING if ratio >= LARGE else Severity.ERROR,
            )


def _pairs(brand: Brand) -> Iterator[tuple[Keys, str, str, float]]:
    palette = brand.guide.palette
    named = [(("palette", "roles", text), text, ground) for text, ground in ROLE_PAIRS if text in palette.roles]
    listed = [(("palette", "pairs", index), text, ground) for index, (text, ground) in enumerate(palette.pairs)]
    seen = set()
    for keys, text, ground in (*named, *listed):
        colours = brand.colour(text), brand.colour(ground)
        if colours not in seen:
            seen.add(colours)
            yield keys, text, ground, contrast(rgb(colours[0]), rgb(colours[1]))
