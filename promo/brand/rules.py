"""The rules a finished picture is held to: the severity each has unless a brand file says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

Level = Literal["error", "warning", "off"]


def _off(value: Any) -> Any:
    return "off" if value is False else value  # YAML 1.1 reads a bare `off` as false


SetLevel = Annotated[Level, BeforeValidator(_off)]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: how bad a breach is by default, and what it asks for, in one line of English."""

    severity: Level
    note: str


RULES: dict[str, Rule] = {
    # words
    "contrast": Rule("error", "words can be read on their ground: WCAG contrast at the 5th percentile of its pixels"),
    "text-overflow": Rule("error", "a headline fits its box"),
    "stack-overflow": Rule("error", "the texts of a stack together fit its box"),
    "text-cut": Rule("warning", "no text is shortened with an ellipsis"),
    "rows-cut": Rule("error", "every row of a table is shown"),
    "text-small": Rule("warning", "no text is smaller than the brand's smallest type"),
    "no-glyph": Rule("error", "every character has a glyph in some font"),
    "system-font": Rule("warning", "every character comes from the brand's or the packaged fonts"),
    "font-missing": Rule("warning", "every font the brand names is installed"),
    # marks
    "qr-unreadable": Rule("error", "the QR code is read back from the finished pixels"),
    "qr-small": Rule("warning", "the modules of the QR code are large enough"),
    "qr-quiet": Rule("error", "the quiet zone of the QR code is empty"),
    "qr-contrast": Rule("error", "the QR code is dark on light, and they differ enough"),
    "logo-small": Rule("warning", "the logo has at least its smallest height"),
    "logo-contrast": Rule("warning", "the logo stands out from its ground"),
    "logo-altered": Rule("error", "the logo is whole, upright, in full strength and in its own proportions"),
    "clear-space": Rule("warning", "nothing stands in the logo's clear space"),
    "overlap": Rule("error", "words, logo and QR code do not overlap"),
    "safe-area": Rule("warning", "words, logo and QR code stay inside the layout's and the platform's safe area"),
    "near-trim": Rule("warning", "words, logo and QR code keep away from the cut of a printed page"),
    # pictures and colours
    "photo-ppi": Rule("warning", "photos are fine enough for their size in print"),
    "photo-small": Rule("warning", "photos are not enlarged until they look soft"),
    "total-ink": Rule("error", "no spot of the sheet takes more ink than the press bears"),
    "logo-pixels": Rule("warning", "a logo drawn as SVG stays a vector in a print file"),
    "print-rgb": Rule("warning", "a print file is in the inks of a press, whose profile the brand names"),
    "alt-missing": Rule("warning", "the picture has a text for people who do not see it"),
    "off-palette": Rule("warning", "areas and words are drawn in colours of the palette"),
    "pair-not-allowed": Rule("warning", "a text stands only on the grounds its colour is paired with"),
    # what must be said
    "label-missing": Rule("error", "a picture made by a machine says so"),
    "label-covers": Rule("error", "the label of machine-made pictures covers nothing else"),
    "sponsored-missing": Rule("error", "sponsored content is marked as such"),
    "disclosure-missing": Rule("warning", "what a claim must be explained by is said with it"),
    "required-missing": Rule("warning", "the words the brand asks for are there"),
    "banned-word": Rule("warning", "no word is used that the brand bans"),
}
