"""Colours: hex notation, and contrast as WCAG 2.2 measures it."""

from __future__ import annotations

import re
from typing import Any

from promo.language import _

RGB = tuple[int, int, int]


def parse_hex(value: Any) -> str:
    """Read `#rgb` or `#rrggbb`, return it as lower-case `#rrggbb`. Raises ValueError."""
    if isinstance(value, str) and re.fullmatch("#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", value):
        digits = value[1:].lower()
        return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    raise ValueError(_('a colour is written as "#1a2b3c", with quotation marks'))


def rgb(colour: str) -> RGB:
    """Return the three channels (0–255) of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: RGB) -> float:
    """Return the relative luminance, 0 to 1 (WCAG 2.2, October 2023, “relative luminance”)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: RGB, second: RGB) -> float:
    """Return the contrast ratio, 1 to 21 (WCAG 2.2, October 2023, “contrast ratio”)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)
