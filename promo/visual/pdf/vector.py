"""Vector drawings: an SVG read into paths and paints, as far as PDF can say them alike."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree as ET

from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path.parser import parse_path
from fontTools.svgLib.path.shapes import PathBuilder

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polygon", "polyline"}
_SILENT = {"title", "desc", "metadata"}
_GEOMETRY = {"d", "x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2", "points"}
_IGNORED = {"id", "class", "version", "viewBox", "role", "data-name", "transform", "opacity"}
_NAMED = {"black": "#000000", "white": "#ffffff"}
_CALL = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Unsupported(Exception):
    """The drawing says something that is not translated; it is laid down as pixels instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paint:
    """How a shape is painted; colours are `#rrggbb` or None."""

    fill: str | None = "#000000"
    stroke: str | None = None
    even_odd: bool = False
    width: float = 1.0
    cap: int = 0
    join: int = 0
    miter: float = 4.0
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One painted path: `operators` are PDF's, in the coordinates that `matrix` brings to the drawing's own."""

    operators: str
    matrix: Matrix
    paint: Paint


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """An SVG's shapes in order, in its view box."""

    left: float
    top: float
    width: float
    height: float
    shapes: tuple[Shape, ...]


def read_drawing(data: bytes) -> Drawing:
    """Read an SVG that the check for logos has passed. Raises Unsupported for what has no plain counterpart."""
    try:
        root = ET.fromstring(data)  # noqa: S314 - files with a DOCTYPE, so with entities, are refused before
        box = _view_box(root)
        shapes = tuple(_walk(root, Paint(), IDENTITY, top=True))
    except (ET.ParseError, ValueError, TypeError, KeyError, IndexError, NotImplementedError, RecursionError) as error:
        raise Unsupported(str(error)) from None
    if min(box[2:]) <= 0:
        raise Unsupported("viewBox")
    return Drawing(left=box[0], top=box[1], width=box[2], height=box[3], shapes=shapes)


def _view_box(root: ET.Element) -> tuple[float, float, float, float]:
    numbers = [_number(part) for part in _NUMBER.findall(root.get("viewBox", ""))]
    if len(numbers) == 4:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    return 0.0, 0.0, _length(root.attrib["width"]), _length(root.attrib["height"])


def _length(text: str) -> float:
    return _number(text.strip().removesuffix("px"))


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Unsupported(text)
    return value


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _walk(element: ET.Element, paint: Paint, matrix: Matrix, *, top: bool = False) -> Iterator[Shape]:
    tag = _local(element.tag)
    if tag in _SILENT or (tag == "defs" and not len(element)):
        return
    if tag not in _SHAPES | {"g", "svg"} or (tag == "svg" and not top):
        raise Unsupported(tag)
    said = {key: value.strip() for key, value in element.attrib.items() if not key.startswith("{")}
    for part in filter(None, said.pop("style", "").split(";")):
        key, _colon, value = part.partition(":")
        said[key.strip()] = value.strip()
    if top:
        for key in ("width", "height", "x", "y"):
            said.pop(key, None)
    paint = _painted(paint, said, group=tag in {"g", "svg"})
    matrix = _multiplied(matrix, _transform(said.get("transform", "")))
    if tag in {"g", "svg"}:
        for child in element:
            yield from _walk(child, paint, matrix)
    elif operators := _operators(element):
        yield Shape(operators=operators, matrix=matrix, paint=paint)


def _painted(paint: Paint, said: Mapping[str, str], *, group: bool) -> Paint:
    """Return the paint an element has, from what it inherits and what it says itself."""
    changed: dict[str, Any] = {}
    for key, value in said.items():
        if key in _READERS:
            name, read = _READERS[key]
            changed[name] = read(value)
        elif key not in _IGNORED | _GEOMETRY:
            raise Unsupported(key)
    paint = replace(paint, **changed)
    opacity = _share(said.get("opacity", "1"))
    if opacity < 1 and (group or (paint.fill and paint.stroke)):
        raise Unsupported("opacity")  # of several paints at once
    return replace(paint, fill_opacity=paint.fill_opacity * opacity, stroke_opacity=paint.stroke_opacity * opacity)


