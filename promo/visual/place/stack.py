"""Stacks: layers one below or beside the other, whose texts shrink together until all fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promo.visual.finding import finding
from promo.visual.layout.layers import GroupLayer, TextLayer
from promo.visual.place.canvas import around
from promo.visual.place.content import Content
from promo.visual.place.node import ALONG, Fixed, Kit, Node, Note, Put
from promo.visual.place.words import Words, words_of
from promo.visual.scene import AnyMark, Rect
from promo.visual.text.fit import Align

STEPS = 12  # from the largest to the smallest size
GRACE = 1.005  # places are rounded


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A whole stack, set: its marks, what was found on the way, and the rect its content takes."""

    marks: list[AnyMark]
    notes: list[Note]
    rect: Rect | None


def place_text(layer: TextLayer, box: Rect, content: Content, kit: Kit) -> Placed:
    """Set one text into its box; it shrinks until it fits."""
    text = words_of(layer, content)
    if not text.strip():
        return Placed(marks=[], notes=[], rect=None)
    node = Words(layer, text, content=content, brand=kit.brand, canvas=kit.canvas, align="start")
    share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[layer.vertical_align]
    return _settled(node, [node], layer.id or "text", box, share)


def place_stack(layer: GroupLayer, box: Rect, content: Content, kit: Kit) -> Placed:
    """Set a stack into its box."""
    notes: list[Note] = []
    words: list[Words] = []
    node = _stack(layer, content, kit, notes, words, align="start")
    if not node.nodes:
        return Placed(marks=[], notes=notes, rect=None)
    inner = kit.canvas.inside(box, layer.padding)
    node.pad = (0.0, 0.0, 0.0, 0.0)
    if isinstance(node, Row):
        share = {"center": 0.5, "end": 1.0}.get(layer.align, 0.0)
    else:
        share = ALONG[layer.justify or "start"]
        if layer.justify == "between":
            node.stretch = inner.height
    placed = _settled(node, words, layer.id or "group", inner, share)
    spot = list(box.pixels())
    seen = [{**note, "where": note["where"] or spot} if note["rule"] == "rows-cut" else note for note in notes]
    return replace(placed, notes=[*seen, *placed.notes])


def _settled(node: Node, words: Sequence[Words], name: str, box: Rect, share: float) -> Placed:
    """Shrink until the node is no higher than its box, and put it there; `share` of the room left is above it.

    A layer repeated for rows has one size in all of them, the smallest any row asks for.
    """
    repeated: dict[int, list[Words]] = {}
    for one in words:
        repeated.setdefault(id(one.layer), []).append(one)
    uneven = True
    while uneven:  # ends: each turn raises a floor to a step another row has taken
        step, height = _shrunk(node, box)
        marks, notes = node.put(replace(box, top=box.top + (box.height - height) * share, height=height), step)
        uneven = False
        for rows in repeated.values():
            smallest = max(row.taken for row in rows)
            for row in rows:
                uneven = uneven or row.taken < smallest
                row.floor = max(row.floor, smallest if len(rows) > 1 else 0.0)
    if height > box.height * GRACE:
        percent = round(100 * (height / max(box.height, 0.01) - 1)) or 1  # a box may be next to nothing high
        notes.append(finding("stack-overflow", layer=name, where=box, value=f"{percent} %", limit="0 %"))
    return Placed(marks=marks, notes=notes, rect=around([mark.rect for mark in marks]) if marks else None)


def _shrunk(node: Node, box: Rect) -> tuple[float, float]:
    """Return the first step at which a node is no higher than its box, else the last, and its height there."""
    step, height = 0.0, 0.0
    for number in range(STEPS + 1):
        step = number / STEPS
        height = node.size(box.width, step)[1]
        if height <= box.height:
            break
    return step, height


