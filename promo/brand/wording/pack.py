"""Wording rules as data: the packs that come with promo, read and validated."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field

from promo.brand.rules import Level
from promo.brand.voice import Trade
from promo.source.value import LocalText
from promo.workspace import Frozen

Literals = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class Law(Frozen):
    """A law or code: its official name, and since when the text meant here is in force."""

    name: LocalText
    in_force: date


def _as_clause(value: Any) -> Any:
    return {"at": [value]} if isinstance(value, str) else value


class Clause(Frozen):
    """One way of breaking a rule.

    Only where one of the words in `at` occurs is `as_` tried, a regular expression that covers the guilty words
    (without it, the words themselves). `with_` must be found in the same sentence, `unless` must not.
    """

    at: Literals
    as_: str | None = Field(default=None, alias="as")
    with_: str | None = Field(default=None, alias="with")
    unless: str | None = None


class WordingRule(Frozen):
    """One rule of law: where it stands, how bad a breach is, how it is broken, and what only looks like it.

    Words covered by a match of `innocent` are never guilty. `excused` clears the whole text: a source given, a
    condition named. `must_say` is what a text that speaks of it (or each, without `find`) has to contain.
    """

    id: str = Field(pattern=r"^[a-z][a-z-]*$")
    law: str
    article: LocalText | None = None  # None: the whole of it
    severity: Level
    note: LocalText
    hint: LocalText
    trades: tuple[Trade, ...] = ()  # none: all trades
    except_: tuple[Trade, ...] = Field(default=(), alias="except")
    find: tuple[Annotated[Clause, BeforeValidator(_as_clause)], ...] = ()
    innocent: tuple[str, ...] = ()
    excused: str | None = None
    must_say: str | None = None

    def binds(self, trades: tuple[Trade, ...]) -> bool:
        """Whether a brand of these trades is bound by it."""
        if self.trades:
            return any(trade in self.trades for trade in trades)
        return not trades or any(trade not in self.except_ for trade in trades)


class Pack(Frozen):
    """One file of rules; `words` are parts of patterns that several rules share, written `<name>` in them.

    `innocent` holds for every rule of the pack.
    """

    words: dict[str, str] = Field(default_factory=dict)
    innocent: tuple[str, ...] = ()
    rules: tuple[WordingRule, ...]


@cache
def laws() -> dict[str, Law]:
    """Return the laws and codes the rules come from, by their key."""
    return {key: Law.model_validate(law) for key, law in _read("laws.yaml").items()}


@cache
def wording_rules() -> dict[str, tuple[WordingRule, ...]]:
    """Return every rule by its id, the `<words>` in its patterns filled in; one id may stand in several packs."""
    shared: dict[str, str] = _read("words.yaml")
    found: dict[str, list[WordingRule]] = {}
    folder = files("promo.brand.wording") / "packs"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            pack = Pack.model_validate(_read(f"packs/{file.name}"))
            words = {**shared, **pack.words}
            for rule in pack.rules:
                whole = rule.model_copy(update={"innocent": (*rule.innocent, *pack.innocent)})
                found.setdefault(rule.id, []).append(_filled(whole, words))
    return {rule: tuple(parts) for rule, parts in found.items()}


def _filled(rule: WordingRule, words: dict[str, str]) -> WordingRule:
    def fill(pattern: str | None) -> str | None:
        if pattern is not None:
            for _depth in range(3):  # words may be made of words
                for name, meaning in words.items():
                    pattern = pattern.replace(f"<{name}>", f"(?:{meaning})")
        return pattern

    clauses = tuple(
        clause.model_copy(update={key: fill(getattr(clause, key)) for key in ("as_", "with_", "unless")})
        for clause in rule.find
    )
    innocent = tuple(fill(pattern) or "" for pattern in rule.innocent)
    return rule.model_copy(
        update={
            "find": clauses,
            "innocent": innocent,
            "excused": fill(rule.excused),
            "must_say": fill(rule.must_say),
        }
    )


def _read(name: str) -> Any:
    text = (files("promo.brand.wording") / name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)
