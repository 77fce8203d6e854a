"""The explained picture: a finished picture with its findings outlined and numbered, and told beside it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from promo.brand.model import Ink
from promo.language import _
from promo.visual.model import Finding, Visual
from promo.visual.paint.painter import paint
from promo.visual.scene import AnyMark, ImageMark, Page, Rect, Scene, ShapeMark, TextMark
from promo.visual.view.caption import ALERT, CAUTION, FAINT, INK, LINE, PAPER, caption

TALLEST, WIDEST = 1000.0, 1280.0  # pixels of the picture in it
MARGIN, GAP, LEGEND = 36.0, 32.0, 480.0
STROKE, HALO = 4.0, 2.0  # an outline, and the light line on both sides of it that shows it on any ground
BADGE = 30.0  # across a number
SMALL, PLAIN, LARGE = 15.0, 18.0, 24.0  # type sizes
LONGEST = 8  # lines that one finding may take


@dataclass(frozen=True, kw_only=True)
class _Told:
    """One finding in the order they are told; `spot` is where it is seen, as large as the picture is shown."""

    number: int
    finding: Finding
    spot: Rect | None

    @property
    def ink(self) -> Ink:
        return ALERT if self.finding.severity == "error" else CAUTION


def explain(visual: Visual) -> tuple[bytes, ...]:
    """Return a PNG for each page that has findings, at least for the first: numbered outlines, and a legend beside.

    Errors come first. The legend is in the language in force, as the findings' own words are when they are read.
    """
    pages = [number for number in range(1, len(visual.pictures) + 1) if _on(visual, number)] or [1]
    return tuple(_png(explained(visual, number)) for number in pages)


def explained(visual: Visual, page: int = 1) -> Scene:
    """Return the scene of one explained page: outlines are layers `finding-1`, `finding-2`, …"""
    file = visual.pictures[page - 1]
    with Image.open(file) as opened:  # of a print file the preview, smaller than the page
        size = opened.size
    scale = min(1.0, TALLEST / size[1], WIDEST / size[0])
    told = _told(_on(visual, page), scale)
    frame = Rect(left=MARGIN, top=MARGIN, width=size[0] * scale, height=size[1] * scale)
    legend, bottom = _legend(told, left=frame.right + GAP)
    sheet = round(frame.right + GAP + LEGEND + MARGIN), round(max(frame.bottom, bottom) + MARGIN)
    marks: list[AnyMark] = [
        ImageMark(layer="picture", rect=frame, file=file),
        ShapeMark(layer="frame", rect=frame, border=LINE, border_width=1.0),
    ]
    rects = {line.number: _around(line.spot, frame) for line in told if line.spot is not None}
    for line in reversed(told):  # the first finding's outline lies above all others
        if (rect := rects.get(line.number)) is not None:
            marks += _outline(line, rect)
    corners: list[Rect] = []
    for line in told:
        if (rect := rects.get(line.number)) is not None:
            corners.append(_corner(rect, frame, corners))
            marks += _badge(line, corners[-1].left, corners[-1].top)
    trim = Rect(left=0, top=0, width=sheet[0], height=sheet[1])
    room = Page(width=sheet[0], height=sheet[1], dpi=72, trim=trim, safe=trim)
    return Scene(page=room, ground=PAPER, marks=(*marks, *legend))


def _on(visual: Visual, page: int) -> list[Finding]:
    """Return what was found on a page, and on the work as a whole (0)."""
    return [finding for finding in visual.findings if finding.page in (0, page)]


def _told(findings: Sequence[Finding], scale: float) -> list[_Told]:
    """Return the findings in the order they are told."""
    told = []
    for number, finding in enumerate(sorted(findings, key=lambda finding: finding.severity != "error"), start=1):
        spot = None
        if finding.where is not None:
            left, top, right, bottom = (side * scale for side in finding.where)
            spot = Rect(left=left, top=top, width=right - left, height=bottom - top)
        told.append(_Told(number=number, finding=finding, spot=spot))
    return told


def _around(spot: Rect, frame: Rect) -> Rect:
    """Return the outline of a spot: around it, so that nothing of it is hidden, but inside the picture."""
    by = STROKE + HALO
    left, top = max(by, spot.left - by), max(by, spot.top - by)
    right, bottom = min(frame.width - by, spot.right + by), min(frame.height - by, spot.bottom + by)
    return Rect(
        left=frame.left + left, top=frame.top + top, width=max(right - left, BADGE), height=max(bottom - top, BADGE)
    )


def _corner(rect: Rect, frame: Rect, taken: Sequence[Rect]) -> Rect:
    """Return the place of an outline's number: on its upper left corner, to the right of those already there."""
    place = Rect(
        left=max(frame.left, rect.left - BADGE / 2), top=max(frame.top, rect.top - BADGE / 2), width=BADGE, height=BADGE
    )
    while any(place.meets(other) for other in taken):
        place = place.moved(BADGE + HALO, 0)
    return place


def _outline(line: _Told, rect: Rect) -> Iterator[AnyMark]:
    layer = f"finding-{line.number}"
    yield ShapeMark(layer=layer, rect=rect.grown(HALO), border=PAPER, border_width=STROKE + 2 * HALO)
    yield ShapeMark(layer=layer, rect=rect, border=line.ink, border_width=STROKE)


def _badge(line: _Told, left: float, top: float) -> Iterator[AnyMark]:
    rect = Rect(left=left, top=top, width=BADGE, height=BADGE)
    layer = f"number-{line.number}"
    yield ShapeMark(layer=layer, rect=rect.grown(HALO), ink=PAPER, radius=BADGE / 4)
    yield ShapeMark(layer=layer, rect=rect, ink=line.ink, radius=BADGE / 4)
    number = caption(
        str(line.number), left=left, top=top + 3, width=BADGE, size=PLAIN, ink=PAPER, weight=700, align="center"
    )
    if number is not None:
        yield number


def _legend(told: Sequence[_Told], *, left: float) -> tuple[list[AnyMark], float]:
    """Return the marks of the legend and where it ends."""
    marks: list[AnyMark] = []
    top = MARGIN

    def write(
        text: str, *, indent: float = 0.0, size: float, ink: Ink = INK, weight: int = 400, lines: int = 1
    ) -> None:
        nonlocal top
        mark = caption(
            text, left=left + indent, top=top, width=LEGEND - indent, size=size, ink=ink, weight=weight, max_lines=lines
        )
        if isinstance(mark, TextMark):
            marks.append(mark)
            top += mark.rect.height

    title = _("What the style guide says") if told else _("The style guide finds no fault")
    write(title, size=LARGE, weight=700)
    for line in told:
        top += 20
        marks += _badge(line, left, top)
        finding = line.finding
        severity = _("error") if finding.severity == "error" else _("warning")
        indent = BADGE + 12
        write(finding.message, indent=indent, size=PLAIN, lines=LONGEST)
        top += 6
        where = " · ".join(filter(None, (severity, finding.rule, finding.layer, "" if line.spot else _("no one spot"))))
        write(where, indent=indent, size=SMALL, ink=line.ink, weight=600)
        if finding.value and finding.limit:
            top += 2
            measured = _("measured {value}, asked for {limit}", value=finding.value, limit=finding.limit)
            write(measured, indent=indent, size=SMALL, ink=FAINT)
    return marks, top


def _png(scene: Scene) -> bytes:
    target = io.BytesIO()
    paint(scene).picture.save(target, "PNG", compress_level=4)
    return target.getvalue()