def _stack(
    layer: GroupLayer, content: Content, kit: Kit, notes: list[Note], words: list[Words], *, align: str
) -> Column | Row:
    """Return the node of a stack with all that is drawn in it; its texts are added to `words`."""
    own = layer.align if layer.stack == "vertical" else "start"
    nodes: list[Node] = []
    for seen in _repeated(layer, content, notes):
        for child in layer.layers:
            if not kit.wanted(child, seen):
                continue
            if isinstance(child, TextLayer):
                if (text := words_of(child, seen)).strip():
                    to: Align = "center" if own == "center" else "end" if own == "end" else "start"
                    words.append(Words(child, text, content=seen, brand=kit.brand, canvas=kit.canvas, align=to))
                    nodes.append(words[-1])
            elif isinstance(child, GroupLayer) and child.stack:
                inner = _stack(child, seen, kit, notes, words, align=own)
                if inner.nodes:
                    nodes.append(inner)
            else:
                nodes.append(Fixed(child, seen, kit, vertical=layer.stack == "vertical", align=own))
    while nodes and isinstance(nodes[-1], Fixed) and nodes[-1].layer.kind == "shape" and layer.stack == "vertical":
        nodes.pop()  # a line above nothing
    return (Column if layer.stack == "vertical" else Row)(layer, nodes, kit, align)


def _repeated(layer: GroupLayer, content: Content, notes: list[Note]) -> Sequence[Content]:
    if layer.each is None:
        return [content]
    rows = content.tables.get(layer.each, ())
    if len(rows) > layer.max_rows:
        name = layer.id or "group"
        notes.append(finding("rows-cut", layer=name, table=layer.each, value=str(len(rows)), limit=str(layer.max_rows)))
    return [content.in_row(row) for row in rows[: layer.max_rows]]


class _Stack:
    """What columns and rows share."""

    def __init__(self, layer: GroupLayer, nodes: list[Node], kit: Kit, align: str) -> None:
        self.layer, self.nodes, self.kit, self.around = layer, nodes, kit, align
        canvas = kit.canvas
        self.gap = None if layer.distance is None else canvas.length(layer.distance)
        self.between = canvas.length(layer.gap)
        self.fixed = canvas.length(layer.width) if layer.width else None
        self.least = canvas.length(layer.min_height)
        top, right, bottom, left = (canvas.length(part) for part in layer.padding) if layer.padding else (0.0,) * 4
        self.pad = top, right, bottom, left
        self.stretch = 0.0

    def gaps(self) -> list[float]:
        """Return the distance before each node."""
        return [0.0, *(self.between if node.gap is None else node.gap for node in self.nodes[1:])][: len(self.nodes)]

    def room(self, width: float) -> float:
        """Return the width inside its padding."""
        return max(1.0, width - self.pad[1] - self.pad[3])

    def dressed(self, rect: Rect, marks: list[AnyMark]) -> list[AnyMark]:
        """Return the marks with what the group itself draws."""
        return self.kit.dress(self.layer, rect, marks)


class Column(_Stack):
    """Nodes one below the other."""

    def natural(self, shrink: float) -> float:
        """Return its own width, else that of its widest node."""
        widest = max((node.natural(shrink) for node in self.nodes), default=0.0)
        return self.fixed or widest + self.pad[1] + self.pad[3]

    def size(self, width: float, shrink: float) -> tuple[float, float]:
        """Return the width it is given, and its height."""
        width = min(width, self.fixed or width)
        room = self.room(width)
        height = sum(self.gaps()) + sum(node.size(room, shrink)[1] for node in self.nodes)
        return width, max(height + self.pad[0] + self.pad[2], self.least, self.stretch)

    def baseline(self, width: float, shrink: float) -> float:
        """Return the base line of its last node."""
        room = self.room(width)
        above = self.size(width, shrink)[1] - self.pad[2] - self.nodes[-1].size(room, shrink)[1]
        return above + self.nodes[-1].baseline(room, shrink)

    def put(self, rect: Rect, shrink: float) -> Put:
        """Return the marks of all nodes, from the top."""
        room, gaps = self.room(rect.width), self.gaps()
        heights = [node.size(room, shrink)[1] for node in self.nodes]
        spare = max(0.0, rect.height - self.pad[0] - self.pad[2] - sum(gaps) - sum(heights))
        wider = spare / (len(self.nodes) - 1) if self.layer.justify == "between" and len(self.nodes) > 1 else 0.0
        y = rect.top + self.pad[0] + spare * (0.0 if wider else ALONG[self.layer.justify or "start"])
        marks: list[AnyMark] = []
        notes: list[Note] = []
        for node, gap, height in zip(self.nodes, gaps, heights, strict=True):
            y += gap + (wider if node is not self.nodes[0] else 0.0)
            width, _height = node.size(room, shrink)
            left = rect.left + self.pad[3] + (room - width) * ALONG.get(self.layer.align, 0.0)
            done, found = node.put(Rect(left=left, top=y, width=width, height=height), shrink)
            marks += done
            notes += found
            y += height
        return self.dressed(rect, marks), notes


