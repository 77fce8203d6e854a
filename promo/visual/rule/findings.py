"""The rules a rendered picture is held to, and what each says when it is broken."""

from __future__ import annotations

from typing import Any

from promo.language import _
from promo.visual.model import Finding


def finding(rule: str, *, severity: str, layer: str, **facts: Any) -> dict[str, Any]:
    """Return a finding as plain JSON, without words: the cache keeps it, and any language can read it."""
    return {"rule": rule, "severity": severity, "layer": layer, "facts": facts}


def worded(raw: dict[str, Any]) -> Finding:
    """Put a plain finding into words of the language in force."""
    return Finding(
        rule=raw["rule"], message=_message(raw["rule"], raw["facts"]), severity=raw["severity"], layer=raw["layer"]
    )


def _message(rule: str, facts: dict[str, Any]) -> str:  # noqa: C901, PLR0912 - one flat list, a case for each rule
    match rule:
        case "contrast":
            return _("“{text}” has a contrast of {ratio}:1 on its ground, it needs {needed}:1", **facts)
        case "text-cut":
            return _("“{text}” does not fit and was cut: make it shorter", **facts)
        case "stack-overflow":
            return _("the texts together are higher than their area, by {percent} %: shorten one", **facts)
        case "text-small":
            return _("“{text}” is set in {size}, the smallest the brand allows is {smallest}", **facts)
        case "no-glyph":
            return _("no font has the characters {characters}: leave them out, or add a font to the brand", **facts)
        case "right-to-left":
            return _("{characters}: a script written from right to left is not set correctly", **facts)
        case "system-font":
            return _(
                "{characters} came from {font}, a font of this machine: another one may draw it differently", **facts
            )
        case "font-missing":
            return _("the font {font} is not installed: the next one in the brand file was used", **facts)
        case "qr-unreadable":
            return _("the QR code cannot be read in the finished picture", **facts)
        case "qr-small":
            return _(
                "the QR code's modules are {size}, they need {needed}: use a larger format or a shorter link", **facts
            )
        case "logo-small":
            return _("the logo is {size} high, the brand asks for at least {needed}", **facts)
        case "logo-contrast":
            return _("the logo has a contrast of {ratio}:1 on its ground: add a variant for this ground", **facts)
        case "clear-space":
            return _("{other} stands in the logo's clear space", **facts)
        case "overlap":
            return _("the text runs into the QR code: shorten it")
        case "photo-small":
            return _("the photo is enlarged {factor} times and will look soft: use a larger one", **facts)
        case "label-missing":
            return _("the photo was made by a machine, and nothing in the picture says so large enough")
        case "label-covers":
            return _("no edge of the picture is free for the label of machine-made pictures: shorten the texts")
        case "alt-missing":
            return _("the picture has no alt text for people who do not see it: say in `alt` what it shows")
        case _:
            raise KeyError(rule)
