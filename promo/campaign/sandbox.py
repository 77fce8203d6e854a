"""The sandbox under the templates: which parts of Jinja2 may be used, and how much work they may do."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import pass_context

from promo.campaign import filters
from promo.campaign.filters import UnfitError, bounded
from promo.language import _
from promo.source.suggest import did_you_mean

MAX_STEPS = 100_000  # rounds of all loops of one template together
BUDGET = "__budget"
_OF_MOMENT = frozenset(("year", "month", "day", "hour", "minute"))
_OF_LOOP = frozenset(("index", "index0", "first", "last", "length", "revindex"))

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "days_until": filters.days_until,
    "date": filters.date_of,
    "range": filters.short_range,
}

_OWN_FILTERS: dict[str, Callable[..., Any]] = {
    "date": filters.date_filter,
    "time": filters.time_filter,
    "number": filters.number_filter,
    "money": filters.money_filter,
    "percent": filters.percent_filter,
    "round": filters.round_filter,
    "join": filters.join_filter,
    "replace": filters.replace_filter,
}
_PLAIN_FILTERS = (
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "int",
    "last",
    "length",
    "list",
    "lower",
    "max",
    "min",
    "reverse",
    "sort",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
)
_TESTS = (
    "defined",
    "undefined",
    "none",
    "number",
    "string",
    "mapping",
    "sequence",
    "iterable",
    "boolean",
    "integer",
    "float",
    "true",
    "false",
    "even",
    "odd",
    "divisibleby",
    "in",
    "equalto",
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "lower",
    "upper",
    "==",
    "!=",
    ">",
    ">=",
    "<",
    "<=",
)

# Everything else of Jinja2 (macros, imports, blocks, calls of methods) is left out: a text needs none of it.
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.For,
    nodes.Assign,
    nodes.Name,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
    nodes.Pair,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Pos,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Concat,
)


class Budget:
    """How many rounds of loops one template has left."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS


@pass_context
def _steps(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    """Pass on what a loop goes through, each round paid from the template's budget."""
    budget = context.get(BUDGET)
    for value in values:
        budget.left -= 1
        if budget.left < 0:
            raise UnfitError(_("the loops go round more than {count} times", count=MAX_STEPS))
        yield value


class _BoundedCode(CodeGenerator):
    """Jinja's compiler, with `~` going through a bounded join."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja2 finds it by this name
        self.write("environment.concat((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """The part of Jinja2 that campaign texts may use, bounded in size and work."""

    code_generator_class = _BoundedCode
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%"))

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, finalize=_finish, autoescape=False)
        self.filters = {**{name: FILTERS[name] for name in _PLAIN_FILTERS}, **_OWN_FILTERS, BUDGET: _steps}
        self.tests = {name: TESTS[name] for name in _TESTS}
        self.globals = dict(FUNCTIONS)

    def concat(self, parts: Iterable[Any]) -> str:
        """Join values into one text of bounded length."""
        return filters.join_filter(parts)

    def call_binop(self, context: Context, operator_: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - Jinja's signature
        """Calculate with numbers of ordinary size only; `+` also joins texts."""
        if isinstance(left, str) and isinstance(right, str) and operator_ == "+":
            return bounded(left + right)
        for side in (left, right):
            if isinstance(side, StrictUndefined):
                str(side)  # raises, and names the variable
            if not isinstance(side, (int, float)) or abs(side) > 1e30:
                raise UnfitError(
                    _("{operator} calculates with numbers only", operator=f"`{operator_}`"),
                )
        return _CALCULATE[operator_](left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the key of a mapping, the parts of a moment, or what a loop says of itself; nothing of other objects.

        A mapping's key comes first and alone: a column may be called `items` or `values`.
        """
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, StrictUndefined):
            str(obj)  # raises, and names the variable
        if (isinstance(obj, datetime) and attribute in _OF_MOMENT) or (
            isinstance(obj, LoopContext) and attribute in _OF_LOOP
        ):
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return `obj[argument]` of mappings, lists and texts."""
        if isinstance(obj, Mapping):
            return self.getattr(obj, argument)
        if isinstance(obj, (list, tuple, str, range)) and isinstance(argument, (int, slice)):
            try:
                return obj[argument]
            except IndexError:
                pass
        return self.undefined(obj=obj, name=argument)

    def checked(self, source: str) -> nodes.Template:
        """Parse a template and refuse what is not allowed. Raises TemplateSyntaxError, UnfitError."""
        tree = self.parse(source)
        for node in _all_nodes(tree):
            self._check(node)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, BUDGET, [], [], None, None, lineno=loop.lineno)
            loop.iter.set_environment(self)
        return tree

    def _check(self, node: nodes.Node) -> None:
        if not isinstance(node, _ALLOWED):
            raise _refused(_word(node), node)
        if isinstance(node, nodes.Call):
            self._check_call(node)
        elif isinstance(node, nodes.Filter) and (node.name not in self.filters or node.name == BUDGET):
            raise UnknownNameError(_("there is no filter {name}", name=f"`{node.name}`"), node.name, self.filter_names)
        elif isinstance(node, nodes.Test) and node.name not in self.tests:
            raise UnknownNameError(_("there is no test {name}", name=f"`{node.name}`"), node.name, _TESTS)
        elif isinstance(node, nodes.Assign) and not isinstance(node.target, nodes.Name):
            raise TemplateSyntaxError(_("`set` gives one name one value"), node.lineno)
        elif isinstance(node, (nodes.Name, nodes.Getattr)):
            name = node.name if isinstance(node, nodes.Name) else node.attr
            if name.startswith("_"):
                raise TemplateSyntaxError(_("names that begin with `_` are not allowed"), node.lineno)
            if name == "self" and isinstance(node, nodes.Name):
                raise _refused(name, node)

    def _check_call(self, node: nodes.Call) -> None:
        if not isinstance(node.node, nodes.Name):
            raise TemplateSyntaxError(_("methods cannot be called in a text; use a filter"), node.lineno)
        if node.node.name not in FUNCTIONS:
            raise UnknownNameError(
                _("there is no function {name}", name=f"`{node.node.name}`"), node.node.name, FUNCTIONS
            )
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise _refused("*", node)

    @property
    def filter_names(self) -> list[str]:
        """Return the filters a text may use."""
        return [name for name in self.filters if name != BUDGET]


class UnknownNameError(Exception):
    """A function, filter or test that does not exist; `hint` names the nearest one."""

    def __init__(self, message: str, name: str, known: Iterable[str]) -> None:
        super().__init__(message)
        self.hint = did_you_mean(name, known)


def _refused(what: str, node: nodes.Node) -> TemplateSyntaxError:
    return TemplateSyntaxError(_("{what} is not allowed in a text", what=f"`{what}`"), node.lineno)


def _all_nodes(tree: nodes.Node) -> Iterator[nodes.Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _word(node: nodes.Node) -> str:
    return {"Pow": "**", "CallBlock": "call", "FromImport": "import", "AssignBlock": "set"}.get(
        type(node).__name__, type(node).__name__.lower()
    )


def _finish(value: Any) -> Any:
    """What an expression puts into the text: nothing for none, a bounded text for all else."""
    return "" if value is None else value


_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