class Row(_Stack):
    """Nodes one beside the other; what is too wide together is broken or shrunk, the widest first."""

    def natural(self, shrink: float) -> float:
        """Return its own width, else that of all nodes."""
        together = sum(self.gaps()) + sum(node.natural(shrink) for node in self.nodes)
        return self.fixed or together + self.pad[1] + self.pad[3]

    def widths(self, width: float, shrink: float) -> list[float]:
        """Return the width of each node."""
        room = max(1.0, self.room(width) - sum(self.gaps()))
        wanted = [node.natural(shrink) for node in self.nodes]
        open_ = [index for index, wide in enumerate(wanted) if not wide]
        if open_:
            left = max(1.0, room - sum(wanted))
            return [wide or left / len(open_) for wide in wanted]
        if sum(wanted) <= room:
            return wanted
        share, waiting, rest = room / len(wanted), sorted(wanted), room
        while waiting:  # those narrower than their share leave the rest to the others
            share = rest / len(waiting)
            narrow = waiting.pop(0)
            if narrow > share:
                break
            rest -= narrow
        return [min(wide, share) for wide in wanted]

    def size(self, width: float, shrink: float) -> tuple[float, float]:
        """Return the width it is given, and the height of its highest node."""
        width = min(width, self.fixed or width)
        tops = self._tops(width, shrink, 0.0)
        height = max(top + high for top, high in tops)
        return width, max(height + self.pad[0] + self.pad[2], self.least)

    def _tops(self, width: float, shrink: float, height: float) -> list[tuple[float, float]]:
        """Return how far below the row's top each node begins, and its height, in a row at least so high."""
        widths = self.widths(width, shrink)
        heights = [node.size(wide, shrink)[1] for node, wide in zip(self.nodes, widths, strict=True)]
        if self.layer.align == "baseline":
            lines = [node.baseline(wide, shrink) for node, wide in zip(self.nodes, widths, strict=True)]
            return [(max(lines) - line, high) for line, high in zip(lines, heights, strict=True)]
        highest = max(height, *heights)
        return [((highest - high) * ALONG[self.layer.align] if high else 0.0, high or highest) for high in heights]

    def baseline(self, width: float, shrink: float) -> float:
        """Return the base line of its first node."""
        top = self._tops(width, shrink, 0.0)[0][0]
        return self.pad[0] + top + self.nodes[0].baseline(self.widths(width, shrink)[0], shrink)

    def put(self, rect: Rect, shrink: float) -> Put:
        """Return the marks of all nodes, from the left."""
        widths, gaps = self.widths(rect.width, shrink), self.gaps()
        tops = self._tops(rect.width, shrink, rect.height - self.pad[0] - self.pad[2])
        spare = max(0.0, self.room(rect.width) - sum(gaps) - sum(widths))
        justify = self.layer.justify or self.around
        wider = spare / (len(self.nodes) - 1) if justify == "between" and len(self.nodes) > 1 else 0.0
        x = rect.left + self.pad[3] + spare * (0.0 if wider else ALONG.get(justify, 0.0))
        marks: list[AnyMark] = []
        notes: list[Note] = []
        for node, gap, width, (top, height) in zip(self.nodes, gaps, widths, tops, strict=True):
            x += gap + (wider if node is not self.nodes[0] else 0.0)
            at = Rect(left=x, top=rect.top + self.pad[0] + top, width=width, height=height)
            done, found = node.put(at, shrink)
            marks += done
            notes += found
            x += width
        return self.dressed(rect, marks), notes
