"""What each finding says when it is read: its severity by the brand, its sentence in the language in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from promo.brand.model import Brand
from promo.language import _
from promo.visual.model import Finding
from promo.visual.platform import platforms

Facts = Mapping[str, Any]


def worded(raw: Mapping[str, Any], brand: Brand) -> Finding | None:
    """Put a plain finding into words; None: the brand has turned its rule off."""
    severity = brand.severity(raw["rule"])
    if severity == "off":
        return None
    where = raw["where"]
    facts = {**raw["facts"], "value": raw["value"], "limit": raw["limit"], "layer": raw["layer"]}
    return Finding(
        rule=raw["rule"],
        message=WORDS[raw["rule"]](facts),
        severity=severity,
        layer=raw["layer"],
        value=raw["value"],
        limit=raw["limit"],
        where=None if where is None else (where[0], where[1], where[2], where[3]),
        page=raw["page"],
    )


def _cut(facts: Facts) -> str:
    return _(
        "“{text}” does not fit and was cut: there is room for {limit} of its {value} characters, make it shorter",
        **facts,
    )


def _logo(facts: Facts) -> str:
    match facts["how"]:
        case "turned":
            return _("the logo is turned by {value}: it stands upright", **facts)
        case "cut":
            return _("the logo is cut off: it is shown whole", **facts)
        case "faded":
            return _("the logo is faded to {value}: it is shown in full strength", **facts)
        case _:
            return _("the logo is stretched to {value} of its own proportions", **facts)


def _clear_space(facts: Facts) -> str:
    if facts["other"] == "edge":
        return _("the page's edge comes within {value} of the logo, its clear space is {limit}", **facts)
    return _("{other} comes within {value} of the logo, its clear space is {limit}", **facts)


def _safe_area(facts: Facts) -> str:
    if not facts["platform"]:
        return _("{layer} reaches {value} out of the layout's safe area", **facts)
    named = {**facts, "platform": platforms()[facts["platform"]].name.in_language()}
    return _("{layer} reaches {value} out of what {platform} leaves free", **named)


WORDS: dict[str, Callable[[Facts], str]] = {
    "contrast": lambda f: _("“{text}” has a contrast of {value} on its ground, it needs {limit}", **f),
    "text-overflow": _cut,
    "text-cut": _cut,
    "stack-overflow": lambda f: _("the texts together are higher than their area, by {value}: shorten one", **f),
    "rows-cut": lambda f: _("the table {table} has {value} rows, the layout shows {limit}", **f),
    "text-small": lambda f: _("“{text}” is set in {value}, the smallest the brand allows is {limit}", **f),
    "no-glyph": lambda f: _("no font has the characters {characters}: leave them out, or add a font to the brand", **f),
    "system-font": lambda f: _(
        "{characters} came from {font}, a font of this machine: another one may draw it differently", **f
    ),
    "font-missing": lambda f: _("the font {font} is not installed: the next one in the brand file was used", **f),
    "pair-not-allowed": lambda f: _("“{text}” is set in {ink} on {ground}: no pair the brand allows", **f),
    "qr-unreadable": lambda _f: _("the QR code cannot be read in the finished picture"),
    "qr-small": lambda f: _(
        "the QR code's modules are {value}, they need {limit}: use a larger format or a shorter link", **f
    ),
    "qr-quiet": lambda f: _("the margin of the QR code is empty for {value} modules, it needs {limit}", **f),
    "qr-contrast": lambda f: _("dark and light of the QR code differ by {value}, readers need {limit}", **f),
    "logo-small": lambda f: _("the logo is {value} high, the brand asks for at least {limit}", **f),
    "logo-contrast": lambda f: _(
        "the logo has a contrast of {value} on its ground, it needs {limit}: add a variant for this ground", **f
    ),
    "logo-altered": _logo,
    "clear-space": _clear_space,
    "overlap": lambda f: _("{layer} and {other} run into each other: shorten the text, or give them room", **f),
    "safe-area": _safe_area,
    "near-trim": lambda f: _("{layer} stands {value} from the cut, print needs {limit}", **f),
    "photo-ppi": lambda f: _("the photo has {value} at this size, it needs {limit}: use a larger one", **f),
    "photo-small": lambda f: _("the photo is enlarged {value} times and will look soft: use a larger one", **f),
    "total-ink": lambda f: _("the inks add up to {value} here, the press bears {limit}", **f),
    "logo-pixels": lambda f: _(
        "the logo {file} holds what a print file cannot draw as a vector: save it as plain paths", **f
    ),
    "print-rgb": lambda _f: _(
        "the print file is in RGB: give the brand the ICC profile of the press, `print: {{profile: …}}`"
    ),
    "off-palette": lambda f: _("{colour} is no colour of the palette: from {nearest} it differs by ΔE {value}", **f),
    "label-missing": lambda _f: _("the photo was made by a machine, and nothing in the picture says so large enough"),
    "label-covers": lambda _f: _(
        "no edge of the picture is free for the label of machine-made pictures: shorten the texts"
    ),
    "disclosure-missing": lambda f: _("“{word}” is said without “{words}”", **f),
    "alt-missing": lambda _f: _("the picture has no alt text for people who do not see it: say in `alt` what it shows"),
}
