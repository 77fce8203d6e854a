"""Blanks: pictures finished but for the QR code, since the cards of a campaign often differ in nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from promo.visual.file.encode import encode
from promo.visual.file.metadata import Metadata
from promo.visual.file.strips import Strips
from promo.visual.layout.model import Output
from promo.visual.paint.marks import lay_code
from promo.visual.paint.painter import Painted
from promo.visual.paint.sheet import Sheet
from promo.visual.paint.store import pixels_size
from promo.visual.rule.code import surroundings, unreadable
from promo.visual.scene import LogoMark, Page, QrMark, Rect, Scene, TextMark

Note = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Blank:
    """What it takes to print a code into a finished picture: the rows around it, and the file's other strips.

    `rows` are the page's rows from `top`, without the code; `near` is what the reader will see of the page around it.
    A blank gives the same bytes and findings as a picture that is painted whole.
    """

    page: Page
    output: Output
    said: Metadata  # of itself
    mark: QrMark
    rows: Image.Image
    top: int
    near: Image.Image
    strips: Strips | None  # None: the type is encoded whole, and `rows` are the whole page
    findings: tuple[Note, ...]  # of all but the code's being read

    @property
    def size(self) -> int:
        """Return about how many bytes it takes in memory."""
        return pixels_size(self.rows) + pixels_size(self.near) + (self.strips.size if self.strips else 0)

    def with_link(self, link: str) -> tuple[bytes, tuple[Note, ...]]:
        """Return the file with the code of `link`, which must need as many modules, and all findings."""
        mark = replace(self.mark, link=link)
        area = self.rows.copy()
        lay_code(Sheet(area, origin=(0, self.top)), mark)
        if self.strips is None:
            data = encode(area, self.output, dpi=round(self.page.dpi))
        else:
            data = self.strips.changed(area, self.top).joined()
        left, top, right, bottom = mark.rect.pixels()
        seen, (x, y, _right, _bottom) = self.near.copy(), surroundings(mark.rect, self.page)
        seen.paste(area.crop((left, top - self.top, right, bottom - self.top)), (left - x, top - y))
        return data, (*self.findings, *unreadable(mark, mark.rect, seen))


def blank_of(
    painted: Painted, *, strips: Strips | None, output: Output, said: Metadata, findings: tuple[Note, ...]
) -> Blank | None:
    """Return the blank of a finished picture, or None where its code cannot be exchanged by itself."""
    scene, code = painted.scene, painted.code
    if code is None or not _exchangeable(scene, code.mark):
        return None
    page = scene.page
    left, top, _right, bottom = code.mark.rect.pixels()
    first, end = strips.around(top, bottom, page.height) if strips is not None else (0, page.height)
    rows = painted.picture.crop((0, first, page.width, end))
    rows.paste(code.under, (left, top - first))
    near = painted.picture.crop(surroundings(code.mark.rect, page))
    return Blank(
        page=page,
        output=output,
        said=said,
        mark=code.mark,
        rows=rows,
        top=first,
        near=near,
        strips=strips,
        findings=findings,
    )


def _exchangeable(scene: Scene, code: QrMark) -> bool:
    """Whether the code is the only one, lies on the page with nothing over it, and no text tells its link."""
    marks = list(scene.walk())
    if sum(isinstance(mark, QrMark) for mark in marks) != 1 or code not in scene.marks:
        return False
    left, top, right, bottom = code.rect.pixels()
    if left < 0 or top < 0 or right > scene.page.width or bottom > scene.page.height:
        return False
    tail = code.link.rstrip("/").rpartition("/")[2]
    if any(isinstance(mark, TextMark) and tail in mark.block.text for mark in marks):
        return False
    over = marks[next(index for index, mark in enumerate(marks) if isinstance(mark, QrMark)) + 1 :]
    return not any(mark.rotation or _extent(mark).meets(code.rect) for mark in over)


def _extent(mark: Any) -> Rect:
    extent: Rect = mark.drawn if isinstance(mark, LogoMark) and mark.drawn else mark.rect
    return extent
