"""Bindings: texts of a layout with `{title}` or `{brand.slogan}` in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from promo.language import _
from promo.source.value import BadValueError, LocalText

# Names a layout may use beside the fields of a campaign.
BRAND_FIELDS = (
    "brand.name",
    "brand.slogan",
    "brand.proposition",
    "brand.site",
    "brand.disclosure",
    "brand.sponsored",
    "brand.generated",
)
OWN_NAMES = ("photo", "qr", "format", "language")  # what conditions may ask beside fields
_PART = re.compile(r"\{\{|\}\}|\{([^{}\n]{1,80})\}|[{}]")


@lru_cache(maxsize=2048)
def parts(template: str) -> tuple[tuple[str, str], ...]:
    """Return (literal, name) pairs in order; an empty name for a literal at the end. `{{` and `}}` are braces.

    Raises ValueError for a brace that stands alone.
    """
    found: list[tuple[str, str]] = []
    literal, at = "", 0
    for match in _PART.finditer(template):
        literal += template[at : match.start()]
        at = match.end()
        if match[0] in ("{{", "}}"):
            literal += match[0][0]
        elif match[1] is not None:
            found.append((literal, match[1].strip()))
            literal = ""
        else:
            raise BadValueError(
                _("a single {brace} in a text of a layout", brace=f"`{match[0]}`"),
                hint=_("write `{{{{` for a brace, and a field as `{{title}}`"),
                code="bad-text",
            )
    return (*found, (literal + template[at:], ""))


def names(text: LocalText) -> tuple[str, ...]:
    """Return the names a text binds in any of its languages, each once. Raises ValueError as `parts` does."""
    return tuple(dict.fromkeys(name for template in text.values() for _literal, name in parts(template) if name))


def filled(template: str, look: Callable[[str], str]) -> str:
    """Fill a template; one whose names are all empty becomes empty, so that `from {price}` goes with its price."""
    pairs = parts(template)
    if len(pairs) == 1:
        return pairs[0][0]
    values = [look(name) if name else "" for _literal, name in pairs]
    if not any(value.strip() for value in values):
        return ""
    return "".join(literal + value for (literal, _name), value in zip(pairs, values, strict=True))
