"""The explained picture: a finished picture with its findings outlined and numbered, and told beside it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


def explain(visual: Visual) -> bytes:
    """Return a PNG: the picture with numbered outlines where the findings are, and a legend at its right.

    Errors come first. The legend is in the language in force when the findings were put into words.
    """
    target = io.BytesIO()
    paint(explained(visual)).picture.save(target, "PNG", compress_level=4)
    return target.getvalue()


def explained(visual: Visual) -> Scene:
    """Return the scene of the explained picture: outlines are layers `finding-1`, `finding-2`, …"""
    told, scale = _told(visual)
    width, height = visual.width * scale, visual.height * scale
    frame = Rect(left=MARGIN, top=MARGIN, width=width, height=height)
    legend, bottom = _legend(told, left=frame.right + GAP)
    size = round(frame.right + GAP + LEGEND + MARGIN), round(max(frame.bottom, bottom) + MARGIN)
    marks: list[AnyMark] = [
        ImageMark(layer="picture", rect=frame, file=visual.path),
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
    trim = Rect(left=0, top=0, width=size[0], height=size[1])
    page = Page(width=size[0], height=size[1], dpi=72, trim=trim, safe=trim)
    return Scene(page=page, ground=PAPER, marks=(*marks, *legend))


def _told(visual: Visual) -> tuple[list[_Told], float]:
    """Return the findings in the order they are told, and how much smaller the picture is shown."""
    scale = min(1.0, TALLEST / visual.height, WIDEST / visual.width)
    ordered = sorted(visual.findings, key=lambda finding: finding.severity != "error")
    told = []
    for number, finding in enumerate(ordered, start=1):
        spot = None
        if finding.where is not None:
            left, top, right, bottom = (side * scale for side in finding.where)
            spot = Rect(left=left, top=top, width=right - left, height=bottom - top)
        told.append(_Told(number=number, finding=finding, spot=spot))
    return told, scale


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
