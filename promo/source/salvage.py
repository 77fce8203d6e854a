"""What can still be read of values that do not fit: without the parts at fault, so that the rest is checked too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from promo.source.explain import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", bound=BaseModel)
Keys = tuple[str | int, ...]
ROUNDS = 5  # a part left out may leave the part around it without what it needs, and so on upwards


@dataclass(frozen=True, kw_only=True)
class Salvaged(Generic[T]):
    """A model of the parts that fit. `cut` are the paths left out, as they are in the file."""

    value: T
    cut: frozenset[Keys] = frozenset()
    kept: Mapping[Keys, tuple[int, ...]] = field(default_factory=dict, repr=False)  # list → its items' old numbers

    def original(self, keys: Keys) -> Keys:
        """Return the path in the file of a path in the value: what follows an item left out has moved up."""
        return _original(keys, self.kept)


def salvage(model: type[T], raw: Mapping[str, Any], *, stand_ins: Mapping[str, Any]) -> Salvaged[T] | None:
    """Validate what is left without the parts at fault; None where that is too little.

    `stand_ins` are values for keys at the top that are missing or at fault.
    """
    cut: set[Keys] = set()
    for _round in range(ROUNDS):
        kept: dict[Keys, tuple[int, ...]] = {}
        rest = {**stand_ins, **_without(raw, (), cut, kept)}
        try:
            value = model.model_validate(rest)
        except ValidationError as error:
            more = {_original(wrong.keys, kept) for wrong in explain(error, model, rest)}
            if () in more or more <= cut:
                return None
            cut |= more
        else:
            return Salvaged(value=value, cut=frozenset(cut), kept=kept)
    return None


def _original(keys: Keys, kept: Mapping[Keys, tuple[int, ...]]) -> Keys:
    found: Keys = ()
    for key in keys:
        numbers = kept.get(found, ())
        found = (*found, numbers[key] if isinstance(key, int) and key < len(numbers) else key)
    return found


def _without(value: Any, here: Keys, cut: set[Keys], kept: dict[Keys, tuple[int, ...]]) -> Any:
    """Copy `value` without the paths in `cut`; note in `kept` which items of shortened lists are left."""
    if isinstance(value, dict):
        return {
            key: _without(inner, (*here, key), cut, kept) for key, inner in value.items() if (*here, key) not in cut
        }
    if isinstance(value, list):
        numbers = tuple(number for number in range(len(value)) if (*here, number) not in cut)
        if len(numbers) < len(value):
            kept[here] = numbers
        return [_without(value[number], (*here, number), cut, kept) for number in numbers]
    return value
