"""All rules together: a finished page in, every breach of the style guide out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promo.brand.model import Brand
from promo.visual.paint.painter import Painted
from promo.visual.rule.area import check_areas
from promo.visual.rule.code import check_codes
from promo.visual.rule.colour import check_colours
from promo.visual.rule.ink import check_ink
from promo.visual.rule.logo import check_logos
from promo.visual.rule.photo import check_photos
from promo.visual.rule.saying import check_sayings
from promo.visual.rule.sight import Sight
from promo.visual.rule.text import check_texts

CHECKS = (
    check_texts,
    check_codes,
    check_logos,
    check_areas,
    check_photos,
    check_colours,
    check_ink,
    check_sayings,
)


def check(painted: Painted, brand: Brand) -> tuple[dict[str, Any], ...]:
    """Return every breach of the style guide in a finished page, those that placing saw included.

    Severities are not asked for here: a rule that is off is measured too, and left out when findings are read.
    """
    sight = Sight(painted, brand)
    rects = {spot.mark.layer: list(spot.rect.pixels()) for spot in sight.spots}
    placed = (_with_spot(note, rects) for note in painted.scene.findings)
    return (*placed, *(note for rule in CHECKS for note in rule(sight)))


def _with_spot(note: dict[str, Any], rects: Mapping[str, list[int]]) -> dict[str, Any]:
    """Placing names the layer only: add where it came to stand."""
    return note if note["where"] is not None else {**note, "where": rects.get(note["layer"])}
