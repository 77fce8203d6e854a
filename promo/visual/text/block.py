"""A block of set text: every glyph with its place. Painting, printing and checking read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Face:
    """One font file at one weight."""

    path: Path
    weight: int
    system: bool = False  # found by fontconfig: another machine may lack it
    index: int = 0  # in a font collection
    colour: bool = False  # draws in its own colours: emoji


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a line: its number in the face, its origin on the page in pixels, and the words it stands for.

    `text` is empty for the further glyphs of one cluster, so that joining all texts gives the line back, in the
    order of reading.
    """

    face: Face
    id: int
    x: float
    y: float  # of the base line
    text: str


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line: its glyphs in the order they are drawn, from `left` to `right` on the base line `y`."""

    glyphs: tuple[Glyph, ...]
    left: float
    right: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Set lines at one type `size`, in pixels (the em). `text` is the whole text as asked for."""

    lines: tuple[SetLine, ...]
    size: float
    text: str
    language: str
    cut: bool = False  # it did not fit: the last line ends in an ellipsis
    uncovered: tuple[str, ...] = ()  # graphemes no font has; they are left out, never drawn as boxes
