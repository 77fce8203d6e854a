"""Photos: pixels enough for the size they are shown at."""

from __future__ import annotations

from collections.abc import Iterator

from promo.visual.finding import finding
from promo.visual.rule.sight import Note, Sight
from promo.visual.scene import ImageMark, Page

SOFT = 2.0  # times enlarged: from there on a photo looks soft on a screen
FROM_AFAR = ((841.0, 100.0), (420.0, 150.0))  # the long side in mm, and the ppi that suffice for who stands before it


def check_photos(sight: Sight) -> Iterator[Note]:
    """Yield the photos that look soft, by resolution in print and by enlargement on screens."""
    page = sight.page
    for measured in sight.painted.measured:
        mark = measured.mark
        if not isinstance(mark, ImageMark) or measured.enlarged <= 0:
            continue
        if page.print:
            needed = min_ppi(page, mark.min_ppi or sight.brand.guide.photo.min_ppi)
            ppi = page.dpi / measured.enlarged
            if ppi < needed - 0.5:
                facts: Note = {"value": f"{ppi:.0f} ppi", "limit": f"{needed:.0f} ppi"}
                yield finding("photo-ppi", layer=mark.layer, where=mark.rect, **facts)
        elif measured.enlarged > SOFT:
            value, limit = f"{measured.enlarged:.1f}", f"{SOFT:g}"
            yield finding("photo-small", layer=mark.layer, where=mark.rect, value=value, limit=limit)


def min_ppi(page: Page, wanted: float) -> float:
    """Return how many pixels an inch a photo needs: `wanted` in the hand, fewer on sheets seen from farther away."""
    side = page.mm(max(page.trim.width, page.trim.height))
    return min([wanted, *(ppi for from_side, ppi in FROM_AFAR if side >= from_side - 1)])
