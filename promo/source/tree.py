"""YAML text → plain values, and beside them the place of every key and value.

One pass over libyaml's events: no node objects, so loading is faster than PyYAML's own safe loader.
Scalars follow YAML 1.2's core schema: `no` and `2027-03-08` stay text, `12:30` is no number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import yaml
from yaml import cyaml

from promo.language import _
from promo.source.syntax import explain_syntax, quote_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_DEPTH = 60
MAX_ALIASES = 1_000
MAX_ALIASED_NODES = 100_000

# libyaml's events by their class; comparing classes is the quickest way to tell them apart.
_SCALAR: Any = yaml.ScalarEvent
_ALIAS: Any = yaml.AliasEvent
_LIST: Any = yaml.SequenceStartEvent
_LIST_END: Any = yaml.SequenceEndEvent
_MAPPING_END: Any = yaml.MappingEndEvent
_END: Any = yaml.StreamEndEvent

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:(\.[0-9]*)?([eE][-+]?[0-9]+)?)")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAYBE_NUMBER = frozenset("0123456789+-.")


class Mark(Protocol):
    """A place in the text, counted from 0."""

    line: int
    column: int


# The place of a value: a bare mark for a scalar; for a list or mapping, the mark and its children's places.
# A mapping's children are (place of the key, place of the value).
Place = Mark | tuple[Mark, list["Place"]] | tuple[Mark, dict[str, tuple[Mark, "Place"]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """Something wrong in the text itself. Line and column count from 0."""

    code: str
    message: str
    line: int
    column: int
    hint: str | None = None


class _BrokenTextError(Exception):
    """The text cannot be read any further."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """What a YAML text says. `place` is None where the text is broken or empty."""

    value: Any
    place: Place | None
    mistakes: tuple[Mistake, ...]


def parse_tree(text: str) -> Tree:
    """Read one YAML document. Never raises: what is wrong stands in `mistakes`."""
    builder = _Builder(text)
    try:
        value, place = builder.document()
    except _BrokenTextError as broken:
        return Tree(value=None, place=None, mistakes=(*builder.mistakes, broken.mistake))
    except yaml.YAMLError as error:
        code, message, hint, line, column = explain_syntax(error, text)
        mistake = Mistake(code=code, message=message, hint=hint, line=line, column=column)
        return Tree(value=None, place=None, mistakes=(*builder.mistakes, mistake))
    return Tree(value=value, place=place, mistakes=tuple(builder.mistakes))


def scalar(text: str) -> Any:
    """Return what an unquoted YAML 1.2 scalar means. Numbers that would lose digits stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _MAYBE_NUMBER and len(text) < 40:
        if found := _NUMBER.fullmatch(text):
            if found[1] is None and found[2] is None:
                return int(text)
            number = float(text)
            return number if abs(number) < 1e300 else text
        if _HEX.fullmatch(text):
            return int(text, 0)
    return text


