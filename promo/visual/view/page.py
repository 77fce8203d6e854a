"""What of a visual people look at: its pages as pictures, each with the findings that are seen on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from promo.visual.model import Finding, Visual


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPage:
    """One page: a picture file of `width` × `height` pixels, in which the findings' places are."""

    path: Path
    width: int
    height: int
    findings: tuple[Finding, ...]


def shown_pages(visual: Visual) -> tuple[ShownPage, ...]:
    """Return the pages in their order; of a print file its previews. Findings of no one page stand with the first."""
    pages = []
    for number, path in enumerate(visual.pictures, start=1):
        with Image.open(path) as picture:  # reads the head of the file only
            width, height = picture.size
        here = tuple(f for f in visual.findings if f.page == number or (number == 1 and not f.page))
        pages.append(ShownPage(path=path, width=width, height=height, findings=here))
    return tuple(pages)
