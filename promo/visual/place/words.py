"""One text layer with its words: how high it is at a size, and its mark at a place."""

from __future__ import annotations

from typing import Any

from promo.brand.model import Brand, TypeStyle
from promo.visual.finding import finding
from promo.visual.layout.binding import filled
from promo.visual.layout.layers import TextLayer
from promo.visual.place.canvas import Canvas
from promo.visual.place.content import Content
from promo.visual.place.inks import ink, type_size
from promo.visual.scene import AnyMark, Rect, TextMark
from promo.visual.text.fit import Align, Setting

SMALLEST = 0.6  # of its size: how small a text may become that does not say
PLATE_PAD = (0.6, 0.34)  # of a plate around its text, in em
LARGE_SHARE = 6.0  # percent of the short side: 24 CSS pixels where a card is seen 400 CSS pixels wide
NORMAL, LARGE = 4.5, 3.0  # WCAG 2.2, success criterion 1.4.3 (AA)
UNBOUND = 1e7  # pixels: wide enough for any line
ROUNDED = 0.02  # pixels: widths are compared in hundredths
SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}


def words_of(layer: TextLayer, content: Content) -> str:
    """Return what a layer says: the first field that is filled, else its own text; empty where it has none."""
    for name in layer.bind:
        if (text := content.look(name)).strip():
            return text
    if layer.text is None:
        return ""
    return filled(layer.text.in_language(layer.language or content.language), content.look)


