"""Conditions: `visible_if: price and not badge`. A small language of its own; nothing is evaluated as Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from promo.language import _
from promo.source.value import BadValueError

Look = Callable[[str], str]  # a name → its text, empty where it has none
Test = Callable[[Look], bool]
LONGEST = 300
DEEPEST = 20  # brackets
_TOKEN = re.compile(r"\s*(?:([^\W\d][\w.]*)|'([^']*)'|\"([^\"]*)\"|(\d+(?:\.\d+)?)|(==|!=|[()\[\],]))")
_WORDS = frozenset(("and", "or", "not", "in"))


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it was read. `names` are the fields it asks for, `formats` those `format` is compared with."""

    source: str
    names: frozenset[str] = field(compare=False)
    formats: frozenset[str] = field(compare=False)
    _test: Test = field(compare=False, repr=False)

    def holds(self, look: Look) -> bool:
        """Whether it holds, when `look` says what a name stands for."""
        return self._test(look)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # name, text, sign, or end
    text: str


def parse_condition(value: Any) -> Condition:
    """Read a condition. Raises ValueError with what was wanted, and where."""
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or value.count("(") > DEEPEST:
        raise BadValueError(
            _("a condition is a short text such as `price and not badge`"), hint=_HINT(), code="bad-condition"
        )
    parser = _Parser(value)
    test = parser.whole()
    return Condition(value, frozenset(parser.names), frozenset(parser.formats), test)


def _HINT() -> str:  # noqa: N802 - a constant in the reader's language
    return _("use names of fields, `not`, `and`, `or`, `==`, `!=`, `in`, and brackets")


def _tokens(source: str) -> Iterator[_Token]:
    at, end = 0, len(source.rstrip())
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None:
            raise _mistake(source[at:].strip()[:20])
        at = found.end()
        if found[1] is not None:
            yield _Token("sign" if found[1] in _WORDS else "name", found[1])
        elif found[5] is not None:
            yield _Token("sign", found[5])
        else:
            yield _Token("text", next(part for part in found.groups()[1:4] if part is not None))
    yield _Token("end", "")


def _mistake(near: str) -> BadValueError:
    if near:
        message = _("the condition cannot be understood at {part}", part=f"`{near}`")
    else:
        message = _("the condition ends too early")
    return BadValueError(message, hint=_HINT(), code="bad-condition")


class _Parser:
    """or → and → not → comparison → name, text or brackets."""

    def __init__(self, source: str) -> None:
        self.tokens = list(_tokens(source))
        self.at = 0
        self.names: set[str] = set()
        self.formats: set[str] = set()

    def whole(self) -> Test:
        test = self._or()
        if self._next.kind != "end":
            raise _mistake(self._next.text)
        return test

    @property
    def _next(self) -> _Token:
        return self.tokens[self.at]

    def _take(self, *signs: str) -> str | None:
        if self._next.kind == "sign" and self._next.text in signs:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def _or(self) -> Test:
        tests = [self._and()]
        while self._take("or"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda look: any(test(look) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._take("and"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda look: all(test(look) for test in tests)

    def _not(self) -> Test:
        turned = False
        while self._take("not"):
            turned = not turned
        test = self._comparison()
        return (lambda look: not test(look)) if turned else test

    def _comparison(self) -> Test:
        if self._take("("):
            test = self._or()
            if not self._take(")"):
                raise _mistake(self._next.text)
            return test
        name, left = self._operand()
        if sign := self._take("==", "!="):
            other, right = self._operand()
            self._note_format(name, other, right)
            equal = sign == "=="
            return lambda look: (left(look) == right(look)) is equal
        outside = bool(self._take("not"))
        if self._take("in"):
            among = self._list()
            if name == "format":
                self.formats |= among
            return lambda look: (left(look) in among) is not outside
        if outside:
            raise _mistake(self._next.text)
        return lambda look: bool(left(look).strip())

    def _note_format(self, name: str | None, other: str | None, right: Callable[[Look], str]) -> None:
        if name == "format" and other is None:
            self.formats.add(right(lambda _name: ""))

    def _operand(self) -> tuple[str | None, Callable[[Look], str]]:
        """Read a name or a text; return the name, or None, and how its value is found."""
        token = self._next
        if token.kind not in ("name", "text"):
            raise _mistake(token.text)
        self.at += 1
        if token.kind == "text":
            return None, lambda _look: token.text
        self.names.add(token.text)
        return token.text, lambda look: look(token.text)

    def _list(self) -> frozenset[str]:
        closing = {"(": ")", "[": "]"}.get(self._take("(", "[") or "")
        found: set[str] = set()
        while closing and self._next.kind == "text":
            found.add(self._next.text)
            self.at += 1
            if not self._take(","):
                break
        if closing is None or not found or not self._take(closing):
            raise _mistake(self._next.text)
        return frozenset(found)


ConditionValue = Annotated[
    Condition,
    PlainValidator(parse_condition),
    PlainSerializer(lambda condition: condition.source),
    WithJsonSchema({"type": "string", "maxLength": LONGEST, "examples": ["price and not badge", "format == 'story'"]}),
]
