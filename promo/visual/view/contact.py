"""The contact sheet: every picture of a campaign on A4 pages, in rows of like height, each with its caption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from promo.brand.model import Ink
from promo.visual.paint.painter import paint
from promo.visual.scene import MM_PER_INCH, AnyMark, ImageMark, Page, Rect, Scene, ShapeMark, TextMark
from promo.visual.text.fit import Align
from promo.visual.view.caption import ALERT, CAUTION, FAINT, INK, LINE, PAPER, caption

DPI = 200
A4 = (297.0, 210.0)  # mm, landscape
MARGIN, GAP = 12.0, 7.0  # mm
HEAD = 15.0  # mm for the title
ROW, TALLEST = 52.0, 66.0  # mm: a row's usual and greatest height
NARROWEST = 33.0  # mm: a caption needs that much
SMALL, PLAIN, LARGE = 2.35, 2.65, 5.2  # mm: type sizes


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One picture: `title` over `lines` below it; `errors` and `warnings` count what the style guide found."""

    file: Path
    width: int
    height: int
    title: str
    lines: tuple[str, ...]
    errors: int = 0
    warnings: int = 0
    findings: str = ""  # the counts in words


@dataclass(frozen=True, kw_only=True)
class _Cell:
    entry: Entry
    rect: Rect  # of the picture, mm
    width: float  # of the caption


def sheet_scenes(chapters: Mapping[str, Sequence[Entry]], *, note: str) -> list[Scene]:
    """Return the pages. Each chapter begins one, its title above at the left; `note` stands at the right."""
    pages = [(title, cells) for title, entries in chapters.items() for cells in _pages(entries)]
    return [
        _scene(cells, title=title, note=f"{note} · {number}/{len(pages)}" if len(pages) > 1 else note)
        for number, (title, cells) in enumerate(pages, start=1)
    ]


def write_sheet(scenes: Sequence[Scene], path: Path) -> list[Path]:
    """Write pages as one PDF, or as a PNG each (`sheet-1.png`, …); return the files."""
    pictures: Iterator[Image.Image] = (paint(scene).picture for scene in scenes)
    if path.suffix.lower() == ".pdf":
        first = next(pictures)
        # Pillow takes the further pages one by one: no more than two are held.
        first.save(path, "PDF", resolution=DPI, save_all=True, append_images=pictures, quality=90)
        return [path]
    files = []
    for number, picture in enumerate(pictures, start=1):
        file = path if len(scenes) == 1 else path.with_stem(f"{path.stem}-{number}")
        picture.save(file, "PNG", dpi=(DPI, DPI))
        files.append(file)
    return files


def _pages(entries: Sequence[Entry]) -> Iterator[list[_Cell]]:
    page: list[_Cell] = []
    top = MARGIN + HEAD
    for row in _rows(entries):
        tall = _row_height(row)
        if page and top + tall + _below(row) > A4[1] - MARGIN + 0.01:
            yield page
            page, top = [], MARGIN + HEAD
        left = MARGIN
        for entry in row:
            wide = tall * entry.width / entry.height
            rect = Rect(left=left, top=top, width=wide, height=tall)
            page.append(_Cell(entry=entry, rect=rect, width=max(wide, NARROWEST)))
            left += max(wide, NARROWEST) + GAP
        top += tall + _below(row) + GAP
    if page:
        yield page


def _rows(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    row: list[Entry] = []
    for entry in entries:
        if row and _row_width([*row, entry], ROW) > A4[0] - 2 * MARGIN:
            yield row
            row = []
        row.append(entry)
    if row:
        yield row


def _row_width(row: Sequence[Entry], tall: float) -> float:
    return sum(max(tall * entry.width / entry.height, NARROWEST) for entry in row) + GAP * (len(row) - 1)


def _row_height(row: Sequence[Entry]) -> float:
    """Return the height at which the row fills the page's width, as far as that looks well."""
    room = A4[0] - 2 * MARGIN
    low, high = 20.0, TALLEST if _row_width(row, ROW) > room * 0.7 else ROW
    if _row_width(row, low) > room:  # a very wide banner
        return low * room / _row_width(row, low)
    for _step in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if _row_width(row, middle) <= room else (low, middle)
    return low


def _below(row: Sequence[Entry]) -> float:
    lines = max(len(entry.lines) + bool(entry.findings) for entry in row)
    return 2.2 + PLAIN * 1.3 + lines * SMALL * 1.45


def _scene(cells: Sequence[_Cell], *, title: str, note: str) -> Scene:
    scale = DPI / MM_PER_INCH
    width, tall = round(A4[0] * scale), round(A4[1] * scale)
    trim = Rect(left=0, top=0, width=width, height=tall)
    room = A4[0] - 2 * MARGIN
    marks: list[AnyMark | None] = [
        _text(title, MARGIN, MARGIN, room * 0.7, LARGE, weight=700),
        _text(note, MARGIN + room * 0.7, MARGIN + 1.6, room * 0.3, SMALL * 1.1, ink=FAINT, align="right"),
        ShapeMark(layer="rule", rect=_scaled(Rect(left=MARGIN, top=MARGIN + 9, width=room, height=0.25)), ink=INK),
    ]
    for cell in cells:
        marks += _cell(cell)
    page = Page(width=width, height=tall, dpi=DPI, trim=trim, safe=trim, print=True)
    return Scene(page=page, ground=PAPER, marks=tuple(mark for mark in marks if mark is not None))


def _cell(cell: _Cell) -> Iterator[AnyMark | None]:
    entry, rect = cell.entry, cell.rect
    yield ImageMark(layer="picture", rect=_scaled(rect), file=entry.file)
    yield ShapeMark(layer="frame", rect=_scaled(rect), border=LINE, border_width=1.0)
    top = rect.bottom + 2.2
    yield _text(entry.title, rect.left, top, cell.width, PLAIN, weight=700)
    top += PLAIN * 1.3
    for line in entry.lines:
        yield _text(line, rect.left, top, cell.width, SMALL, ink=FAINT)
        top += SMALL * 1.45
    if entry.findings:
        yield _text(entry.findings, rect.left, top, cell.width, SMALL, ink=ALERT if entry.errors else CAUTION)


def _text(
    text: str,
    left: float,
    top: float,
    width: float,
    size: float,
    *,
    ink: Ink = INK,
    weight: int = 400,
    align: Align = "left",
) -> TextMark | None:
    box = _scaled(Rect(left=left, top=top, width=width, height=size))
    return caption(
        text, left=box.left, top=box.top, width=box.width, size=box.height, ink=ink, weight=weight, align=align
    )


def _scaled(rect: Rect) -> Rect:
    scale = DPI / MM_PER_INCH
    return Rect(left=rect.left * scale, top=rect.top * scale, width=rect.width * scale, height=rect.height * scale)