class _Builder:
    """Turns events into values; one object for one text."""

    def __init__(self, text: str) -> None:
        self.mistakes: list[Mistake] = []
        self._next: Callable[[], Any] = cyaml.CParser(text).get_event  # type: ignore[attr-defined]  # missing in the stubs
        self._anchors: dict[str, tuple[Any, Place, int]] = {}
        self._aliases = 0
        self._aliased_nodes = 0

    def document(self) -> tuple[Any, Place | None]:
        self._next()  # the stream's start
        event = self._next()
        if event.__class__ is _END:
            return None, None
        value, place = self._node(self._next(), 0)
        self._next()  # the document's end
        event = self._next()
        if event.__class__ is not _END:
            self._break(
                "several-documents",
                _("a second document begins here; write one file for each"),
                event.start_mark,
                hint=_("remove the line with `---`"),
            )
        return value, place

    def _node(self, event: Any, depth: int) -> tuple[Any, Place]:  # noqa: C901, PLR0912 - the hot loop, kept in one piece
        kind = event.__class__
        mark = event.start_mark
        if kind is _SCALAR:
            if event.tag is not None:
                self._refuse_tag(event)
            text = event.value
            value = scalar(text) if event.implicit[0] else text
            if event.anchor is not None:
                self._anchors[event.anchor] = (value, mark, 1)
            return value, mark
        if kind is _ALIAS:
            return self._alias(event)
        if event.tag is not None:
            self._refuse_tag(event)
        if depth >= MAX_DEPTH:
            self._break("too-deep", _("nested more than {count} levels deep", count=MAX_DEPTH), mark)
        following = self._next
        if kind is _LIST:
            items: list[Any] = []
            places: list[Place] = []
            while (inner := following()).__class__ is not _LIST_END:
                value, place = self._node(inner, depth + 1)
                items.append(value)
                places.append(place)
            if event.anchor is not None:
                self._anchors[event.anchor] = (items, (mark, places), 1 + _size(items))
            return items, (mark, places)
        mapping: dict[str, Any] = {}
        where: dict[str, tuple[Mark, Place]] = {}
        while (inner := following()).__class__ is not _MAPPING_END:
            if inner.__class__ is not _SCALAR:
                self._break(
                    "key-not-text",
                    _("a key must be one word or text, not a list or mapping"),
                    inner.start_mark,
                    hint=quote_templates(),
                )
            key = inner.value
            if inner.tag is not None:
                self._refuse_tag(inner)
            if inner.anchor is not None:
                self._anchors[inner.anchor] = (key, inner.start_mark, 1)
            value, place = self._node(following(), depth + 1)
            if key in mapping:
                first = where[key][0].line + 1
                self._note(
                    "duplicate-key",
                    _(
                        "the key {key} stands here a second time; the first is in line {line}",
                        key=f"`{key}`",
                        line=first,
                    ),
                    inner.start_mark,
                    hint=_("remove one of the two"),
                )
                continue
            if key == "<<" and inner.implicit[0]:
                self._note(
                    "merge-key", _("merge keys (`<<`) are not read"), inner.start_mark, hint=_("write the keys out")
                )
                continue
            if not key.strip():
                self._note("empty-key", _("a key is missing before the colon"), inner.start_mark)
                continue
            mapping[key] = value
            where[key] = (inner.start_mark, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = (mapping, (mark, where), 1 + _size(mapping.values()))
        return mapping, (mark, where)

    def _alias(self, event: Any) -> tuple[Any, Place]:
        known = self._anchors.get(event.anchor)
        if known is None:
            self._break(
                "unknown-alias",
                _("the alias {name} names no anchor that ends before it", name=f"`*{event.anchor}`"),
                event.start_mark,
            )
        value, place, size = known
        self._aliases += 1
        self._aliased_nodes += size
        if self._aliases > MAX_ALIASES or self._aliased_nodes > MAX_ALIASED_NODES:
            self._break("alias-bomb", _("the aliases of this file unfold to too much"), event.start_mark)
        return value, (place if not isinstance(place, tuple) else (event.start_mark, place[1]))  # type: ignore[return-value]  # same children

    def _refuse_tag(self, event: Any) -> None:
        if event.tag not in ("!", "tag:yaml.org,2002:str"):
            self._note("tag", _("tags such as {tag} are not read", tag=f"`{event.tag}`"), event.start_mark)

    def _note(self, code: str, message: str, mark: Mark, *, hint: str | None = None) -> None:
        self.mistakes.append(Mistake(code=code, message=message, hint=hint, line=mark.line, column=mark.column))

    def _break(self, code: str, message: str, mark: Mark, *, hint: str | None = None) -> NoReturn:
        raise _BrokenTextError(Mistake(code=code, message=message, hint=hint, line=mark.line, column=mark.column))


def _size(values: Iterable[Any]) -> int:
    """Count the nodes below; stops counting where an alias bomb would make it long."""
    total = 0
    waiting = list(values)
    while waiting and total <= MAX_ALIASED_NODES:
        value = waiting.pop()
        total += 1
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
    return total
