"""Formats: what each inherits and overrides, laid over the layout's layers by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promo.source.document import merge
from promo.visual.layout.layers import AnyLayer, GroupLayer, Layers
from promo.visual.layout.length import Box, Length, Unit
from promo.visual.layout.model import Format, LayoutFile, Output

MM_PER_INCH = 25.4
PT_PER_INCH = 72
SCREEN_DPI, PRINT_DPI = 72, 300  # where a format says nothing
PRINT_FROM = 150  # dpi: below that a picture is made for a screen
MOST_PIXELS = 24_000  # along one side: an A0 at 500 dpi
Raw = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSpec:
    """One format with all it inherits. `width` and `height` are pixels of the trimmed page, `bleed` too."""

    name: str
    width: int
    height: int
    dpi: int
    bleed: int
    print: bool
    unit: Unit
    safe: Box | None
    platform: str | None
    background: str
    pages: int
    output: Output
    layers: tuple[AnyLayer, ...]


def ancestry(formats: Mapping[str, Format], name: str) -> list[str]:
    """Return a format's name and those it inherits from, itself first; a circle ends where it would close."""
    line: list[str] = []
    while name in formats and name not in line:
        line.append(name)
        name = formats[name].inherit or ""
    return line


def page_spec(file: LayoutFile, name: str, layers: tuple[AnyLayer, ...]) -> PageSpec:
    """Return one format of a layout without mistakes, `layers` being its own."""
    line = [file.formats[name] for name in ancestry(file.formats, name)]

    def pick(key: str) -> Any:
        return next((value for value in (getattr(format, key) for format in line) if value is not None), None)

    size: tuple[Length, Length] = pick("size")
    unit = next((format.unit for format in line if format.unit), "px")
    on_paper = "mm" in {part.unit or unit for part in size}
    dpi = pick("dpi") or file.canvas.dpi or (PRINT_DPI if on_paper else SCREEN_DPI)
    width, height = (round(in_pixels(part, unit, dpi)) for part in size)
    output = file.output
    for format in reversed(line):
        if format.output is not None:
            output = output.model_copy(update=format.output.model_dump(exclude_unset=True))
    return PageSpec(
        name=name,
        width=width,
        height=height,
        dpi=dpi,
        bleed=round(in_pixels(pick("bleed") or file.canvas.bleed or Length(0), "mm", dpi)),
        print=on_paper or dpi >= PRINT_FROM,
        unit=file.canvas.unit,
        safe=pick("safe") or file.canvas.safe,
        platform=pick("platform"),
        background=pick("background") or file.canvas.background,
        pages=pick("pages") or file.pages,
        output=output,
        layers=layers,
    )


def in_pixels(length: Length, unit: str, dpi: float) -> float:
    """Return pixels for a length in px, mm or pt; `unit` is that of a bare number."""
    match length.unit or unit:
        case "mm":
            return length.number / MM_PER_INCH * dpi
        case "pt":
            return length.number / PT_PER_INCH * dpi
        case _:
            return length.number


def walk(layers: tuple[AnyLayer, ...]) -> Iterator[AnyLayer]:
    """Yield layers and those inside groups."""
    for layer in layers:
        yield layer
        if isinstance(layer, GroupLayer):
            yield from walk(layer.layers)


def named(raw: Any) -> Any:
    """Return raw layers in which each has an `id`: its own, or one made of what it shows.

    A text is called by the first field it binds, another layer by its kind; a second of that name gets a number.
    """
    return _named(raw, dict.fromkeys(_own_ids(raw), 1))


def _own_ids(raw: Any) -> Iterator[str]:
    for layer in raw if isinstance(raw, list) else ():
        if isinstance(layer, dict):
            if isinstance(layer.get("id"), str):
                yield layer["id"]
            yield from _own_ids(layer.get("layers"))


def _named(raw: Any, taken: dict[str, int]) -> Any:
    if not isinstance(raw, list):
        return raw
    done: list[Any] = []
    for layer in raw:
        if isinstance(layer, dict):
            own = {} if layer.get("id") is not None else {"id": _free(_called(layer), taken)}
            inner = {"layers": _named(layer["layers"], taken)} if "layers" in layer else {}
            done.append({**layer, **own, **inner})
        else:
            done.append(layer)
    return done


def _free(name: str, taken: dict[str, int]) -> str:
    number, free = taken.get(name, 0), name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken[name], taken[free] = max(number, 1), 1
    return free


def _called(layer: Raw) -> str:
    bound = layer.get("bind")
    if isinstance(bound, list):
        bound = bound[0] if bound else None
    for name in (bound, layer.get("kind")):
        if isinstance(name, str) and name and len(name) <= 60:
            plain = "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "-" for c in name.lower())
            if plain[0].isalnum():
                return plain
    return "layer"


def overridden(raw: list[Any], changes: Sequence[Mapping[str, Any]], hidden: set[str]) -> list[Any]:
    """Lay formats' changes over raw layers by id, the strongest change first.

    Hidden layers go, and groups left empty by that.
    """
    done: list[Any] = []
    for layer in raw:
        if isinstance(layer, dict) and layer.get("id") not in hidden:
            merged = dict(layer)
            for change in reversed(changes):
                over = change.get(layer.get("id", ""))
                if isinstance(over, dict):
                    merged = merge(merged, over)
            inner = layer.get("layers")
            if isinstance(inner, list) and merged["layers"] is inner:
                merged["layers"] = overridden(inner, changes, hidden)
            if not inner or merged["layers"]:
                done.append(merged)
    return done


def as_layers(raw: list[Any]) -> tuple[AnyLayer, ...]:
    """Validate raw layers. Raises pydantic.ValidationError."""
    return Layers.model_validate({"layers": raw}).layers
