"""Words: contrast with the pixels behind them, pairs of colours, and what runs into them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from promo.brand.colour import RGB, contrast, rgb
from promo.brand.model import Brand, Ink
from promo.visual.finding import finding
from promo.visual.rule.colour import flat_ground
from promo.visual.rule.delta import delta, lab
from promo.visual.rule.sight import Note, Sight, label, shared
from promo.visual.rule.spot import Spot
from promo.visual.scene import ImageMark, ShapeMark, TextMark

SAME = 2.5  # ΔE2000: closer than that a ground is a colour of the palette
COVERED = 0.02  # of a text, logo or code: less is a rounded edge
TOUCHING = 0.15  # of the smaller of two texts: their boxes reach beyond their letters


def check_texts(sight: Sight) -> Iterator[Note]:
    """Yield what is wrong with the words of a page."""
    yield from _contrast(sight)
    for spot in sight.texts:
        if sight.brand.guide.palette.pairs and isinstance(spot.mark, TextMark):
            yield from _pair(spot.mark, spot, sight)
    yield from _overlaps(sight)


def _contrast(sight: Sight) -> Iterator[Note]:
    seen = {id(spot.mark): spot for spot in sight.texts}
    for measured in sight.painted.measured:
        mark = measured.mark
        if not isinstance(mark, TextMark):
            continue
        spot = seen.get(id(mark)) or next((s for s in sight.texts if s.mark.layer == mark.layer), None)
        ratio = measured.contrast if spot is None else _faded(measured.contrast, mark, spot, sight)
        if ratio < mark.min_contrast - 0.05:
            where = mark.rect if spot is None else spot.rect
            value, limit = f"{ratio:.1f}:1", f"{mark.min_contrast:g}:1"
            yield finding("contrast", layer=mark.layer, where=where, value=value, limit=limit, text=label(mark))


def _faded(measured: float, mark: TextMark, spot: Spot, sight: Sight) -> float:
    """Return the contrast of a text that is laid down faded: its ink lets the ground through."""
    if spot.opacity >= 1:
        return measured
    points = sight.points[sight.window(spot.rect)].reshape(-1, 3)
    if not len(points):
        return measured
    ink, ground = rgb(mark.ink.rgb), _colour(np.median(points, axis=0))
    through = _colour(spot.opacity * np.array(ink) + (1 - spot.opacity) * np.array(ground))
    return measured * contrast(through, ground) / contrast(ink, ground)


def _colour(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> RGB:
    red, green, blue = (round(float(value)) for value in values)
    return red, green, blue


def _pair(mark: TextMark, spot: Spot, sight: Sight) -> Iterator[Note]:
    brand = sight.brand
    ground = mark.plate.name if mark.plate else _palette_name(flat_ground(sight, spot, mark.ink.rgb), brand)
    if ground is None or allowed(brand, mark.ink, ground):
        return
    grounds = [name for name in brand.guide.palette.colors if allowed(brand, mark.ink, name)]
    facts: Note = {
        "value": f"{mark.ink.name} / {ground}",
        "limit": ", ".join(f"{mark.ink.name} / {name}" for name in grounds),
        "text": label(mark),
        "ink": mark.ink.name,
        "ground": ground,
    }
    yield finding("pair-not-allowed", layer=mark.layer, where=spot.rect, **facts)


def allowed(brand: Brand, ink: Ink, ground: str) -> bool:
    """Whether words in `ink` may stand on the palette's colour `ground`; an ink outside the palette is free."""
    return ink.name not in brand.guide.palette.colors or brand.may_meet(ink.name, ground)


def _palette_name(ground: RGB | None, brand: Brand) -> str | None:
    """Return the palette's name of a colour; None: it is none of them."""
    if ground is None:
        return None
    names = list(brand.guide.palette.colors)
    colours = lab([rgb(brand.guide.palette.colors[name].rgb) for name in names])
    far = delta(colours, lab(ground))
    nearest = int(np.argmin(far))
    return names[nearest] if far[nearest] <= SAME else None


def _overlaps(sight: Sight) -> Iterator[Note]:
    """Yield texts, logos and codes that run into each other, and what was laid over them."""
    key = {id(spot.mark): spot for spot in sight.key}
    below: list[Spot] = []
    for spot in sight.spots:
        mark = spot.mark
        mine = id(mark) in key
        covers = isinstance(mark, ImageMark) or (isinstance(mark, ShapeMark) and mark.ink is not None)
        for other in below:
            area = shared(spot.rect, other.rect)
            both = isinstance(mark, TextMark) and isinstance(other.mark, TextMark)
            least = min(_area(spot), _area(other)) * TOUCHING if both else _area(other) * COVERED
            if area > max(least, 1.0) and (mine or (covers and spot.opacity > 0.5)):
                value = f"{100 * area / min(_area(spot), _area(other)):.0f} %"
                facts: Note = {"value": value, "limit": "0 %", "other": mark.layer}
                yield finding("overlap", layer=other.mark.layer, where=other.rect, **facts)
        if mine:
            below.append(spot)


def _area(spot: Spot) -> float:
    return max(spot.rect.width * spot.rect.height, 1.0)
