"""Templates in campaign files: a small, bounded part of Jinja2, checked before it is used.

Most texts only hold a few `{{ … }}`. They are cut into words and expressions, and each expression is
compiled once however many texts use it; a text with `{% … %}` goes through Jinja2 as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError

from promo.campaign.filters import MAX_TEXT, UnfitError
from promo.campaign.sandbox import BUDGET, FUNCTIONS, BoundedEnvironment, Budget, UnknownNameError
from promo.errors import UserMistake
from promo.language import _, language

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SOURCE = 20_000  # characters
_OPENING = re.compile(r"\{[{%#]")
# `{{ … }}` whose quotes hold no braces or backslashes, and without white-space control.
_EXPRESSION = re.compile(r"\{\{(?![-+])([^{}'\"]*(?:(?:'[^'\\{}]*'|\"[^\"\\{}]*\")[^{}'\"]*)*)(?<![-+])\}\}")
_PATH = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9_]*)(?:\.([a-zA-Z][a-zA-Z0-9_]*))?\s*")


class TemplateProblem(UserMistake):
    """A template is wrong, or could not be filled: one line for its author."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """What a template names: free variables, and attributes such as (`row`, `area`)."""

    names: frozenset[str] = frozenset()
    attributes: frozenset[tuple[str, str]] = frozenset()


class Templates:
    """Fills templates. One object may serve a whole run; it keeps what it compiled.

    The functions and filters read two of the variables: `occurrence`, the local moment of the delivery
    (for `days_until`, `date`), and `language`, `en` or `zh` (for dates, numbers, money).
    """

    def render(self, source: str, variables: Mapping[str, Any]) -> str:
        """Return the filled text. Raises TemplateProblem with one line on what is wrong."""
        if "{" not in source or not _OPENING.search(source):
            return source
        parts = [part if isinstance(part, str) else _fill(part, variables) for part in _parts(source, language())]
        if sum(map(len, parts)) > MAX_TEXT:
            raise TemplateProblem(_("the text grows beyond {count} characters", count=MAX_TEXT))
        return "".join(parts)

    def analyse(self, source: str) -> Analysis:
        """Return what the template names, without filling it. Raises TemplateProblem where it is wrong."""
        if "{" not in source or not _OPENING.search(source):
            return _NOTHING
        found = [part.analysis for part in _parts(source, language()) if not isinstance(part, str)]
        if len(found) == 1:
            return found[0]
        return Analysis(
            names=frozenset().union(*(analysis.names for analysis in found)),
            attributes=frozenset().union(*(analysis.attributes for analysis in found)),
        )


_NOTHING = Analysis()
_ENVIRONMENT = BoundedEnvironment()


class _Part:
    """One expression, or a whole text with statements; compiled when it is first filled."""

    __slots__ = ("_template", "_tree", "analysis", "path")

    def __init__(self, source: str) -> None:
        self._tree = _ENVIRONMENT.checked(source)
        self._template: Template | None = None
        self.analysis = _names(self._tree)
        plain = _PATH.fullmatch(source[2:-2])
        # `{{ link }}` and `{{ row.name }}`: looked up directly where they are texts.
        self.path = (plain[1], plain[2]) if plain and plain[1] not in FUNCTIONS else None

    @property
    def template(self) -> Template:
        """Return the compiled template."""
        if self._template is None:
            code = _ENVIRONMENT.compile(self._tree)
            self._template = Template.from_code(_ENVIRONMENT, code, _ENVIRONMENT.globals)
        return self._template


def _fill(part: _Part, variables: Mapping[str, Any]) -> str:
    if part.path is not None:
        name, attribute = part.path
        value = variables.get(name)
        if attribute is not None:
            value = value.get(attribute) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    try:
        return _generate(part.template, variables)
    except UndefinedError as error:
        raise TemplateProblem(_undefined(error)) from None
    except UnfitError as error:
        raise TemplateProblem(str(error)) from None
    except SecurityError:
        raise TemplateProblem(_("this is not allowed in a text")) from None
    except ZeroDivisionError:
        raise TemplateProblem(_("a division by zero")) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise TemplateProblem(_("the template cannot be filled: {reason}", reason=str(error)[:200])) from None


def _generate(template: Template, variables: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    size = 0
    for piece in template.generate({**variables, BUDGET: Budget()}):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_TEXT:
            raise UnfitError(_("the text grows beyond {count} characters", count=MAX_TEXT))
    return "".join(pieces)


def _undefined(error: UndefinedError) -> str:
    name = re.search(r"'([^']*)' is undefined", str(error.message))
    if name:
        return _("the variable {name} has no value here", name=f"`{name[1]}`")
    attribute = re.search(r"has no (?:attribute|element) '?([^']*)'?", str(error.message))
    if attribute:
        return _("there is no {name} here", name=f"`{attribute[1]}`")
    return _("a variable has no value here")


@lru_cache(maxsize=8192)
def _parts(source: str, _language: str) -> tuple[str | _Part, ...]:
    """Cut a text into words and expressions. The language counts: messages of errors are in it."""
    if len(source) > MAX_SOURCE:
        raise TemplateProblem(_("a template may have {count} characters", count=MAX_SOURCE))
    pieces = _EXPRESSION.split(source)
    if any(_OPENING.search(words) or "}}" in words for words in pieces[::2]):
        return (_part(source, _language),)
    return tuple(
        _part("{{" + piece + "}}", _language) if index % 2 else piece
        for index, piece in enumerate(pieces)
        if piece or index % 2
    )


@lru_cache(maxsize=8192)
def _part(source: str, _language: str) -> _Part:
    try:
        return _Part(source)
    except TemplateSyntaxError as error:
        raise TemplateProblem(_("the template is wrong: {reason}", reason=error.message or "?")) from None
    except UnknownNameError as error:
        raise TemplateProblem(str(error), hint=error.hint) from None
    except RecursionError:
        raise TemplateProblem(_("the template is nested too deep")) from None


def _names(tree: nodes.Template) -> Analysis:
    """Return the free names of a checked template. What is tested with `is defined` or given a default is left out."""
    names: set[str] = set()
    attributes: set[tuple[str, str]] = set()
    bound = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"} | {"loop"}
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        if (isinstance(node, nodes.Filter) and node.name in ("default", "d")) or (
            isinstance(node, nodes.Test) and node.name in ("defined", "undefined")
        ):
            waiting.extend(child for child in node.iter_child_nodes() if child is not node.node)
            continue
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            waiting.extend(child for child in node.iter_child_nodes() if child is not node.node)
            continue
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            attributes.add((node.node.name, node.attr))
        elif (
            isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const)
        ):
            attributes.add((node.node.name, str(node.arg.value)))
        if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in bound:
            names.add(node.name)
        waiting.extend(node.iter_child_nodes())
    return Analysis(names=frozenset(names), attributes=frozenset(a for a in attributes if a[0] not in bound))
