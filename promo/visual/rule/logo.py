"""The logo: its size, its contrast, what comes near it, and whether it is drawn as it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image

from promo.visual.finding import finding
from promo.visual.paint.painter import LOGO_CONTRAST
from promo.visual.rule.sight import Note, Sight, gap, outside
from promo.visual.rule.spot import Spot
from promo.visual.scene import LogoMark, Page, Rect

STRETCHED = 0.02  # of its proportions: two percent is what rounding to pixels may do to a small logo


def check_logos(sight: Sight) -> Iterator[Note]:
    """Yield what is wrong with each logo."""
    for spot in sight.logos:
        mark = spot.mark
        if isinstance(mark, LogoMark) and mark.drawn is not None:
            limits = sight.brand.guide.logo.limits(_drawn_for(mark))
            yield from _size(mark, mark.drawn, sight.page, px=limits.min_px, mm=limits.min_mm)
            yield from _altered(mark, mark.drawn, spot, sight.page)
            yield from _clear_space(spot, mark.drawn.height * max(mark.clear_space, limits.clear_space), sight)
    for measured in sight.painted.measured:
        if isinstance(measured.mark, LogoMark) and measured.contrast < LOGO_CONTRAST:
            mark = measured.mark
            value, limit = f"{measured.contrast:.1f}:1", f"{LOGO_CONTRAST:g}:1"
            yield finding("logo-contrast", layer=mark.layer, where=mark.drawn, value=value, limit=limit)


def _drawn_for(mark: LogoMark) -> str:
    return next((ground for ground, file in mark.variants.items() if file == mark.file), "light")


def _size(mark: LogoMark, drawn: Rect, page: Page, *, px: int, mm: float) -> Iterator[Note]:
    if page.print and page.mm(drawn.height) < mm - 0.05:
        value, limit = f"{page.mm(drawn.height):.1f} mm", f"{mm:g} mm"
    elif not page.print and drawn.height < px:
        value, limit = f"{drawn.height:.0f} px", f"{px} px"
    else:
        return
    yield finding("logo-small", layer=mark.layer, where=drawn, value=value, limit=limit)


def _altered(mark: LogoMark, drawn: Rect, spot: Spot, page: Page) -> Iterator[Note]:
    if min(spot.angle, 360 - spot.angle) > 0.1:
        degrees = spot.angle if spot.angle <= 180 else spot.angle - 360
        yield finding(
            "logo-altered", layer=mark.layer, where=spot.rect, value=f"{degrees:g}°", limit="0°", how="turned"
        )
    if spot.opacity < 0.995:
        value = f"{100 * spot.opacity:.0f} %"
        yield finding("logo-altered", layer=mark.layer, where=spot.rect, value=value, limit="100 %", how="faded")
    if any(outside(spot.rect, area) > 1 for area in (page.trim, *spot.clips)):
        yield finding("logo-altered", layer=mark.layer, where=spot.rect, how="cut")
    own = proportions(mark.file, _stamp(mark.file)) if mark.file else None
    if own is not None:
        ratio = drawn.width / drawn.height / own
        rounding = 1 / drawn.width + 1 / drawn.height
        if abs(ratio - 1) > STRETCHED + rounding:
            value = f"{100 * ratio:.0f} %"
            yield finding(
                "logo-altered", layer=mark.layer, where=spot.rect, value=value, limit="100 %", how="stretched"
            )


def _stamp(file: Path) -> int:
    return file.stat().st_mtime_ns if file.is_file() else 0


@lru_cache(maxsize=64)
def proportions(file: Path, _modified: int) -> float | None:
    """Return the width of a logo file divided by its height; None where it does not say."""
    try:
        data = file.read_bytes()
        if file.suffix.lower() != ".svg":
            with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
                return image.width / image.height
        root = ET.fromstring(data)  # noqa: S314 - painting has refused files with entities or links before
        box = (root.get("viewBox") or "").replace(",", " ").split()
        wide, high = (float((root.get(side) or "").removesuffix("px") or 0) for side in ("width", "height"))
        if wide and high:
            return wide / high
        return float(box[2]) / float(box[3])
    except (OSError, ValueError, IndexError, ZeroDivisionError, ET.ParseError, SyntaxError):
        return None


def _clear_space(spot: Spot, wanted: float, sight: Sight) -> Iterator[Note]:
    page, drawn = sight.page, spot.rect
    zone = drawn.grown(wanted)
    limit = page.length(wanted)
    for other in sight.key:
        if other.mark is spot.mark:
            continue
        near = gap(drawn, other.rect)
        if near < wanted - 1:  # one pixel of grace: places are rounded
            facts: Note = {"value": page.length(near), "limit": limit, "other": other.mark.layer}
            yield finding("clear-space", layer=spot.mark.layer, where=zone, **facts)
    edge = wanted - outside(zone, page.trim)
    if edge < wanted - 1:
        value = page.length(max(0.0, edge))
        yield finding("clear-space", layer=spot.mark.layer, where=zone, value=value, limit=limit, other="edge")
