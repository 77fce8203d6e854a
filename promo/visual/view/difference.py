"""What changed between two pictures, as eyes see it: a share, a likeness, and a picture that shows where.

A pixel has changed when its colours lie further apart than one just notices: 0.02 in Oklab (CSS Color Module Level 4,
W3C, section on ΔE OK), after the grain of JPEG is smoothed away. The likeness is the mean structural similarity of
the lightness in blocks of 8 × 8 pixels (Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing,
2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from promo.errors import UserMistake
from promo.language import _
from promo.visual.paint.painter import paint
from promo.visual.scene import Page, Rect, Scene
from promo.visual.view.caption import FAINT, INK, PAPER, caption

NOTICED = 0.02  # ΔE OK
BLOCK = 8
MOST_SIDE = 1600  # larger pictures are compared scaled down: what is not seen then is not seen on a poster either
PANEL, GAP, HEAD, FOOT = 720, 28, 74, 24  # pixels of the comparison
MARK = (226, 0, 116)  # of a changed pixel: a colour no brand is likely to use for grounds

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

_TO_LMS = np.array(  # linear sRGB to cone responses, and these to Oklab (Ottosson, 2020; CSS Color 4, section 18)
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32
)  # fmt: skip
_LINEAR = np.array(
    [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (n / 255 for n in range(256))
    ],
    np.float32,
)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`share` of the pixels changed, 0–100 percent; `likeness` 1 is the same, 0 nothing alike.

    `resized`: the pictures were of different sizes, and the one before was scaled to compare them.
    """

    share: float
    likeness: float
    resized: bool
    changed: Image.Image  # “L”, 255 where it changed

    @property
    def same(self) -> bool:
        """Whether nobody could tell them apart."""
        return not self.share and not self.resized


def compare(before: Path, after: Path) -> Difference:
    """Compare two picture files. Raises UserMistake where one cannot be read."""
    old, new = _opened(before), _opened(after)
    resized = old.size != new.size
    scale = min(1.0, MOST_SIDE / max(new.size))
    size = max(BLOCK, round(new.width * scale)), max(BLOCK, round(new.height * scale))
    old, new = (one if one.size == size else one.resize(size, Image.Resampling.BOX) for one in (old, new))
    one, other = _oklab(old), _oklab(new)
    apart: Flags = np.sqrt(np.sum((one - other) ** 2, axis=2)) > NOTICED
    mask = Image.fromarray(apart.astype(np.uint8) * np.uint8(255), "L").filter(ImageFilter.MedianFilter(3))
    share = 100 * float(np.count_nonzero(np.asarray(mask))) / (size[0] * size[1])
    return Difference(
        share=share, likeness=_likeness(one[..., 0], other[..., 0]) if share else 1.0, resized=resized, changed=mask
    )


def draw_difference(before: Path, after: Path, found: Difference, words: tuple[str, str, str], target: Path) -> None:
    """Write a PNG: before, after, and what changed in a strong colour on the faded picture; `words` stand above."""
    old, new = _opened(before), _opened(after)
    faded = Image.blend(new.convert("L").convert("RGB"), Image.new("RGB", new.size, (255, 255, 255)), 0.62)
    faded.paste(MARK, (0, 0, *new.size), found.changed.filter(ImageFilter.MaxFilter(3)).resize(new.size))
    panels = [_fitted(picture) for picture in (old, new, faded)]
    width = sum(panel.width for panel in panels) + GAP * 4
    tall = max(panel.height for panel in panels) + HEAD + FOOT
    whole = Rect(left=0, top=0, width=width, height=tall)
    marks, left = [], GAP
    for number, (panel, text) in enumerate(zip(panels, words, strict=True)):
        mark = caption(
            text,
            left=left,
            top=22,
            width=panel.width,
            size=19,
            ink=FAINT if number == 0 else INK,
            weight=500,
            max_lines=2,
        )
        marks += [mark] if mark else []
        left += panel.width + GAP
    page = Page(width=width, height=tall, dpi=72, trim=whole, safe=whole)
    picture = paint(Scene(page=page, ground=PAPER, marks=tuple(marks))).picture
    left = GAP
    for panel in panels:
        picture.paste(panel, (left, HEAD))
        left += panel.width + GAP
    picture.save(target, "PNG")


def _opened(file: Path) -> Image.Image:
    try:
        with Image.open(file) as picture:
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UserMistake(_("{file} is no picture one can read: it is broken or cut short", file=file.name)) from None


def _oklab(picture: Image.Image) -> Floats:
    linear = _LINEAR[np.asarray(picture)]
    lab: Floats = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def _likeness(one: Floats, other: Floats) -> float:
    x, y = _blocks(one), _blocks(other)
    mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
    around_x, around_y = x - mean_x[:, None], y - mean_y[:, None]
    spread = (around_x**2).mean(axis=1) + (around_y**2).mean(axis=1)
    together = (around_x * around_y).mean(axis=1)
    light, texture = 0.01**2, 0.03**2  # of the paper, for values from 0 to 1
    found = (2 * mean_x * mean_y + light) * (2 * together + texture)
    return float((found / ((mean_x**2 + mean_y**2 + light) * (spread + texture))).mean())


def _blocks(values: Floats) -> Floats:
    rows, columns = values.shape[0] // BLOCK, values.shape[1] // BLOCK
    cut = values[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    blocks: Floats = cut.swapaxes(1, 2).reshape(rows * columns, BLOCK * BLOCK)
    return blocks


def _fitted(picture: Image.Image) -> Image.Image:
    scale = min(PANEL / picture.width, PANEL / picture.height)
    return picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
