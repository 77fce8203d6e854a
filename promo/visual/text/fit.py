"""Fitting: the type size and the line breaks at which a text looks best in its room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from promo.brand.model import TypeStyle
from promo.visual.text.block import Glyph, SetLine, TextBlock
from promo.visual.text.fonts import chain
from promo.visual.text.line import Line
from promo.visual.text.lines import breaker_of
from promo.visual.text.paragraph import Paragraph, prepare

Align = Literal["start", "left", "center", "right", "end"]
Direction = Literal["auto", "ltr", "rtl"]
Overflow = Literal["shrink", "ellipsis", "error"]
BALANCED = 4  # texts of at most so many lines are set with lines alike in length
STEPS = 12  # from the largest to the smallest size
ASCENT, DESCENT = 0.88, 0.12  # of the ideographic em box, around the base line
APART = 1.05  # of what their marks reach: so far lines of such scripts stand apart at least


@dataclass(frozen=True, slots=True)
class _Broken:
    """The lines at one size, as (paragraph, start, end), and how bad their breaks are."""

    ranges: tuple[tuple[int, int, int], ...]
    bad: float


class Setting:
    """One text ready to be set at any size: fonts, directions and widths are found once, breaks once for each size.

    `width` and `size` are pixels, `inset` is what stays free on both sides, in em. `size` shrinks down to `min_size`
    until no more than `max_lines` are needed; with `overflow` “ellipsis” it stays. What fits nowhere is cut, and
    `Fitted.cut` says so. Raises UserMistake for a text that is too long, a font file one cannot read, or where there
    is no font.
    """

    def __init__(
        self,
        text: str,
        *,
        style: TypeStyle,
        folder: Path,
        language: str,
        width: float,
        size: float,
        min_size: float | None = None,
        max_lines: int = 99,
        overflow: Overflow = "shrink",
        balance: bool | None = None,
        direction: Direction = "auto",
        inset: float = 0.0,
    ) -> None:
        self.style, self.language = style.in_language(language), language
        self.width, self.inset = width, inset
        self.largest = size
        self.smallest = size if overflow == "ellipsis" or min_size is None else min(min_size, size)
        self.max_lines, self.overflow = max_lines, overflow
        self.balance = max_lines <= BALANCED if balance is None else balance
        fonts = chain(self.style.fonts, self.style.weight, folder, language)
        self.missing_fonts = fonts.missing
        parts = text.replace("\r", "").strip().split("\n")
        self.breakers = [
            breaker_of(prepare(part, fonts, self.style.tracking, language, direction)) for part in parts if part.strip()
        ]
        self._broken: dict[float, _Broken] = {}

    @property
    def paragraphs(self) -> list[Paragraph]:
        """Return the prepared paragraphs."""
        return [breaker.paragraph for breaker in self.breakers]

    @property
    def text(self) -> str:
        """Return the words that are set, a line feed between paragraphs."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    @property
    def uncovered(self) -> tuple[str, ...]:
        """Return the graphemes no font has: they are left out."""
        return tuple(dict.fromkeys(grapheme for paragraph in self.paragraphs for grapheme in paragraph.uncovered))

    @property
    def system_fonts(self) -> dict[str, str]:
        """Return the files of this machine's own fonts that are used, each with its characters."""
        found: dict[str, dict[str, None]] = {}
        for paragraph in self.paragraphs:
            for piece in paragraph.pieces:
                if piece.face.system:
                    found.setdefault(piece.face.path.name, {})[piece.text] = None
        return {file: "".join(characters) for file, characters in found.items()}

    @property
    def rightward(self) -> bool:
        """Whether the text begins at the left."""
        return not self.breakers or self.breakers[0].paragraph.level % 2 == 0

    @cached_property
    def metrics(self) -> tuple[float, float, float]:
        """Return ascent, descent and line height in em: scripts with high or deep marks get the room they need."""
        above = max((paragraph.reach[0] for paragraph in self.paragraphs), default=0.0)
        below = max((paragraph.reach[1] for paragraph in self.paragraphs), default=0.0)
        return max(ASCENT, above), max(DESCENT, below), max(self.style.line_height, (above + below) * APART)

    def size(self, shrink: float) -> float:
        """Return the size in pixels at a step between the largest (0) and the smallest (1)."""
        return round(self.largest + (self.smallest - self.largest) * shrink, 2)

    def lines(self, shrink: float) -> int:
        """Return the number of lines that are shown."""
        return min(len(self._break(shrink).ranges), self.max_lines)

    def fits(self, shrink: float) -> bool:
        """Whether no more lines are needed than allowed."""
        room = self._room(shrink)
        if sum(breaker.fewest(room) for breaker in self.breakers) > self.max_lines:
            return False
        return len(self._break(shrink).ranges) <= self.max_lines

    def height(self, shrink: float) -> float:
        """Return the height in pixels."""
        ascent, descent, leading = self.metrics
        return (ascent + descent + max(0, self.lines(shrink) - 1) * leading) * self.size(shrink)

    def cost(self, shrink: float) -> float:
        """How bad it looks: breaks inside phrases most, then a small size, then, in headlines, many lines."""
        broken = self._break(shrink)
        count = len(broken.ranges)
        if self.balance:
            return 0.8 * broken.bad + 1.2 * shrink + 0.25 * count
        return 0.8 * broken.bad / max(1, count) + 1.2 * shrink

    @cached_property
    def best(self) -> float:
        """Return the step at which the text, by itself, has few enough lines and looks best; 1 where none fits."""
        steps = [step / STEPS for step in range(STEPS + 1)] if self.smallest < self.largest else [0.0]
        best: tuple[float, float] | None = None
        for shrink in steps:
            least = 1.2 * shrink + (0.25 * len(self.breakers) if self.balance else 0.0)
            if best is not None and best[0] <= least:
                break  # whatever its breaks, nothing smaller can look better
            if self.fits(shrink):
                best = min(best or (self.cost(shrink), shrink), (self.cost(shrink), shrink))
        return best[1] if best else steps[-1]

    def fitted(self, shrink: float) -> Fitted:
        """Set the lines at one step."""
        size = self.size(shrink)
        ranges = self._break(shrink).ranges
        shown = ranges[: self.max_lines]
        cut = len(shown) < len(ranges)
        lines = [
            self.breakers[index].set_line(
                start,
                end,
                room=self._room(shrink) if cut and number == len(shown) - 1 else None,
            )
            for number, (index, start, end) in enumerate(shown)
        ]
        return Fitted(setting=self, size=size, lines=tuple(lines), height=self.height(shrink), cut=cut)

    def _room(self, shrink: float) -> float:
        return self.width / self.size(shrink) - 2 * self.inset

    def _break(self, shrink: float) -> _Broken:
        size = self.size(shrink)
        if size not in self._broken:
            ranges, total = [], 0.0
            for index, breaker in enumerate(self.breakers):
                found, bad = breaker.lines(self._room(shrink), balance=self.balance)
                ranges += [(index, start, end) for start, end in found]
                total += bad
            self._broken[size] = _Broken(tuple(ranges), total)
        return self._broken[size]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A text set at one `size` in pixels: its lines, the height they take, and whether something was `cut` off."""

    setting: Setting
    size: float
    lines: tuple[Line, ...]
    height: float
    cut: bool

    @property
    def width(self) -> float:
        """Return the width of the longest line, in pixels."""
        return max((line.width for line in self.lines), default=0.0) * self.size

    @property
    def ascent(self) -> float:
        """Return how far the first base line lies below the top, in pixels."""
        return self.setting.metrics[0] * self.size

    def block(self, *, left: float, top: float, align: Align = "start", width: float | None = None) -> TextBlock:
        """Return the glyphs with their places on the page, the text's box beginning at `left` and `top`.

        Lines are aligned in `width` pixels, by default their own; “start” is the left for texts that begin there.
        """
        setting, size = self.setting, self.size
        room = self.width if width is None else width
        ends = {"start": "left", "end": "right"} if setting.rightward else {"start": "right", "end": "left"}
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[ends.get(align, align)]
        ascent, _descent, leading = setting.metrics
        lines = []
        for number, line in enumerate(self.lines):
            x = left + (room - line.width * size) * share
            y = top + (ascent + number * leading) * size
            glyphs = (
                Glyph(letter.face, letter.id, x + letter.x * size, y - letter.y * size, letter.text)
                for letter in line.letters
            )
            lines.append(SetLine(tuple(glyphs), x, x + line.width * size, y, line.text))
        return TextBlock(tuple(lines), size, setting.text, setting.language, cut=self.cut, uncovered=setting.uncovered)


def fit(setting: Setting, *, height: float | None = None) -> Fitted:
    """Set one text as large and as well as it may, in `height` pixels if they are given."""
    shrink = setting.best
    for step in range(STEPS + 1):
        shrink = max(setting.best, step / STEPS)
        if height is None or setting.height(shrink) <= height:
            break
    return setting.fitted(shrink)
