"""A layout and its content, page by page: every layer gets its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promo.brand.model import Brand
from promo.visual.layout.formats import PageSpec
from promo.visual.layout.layers import (
    AnyLayer,
    GradientLayer,
    GroupLayer,
    ImageLayer,
    LogoLayer,
    QrLayer,
    ShapeLayer,
    TextLayer,
)
from promo.visual.layout.load import Layout
from promo.visual.place import marks as draw
from promo.visual.place.boxes import in_order, rect_of
from promo.visual.place.canvas import Canvas
from promo.visual.place.content import Content
from promo.visual.place.inks import ink
from promo.visual.place.label import with_label
from promo.visual.place.node import Kit, Note
from promo.visual.place.stack import Placed, place_stack, place_text
from promo.visual.scene import AnyMark, GroupMark, Rect, Scene, ShapeMark


def place(layout: Layout, format: str, content: Content, brand: Brand) -> tuple[Scene, ...]:
    """Return the scenes of a layout's pages. Raises UserMistake for a text or a link that is too long.

    Fields a campaign leaves empty have the layout's default.
    """
    spec = layout.pages[format]
    defaults = {
        name: field.default.in_language(content.language)
        for name, field in layout.fields.items()
        if field.default is not None and not content.fields.get(name, "").strip()
    }
    filled = replace(content, fields={**content.fields, **defaults}, format=format)
    return tuple(_Page(spec, filled, brand, number).scene() for number in range(1, spec.pages + 1))


class _Page:
    """One page on its way to a scene."""

    def __init__(self, spec: PageSpec, content: Content, brand: Brand, number: int) -> None:
        self.canvas = Canvas(spec)
        self.page = replace(self.canvas.page, number=number)
        self.spec, self.content, self.brand = spec, content, brand
        self.kit = Kit(brand=brand, canvas=self.canvas, wanted=self._wanted, draw=self._one, dress=self._dressed)

    def scene(self) -> Scene:
        """Return the scene: its marks in the order of the layers, the label of machine-made pictures in front."""
        marks, notes = self._free(self.spec.layers, self.page.trim, self.content)
        marks, covered = with_label(marks, self.canvas, self.brand, self.content.language)
        return Scene(
            page=self.page,
            ground=ink(self.brand, self.spec.background),
            marks=tuple(marks),
            findings=(*notes, *covered),
        )

    def _wanted(self, layer: AnyLayer, content: Content) -> bool:
        if layer.page not in (None, self.page.number):
            return False
        if isinstance(layer, QrLayer) and not content.link:
            return False
        if isinstance(layer, ImageLayer) and layer.fallback is None and content.image(layer.source) is None:
            return False
        return layer.visible_if is None or layer.visible_if.holds(content.look)

    def _free(self, layers: Sequence[AnyLayer], around: Rect, content: Content) -> tuple[list[AnyMark], list[Note]]:
        """Place layers by their boxes and neighbours."""
        rects: dict[str, Rect] = {"page": self.page.trim, "safe": self.canvas.free}
        placed: dict[int, Placed] = {}
        for layer in in_order(layers):
            if self._wanted(layer, content):
                rect = rect_of(layer, around, rects, self.canvas)
                done = placed[id(layer)] = self._placed(layer, rect, content)
                if layer.id and done.rect is not None:
                    rects[layer.id] = done.rect
        shown = [placed[id(layer)] for layer in layers if id(layer) in placed]
        return [mark for one in shown for mark in one.marks], [note for one in shown for note in one.notes]

    def _placed(self, layer: AnyLayer, rect: Rect, content: Content) -> Placed:
        if isinstance(layer, TextLayer):
            return place_text(layer, rect, content, self.kit)
        if isinstance(layer, GroupLayer) and layer.stack:
            placed = place_stack(layer, rect, content, self.kit)
            if not placed.marks:
                return placed
            dressed = self._dressed(layer, rect, placed.marks)
            return replace(placed, marks=dressed, rect=rect if layer.background else placed.rect)
        marks, notes = self._one(layer, rect, content)
        code = marks[0].rect if marks and isinstance(layer, QrLayer) else rect
        return Placed(marks=marks, notes=notes, rect=code if marks else None)

    def _one(self, layer: AnyLayer, rect: Rect, content: Content) -> tuple[list[AnyMark], list[Note]]:
        """Return the marks of a layer that fills its rect."""
        canvas, brand = self.canvas, self.brand
        canvas.checked(layer.id, rect.width, rect.height)
        match layer:
            case ShapeLayer():
                return [draw.shape(layer, rect, canvas, brand)], []
            case GradientLayer():
                return [draw.gradient(layer, rect, canvas, brand)], []
            case ImageLayer():
                picture = draw.image(layer, rect, content, canvas, brand)
                return ([picture] if picture else []), []
            case LogoLayer():
                return [draw.logo(layer, rect, brand)], []
            case QrLayer():
                return [draw.code(layer, rect, content, canvas, brand)], []
            case GroupLayer():
                marks, notes = self._free(layer.layers, canvas.inside(rect, layer.padding), content)
                return self._dressed(layer, rect, marks), notes
            case TextLayer():
                placed = place_text(layer, rect, content, self.kit)
                return placed.marks, placed.notes

    def _dressed(self, layer: GroupLayer, rect: Rect, marks: list[AnyMark]) -> list[AnyMark]:
        """Return a group's marks on its ground, bound together where they are faded, turned or clipped as one."""
        name, radius = layer.id or "group", self.canvas.length(layer.radius)
        if layer.background is not None:
            colour = ink(self.brand, layer.background)
            marks = [ShapeMark(layer=name, rect=self.canvas.to_bleed(rect), ink=colour, radius=radius), *marks]
        if not marks or (layer.opacity >= 1 and not layer.rotation and not layer.clip):
            return marks
        return [
            GroupMark(
                layer=name,
                rect=rect,
                opacity=layer.opacity,
                rotation=layer.rotation,
                marks=tuple(marks),
                clip=layer.clip,
                radius=radius if layer.clip else 0.0,
            )
        ]
