"""Stacks of text: shrinking them until they fit, and the exact place of every line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promo.brand.model import Brand
from promo.visual.finding import finding
from promo.visual.layout.model import StackLayer, TextItem
from promo.visual.place.canvas import Canvas
from promo.visual.scene import Rect, ShapeMark, TextMark
from promo.visual.text.fit import STEPS, Align, Fitted, Setting

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
    """One text that wants a place, or a short line between two texts."""

    def __init__(
        self, item: TextItem, *, name: str, text: str, brand: Brand, canvas: Canvas, width: float, language: str
    ) -> None:
        self.item, self.name = item, name
        self.beside = False  # stands to the right of the text before it and takes no height
        self.setting: Setting | None = None
        if item.rule is None:
            self.setting = Setting(
                text,
                style=getattr(brand.guide.typography, item.style),
                folder=brand.folder,
                language=language,
                width=width,
                size=canvas.length(canvas.pick(item.size)),
                min_size=canvas.length(canvas.pick(item.min_size)) if item.min_size else None,
                max_lines=item.max_lines,
                inset=PLATE_PAD[0] if item.plate else 0.0,
            )

    @property
    def best(self) -> float:
        return self.setting.best if self.setting else 0.0

    def height(self, shrink: float, unit: float) -> float:
        if self.beside:
            return 0.0
        if self.setting is None:
            return max(2.0, 0.55 * unit)
        plate = 2 * PLATE_PAD[1] * self.setting.size(shrink) if self.item.plate else 0.0
        return self.setting.height(shrink) + plate


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
                _Candidate(
                    item,
                    name=name or item.style,
                    text=text,
                    brand=brand,
                    canvas=canvas,
                    width=box.width,
                    language=language,
                )
            )
    while candidates and candidates[-1].item.rule is not None:
        candidates.pop()  # a line above nothing
    for index, candidate in enumerate(candidates):
        candidate.beside = index > 0 and candidate.item.beside and layer.align == "left"
    own = [candidate.best for candidate in candidates]
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
            if candidate.setting is not None and isinstance(marks[-1], TextMark):
                fitted = candidate.setting.fitted(shrink)
                marks.append(_beside(marks[-1], candidate, fitted, brand=brand, canvas=canvas))
            continue
        y += canvas.length(canvas.pick(candidate.item.gap)) if index else 0
        height = candidate.height(shrink, canvas.page.unit)
        if candidate.setting is None:
            marks.append(
                _rule(candidate.item, align=layer.align, box=box, top=y, height=height, canvas=canvas, brand=brand)
            )
        else:
            fitted = candidate.setting.fitted(shrink)
            marks.append(
                _place(candidate, fitted, align=layer.align, box=box, top=y, height=height, canvas=canvas, brand=brand)
            )
        y += height
    return PlacedStack(marks=tuple(marks), findings=tuple(findings))


def _height(candidates: list[_Candidate], chosen: list[float], canvas: Canvas) -> float:
    gaps = sum(canvas.length(canvas.pick(candidate.item.gap)) for candidate in candidates[1:] if not candidate.beside)
    return gaps + sum(
        candidate.height(shrink, canvas.page.unit) for candidate, shrink in zip(candidates, chosen, strict=True)
    )


def _character_notes(layer: str, setting: Setting) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = []
    if setting.uncovered:
        characters = " ".join(f"{g} (U+{ord(g[0]):04X})" for g in setting.uncovered)
        notes.append(finding("no-glyph", layer=layer, characters=characters))
    for font, characters in setting.system_fonts.items():
        notes.append(finding("system-font", layer=layer, characters=characters[:20], font=font))
    notes += [finding("font-missing", layer=layer, font=font) for font in setting.missing_fonts]
    return notes


def _notes(candidate: _Candidate, shrink: float, brand: Brand, canvas: Canvas) -> list[dict[str, Any]]:
    setting = candidate.setting
    if setting is None:
        return []
    notes = []
    words = setting.text.replace("\n", "")
    label = words if len(words) <= 24 else words[:23] + "…"
    if not setting.fits(shrink):
        rule = "text-overflow" if candidate.item.style == "headline" else "text-cut"
        notes.append(finding(rule, layer=candidate.name, text=label))
    notes += _character_notes(candidate.name, setting)
    size, typography = setting.size(shrink), brand.guide.typography
    if canvas.page.print and size < canvas.from_pt(typography.min_pt) - 0.5:
        shown, smallest = f"{canvas.page.pt(size):.1f} pt", f"{typography.min_pt:g} pt"
    elif not canvas.page.print and size < canvas.length(typography.min_size) - 0.5:
        shown, smallest = f"{size:.0f} px", f"{canvas.length(typography.min_size):.0f} px"
    else:
        return notes
    notes.append(finding("text-small", layer=candidate.name, text=label, value=shown, limit=smallest))
    return notes


def _rule(
    item: TextItem, *, align: str, box: Rect, top: float, height: float, canvas: Canvas, brand: Brand
) -> ShapeMark:
    width = canvas.length(8)
    rect = Rect(left=box.left + (box.width - width) * SHARE[align], top=top, width=width, height=height)
    return ShapeMark(layer="rule", rect=rect, ink=brand.ink(item.rule or "accent"))


def _place(
    candidate: _Candidate,
    fitted: Fitted,
    *,
    align: Align,
    box: Rect,
    top: float,
    height: float,
    canvas: Canvas,
    brand: Brand,
) -> TextMark:
    item, size = candidate.item, fitted.size
    pad_x, pad_y = (PLATE_PAD[0] * size, PLATE_PAD[1] * size) if item.plate else (0.0, 0.0)
    width = fitted.width + 2 * pad_x
    left = box.left + (box.width - width) * SHARE[align]
    return TextMark(
        layer=candidate.name,
        rect=Rect(left=left, top=top, width=width, height=height),
        block=fitted.block(left=left + pad_x, top=top + pad_y, align=align),
        ink=brand.ink(item.color),
        style=item.style,
        plate=brand.ink(item.plate) if item.plate else None,
        plate_radius=size * (0.5 + PLATE_PAD[1]) if len(fitted.lines) < 2 else size * 0.5,
        strike=item.strike,
        min_contrast=_needed(size, canvas),
    )


def _beside(before: TextMark, candidate: _Candidate, fitted: Fitted, *, brand: Brand, canvas: Canvas) -> TextMark:
    """Set one line to the right of the text before it, on the same base line."""
    left = before.rect.right + canvas.length(canvas.pick(candidate.item.gap))
    top = before.block.lines[-1].y - fitted.ascent
    return TextMark(
        layer=candidate.name,
        rect=Rect(left=left, top=top, width=fitted.width, height=fitted.height),
        block=fitted.block(left=left, top=top),
        ink=brand.ink(candidate.item.color),
        style=candidate.item.style,
        strike=candidate.item.strike,
        min_contrast=_needed(fitted.size, canvas),
    )


def _needed(size: float, canvas: Canvas) -> float:
    return LARGE if size >= LARGE_SHARE * canvas.page.unit else NORMAL
