"""What an SVG may not hold: a way out of the file, or more work than its size lets one expect."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from promo.errors import UserMistake
from promo.language import _

MOST = 50_000  # units of work: about one for each element, those that `use` repeats counted again
DEEPEST = 100  # elements in one another
MOST_LONG = 1e6  # pixels of one side
WIDEST = 50  # times as wide as high, or as high as wide
_LAYER = 250  # units for a group that is painted on a sheet of its own
_PATH = 200  # characters of a path for one unit
_REFERENCES = {"href", "src"}
# Live text would look different on every machine; a pattern or filter takes memory by its size, not the picture's.
_FORBIDDEN = {
    *("script", "foreignobject", "iframe", "image", "feimage", "text", "handler"),
    *("animate", "animatetransform", "animatemotion", "set", "filter", "pattern"),
}
_OUTWARD = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)
_INWARD = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
_LAYERED = re.compile(r"opacity|mask|clip-path|blend|isolation")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# Ten million and more: resvg gives up in the middle of shapes that large.
_HUGE_NUMBER = r"(?<![\d.])\d{8,}|\d\.?[eE]\+?(?:[7-9]|\d{2,})(?!\d)"
_HUGE_PATH = re.compile(_HUGE_NUMBER)
_HUGE = re.compile(rf"(?<![#\w])[-+]?[\d.]*(?:{_HUGE_NUMBER})")  # not in a colour or a name
_LENGTH = re.compile(rf"({_NUMBER.pattern})(px|pt|pc|mm|cm|in|)")
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}


def check_svg(data: bytes, name: str) -> None:
    """Refuse what an SVG may smuggle in. Raises UserMistake.

    Refused: entities, scripts, event handlers, references out of the file, live text, patterns, filters, and
    drawings that repeat or nest themselves beyond measure. Time and memory follow the file's size.
    """
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):  # the last two: an encoding that is not read
        raise broken_logo(name) from None
    if not reader.drawn or reader.work() > MOST:
        raise reader.too_much() if reader.drawn else broken_logo(name)


def broken_logo(name: str) -> UserMistake:
    """Return what is said of a logo that cannot be read."""
    return UserMistake(
        _("the logo {file} cannot be read: it is broken", file=name),
        hint=_("export it again as plain SVG, texts converted to paths"),
    )


@dataclass(slots=True)
class _Element:
    """One element: its own work, what it holds, and the ids it refers to."""

    work: int
    inside: list[_Element] = field(default_factory=list)
    refers: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.root = _Element(0)
        self.open = [self.root]
        self.by_id: dict[str, _Element] = {}
        self.sheet = ""  # the contents of <style>

    @property
    def drawn(self) -> bool:
        return bool(self.root.inside)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = _local(tag)
        if local in _FORBIDDEN:
            raise self.refuse(f"<{tag}>")
        if len(self.open) > DEEPEST:
            raise self.too_much()
        if len(self.open) == 1 and local != "svg":
            raise broken_logo(self.name)
        if len(self.open) == 1:
            self._check_size(attributes)
        element = _Element(1 + len(attributes.get("d", "") + attributes.get("points", "")) // _PATH)
        for key, value in attributes.items():
            self._check_attribute(key, value)
            if _local(key) in _REFERENCES:
                element.refers.append(value.strip()[1:])
            element.refers += _INWARD.findall(value)
            if _LAYERED.search(key) or (key == "style" and _LAYERED.search(value)):
                element.work += _LAYER if local in {"g", "svg", "use", "symbol"} else 5
        if "id" in attributes:
            self.by_id.setdefault(attributes["id"], element)
        self.open[-1].inside.append(element)
        self.open.append(element)

    def end(self, _tag: str) -> None:
        self.open.pop()

    def text(self, content: str) -> None:
        if _OUTWARD.search(content):
            raise self.refuse(content.strip()[:40])
        self.open[-1].refers += _INWARD.findall(content)

    def doctype(self, *_declaration: object) -> None:
        raise self.refuse("<!DOCTYPE>")

    def work(self) -> int:
        """Return the work of the whole drawing, repetitions unfolded; what refers to itself is too much."""
        return self._unfolded(self.root, {}, 0)

    def refuse(self, what: str) -> UserMistake:
        return UserMistake(
            _("the logo {file} holds {what}, which a logo must not", file=self.name, what=" ".join(what.split())),
            hint=_("export it again as plain SVG, texts converted to paths"),
        )

    def sized(self, why: str) -> UserMistake:
        return UserMistake(
            _("the size of the logo {file} cannot be told: {why}", file=self.name, why=why),
            hint=_("give it a viewBox around what it draws, such as 0 0 200 80"),
        )

    def too_much(self) -> UserMistake:
        return UserMistake(
            _("the logo {file} is drawn in too many or too deeply nested parts", file=self.name),
            hint=_("simplify it, or export it as PNG"),
        )

    def _unfolded(self, element: _Element, known: dict[int, int], depth: int) -> int:
        if id(element) in known:
            return known[id(element)]
        if depth > 2 * DEEPEST:
            return MOST + 1
        known[id(element)] = MOST + 1  # while it is being counted: whoever comes back here goes in a circle
        total = element.work
        for part in (*element.inside, *(self.by_id[name] for name in element.refers if name in self.by_id)):
            total += self._unfolded(part, known, depth + 1)
            if total > MOST:
                break
        known[id(element)] = total
        return total

    def _check_attribute(self, key: str, value: str) -> None:
        outward = _local(key) in _REFERENCES and not value.strip().startswith("#")
        if outward or _local(key).startswith("on") or _OUTWARD.search(value):
            raise self.refuse(f"{key}={value[:40]}")
        if (_HUGE_PATH if key in {"d", "points"} else _HUGE).search(value):
            raise self.refuse(_("huge coordinates ({key})", key=key))

    def _check_size(self, attributes: dict[str, str]) -> None:
        """Refuse extreme proportions: the other side of a picture 200 pixels high would not fit into memory.

        Without a view box and without both sides resvg would take what the parts cover.
        """
        box = [float(number) for number in _NUMBER.findall(attributes.get("viewBox", ""))]
        sides = [(box[2], box[3])] if len(box) == 4 else []
        width, height = (_length(attributes.get(side, "")) for side in ("width", "height"))
        if width is not None and height is not None:
            sides.append((width, height))
        elif sides and (width is not None or height is not None):
            sides.append((width or box[2], height or box[3]))
        if not sides:
            raise self.sized(_("it needs a size, or a viewBox"))
        for across, down in sides:
            if not (0 < across < MOST_LONG and 0 < down < MOST_LONG and 1 / WIDEST <= across / down <= WIDEST):
                raise self.sized(_("{size} cannot be drawn", size=f"{across:g} × {down:g}"))


def _length(text: str) -> float | None:
    """Return a length in CSS pixels; None for one that is not given, or relative to something else."""
    found = _LENGTH.fullmatch(text.strip())
    return float(found[1]) * _UNITS[found[2]] if found else None


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
