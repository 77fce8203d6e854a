"""Lengths as layouts write them: `12` (in the canvas's unit), `5%`, `40px`, `12mm`, `9pt`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from promo.language import _
from promo.source.value import BadValueError

Unit = Literal["%", "px", "mm", "pt"]
_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d{1,6})?)\s*(%|px|mm|cm|pt|in)?", re.ASCII)
_MM = {"cm": 10.0, "in": 25.4}
MOST = 100_000
_PAPER = {0: (841, 1189), 1: (594, 841), 2: (420, 594), 3: (297, 420), 4: (210, 297), 5: (148, 210), 6: (105, 148)}
_PAPER_NAME = re.compile(r"A([0-6])(?: (portrait|landscape))?", re.IGNORECASE | re.ASCII)
_SIZE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}", re.ASCII)
_RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,5}(?:\.\d{1,4})?)", re.ASCII)
_LENGTH_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)? ?(%|px|mm|cm|pt|in)?$"}]
}


@dataclass(frozen=True, slots=True)
class Length:
    """A number and its unit; None is the unit of the canvas. Percent are of what the key says."""

    number: float
    unit: Unit | None = None

    def __str__(self) -> str:
        """Write it the way it is read."""
        return f"{self.number:g}{self.unit or ''}"


def parse_length(value: Any) -> Length:
    """Read a number or a text such as `12mm`; inches and centimetres become millimetres. Raises ValueError."""
    if isinstance(value, Length):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= MOST:
        if math.isfinite(value):
            return Length(float(value))
    elif isinstance(value, str) and (found := _LENGTH.fullmatch(value.strip())):
        number, unit = float(found[1]), found[2]
        if unit in _MM:
            return Length(number * _MM[unit], "mm")
        return Length(number, unit)  # type: ignore[arg-type]  # the pattern allows no other unit
    raise BadValueError(_("a length is written as 12, 5%, 40px, 12mm or 9pt"), code="bad-length")


def parse_positive(value: Any) -> Length:
    """Read a length above nothing. Raises ValueError."""
    length = parse_length(value)
    if length.number <= 0:
        raise BadValueError(_("this length must be more than 0"), code="bad-length")
    return length


def parse_distance(value: Any) -> Length:
    """Read a length of nothing or more. Raises ValueError."""
    length = parse_length(value)
    if length.number < 0:
        raise BadValueError(_("this length must be 0 or more"), code="bad-length")
    return length


Box = tuple[Length, Length, Length, Length]


def parse_box(value: Any) -> Box:
    """Read `[left, top, width, height]`. Raises ValueError."""
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        raise BadValueError(
            _("a box is a list of four lengths"), hint=_("write [left, top, width, height]"), code="bad-box"
        )
    left, top, width, height = (parse_length(part) for part in value)
    if width.number <= 0 or height.number <= 0:
        raise BadValueError(_("a box must be wider and higher than 0"), code="bad-box")
    return left, top, width, height


def parse_type_size(value: Any) -> Length | str:
    """Read a size of type: a length, or a name such as `title` in the brand's scale. Raises ValueError."""
    if isinstance(value, str) and _SIZE_NAME.fullmatch(value):
        return value
    return parse_positive(value)


def parse_insets(value: Any) -> Box:
    """Read one length for all sides, or `[top, right, bottom, left]`. Raises ValueError."""
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * 4
    if len(parts) == 2:
        parts = parts * 2
    if len(parts) != 4:
        raise BadValueError(
            _("margins are one length, two or four"), hint=_("write [top, right, bottom, left]"), code="bad-length"
        )
    top, right, bottom, left = (parse_distance(part) for part in parts)
    return top, right, bottom, left


def parse_aspect(value: Any) -> float:
    """Read `16:9`, or width divided by height as a number. Raises ValueError."""
    number = 0.0
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and (found := _RATIO.fullmatch(value.strip())) and float(found[2]):
        number = float(found[1]) / float(found[2])
    if 0.01 <= number <= 100:
        return number
    raise BadValueError(
        _("proportions are written as 16:9, or as a number: width divided by height"), code="bad-length"
    )


def parse_page_size(value: Any) -> tuple[Length, Length]:
    """Read `[1080, 1350]`, `[210mm, 297mm]`, `A4` or `A4 landscape` (ISO 216). Raises ValueError."""
    if isinstance(value, str) and (found := _PAPER_NAME.fullmatch(value.strip())):
        short, long = _PAPER[int(found[1])]
        width, height = (long, short) if (found[2] or "").lower() == "landscape" else (short, long)
        return Length(width, "mm"), Length(height, "mm")
    if isinstance(value, (list, tuple)) and len(value) == 2:
        size = parse_positive(value[0]), parse_positive(value[1])
        if not {part.unit for part in size} & {"%", "pt"}:
            return size
    raise BadValueError(
        _("a page is [width, height] in px or mm, or a sheet such as A4"),
        hint=_("write [1080, 1350], [210mm, 297mm], A4 or A4 landscape"),
        code="bad-size",
    )


_AS_TEXT = PlainSerializer(str)
Positive = Annotated[Length, PlainValidator(parse_positive), _AS_TEXT, WithJsonSchema(_LENGTH_SCHEMA)]
Distance = Annotated[Length, PlainValidator(parse_distance), _AS_TEXT, WithJsonSchema(_LENGTH_SCHEMA)]
TypeSize = Annotated[
    Length | str,
    PlainValidator(parse_type_size),
    _AS_TEXT,
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "examples": [4, "12pt", "title"]}),
]
BoxValue = Annotated[
    Box,
    PlainValidator(parse_box),
    WithJsonSchema({"type": "array", "items": _LENGTH_SCHEMA, "minItems": 4, "maxItems": 4}),
]
Insets = Annotated[
    Box,
    PlainValidator(parse_insets),
    WithJsonSchema({"anyOf": [*_LENGTH_SCHEMA["anyOf"], {"type": "array", "items": _LENGTH_SCHEMA, "maxItems": 4}]}),
]
Aspect = Annotated[
    float,
    PlainValidator(parse_aspect),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "examples": ["16:9"]}]}),
]
PageSize = Annotated[
    tuple[Length, Length],
    PlainValidator(parse_page_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": _LENGTH_SCHEMA, "minItems": 2, "maxItems": 2},
                {"type": "string", "examples": ["A4", "A4 landscape"]},
            ]
        }
    ),
]
