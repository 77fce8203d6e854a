"""Content streams: operators written one by one, with the resources they name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pikepdf

Kind = Literal["XObject", "ExtGState", "ColorSpace", "Shading"]
Box = tuple[float, float, float, float]
_PREFIX: dict[str, str] = {"XObject": "X", "ExtGState": "G", "ColorSpace": "C", "Shading": "S"}


def number(value: float) -> str:
    """Return a number as PDF writes it: no exponent, four decimals at most."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


class Content:
    """The operators of one page or form, and what they name in their resources."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self._lines: list[str] = []
        self._used: dict[str, dict[str, pikepdf.Object]] = {}
        self._names: dict[tuple[str, tuple[int, int]], str] = {}

    def op(self, operator: str, *operands: float | str) -> None:
        """Write one operator after its operands; strings are names and arrays, written as they are."""
        parts = [operand if isinstance(operand, str) else number(operand) for operand in operands]
        self._lines.append(" ".join((*parts, operator)))

    def raw(self, operators: str) -> None:
        """Write operators that are made already."""
        if operators:
            self._lines.append(operators)

    def name(self, kind: Kind, value: pikepdf.Object, *, named: str | None = None) -> str:
        """Return the name of an indirect object in this stream's resources."""
        key = kind, value.objgen
        if key not in self._names:
            used = self._used.setdefault(kind, {})
            self._names[key] = named or f"/{_PREFIX[kind]}{len(used)}"
            used[self._names[key]] = value
        return self._names[key]

    def do(self, value: pikepdf.Object) -> None:
        """Paint a form or an image."""
        self.op("Do", self.name("XObject", value))

    def state(self, value: pikepdf.Object) -> None:
        """Set a graphics state."""
        self.op("gs", self.name("ExtGState", value))

    def resources(self) -> pikepdf.Dictionary:
        """Return the resources this stream names."""
        return pikepdf.Dictionary({f"/{kind}": pikepdf.Dictionary(used) for kind, used in self._used.items()})

    def data(self) -> bytes:
        """Return the operators."""
        return "\n".join(self._lines).encode("ascii")

    def form(self, box: Box, *, group: pikepdf.Dictionary | None = None) -> pikepdf.Object:
        """Return the stream as a form; with `group` it is laid down as one transparent layer."""
        form = pikepdf.Stream(self.pdf, self.data())
        form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        form.BBox = pikepdf.Array([decimal(value) for value in box])
        form.Resources = self.resources()
        if group is not None:
            form.Group = group
        return self.pdf.make_indirect(form)


def decimal(value: float) -> pikepdf.Object | int:
    """Return a number for a dictionary or array, written the same on every machine."""
    text = number(value)
    return int(text) if text.lstrip("-").isdigit() else pikepdf.Object.parse(text.encode())


def numbers(values: Sequence[float]) -> pikepdf.Array:
    """Return numbers as an array."""
    return pikepdf.Array([decimal(value) for value in values])
