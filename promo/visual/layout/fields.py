"""The fields a layout takes from a campaign: declared, or gathered from what its layers show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promo.visual.layout.binding import BRAND_FIELDS, OWN_NAMES
from promo.visual.layout.formats import PageSpec, walk
from promo.visual.layout.layers import AnyLayer, GroupLayer, ImageLayer, TextLayer
from promo.visual.layout.model import FieldSpec, LayoutFile

Fields = Mapping[str, FieldSpec]
ROW = "row."  # begins the names of a table's columns


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """The files a layout asks for: fields with pictures beside `photo`, fields with tables, pictures of its own.

    `columns` are those of tables whose cells name pictures.
    """

    pictures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def needs_of(fields: Fields, pages: Mapping[str, PageSpec]) -> Needs:
    """Return the files a layout asks for."""
    images = [layer for page in pages.values() for layer in walk(page.layers) if isinstance(layer, ImageLayer)]
    sources = [layer.source for layer in images if layer.file is None]
    return Needs(
        pictures=tuple(name for name, field in fields.items() if field.kind == "image" and name != "photo"),
        tables=tuple(name for name, field in fields.items() if field.kind == "table"),
        files=tuple(dict.fromkeys(layer.file for layer in images if layer.file)),
        columns=tuple(dict.fromkeys(name.removeprefix(ROW) for name in sources if name.startswith(ROW))),
    )


def fields_of(file: LayoutFile, pages: Mapping[str, PageSpec]) -> Fields:
    """Return the fields by name, in the order declared or first shown."""
    if file.fields is not None:
        return file.fields
    found: dict[str, FieldSpec] = {}
    for page in pages.values():
        for layer in walk(page.layers):
            for name, kind in shown(layer):
                if is_field(name):
                    found.setdefault(name, kind)
    return found


def is_field(name: str) -> bool:
    """Whether a name is a campaign's to fill: not the brand's, a row's, or one of the picture's own."""
    return name not in BRAND_FIELDS and name not in OWN_NAMES and not name.startswith(ROW)


def shown(layer: AnyLayer) -> Iterator[tuple[str, FieldSpec]]:
    """Yield the names a layer shows, and what they would be if nobody declared them."""
    if isinstance(layer, TextLayer):
        yield from ((name, FieldSpec()) for name in layer.names)
    elif isinstance(layer, ImageLayer) and layer.file is None and not layer.source.startswith(ROW):
        yield layer.source, FieldSpec(kind="image")
    elif isinstance(layer, GroupLayer) and layer.each:
        yield layer.each, FieldSpec(kind="table")


def columns_of(pages: Mapping[str, PageSpec], table: str) -> tuple[str, ...]:
    """Return the columns of a table that a layout's layers show."""
    groups = [layer for page in pages.values() for layer in walk(page.layers) if isinstance(layer, GroupLayer)]
    inner = (layer for group in groups if group.each == table for layer in walk(group.layers))
    names = [name for layer in inner for name in (layer.names if isinstance(layer, TextLayer) else ())]
    return tuple(dict.fromkeys(name.removeprefix(ROW) for name in names if name.startswith(ROW)))
