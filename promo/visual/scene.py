"""The scene: what stands where on one page. Placing makes it; painting, printing and checking only read it.

All lengths are pixels of the page at its `dpi`, from the upper left corner of the page with its bleed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from promo.brand.model import Ink
from promo.visual.text.block import TextBlock

MM_PER_INCH = 25.4
PT_PER_INCH = 72


@dataclass(frozen=True, kw_only=True, slots=True)
class Rect:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the y of its lower edge."""
        return self.top + self.height

    def grown(self, by: float) -> Rect:
        """Return the rectangle with `by` pixels more on every side."""
        return Rect(left=self.left - by, top=self.top - by, width=self.width + 2 * by, height=self.height + 2 * by)

    def moved(self, x: float, y: float) -> Rect:
        """Return the rectangle moved to the right by `x` and down by `y`."""
        return Rect(left=self.left + x, top=self.top + y, width=self.width, height=self.height)

    def meets(self, other: Rect) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Rect) -> bool:
        """Whether `other` lies inside, with half a pixel of grace: places are rounded."""
        return (
            other.left >= self.left - 0.5
            and other.top >= self.top - 0.5
            and other.right <= self.right + 0.5
            and other.bottom <= self.bottom + 0.5
        )

    def pixels(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom as whole pixels, at least one wide and high."""
        left, top = round(self.left), round(self.top)
        return left, top, max(left + 1, round(self.right)), max(top + 1, round(self.bottom))


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The sheet: `width` and `height` include the bleed; `trim` is what remains when it is cut.

    `safe` is where words, logo and code must stay. `print` pages are measured in millimetres and points. `platform`
    names the place on a screen it is made for (`instagram-story`), which has a safe area of its own. `number` counts
    the pages of one work from 1.
    """

    width: int
    height: int
    dpi: float
    trim: Rect
    safe: Rect
    print: bool = False
    platform: str | None = None
    number: int = 1

    @property
    def unit(self) -> float:
        """Return one percent of the trimmed page's short side, in pixels."""
        return min(self.trim.width, self.trim.height) / 100

    def mm(self, pixels: float) -> float:
        """Return millimetres on paper."""
        return pixels / self.dpi * MM_PER_INCH

    def length(self, pixels: float) -> str:
        """Return a length as people read it: millimetres in print, else pixels."""
        return f"{self.mm(pixels):.1f} mm" if self.print else f"{pixels:.0f} px"

    def pt(self, pixels: float) -> float:
        """Return typographic points on paper."""
        return pixels / self.dpi * PT_PER_INCH


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What all marks share: the `layer` they come from, where they stand, and how they are laid down.

    `rotation` turns the mark clockwise around the middle of its `rect`, in degrees.
    """

    layer: str
    rect: Rect
    opacity: float = 1.0
    rotation: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapeMark(Mark):
    """An area of one ink, or its border only; `radius` rounds a rectangle's corners."""

    shape: Literal["rectangle", "ellipse"] = "rectangle"
    ink: Ink | None = None
    border: Ink | None = None
    border_width: float = 0.0
    radius: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """One stop of a gradient: `at` 0–1 along it, the ink and its opacity there."""

    at: float
    ink: Ink
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientMark(Mark):
    """A gradient along `angle` (CSS: 180 runs downwards, 90 to the right), eased unless `linear`.

    With `strengthen` it is a veil: where words on it are too weak, painting may raise its densest stop to that
    opacity; `strength` 0–1 says how far that has gone.
    """

    stops: tuple[Stop, ...]
    angle: float = 180.0
    linear: bool = False
    radius: float = 0.0
    strengthen: float | None = None
    strength: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageMark(Mark):
    """A photo from `file`. `cover` fills the rect around the focal point, `contain` shows it whole."""

    file: Path
    fit: Literal["cover", "contain"] = "cover"
    focal: tuple[float, float] = (0.5, 0.5)
    radius: float = 0.0
    saturation: float = 1.0
    tint: Ink | None = None
    tint_opacity: float = 0.0
    min_ppi: float | None = None  # for print; None: the rule's own limit
    generated: bool = False  # drawn by a machine: the picture must be labelled so


@dataclass(frozen=True, kw_only=True, slots=True)
class LogoMark(Mark):
    """The logo, as large as the box `rect` allows, `anchor` 0 at its left to 1 at its right.

    `variants` maps the ground a drawing is for to its file. Which one is taken depends on the pixels: painting
    sets `file` and `drawn`, where it stands.
    """

    variants: Mapping[str, Path]
    wanted: Literal["auto", "light", "dark", "mono"] = "auto"
    anchor: float = 0.0
    clear_space: float = 0.0  # around it, as a share of its height
    file: Path | None = None
    drawn: Rect | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TextMark(Mark):
    """One set text: `rect` is what it covers. The block's places are relative to the page."""

    block: TextBlock
    ink: Ink
    style: str = "body"  # the voice of the typography
    plate: Ink | None = None  # a rounded plate behind it, `rect` is the plate's
    plate_radius: float = 0.0
    strike: bool = False
    min_contrast: float = 4.5  # to what lies behind it


@dataclass(frozen=True, kw_only=True, slots=True)
class QrMark(Mark):
    """The QR code of `link`: `rect` includes the quiet zone, `module` is one module's side in whole pixels."""

    link: str
    module: int
    modules: int  # on a side, without the quiet zone
    quiet: int  # modules of empty margin
    ink: Ink
    ground: Ink
    level: Literal["L", "M", "Q", "H"] = "M"  # of error correction
    min_module: float = 0.0  # pixels; the layout's own limit


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupMark(Mark):
    """Marks laid down as one: together turned, faded or clipped to the rect with its `radius`."""

    marks: tuple[AnyMark, ...]
    clip: bool = False
    radius: float = 0.0


AnyMark = ShapeMark | GradientMark | ImageMark | LogoMark | TextMark | QrMark | GroupMark


def faded_as_one(mark: AnyMark) -> bool:
    """Whether the parts of a mark lie on one another, so that it can only be faded as one layer."""
    if isinstance(mark, ShapeMark):
        return mark.ink is not None and mark.border is not None
    return not isinstance(mark, GradientMark)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One page, ready to be painted: its marks in order. `findings` are what placing alone could see."""

    page: Page
    ground: Ink  # under all marks
    marks: tuple[AnyMark, ...]
    findings: tuple[dict[str, Any], ...] = field(default=())

    def walk(self) -> Iterator[AnyMark]:
        """Yield every mark, those inside groups too, in the order they are laid down."""
        yield from _walk(self.marks)


def _walk(marks: tuple[AnyMark, ...]) -> Iterator[AnyMark]:
    for mark in marks:
        yield mark
        if isinstance(mark, GroupMark):
            yield from _walk(mark.marks)
