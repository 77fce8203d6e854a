"""What goes into a picture and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Row = Mapping[str, str]  # of a table: column → cell


@dataclass(frozen=True, kw_only=True, slots=True)
class VisualRequest:
    """One picture to render. `fields` fill what the layout asks for; `qr` is the link in the QR code.

    A picture's field is a path below assets/, a table's a path in the workspace; `tables` are rows written out.

    `alt` says what the picture shows, for people who do not see it; empty: the photo's own, from its credits. With
    `links` a print file holds all pages once for each link, with its own code.
    """

    layout: str
    format: str | None  # None: the layout's first
    brand: str
    language: str = "en"
    photo: str | None = None  # relative to assets/
    fields: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    qr: str | None = None
    alt: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One breach of the style guide, seen on the rendered pixels: what was measured, and what is asked for.

    `where` is the spot on the page: left, top, right, bottom in pixels; None: the whole picture.
    """

    rule: str
    message: str
    severity: str  # error | warning
    layer: str = ""
    value: str = ""
    limit: str = ""
    where: tuple[int, int, int, int] | None = None
    page: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Visual:
    """A rendered picture: `path` is in the cache, named by the digest of all that went in (`key`).

    A work of several pages has a file for each: `pages`, of which `path` is the first. A print file (PDF) holds them
    all; it has `previews`, which findings' places are in, and its size is the page's in pixels.
    """

    path: Path
    mime: str
    width: int  # pixels
    height: int
    sha256: str  # of the bytes
    key: str
    dpi: int = 72
    pages: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    previews: tuple[Path, ...] = ()

    @property
    def pictures(self) -> tuple[Path, ...]:
        """Return the pictures people look at, one a page: of a print file its previews."""
        return self.previews or self.pages or (self.path,)
