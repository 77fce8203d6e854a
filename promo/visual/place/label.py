"""The visible label of machine-made pictures: words on a plate, at an edge of the page where nothing else stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from promo.brand.model import Brand
from promo.source.value import LocalText
from promo.visual.finding import finding
from promo.visual.layout.layers import TextLayer
from promo.visual.layout.length import Length
from promo.visual.place.canvas import Canvas
from promo.visual.place.content import Content
from promo.visual.place.words import Words
from promo.visual.scene import AnyMark, ImageMark, LogoMark, Page, QrMark, Rect, Scene, ShapeMark, TextMark

LAYER = "ai-label"
LEAST = 5.0  # percent of the picture's shortest side: the least height of the words (GB 45438-2025, pictures)
_EM = 5.6  # percent: at this type size the words are as high as that, whatever their script
_PAD = (2.0, 1.0)  # percent: the plate around the words, sideways and above
_GAP = 2.5  # percent: between the plate and the edge of the safe area, and to what stands beside it
_VEIL = 0.78  # opacity of the plate
_STEPS = 12  # places tried along an edge
# GB 45438-2025, pictures: the words name artificial intelligence, and that the picture was generated or synthesised.
_INTELLIGENCE = re.compile(r"人工智能|(?<![A-Za-z])AI(?![A-Za-z])")
_MADE = re.compile(r"生成|合成|generated|synthes", re.IGNORECASE)
_Note = dict[str, Any]


def labelled(scene: Scene) -> bool:
    """Whether a text in the scene says, large enough, that a machine made the picture."""
    least = LEAST * scene.page.unit - 0.5
    return any(
        _INTELLIGENCE.search(mark.block.text)
        and _MADE.search(mark.block.text)
        and mark.block.size >= least
        and not mark.block.cut
        for mark in scene.walk()
        if isinstance(mark, TextMark)
    )


def with_label(
    marks: list[AnyMark], canvas: Canvas, brand: Brand, language: str
) -> tuple[list[AnyMark], list[dict[str, Any]]]:
    """Return the marks with the label behind them, in front of all, and what was found where no place was free.

    A scene without a machine-made photo, or with the words already in it, stays as it is.
    """
    scene = Scene(page=canvas.page, ground=brand.ink("background"), marks=tuple(marks))
    made = [mark.rect for mark in scene.walk() if isinstance(mark, ImageMark) and mark.generated]
    if not made or labelled(scene):
        return marks, []
    page = canvas.page
    words = brand.guide.photo.generated.in_language(language)
    measured = _words(words, (0, 0), canvas, brand, language)
    unit = page.unit
    size = measured.rect.width + 2 * _PAD[0] * unit, measured.rect.height + 2 * _PAD[1] * unit
    taken = [
        _kept_free(mark).grown(_GAP * unit / 2)
        for mark in scene.walk()
        if isinstance(mark, TextMark | LogoMark | QrMark)
    ]
    # On the photo itself where that lies at an edge.
    places = sorted(_places(page, size), key=lambda place: not any(rect.holds(place) for rect in made))
    plate = next((place for place in places if not any(place.meets(other) for other in taken)), None)
    notes = []
    if plate is None:
        plate = min(places, key=lambda place: sum(_shared(place, other) for other in taken))
        notes.append(finding("label-covers", layer=LAYER))
    at = plate.left + _PAD[0] * unit, plate.top + _PAD[1] * unit
    ground = ShapeMark(layer=LAYER, rect=plate, ink=brand.ink("primary"), radius=plate.height / 4, opacity=_VEIL)
    return [*marks, ground, _words(words, at, canvas, brand, language)], notes


def _words(text: str, at: tuple[float, float], canvas: Canvas, brand: Brand, language: str) -> TextMark:
    """Return the words set on one line, their upper left corner `at` a place of the page in pixels."""
    layer = TextLayer(
        kind="text",
        id=LAYER,
        text=LocalText({"": text.replace("{", "{{").replace("}", "}}")}),
        style="label",
        size=Length(_EM * canvas.page.unit, "px"),
        min_size=Length(_EM * canvas.page.unit, "px"),
        color="on_primary",
    )
    words = Words(layer, text, content=Content(fields={}, language=language), brand=brand, canvas=canvas, align="start")
    room = Rect(left=at[0], top=at[1], width=words.natural(0.0), height=canvas.page.height)
    return words.mark(room, 0.0)


def _places(page: Page, size: tuple[float, float]) -> Iterator[Rect]:
    """Yield the places for a plate of this size along the edges: the corners first, from below and the right."""
    gap, (width, height) = _GAP * page.unit, size
    left, right = page.safe.left + gap, page.safe.right - gap - width
    top, bottom = page.safe.top + gap, page.safe.bottom - gap - height
    corners = [(right, bottom), (left, bottom), (right, top), (left, top)]
    steps = [step / _STEPS for step in range(1, _STEPS)]
    across = [(right + (left - right) * step, y) for y in (bottom, top) for step in steps]
    along = [(x, bottom + (top - bottom) * step) for x in (right, left) for step in steps]
    for x, y in (*corners, *across, *along):
        yield Rect(left=max(x, page.safe.left), top=y, width=width, height=height)


def _kept_free(mark: TextMark | LogoMark | QrMark) -> Rect:
    if isinstance(mark, LogoMark):
        return mark.rect.grown(mark.clear_space * mark.rect.height)
    return mark.rect


def _shared(one: Rect, other: Rect) -> float:
    """Return the area two rectangles share."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0)
