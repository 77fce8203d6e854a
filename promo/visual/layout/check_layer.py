"""What is wrong in the layers of one format: names that lead nowhere, circles, places without sense."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promo.language import _
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.visual.layout.binding import BRAND_FIELDS, OWN_NAMES
from promo.visual.layout.fields import ROW, is_field, shown
from promo.visual.layout.formats import PageSpec, ancestry, walk
from promo.visual.layout.layers import PLACED, AnyLayer, GroupLayer, ImageLayer, TextLayer
from promo.visual.layout.length import Length
from promo.visual.layout.model import FieldSpec, LayoutFile
from promo.visual.layout.spot import Spots

AROUND = ("page", "safe")  # what a layer may lean on beside its neighbours
DEEPEST = 6  # groups inside groups


def check_layers(file: LayoutFile, page: PageSpec, spots: Spots) -> list[Problem]:
    """Return what is wrong in the layers of one format."""
    return list(_Check(file, page, spots).all(page.layers, _Place()))


def uses(layer: AnyLayer) -> Iterator[str]:
    """Yield every name a layer shows or asks for."""
    yield from (name for name, _kind in shown(layer))
    if layer.visible_if is not None:
        yield from layer.visible_if.names


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """What is around a layer: the stack it is part of, the table it is repeated for."""

    stack: str | None = None
    table: str | None = None
    depth: int = 0


class _Check:
    def __init__(self, file: LayoutFile, page: PageSpec, spots: Spots) -> None:
        self.file, self.page, self.spots = file, page, spots
        self.line = ancestry(file.formats, page.name)
        self.drawn = {layer.id for layer in walk(page.layers)}

    def all(self, layers: tuple[AnyLayer, ...], place: _Place) -> Iterator[Problem]:
        for layer in layers:
            yield from self._names(layer, place)
            yield from self._page(layer)
            yield from self._in_stack(layer, place) if place.stack else self._leaning(layer, layers)
            if isinstance(layer, TextLayer):
                yield from self._least(layer)
            if isinstance(layer, GroupLayer):
                if place.depth == DEEPEST:
                    message = _("groups may be nested {count} deep", count=DEEPEST)
                    yield self._problem("too-deep", message, layer, "layers", value=False)
                    continue
                inner = _Place(stack=layer.stack, table=layer.each or place.table, depth=place.depth + 1)
                yield from self.all(layer.layers, inner)
        if not place.stack:
            yield from self._circles(layers)

    def _problem(
        self, code: str, message: str, layer: AnyLayer, *keys: str | int, value: bool = True, hint: str | None = None
    ) -> Problem:
        return self.spots.problem(code, message, layer.id or "", *keys, line=self.line, value=value, hint=hint)

    def _names(self, layer: AnyLayer, place: _Place) -> Iterator[Problem]:
        key = {"text": "text", "image": "source", "group": "each"}.get(layer.kind, "")
        for name, wanted in shown(layer):
            at = "bind" if isinstance(layer, TextLayer) and name in layer.bind else key
            yield from self._name(layer, name, at, place, wanted)
        if isinstance(layer, ImageLayer) and layer.source.startswith(ROW):
            yield from self._column(layer, layer.source, "source", place)
        if layer.visible_if is not None:
            for name in sorted(layer.visible_if.names):
                yield from self._name(layer, name, "visible_if", place, None)
            for name in sorted(layer.visible_if.formats - set(self.file.formats)):
                message = _("the layout has no format {name}", name=f"`{name}`")
                yield self._problem(
                    "no-such-format", message, layer, "visible_if", hint=did_you_mean(name, self.file.formats)
                )

    def _name(self, layer: AnyLayer, name: str, key: str, place: _Place, wanted: FieldSpec | None) -> Iterator[Problem]:
        if name.startswith(ROW):
            yield from self._column(layer, name, key, place)
            return
        own = (*BRAND_FIELDS, *(OWN_NAMES if key in ("visible_if", "source") else ()))
        if name in own:
            return
        declared = self.file.fields
        if (declared is None and is_field(name) and "." not in name) or (declared and name in declared):
            kind = declared[name].kind if declared else None
            if wanted is not None and kind is not None and kind != wanted.kind:
                message = _(
                    "the field {name} is of kind {kind}, {wanted} is needed here",
                    name=f"`{name}`",
                    kind=f"`{kind}`",
                    wanted=f"`{wanted.kind}`",
                )
                yield self._problem("wrong-kind", message, layer, key)
            return
        message = _("the layout has no field {name}", name=f"`{name[:60]}`")
        yield self._problem("no-such-field", message, layer, key, hint=did_you_mean(name, (*(declared or ()), *own)))

    def _column(self, layer: AnyLayer, name: str, key: str, place: _Place) -> Iterator[Problem]:
        column = name.removeprefix(ROW)
        if place.table is None:
            message = _("{name} is known only inside a group with `each`", name=f"`{name[:60]}`")
            yield self._problem("no-such-field", message, layer, key)
            return
        table = (self.file.fields or {}).get(place.table)
        known = (*table.columns, *table.optional) if table is not None else ()
        if table is not None and table.columns and column not in known:
            message = _("the table {table} has no column {name}", table=f"`{place.table}`", name=f"`{column[:60]}`")
            yield self._problem("no-such-field", message, layer, key, hint=did_you_mean(column, known))

    def _page(self, layer: AnyLayer) -> Iterator[Problem]:
        most = max(self.file.pages, *(format.pages or 1 for format in self.file.formats.values()))
        if layer.page is not None and layer.page > most:
            message = _("there is no page {number}, the layout has {count}", number=layer.page, count=most)
            yield self._problem("no-such-page", message, layer, "page", hint=_("write `pages: 2` in the layout"))

    def _least(self, layer: TextLayer) -> Iterator[Problem]:
        size, least = layer.size, layer.min_size
        if isinstance(size, Length) and least is not None and size.unit == least.unit and size.number < least.number:
            message = _("`min_size` {least} is larger than the size, {size}", least=f"`{least}`", size=f"`{size}`")
            yield self._problem("no-sense", message, layer, "min_size")

    def _in_stack(self, layer: AnyLayer, place: _Place) -> Iterator[Problem]:
        for key in PLACED:
            if getattr(layer, key):
                message = _("{key} has no sense in a stack, which gives its layers their places", key=f"`{key}`")
                yield self._problem("no-sense", message, layer, key, value=False, hint=_("use `gap`"))
        free_group = isinstance(layer, GroupLayer) and layer.stack is None
        if isinstance(layer, (TextLayer, GroupLayer)) and not free_group:
            return
        needed = "height" if place.stack == "vertical" else "width"
        if getattr(layer, needed) is None and not (layer.aspect and (layer.width or layer.height)):
            message = _("in this stack the layer needs a {key}", key=f"`{needed}`")
            yield self._problem("missing-key", message, layer, value=False)

    def _leaning(self, layer: AnyLayer, around: tuple[AnyLayer, ...]) -> Iterator[Problem]:
        known = [other.id for other in around if other.id]
        for key in ("below", "above", "right_of", "left_of"):
            if name := getattr(layer, key):
                yield from self._neighbour(layer, key, name, known)
        for _edge, name in layer.edges:
            yield from self._neighbour(layer, "align_to", name, (*known, *AROUND))

    def _neighbour(self, layer: AnyLayer, key: str, name: str, known: Sequence[str]) -> Iterator[Problem]:
        if name in known:
            return
        if name not in self.spots.paths:
            message = _("the layout has no layer {name}", name=f"`{name}`")
        elif name in self.drawn:
            message = _("the layer {name} stands in another group: only neighbours can be leant on", name=f"`{name}`")
        else:
            return  # hidden in this format: the layer stays where its box is
        yield self._problem("no-such-layer", message, layer, key, hint=did_you_mean(name, known))

    def _circles(self, layers: tuple[AnyLayer, ...]) -> Iterator[Problem]:
        leans = {layer.id: layer.leans_on for layer in layers if layer.id}
        for layer in layers:
            seen: set[str] = set()
            waiting = list(layer.leans_on)
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    waiting += leans.get(name, ())
            if layer.id in seen and layer.leans_on:
                message = _("{name} stands in a circle: its place follows from itself", name=f"`{layer.id}`")
                key = next(key for key in PLACED if getattr(layer, key) and key != "box")
                yield self._problem("circle", message, layer, key)
