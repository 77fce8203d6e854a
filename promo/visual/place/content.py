"""What fills a layout: words, pictures, tables and the link of one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from promo.visual.layout.fields import ROW
from promo.visual.model import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What fills a layout: `fields` with the brand's own, pictures by field name (`photo` is one), rows by table.

    `link` is the QR code's. `row` is the row of a table a group is just repeated for.
    """

    fields: Mapping[str, str]
    language: str
    format: str = ""
    images: Mapping[str, Path] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    focal: Mapping[Path, tuple[float, float]] = field(default_factory=dict)  # of pictures whose credits say one
    generated: frozenset[Path] = frozenset()  # pictures drawn by a machine, as the credits beside them say
    link: str | None = None
    row: Row = field(default_factory=dict)

    def look(self, name: str) -> str:
        """Return the text a name stands for, empty where there is none."""
        if name.startswith(ROW):
            return self.row.get(name[len(ROW) :], "")
        if (text := self.fields.get(name)) is not None:
            return text
        match name:
            case "qr":
                return self.link or ""
            case "format":
                return self.format
            case "language":
                return self.language
        if name in self.images:
            return str(self.images[name])
        return "table" if self.tables.get(name) else ""

    def image(self, source: str) -> Path | None:
        """Return the picture of a field, or the one a row names; None: there is none."""
        return self.images.get(self.row.get(source[len(ROW) :], "") if source.startswith(ROW) else source)

    def in_row(self, row: Row) -> Content:
        """Return the same content as a group repeated for `row` sees it."""
        return replace(self, row=row)
