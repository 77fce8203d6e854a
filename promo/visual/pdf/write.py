"""Print PDFs: scenes in, one file out, the same bytes for the same input."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

from promo.visual.file.metadata import Metadata, xmp_packet
from promo.visual.finding import finding
from promo.visual.pdf.colour import Press, PrintSettings
from promo.visual.pdf.conformance import conform
from promo.visual.pdf.marks import Marks
from promo.visual.pdf.sheet import Boxes, boxes_of, has_bleed, lay_marks, lay_slug, set_boxes
from promo.visual.pdf.stream import Content
from promo.visual.rule.ink import TOTAL_INK
from promo.visual.scene import AnyMark, GroupMark, Page, QrMark, Scene
from promo.visual.text.block import Face

LEAST = "1.6"  # PDF/X-4 is built on PDF 1.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A finished PDF. `findings` are plain, as rules have them."""

    data: bytes
    findings: tuple[dict[str, Any], ...]


def write_pdf(
    pages: Sequence[Scene], *, settings: PrintSettings, title: str, slug_face: Face, metadata: Metadata | None = None
) -> Printed:
    """Write painted scenes (`paint` has decided logos and veils) as the pages of one PDF.

    With a profile the file is PDF/X-4 in the press's inks, without one it is in RGB, and a finding says so. What
    pages share is written once: posters that differ in their code cost a few hundred bytes each. Raises UserMistake
    for a profile, photo or logo that cannot be used.
    """
    with pikepdf.new() as pdf:
        press = Press(pdf, settings)
        writer = _Writer(press, title, slug_face)
        for number, scene in enumerate(pages):
            writer.marks.page = number
            writer.add(scene)
        conform(pdf, settings, title=title, packet=xmp_packet(metadata or Metadata(title={"x-default": title})))
        stream = io.BytesIO()
        pdf.save(
            stream,
            force_version=LEAST,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
        return Printed(data=stream.getvalue(), findings=tuple(writer.findings()))


class _Writer:
    """Adds page after page; what one has in common with the pages before is a form they share."""

    def __init__(self, press: Press, title: str, face: Face) -> None:
        self.press, self.pdf, self.title, self.face = press, press.pdf, title, face
        self.marks = Marks(press)
        self._runs: list[tuple[Page, tuple[AnyMark, ...], pikepdf.Object]] = []
        self._around: dict[Boxes, pikepdf.Object] = {}

    def add(self, scene: Scene) -> None:
        page, boxes = scene.page, boxes_of(scene.page)
        content = Content(self.pdf)
        content.op("q")
        left, _bottom, _right, top = boxes.bleed
        content.op("cm", f"{boxes.scale:.7f} 0 0 {-boxes.scale:.7f}", left, top)
        content.op("re", 0, 0, page.width, page.height)
        content.op("W")
        content.op("n")
        self.press.fill(content, scene.ground)
        content.op("re", 0, 0, page.width, page.height)
        content.op("f")
        for own, run in _runs(scene.marks):
            if own:
                self.marks.lay(content, run, page)
            else:
                content.do(self._shared(page, run))
        content.op("Q")
        if has_bleed(page):
            content.do(self._marks_around(page, boxes))
        self.pdf.add_blank_page()
        made = self.pdf.pages[-1].obj
        set_boxes(made, boxes)
        made.Group = self.press.group()
        made.Resources = content.resources()
        made.Contents = self.pdf.make_indirect(pikepdf.Stream(self.pdf, content.data()))

    def _shared(self, page: Page, run: tuple[AnyMark, ...]) -> pikepdf.Object:
        """Return the form of marks that do not differ from page to page."""
        for known_page, known, form in self._runs:
            if known == run and known_page == page:
                return form
        content = Content(self.pdf)
        self.marks.lay(content, run, page)
        form = content.form((0, 0, page.width, page.height))
        self._runs.append((page, run, form))
        return form

    def _marks_around(self, page: Page, boxes: Boxes) -> pikepdf.Object:
        if boxes not in self._around:
            content = Content(self.pdf)
            width, height = (round(page.mm(side)) for side in (page.trim.width, page.trim.height))
            parts = [self.title, f"{width} × {height} mm", self._inks()]
            lay_marks(content, self.press, boxes)
            lay_slug(content, boxes, "  ·  ".join(parts), self.marks.glyphs, self.face)
            self._around[boxes] = content.form(boxes.media)
        return self._around[boxes]

    def _inks(self) -> str:
        if not self.press.separates:
            return "RGB"
        return " + ".join(("CMYK", *self.press.spots())) + f" {self.press.settings.condition}".rstrip()

    def findings(self) -> Iterator[dict[str, Any]]:
        """Yield what a printer should know: drawings as pixels, a file in RGB, and where too much ink would lie."""
        for mark in self.marks.logos.rastered:
            yield finding("logo-pixels", layer=mark.layer, where=mark.drawn, file=mark.file.name if mark.file else "")
        settings = self.press.settings
        if not self.press.separates:
            yield finding("print-rgb", layer="")
            return
        limit = f"{settings.total_ink:g} %"
        for photo in dict.fromkeys(self.marks.photo_inks):
            if photo.value > settings.total_ink:
                value = f"{photo.value:.0f} %"
                yield finding(TOTAL_INK, layer=photo.layer, where=photo.rect, value=value, limit=limit, page=photo.page)
        heaviest = self.press.heaviest
        if heaviest is not None:
            total = 100 * sum(self.press.values(heaviest))
            if total > settings.total_ink + 0.5:  # its parts are rounded
                yield finding(TOTAL_INK, layer=heaviest.name, value=f"{total:.0f} %", limit=limit)


def _runs(marks: Sequence[AnyMark]) -> Iterator[tuple[bool, tuple[AnyMark, ...]]]:
    """Yield runs of marks in order: those with a code are each page's own, those without may be shared."""
    run: list[AnyMark] = []
    for mark in marks:
        if _has_code(mark):
            if run:
                yield False, tuple(run)
            run = []
            yield True, (mark,)
        else:
            run.append(mark)
    if run:
        yield False, tuple(run)


def _has_code(mark: AnyMark) -> bool:
    return isinstance(mark, QrMark) or (isinstance(mark, GroupMark) and any(map(_has_code, mark.marks)))