class Words:
    """A text that wants a place in a stack. A step from 0 to 1 leads from its largest size to its smallest.

    `floor` is a step it does not go below, `taken` the one it was put at: so rows come to the same size.
    """

    def __init__(
        self, layer: TextLayer, text: str, *, content: Content, brand: Brand, canvas: Canvas, align: Align
    ) -> None:
        self.layer, self.brand, self.canvas = layer, brand, canvas
        self.gap = None if layer.distance is None else canvas.length(layer.distance)
        self.text = text.upper() if layer.upper else text
        self.language = layer.language or content.language
        self.align: Align = layer.align or align
        self.largest = type_size(brand, layer.size, canvas)
        canvas.checked(layer.id, self.largest, self.largest)
        self.smallest = self._smallest()
        self.pad = PLATE_PAD if layer.plate else (0.0, 0.0)
        self.wide = canvas.length(layer.width) if layer.width else None
        self.widest = canvas.length(layer.max_width) if layer.max_width else UNBOUND
        self.floor = self.taken = 0.0
        self._settings: dict[float, Setting] = {}
        self._em: float | None = None

    def natural(self, shrink: float) -> float:
        """Return its own width, else how wide it is without any break."""
        if self.wide is not None:
            return self.wide
        setting = self._setting(UNBOUND)
        if self._em is None:
            self._em = setting.fitted(0.0).width / setting.size(0.0)
        return min(self.widest, (self._em + 2 * self.pad[0]) * setting.size(max(shrink, self.floor)) + ROUNDED)

    def size(self, width: float, shrink: float) -> tuple[float, float]:
        """Return the width it takes of so much room, and its height, in pixels."""
        width = self._width(width)
        setting = self._setting(width)
        step = self._step(setting, shrink)
        return width, setting.height(step) + 2 * self.pad[1] * setting.size(step)

    def baseline(self, width: float, shrink: float) -> float:
        """Return how far below its top its first line stands."""
        setting = self._setting(self._width(width))
        step = self._step(setting, shrink)
        return (self.pad[1] + setting.metrics[0]) * setting.size(step)

    def put(self, rect: Rect, shrink: float) -> tuple[list[AnyMark], list[dict[str, Any]]]:
        """Return its mark, its top at that of `rect`, and what was found on the way."""
        mark = self.mark(rect, shrink)
        return [mark], self._notes(mark)

    def mark(self, rect: Rect, shrink: float) -> TextMark:
        """Return its mark, its top at that of `rect`."""
        layer, setting = self.layer, self._setting(rect.width)
        self.taken = self._step(setting, shrink)
        fitted = setting.fitted(self.taken)
        pad_x, pad_y = self.pad[0] * fitted.size, self.pad[1] * fitted.size
        width = fitted.width + 2 * pad_x
        turned = {"start": "left", "end": "right"} if setting.rightward else {"start": "right", "end": "left"}
        left = rect.left + (rect.width - width) * SHARE[turned.get(self.align, self.align)]
        block = fitted.block(left=left + pad_x, top=rect.top + pad_y, align=self.align)
        needed = LARGE if fitted.size >= LARGE_SHARE * self.canvas.page.unit else NORMAL
        return TextMark(
            layer=layer.id or "text",
            rect=Rect(left=left, top=rect.top, width=width, height=fitted.height + 2 * pad_y),
            opacity=layer.opacity,
            rotation=layer.rotation,
            block=block,
            ink=ink(self.brand, layer.color),
            style=layer.style,
            plate=ink(self.brand, layer.plate) if layer.plate else None,
            plate_radius=fitted.size * (0.5 + PLATE_PAD[1]) if len(fitted.lines) < 2 else fitted.size * 0.5,
            strike=layer.strike,
            min_contrast=layer.min_contrast or needed,
        )

    def _step(self, setting: Setting, shrink: float) -> float:
        return max(setting.best, shrink, self.floor)

    def _width(self, width: float) -> float:
        return min(width, self.widest if self.wide is None else self.wide)

    def _smallest(self) -> float:
        typography = self.brand.guide.typography
        if self.layer.overflow != "shrink" and self.layer.min_size is None:
            return self.largest
        if self.layer.min_size is not None:
            return min(self.largest, self.canvas.length(self.layer.min_size))
        page = self.canvas.page
        least = self.canvas.from_pt(typography.min_pt) if page.print else typography.min_size * page.unit
        return min(self.largest, max(least, SMALLEST * self.largest))

    def _setting(self, width: float) -> Setting:
        width = round(width, 2)
        if width not in self._settings:
            layer = self.layer
            style: TypeStyle = getattr(self.brand.guide.typography, layer.style)
            own = {"tracking": layer.tracking, "line_height": layer.line_height}
            if any(value is not None for value in own.values()):
                style = style.in_language(self.language)
                style = style.model_copy(update={key: value for key, value in own.items() if value is not None})
                style = style.model_copy(update={"languages": {}})
            self._settings[width] = Setting(
                self.text,
                style=style,
                folder=self.brand.folder,
                language=self.language,
                width=max(1.0, width),
                size=self.largest,
                min_size=self.smallest,
                max_lines=layer.max_lines,
                overflow=layer.overflow,
                balance=layer.balance,
                direction=layer.direction,
                inset=self.pad[0],
            )
        return self._settings[width]

    def _notes(self, mark: TextMark) -> list[dict[str, Any]]:
        setting = next(iter(self._settings.values()))
        name, words = self.layer.id or "text", self.text.replace("\n", " ")
        shown = words if len(words) <= 24 else words[:23] + "…"
        notes = []
        if mark.block.cut:
            grave = self.layer.overflow == "error" or (
                self.layer.overflow == "shrink" and self.layer.style == "headline"
            )
            rule, asked = "text-overflow" if grave else "text-cut", len(setting.text)
            room = min(sum(len(line.text) for line in mark.block.lines) - 1, asked)  # the ellipsis is no word of it
            notes.append(finding(rule, layer=name, text=shown, value=str(asked), limit=str(room)))
        if setting.uncovered:
            characters = " ".join(f"{g} (U+{ord(g[0]):04X})" for g in setting.uncovered)
            notes.append(finding("no-glyph", layer=name, characters=characters))
        for font, used in setting.system_fonts.items():
            notes.append(finding("system-font", layer=name, characters=used[:20], font=font))
        notes += [finding("font-missing", layer=name, font=font) for font in setting.missing_fonts]
        if small := self._small(mark.block.size):
            notes.append(finding("text-small", layer=name, text=shown, value=small[0], limit=small[1]))
        return notes

    def _small(self, size: float) -> tuple[str, str] | None:
        page, typography = self.canvas.page, self.brand.guide.typography
        least = typography.min_size * page.unit
        if page.print and size < self.canvas.from_pt(typography.min_pt) - 0.5:
            return f"{page.pt(size):.1f} pt", f"{typography.min_pt:g} pt"
        if not page.print and size < least - 0.5:
            return f"{size:.0f} px", f"{least:.0f} px"
        return None
