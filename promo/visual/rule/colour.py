"""Colours of the finished pixels: flat areas that are no colour of the palette, and the ground behind words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from promo.brand.colour import RGB, rgb
from promo.brand.model import WHITE, Brand
from promo.visual.finding import finding
from promo.visual.rule.delta import delta, lab
from promo.visual.rule.sight import Note, Sight
from promo.visual.rule.spot import Spot
from promo.visual.scene import GradientMark, ImageMark, LogoMark, Rect, ShapeMark, TextMark

TOLERANCE = 4.0  # ΔE2000: what two people side by side begin to call another colour
SHARE = 0.004  # of the page: smaller areas are the edges of others
MIXTURES = 9  # steps between two colours of the palette: one laid over the other at some opacity
FLAT = 4  # levels of 255 that a ground may vary and still be one colour
ENOUGH = 2000  # points behind a text tell its ground
FOLD = 32749  # a prime: colours are counted by their remainder


def check_colours(sight: Sight) -> Iterator[Note]:
    """Yield flat areas outside photos, logos and gradients whose colour the palette does not have."""
    packed = sight.packed
    flat = _judged(sight)
    flat[-1:], flat[:, -1:] = False, False
    flat[:-1, :-1] &= (packed[:-1, :-1] == packed[1:, :-1]) & (packed[:-1, :-1] == packed[:-1, 1:])
    own = packed[flat]
    folded = own % FOLD  # few colours are flat, so that hardly two of them meet in one place
    counts = np.bincount(folded, minlength=1)
    common = [own[int(np.argmax(folded == place))] for place in np.flatnonzero(counts >= max(SHARE * flat.size, 4))]
    if not common:
        return
    seen = np.array([[colour & 255, colour >> 8 & 255, colour >> 16 & 255] for colour in common])
    names, known = palette(sight.brand)
    far = delta(lab(seen)[:, None], known[None])
    for colour, whole, distances in zip(seen, common, far, strict=True):
        nearest = int(np.argmin(distances))
        if distances[nearest] > TOLERANCE:
            mask = flat & (packed == whole)
            single = int(np.argmin(distances[: len(names)]))
            facts: Note = {
                "value": f"{distances[single]:.1f}",
                "limit": f"ΔE {TOLERANCE:g}",
                "colour": "#" + "".join(f"{level:02x}" for level in colour),
                "nearest": names[single],
            }
            yield finding("off-palette", layer=_layer(sight, mask), where=_around(mask, sight.step), **facts)


def palette(brand: Brand) -> tuple[Sequence[str], NDArray[np.float64]]:
    """Return the names of the palette's colours and white, and in CIELAB them, then the mixtures of each two."""
    colours = {**{name: rgb(colour.rgb) for name, colour in brand.guide.palette.colors.items()}}
    if rgb(WHITE.rgb) not in colours.values():
        colours[WHITE.name] = rgb(WHITE.rgb)
    pure = np.array(list(colours.values()), dtype=np.float64)
    shares = np.linspace(0, 1, MIXTURES + 2)[1:-1, None, None, None]
    mixed = (shares * pure[None, :, None] + (1 - shares) * pure[None, None, :]).reshape(-1, 3)
    return list(colours), lab(np.concatenate((pure, mixed)))


def flat_ground(sight: Sight, spot: Spot, ink: str) -> RGB | None:
    """Return the one colour most of the pixels behind a text have; None: it stands on no flat ground."""
    points = sight.points[sight.window(spot.rect.grown(2 * sight.step))].reshape(-1, 3).astype(np.int16)
    points = points[:: max(1, len(points) // ENOUGH)]
    behind = points[np.abs(points - np.array(rgb(ink))).max(axis=1) > 60]  # neither letters nor their edges
    if len(behind) < 12:
        return None
    middle = np.median(behind, axis=0)
    if (np.abs(behind - middle).max(axis=1) <= FLAT).mean() < 0.6:
        return None
    red, green, blue = (round(float(level)) for level in middle)
    return red, green, blue


def _judged(sight: Sight) -> NDArray[np.bool_]:
    """Return where colours are the layout's own choice: not in photos, logos, gradients, nor in letters."""
    judged = np.ones(sight.points.shape[:2], dtype=bool)
    for spot in sight.spots:
        mark, window = spot.mark, sight.window(spot.rect.grown(sight.step))
        if isinstance(mark, ImageMark | LogoMark | GradientMark | TextMark):
            judged[window] = isinstance(mark, TextMark) and mark.plate is not None and spot.opacity >= 1
        elif isinstance(mark, ShapeMark) and mark.ink is not None and spot.opacity >= 1 and not spot.angle:
            inset = mark.radius if mark.shape == "rectangle" else 0.15 * min(mark.rect.width, mark.rect.height)
            judged[sight.window(spot.rect.grown(-inset))] = True
    return judged


def _layer(sight: Sight, mask: NDArray[np.bool_]) -> str:
    """Return the layer that was laid down last where the colour is."""
    rows, columns = np.nonzero(mask)
    y, x = float(rows[len(rows) // 2] * sight.step), float(columns[len(rows) // 2] * sight.step)
    here = Rect(left=x, top=y, width=1, height=1)
    shapes = [s.mark.layer for s in sight.spots if isinstance(s.mark, ShapeMark) and s.rect.meets(here)]
    return shapes[-1] if shapes else ""


def _around(mask: NDArray[np.bool_], step: int) -> Rect:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top = float(columns[0] * step), float(rows[0] * step)
    return Rect(left=left, top=top, width=(columns[-1] + 1) * step - left, height=(rows[-1] + 1) * step - top)
