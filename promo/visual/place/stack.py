"""Stacks of text: shrinking them until they fit, and the exact place of every line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import bidirectional

from promo.brand.model import Brand, TypeStyle
from promo.visual.finding import finding
from promo.visual.layout.model import StackLayer, TextItem
from promo.visual.place.canvas import Canvas
from promo.visual.scene import Rect, ShapeMark, TextMark
from promo.visual.text.block import Glyph, SetLine, TextBlock
from promo.visual.text.fonts import chain
from promo.visual.text.lines import Line, Paragraph, break_lines, prepare, set_line

BALANCED = 4  # texts of at most so many lines are set with lines alike in length
STEPS = 12  # from the largest to the smallest size
EM_TOP = 0.88  # the ideographic em box reaches from 0.88 above the baseline to 0.12 below it
PLATE_PAD = (0.6, 0.34)  # of a plate around its text, in em
SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}  # of the room left beside a line
LARGE_SHARE = 6.0  # percent of the short side: 24 CSS pixels where a card is seen 400 CSS pixels wide
NORMAL, LARGE = 4.5, 3.0  # WCAG 2.2, success criterion 1.4.3 (AA)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedStack:
    """A whole stack, set, and what was found on the way."""

    marks: tuple[TextMark | ShapeMark, ...]
    findings: tuple[dict[str, Any], ...]


class _Candidate:
    """One text that wants a place: its paragraphs, and how it breaks at a size."""

    def __init__(self, item: TextItem, *, name: str, text: str, brand: Brand, canvas: Canvas, width: float) -> None:
        self.item, self.name, self.width = item, name, width
        self.beside = False  # stands to the right of the text before it and takes no height
        self.largest = canvas.length(canvas.pick(item.size))
        self.smallest = canvas.length(canvas.pick(item.min_size)) if item.min_size else self.largest
        self.style: TypeStyle = getattr(brand.guide.typography, item.style)
        self.paragraphs: list[Paragraph] = []
        self.missing: tuple[str, ...] = ()
        if item.rule is None:
            fonts = chain(self.style.fonts, self.style.weight, brand.folder)
            self.missing = fonts.missing
            parts = text.replace("\r", "").strip().split("\n")
            self.paragraphs = [prepare(part, fonts, self.style.tracking) for part in parts]
        self._broken: dict[float, tuple[list[tuple[Paragraph, int, int]], float]] = {}

    def size(self, shrink: float) -> float:
        return round(self.largest + (self.smallest - self.largest) * shrink, 2)

    def _break(self, shrink: float) -> tuple[list[tuple[Paragraph, int, int]], float]:
        size = self.size(shrink)
        if size not in self._broken:
            room = self.width / size - (2 * PLATE_PAD[0] if self.item.plate else 0)
            lines, total = [], 0.0
            for paragraph in self.paragraphs:
                ranges, bad = break_lines(paragraph, room, balance=self.item.max_lines <= BALANCED)
                lines += [(paragraph, start, end) for start, end in ranges]
                total += bad
            self._broken[size] = lines, total
        return self._broken[size]

    def ranges(self, shrink: float) -> list[tuple[Paragraph, int, int]]:
        return self._break(shrink)[0]

    def cost(self, shrink: float) -> float:
        """How bad it looks: breaks inside phrases most, then a small size, then many lines."""
        lines, bad = self._break(shrink)
        return 0.8 * bad + 1.2 * shrink + 0.25 * len(lines)

    def fits(self, shrink: float) -> bool:
        return len(self.ranges(shrink)) <= self.item.max_lines

    def height(self, shrink: float, unit: float) -> float:
        if self.beside:
            return 0.0
        if self.item.rule is not None:
            return max(2.0, 0.55 * unit)
        lines = min(len(self.ranges(shrink)), self.item.max_lines)
        em = 1 + (lines - 1) * self.style.line_height + (2 * PLATE_PAD[1] if self.item.plate else 0)
        return em * self.size(shrink)

    def block(self, lines: tuple[SetLine, ...], size: float, language: str, *, cut: bool = False) -> TextBlock:
        words = "\n".join("".join(paragraph.graphemes) for paragraph in self.paragraphs)
        uncovered = tuple(grapheme for paragraph in self.paragraphs for grapheme in paragraph.uncovered)
        return TextBlock(lines, size, words, language, cut=cut, uncovered=uncovered)

    @cached_property
    def label(self) -> str:
        words = "".join("".join(paragraph.graphemes) for paragraph in self.paragraphs)
        return words if len(words) <= 24 else words[:23] + "…"


def place_stack(  # noqa: C901 - one text after the other, from the top of the stack to its bottom
    layer: StackLayer, fields: Mapping[str, str], brand: Brand, canvas: Canvas, language: str
) -> PlacedStack:
    """Set the texts of a stack that are not empty into its box on `canvas`."""
    box = canvas.rect(layer.box)
    candidates = []
    for item in layer.items:
        name = next((name for name in item.field if fields.get(name, "").strip()), "")
        text = fields[name] if name else item.text.in_language(language) if item.text else ""
        if text.strip() or item.rule is not None:
            candidates.append(
                _Candidate(item, name=name or item.style, text=text, brand=brand, canvas=canvas, width=box.width)
            )
    while candidates and candidates[-1].item.rule is not None:
        candidates.pop()  # a line above nothing
    for index, candidate in enumerate(candidates):
        candidate.beside = index > 0 and candidate.item.beside and layer.align == "left"
    own = [_best_fit(candidate) for candidate in candidates]
    chosen, total = own, 0.0
    for step in range(STEPS + 1):
        chosen = [max(shrink, step / STEPS) for shrink in own]
        total = _height(candidates, chosen, canvas)
        if total <= box.height:
            break
    findings = [
        note
        for candidate, shrink in zip(candidates, chosen, strict=True)
        for note in _notes(candidate, shrink, brand, canvas)
    ]
    if total > box.height * 1.005:
        percent = round(100 * (total / box.height - 1)) or 1
        findings.append(finding("stack-overflow", layer="stack", where=box, value=f"{percent} %", limit="0 %"))
    spare = box.height - total
    y = box.top + (0 if layer.anchor == "top" else spare / 2 if layer.anchor == "middle" else spare)
    marks: list[TextMark | ShapeMark] = []
    for index, (candidate, shrink) in enumerate(zip(candidates, chosen, strict=True)):
        if candidate.beside:
            before = marks[-1]
            if isinstance(before, TextMark):
                marks.append(_beside(before, candidate, shrink, brand=brand, canvas=canvas, language=language))
            continue
        y += canvas.length(canvas.pick(candidate.item.gap)) if index else 0
        place = _place_rule if candidate.item.rule is not None else _place
        marks.append(
            place(candidate, shrink, align=layer.align, box=box, top=y, canvas=canvas, brand=brand, language=language)
        )
        y += candidate.height(shrink, canvas.page.unit)
    return PlacedStack(marks=tuple(marks), findings=tuple(findings))


def _best_fit(candidate: _Candidate) -> float:
    """Return the shrinking at which a text, by itself, has few enough lines and looks best."""
    steps = [step / STEPS for step in range(STEPS + 1)]
    return min((shrink for shrink in steps if candidate.fits(shrink)), key=candidate.cost, default=1.0)


def _height(candidates: list[_Candidate], chosen: list[float], canvas: Canvas) -> float:
    gaps = sum(canvas.length(canvas.pick(candidate.item.gap)) for candidate in candidates[1:] if not candidate.beside)
    return gaps + sum(
        candidate.height(shrink, canvas.page.unit) for candidate, shrink in zip(candidates, chosen, strict=True)
    )


def _character_notes(candidate: _Candidate) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = []
    uncovered = [grapheme for paragraph in candidate.paragraphs for grapheme in paragraph.uncovered]
    if uncovered:
        characters = " ".join(f"{g} (U+{ord(g[0]):04X})" for g in dict.fromkeys(uncovered))
        notes.append(finding("no-glyph", layer=candidate.name, characters=characters))
    leftward = [g for p in candidate.paragraphs for g in p.graphemes if bidirectional(g[0]) in ("R", "AL")]
    if leftward:  # lines are set from left to right: such words would stand in the wrong order
        characters = "".join(dict.fromkeys(leftward))[:20]
        notes.append(finding("right-to-left", layer=candidate.name, characters=characters))
    system: dict[str, list[str]] = {}
    for paragraph in candidate.paragraphs:
        for grapheme, face in zip(paragraph.graphemes, paragraph.faces, strict=True):
            if face.system:
                system.setdefault(face.path.name, []).append(grapheme)
    for font, graphemes in system.items():
        characters = "".join(dict.fromkeys(graphemes))[:20]
        notes.append(finding("system-font", layer=candidate.name, characters=characters, font=font))
    return notes


def _notes(candidate: _Candidate, shrink: float, brand: Brand, canvas: Canvas) -> list[dict[str, Any]]:
    if candidate.item.rule is not None:
        return []
    notes = []
    if not candidate.fits(shrink):
        rule = "text-overflow" if candidate.item.style == "headline" else "text-cut"
        notes.append(finding(rule, layer=candidate.name, text=candidate.label))
    notes += _character_notes(candidate)
    notes += [finding("font-missing", layer=candidate.name, font=name) for name in candidate.missing]
    size, typography = candidate.size(shrink), brand.guide.typography
    if canvas.page.print and size < canvas.from_pt(typography.min_pt) - 0.5:
        shown, smallest = f"{canvas.page.pt(size):.1f} pt", f"{typography.min_pt:g} pt"
    elif not canvas.page.print and size < canvas.length(typography.min_size) - 0.5:
        shown, smallest = f"{size:.0f} px", f"{canvas.length(typography.min_size):.0f} px"
    else:
        return notes
    notes.append(finding("text-small", layer=candidate.name, text=candidate.label, value=shown, limit=smallest))
    return notes


def _place_rule(
    candidate: _Candidate,
    shrink: float,
    *,
    align: str,
    box: Rect,
    top: float,
    canvas: Canvas,
    brand: Brand,
    language: str,
) -> ShapeMark:
    del language
    width = canvas.length(8)
    rect = Rect(
        left=box.left + (box.width - width) * SHARE[align],
        top=top,
        width=width,
        height=candidate.height(shrink, canvas.page.unit),
    )
    return ShapeMark(layer="rule", rect=rect, ink=brand.ink(candidate.item.rule or "accent"))


def _place(
    candidate: _Candidate,
    shrink: float,
    *,
    align: str,
    box: Rect,
    top: float,
    canvas: Canvas,
    brand: Brand,
    language: str,
) -> TextMark:
    item, size, share = candidate.item, candidate.size(shrink), SHARE[align]
    ranges = candidate.ranges(shrink)
    cut = len(ranges) > item.max_lines
    ranges = ranges[: item.max_lines]
    lines = [
        set_line(paragraph, start, end, ellipsis=cut and index == len(ranges) - 1)
        for index, (paragraph, start, end) in enumerate(ranges)
    ]
    pad_x, pad_y = (PLATE_PAD[0] * size, PLATE_PAD[1] * size) if item.plate else (0.0, 0.0)
    width = max((line.width for line in lines), default=0.0) * size + 2 * pad_x
    left = box.left + (box.width - width) * share
    placed, y = [], top + pad_y + EM_TOP * size
    for line in lines:
        placed.append(_set(line, size, left + pad_x + (width - 2 * pad_x - line.width * size) * share, y))
        y += candidate.style.line_height * size
    rect = Rect(left=left, top=top, width=width, height=candidate.height(shrink, canvas.page.unit))
    return TextMark(
        layer=candidate.name,
        rect=rect,
        block=candidate.block(tuple(placed), size, language, cut=cut),
        ink=brand.ink(item.color),
        style=item.style,
        plate=brand.ink(item.plate) if item.plate else None,
        plate_radius=size * (0.5 + PLATE_PAD[1]) if len(lines) < 2 else size * 0.5,
        strike=item.strike,
        min_contrast=_needed(size, canvas),
    )


def _beside(
    before: TextMark, candidate: _Candidate, shrink: float, *, brand: Brand, canvas: Canvas, language: str
) -> TextMark:
    """Set one line to the right of the text before it, on the same base line."""
    size, baseline = candidate.size(shrink), before.block.lines[-1].y
    left = before.rect.right + canvas.length(canvas.pick(candidate.item.gap))
    line = set_line(*candidate.ranges(shrink)[0])
    return TextMark(
        layer=candidate.name,
        rect=Rect(left=left, top=baseline - EM_TOP * size, width=line.width * size, height=size),
        block=candidate.block((_set(line, size, left, baseline),), size, language),
        ink=brand.ink(candidate.item.color),
        style=candidate.item.style,
        strike=candidate.item.strike,
        min_contrast=_needed(size, canvas),
    )


def _set(line: Line, size: float, x: float, y: float) -> SetLine:
    glyphs = tuple(
        Glyph(letter.face, letter.id, x + (letter.x + letter.shift) * size, y, letter.text) for letter in line.letters
    )
    return SetLine(glyphs, x, x + line.width * size, y, line.text)


def _needed(size: float, canvas: Canvas) -> float:
    return LARGE if size >= LARGE_SHARE * canvas.page.unit else NORMAL
