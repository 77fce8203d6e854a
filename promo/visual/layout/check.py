"""What is wrong in a layout beyond the form of its values: names that lead nowhere, circles, places without sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from promo.language import _
from promo.source.document import Keys, Loaded
from promo.source.explain import explain
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.visual.layout.check_around import Around, check_around
from promo.visual.layout.check_layer import check_layers, uses
from promo.visual.layout.formats import MOST_PIXELS, PageSpec, ancestry, as_layers, overridden, page_spec, walk
from promo.visual.layout.layers import AnyLayer, Layers
from promo.visual.layout.model import LayoutFile
from promo.visual.layout.spot import Spots
from promo.visual.platform import platforms

SMALLEST = 16  # pixels along a side
MOST_AREA = 250_000_000  # pixels of one page in a PDF: an A0 at 300 dpi has 140 million
MOST_PAINTED = 100_000_000  # of one that is painted whole, at about twelve bytes each: an A1 at 300 dpi has 70 million
MOST_LAYERS = 300


def check_layout(
    loaded: Loaded[LayoutFile], raw: list[Any], around: Around | None = None
) -> tuple[Mapping[str, PageSpec], list[Problem]]:
    """Return the formats of a layout, resolved, and what is wrong; `raw` are its layers, each with an id.

    `around` is what layers may name outside of the layout; None: that is not looked at.
    """
    file = loaded.value
    if file is None:
        return {}, []
    spots = Spots(loaded, raw)
    found = [*_twice(spots), *_formats(file, spots)]
    if found:
        return {}, found
    found += _overrides(file, spots)
    if any(problem.code == "other-kind" for problem in found):
        return {}, found
    pages: dict[str, PageSpec] = {}
    for name in file.formats:
        layers, wrong = _layers_of(file, name, raw, spots)
        found += wrong
        if layers is not None:
            page = page_spec(file, name, layers)
            found += _size(page, spots)
            found += check_layers(file, page, spots)
            if around is not None:
                found += check_around(page, spots, around, line=ancestry(file.formats, name))
            pages[name] = page
    found += _unused(file, pages, spots)
    return pages, found


def _twice(spots: Spots) -> Iterator[Problem]:
    if len(spots.paths) > MOST_LAYERS:
        message = _("at most {count} layers are allowed", count=MOST_LAYERS)
        yield spots.loaded.problem("too-many", message, ("layers",), value=False)
    for name, path in spots.doubles:
        message = _("two layers are called {name}", name=f"`{name}`")
        yield spots.loaded.problem("same-id", message, (*path, "id"))


def _formats(file: LayoutFile, spots: Spots) -> Iterator[Problem]:
    for name, format in file.formats.items():
        here: Keys = ("formats", name)
        parent = format.inherit
        if parent is not None and parent not in file.formats:
            message = _("the layout has no format {name}", name=f"`{parent}`")
            hint = did_you_mean(parent, [other for other in file.formats if other != name])
            yield spots.loaded.problem("no-such-format", message, (*here, "inherit"), hint=hint)
            continue
        if format.platform is not None and format.platform not in platforms():
            message = _("there is no platform {name}", name=f"`{format.platform}`")
            hint = did_you_mean(format.platform, platforms())
            yield spots.loaded.problem("no-such-platform", message, (*here, "platform"), hint=hint)
        line = ancestry(file.formats, name)
        if file.formats[line[-1]].inherit is not None and file.formats[line[-1]].inherit in line:
            message = _("the formats inherit in a circle: {names}", names=" → ".join([*line, line[0]]))
            yield spots.loaded.problem("circle", message, (*here, "inherit"))
        elif all(file.formats[one].size is None for one in line):
            message = _("the format {name} has no size", name=f"`{name}`")
            hint = _("write `size: [1080, 1080]`, or `inherit:` another format")
            yield spots.loaded.problem("missing-key", message, here, value=False, hint=hint)


def _overrides(file: LayoutFile, spots: Spots) -> Iterator[Problem]:
    """Find layers that formats speak of and the layout does not have."""
    for name, format in file.formats.items():
        here: Keys = ("formats", name)
        named: list[tuple[Keys, str]] = [(("layers", id_), id_) for id_ in format.layers]
        named += [(("hide", index), id_) for index, id_ in enumerate(format.hide)]
        for keys, id_ in named:
            if id_ not in spots.paths:
                message = _("the layout has no layer {name}", name=f"`{id_}`")
                yield spots.loaded.problem(
                    "no-such-layer",
                    message,
                    (*here, *keys),
                    value=keys[0] == "hide",
                    hint=did_you_mean(id_, spots.paths),
                )
            elif keys[0] == "layers" and format.layers[id_].get("kind", spots.kinds[id_]) != spots.kinds[id_]:
                message = _("a format cannot change what kind of layer {name} is", name=f"`{id_}`")
                hint = _(
                    "`hide` it there, and write a layer of its own with `visible_if: format == '{format}'`", format=name
                )
                yield spots.loaded.problem("other-kind", message, (*here, *keys, "kind"), hint=hint)


def _layers_of(
    file: LayoutFile, name: str, raw: list[Any], spots: Spots
) -> tuple[tuple[AnyLayer, ...] | None, list[Problem]]:
    """Return a format's layers, its own changes laid over those it inherits."""
    line = ancestry(file.formats, name)
    changes = [file.formats[one].layers for one in line]
    hidden = {id_ for one in line for id_ in file.formats[one].hide}
    if not any(changes) and not hidden:
        return file.layers, []
    merged = overridden(raw, changes, hidden)
    try:
        return as_layers(merged), []
    except ValidationError as error:
        wrongs = list(explain(error, Layers, {"layers": merged}))
    return None, [
        spots.changed(
            wrong.code, wrong.message, wrong.keys, merged=merged, line=line, value=wrong.at_value, hint=wrong.hint
        )
        for wrong in wrongs
    ]


def _size(page: PageSpec, spots: Spots) -> Iterator[Problem]:
    sides = page.width, page.height
    area, most_area = page.width * page.height, MOST_AREA if page.output.type == "pdf" else MOST_PAINTED
    if min(sides) < SMALLEST or max(sides) > MOST_PIXELS or area > most_area:
        size = f"{page.width} × {page.height}"
        message = _("a page of {size} pixels cannot be drawn", size=size)
        hint = _(
            "between {least} and {most} pixels a side, {area} million in all; lower its dpi",
            least=SMALLEST,
            most=MOST_PIXELS,
            area=most_area // 1_000_000,
        )
        yield spots.loaded.problem("bad-size", message, ("formats", page.name, "size"), hint=hint)


def _unused(file: LayoutFile, pages: Mapping[str, PageSpec], spots: Spots) -> Iterator[Problem]:
    """Warn of declared fields no layer shows or asks for."""
    if file.fields is None or not pages:
        return
    used = {name for page in pages.values() for layer in walk(page.layers) for name in uses(layer)}
    for name in file.fields:
        if name not in used:
            message = _("no layer shows the field {name}", name=f"`{name}`")
            yield spots.loaded.problem("unused-field", message, ("fields", name), value=False, warning=True)
