"""Where words, logo and code may stand: the layout's safe area, the platform's, and away from the cut."""

from __future__ import annotations

from collections.abc import Iterator

from promo.visual.finding import finding
from promo.visual.platform import platform_of
from promo.visual.rule.sight import Note, Sight, outside
from promo.visual.scene import MM_PER_INCH, Rect

FROM_TRIM = 3.0  # millimetres: what presses ask for; a guillotine strays by one or two
GRACE = 1.0  # pixels: places are rounded


def check_areas(sight: Sight) -> Iterator[Note]:
    """Yield what stands where it is covered or cut off."""
    page, platform = sight.page, platform_of(sight.page)
    free = platform.area(page.trim)
    inset = FROM_TRIM / MM_PER_INCH * page.dpi
    uncut = page.trim.grown(-inset)
    for spot in sight.key:
        layer = spot.mark.layer
        if (out := outside(spot.rect, page.safe)) > GRACE:
            yield finding("safe-area", layer=layer, where=spot.rect, value=page.length(out), limit="0", platform="")
        elif (out := outside(spot.rect, free)) > GRACE:
            facts: Note = {
                "value": page.length(out),
                "limit": _margins(free, page.trim),
                "platform": page.platform or "",
            }
            yield finding("safe-area", layer=layer, where=spot.rect, **facts)
        if page.print and (out := outside(spot.rect, uncut)) > GRACE:
            value, limit = page.length(inset - out), f"{FROM_TRIM:g} mm"
            yield finding("near-trim", layer=layer, where=spot.rect, value=value, limit=limit)


def _margins(free: Rect, trim: Rect) -> str:
    """Return the four margins as designers say them: top, right, bottom, left."""
    sides = free.top - trim.top, trim.right - free.right, trim.bottom - free.bottom, free.left - trim.left
    return " ".join(f"{side:.0f}" for side in sides) + " px"
