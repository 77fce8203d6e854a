"""A work's print file: its pages as the brand prints them, once for every code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from promo.brand.model import Brand
from promo.visual.file.metadata import Metadata
from promo.visual.paint.marks import lay_code
from promo.visual.paint.painter import Painted
from promo.visual.paint.sheet import Sheet
from promo.visual.pdf.colour import settings_of
from promo.visual.pdf.preview import code_for, decided, with_link
from promo.visual.pdf.write import Printed, write_pdf
from promo.visual.rule.code import surroundings, unreadable
from promo.visual.scene import Scene
from promo.visual.text.fonts import chain

SLUG_FONT = "Noto Sans SC"  # comes with promo, and has the words of any title


def print_file(
    scenes: Sequence[Scene], previews: Sequence[Scene], *, brand: Brand, metadata: Metadata, links: Sequence[str] = ()
) -> Printed:
    """Return the PDF of a work's pages; `previews` are the same pages painted small, which decided logos and veils.

    With `links` all pages are there once for each, with its own code. Places in findings are in the preview's
    pixels. Raises UserMistake as `write_pdf` does, and for a link too long for a code.
    """
    full = [decided(scene, preview) for scene, preview in zip(scenes, previews, strict=True)]
    pages = [with_link(scene, link) for link in links for scene in full] or full
    printed = write_pdf(
        pages,
        settings=settings_of(brand),
        title=next(iter(metadata.title.values()), brand.id),
        slug_face=chain((SLUG_FONT,), 400, brand.folder).faces[0],
        metadata=metadata,
    )
    return replace(printed, findings=tuple(_on_previews(printed.findings, scenes, previews)))


def unread(page: Painted, links: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield a finding for each link whose code, laid where the page's own code lies, no reader makes out."""
    code = page.code
    if code is None:
        return
    box = surroundings(code.mark.rect, page.scene.page)
    near = page.picture.crop(box)
    near.paste(code.under, (round(code.mark.rect.left) - box[0], round(code.mark.rect.top) - box[1]))
    for link in links:
        if link != code.mark.link:
            mark, seen = code_for(code.mark, link), near.copy()
            lay_code(Sheet(seen, origin=box[:2]), mark)
            yield from unreadable(mark, mark.rect, seen)


def _on_previews(
    findings: Sequence[dict[str, Any]], scenes: Sequence[Scene], previews: Sequence[Scene]
) -> Iterator[dict[str, Any]]:
    for found in findings:
        number = found["page"] % len(scenes)
        share = previews[number].page.width / scenes[number].page.width
        where = found["where"] and [round(side * share) for side in found["where"]]
        yield {**found, "where": where, "page": number}