def _share(text: str) -> float:
    return min(max(_number(text), 0.0), 1.0)


def _colour(text: str) -> str | None:
    if text == "none":
        return None
    if re.fullmatch("#[0-9a-fA-F]{6}", text):
        return text.lower()
    if re.fullmatch("#[0-9a-fA-F]{3}", text):
        return "#" + "".join(2 * digit for digit in text[1:].lower())
    return _NAMED[text.lower()]


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "fill": ("fill", _colour),
    "stroke": ("stroke", _colour),
    "fill-rule": ("even_odd", {"evenodd": True, "nonzero": False}.__getitem__),
    "stroke-width": ("width", _length),
    "stroke-linecap": ("cap", {"butt": 0, "round": 1, "square": 2}.__getitem__),
    "stroke-linejoin": ("join", {"miter": 0, "round": 1, "bevel": 2}.__getitem__),
    "stroke-miterlimit": ("miter", _number),
    "fill-opacity": ("fill_opacity", _share),
    "stroke-opacity": ("stroke_opacity", _share),
}


def _transform(text: str) -> Matrix:
    if _CALL.sub("", text).strip(" ,\t\n"):
        raise Unsupported(text)
    matrix = IDENTITY
    for name, arguments in _CALL.findall(text):
        matrix = _multiplied(matrix, _one(name, [_number(part) for part in _NUMBER.findall(arguments)]))
    return matrix


def _one(name: str, parts: list[float]) -> Matrix:
    match name, len(parts):
        case "matrix", 6:
            return parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]
        case "translate", 1 | 2:
            return 1, 0, 0, 1, parts[0], parts[1] if len(parts) == 2 else 0
        case "scale", 1 | 2:
            return parts[0], 0, 0, parts[-1], 0, 0
        case "rotate", 1 | 3:
            cos, sin = math.cos(math.radians(parts[0])), math.sin(math.radians(parts[0]))
            x, y = (parts[1], parts[2]) if len(parts) == 3 else (0.0, 0.0)
            return cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y
        case "skewX", 1:
            return 1, 0, math.tan(math.radians(parts[0])), 1, 0, 0
        case "skewY", 1:
            return 1, math.tan(math.radians(parts[0])), 0, 1, 0, 0
    raise Unsupported(name)


def _multiplied(outer: Matrix, inner: Matrix) -> Matrix:
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    product = a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f
    if not all(map(math.isfinite, product)):
        raise Unsupported("transform")
    return product


def _operators(element: ET.Element) -> str:
    """Return the element's outline as PDF operators; its own transform is the caller's."""
    plain = ET.Element(_local(element.tag), {k: v for k, v in element.attrib.items() if k in _GEOMETRY})
    if plain.tag == "rect":
        rx, ry = (_length(plain.get(key, "0")) for key in ("rx", "ry"))
        if max(rx, ry) * 2 > min(_length(plain.attrib["width"]), _length(plain.attrib["height"])):
            raise Unsupported("rx")
    builder = PathBuilder()
    builder.add_path_from_element(plain)
    pen = OperatorPen()
    for path in builder.paths:
        parse_path(path, pen)
    return "\n".join(pen.operators)


class OperatorPen(BasePen):
    """Writes what is drawn with it as PDF's path operators."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[no-untyped-call] # fontTools does not say its types
        self.operators: list[str] = []

    def _write(self, operator: str, *points: tuple[float, float]) -> None:
        if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
            raise Unsupported(operator)
        parts = [f"{x:.3f} {y:.3f}" for x, y in points]
        self.operators.append(" ".join((*parts, operator)))

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - fontTools' names
        self._write("m", pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self._write("l", pt)

    def _curveToOne(  # noqa: N802
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self._write("c", pt1, pt2, pt3)

    def _closePath(self) -> None:  # noqa: N802
        self._write("h")
