"""Pydantic's complaints → one plain sentence each, with the path of keys it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from promo.language import _, plural
from promo.source.mask import looks_secret
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Keys = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """One mistake at a path of keys; `at_value` says whether the value or its key is to be shown."""

    code: str
    message: str
    keys: Keys
    at_value: bool
    hint: str | None


def explain(error: ValidationError, model: type[BaseModel], raw: Any) -> Iterator[Wrong]:
    """Yield every mistake of a validation. That a list is too short is left out where its items are wrong."""
    found = list(_explained(error, model, raw))
    above = {wrong.keys[:end] for wrong in found for end in range(len(wrong.keys))}
    for wrong in found:
        if wrong.code != "too-few" or wrong.keys not in above:
            yield wrong


def _explained(error: ValidationError, model: type[BaseModel], raw: Any) -> Iterator[Wrong]:
    for details in error.errors(include_url=False):
        keys, value = _real_path(details["loc"], raw)
        kind = details["type"]
        context: Mapping[str, Any] = details.get("ctx", {})
        if kind == "missing":
            name = details["loc"][-1]
            keys = keys[: len(details["loc"]) - 1]
            yield Wrong(
                code="missing-key",
                message=_("the list is too short: its value {number} is missing", number=name + 1)
                if isinstance(name, int)
                else _("the key {key} is missing", key=f"`{name}`"),
                keys=keys,
                at_value=False,
                hint=None,
            )
        elif kind == "extra_forbidden":
            known = known_keys(model, keys[:-1])
            yield Wrong(
                code="unknown-key",
                message=_("the key {key} is not known here", key=f"`{keys[-1]}`"),
                keys=keys,
                at_value=False,
                hint=_comma_hint(value, str(keys[-1])) or did_you_mean(str(keys[-1]), known),
            )
        else:
            if keys and looks_secret(str(keys[-1])):
                value = "***"
            of_key = bool(details["loc"]) and details["loc"][-1] == "[key]"  # pydantic's word for a mapping's key
            code, message, hint = _words(kind, context, keys[-1] if of_key else value, str(details["msg"]))
            yield Wrong(code=code, message=message, keys=keys, at_value=not of_key, hint=hint)


def _comma_hint(value: Any, key: str) -> str | None:
    """A key without a value that is no plain word is the rest of a text, cut off by a comma inside braces."""
    if value is None and not key.replace("_", "").replace("-", "").isascii():
        return comma_hint()
    return None


def comma_hint() -> str:
    """Say how a comma inside braces is kept in its text."""
    return _("inside braces a comma begins a new key: put the whole text in quotes")


def _real_path(location: tuple[int | str, ...], raw: Any) -> tuple[Keys, Any]:
    """Leave out what pydantic adds to a location (branches of unions) and follow the rest in the file."""
    if raw is None:
        return location, None
    keys: list[str | int] = []
    value = raw
    for part in location:
        if (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        ):
            keys.append(part)
            value = value[part]  # type: ignore[index]  # a list has an int here, a mapping a key
    return tuple(keys), value


def _words(kind: str, context: Mapping[str, Any], value: Any, fallback: str) -> tuple[str, str, str | None]:
    """Return (code, message, hint) for a value that does not fit."""
    if kind == "value_error":
        problem = context.get("error")
        return getattr(problem, "code", "bad-value"), str(problem), getattr(problem, "hint", None)
    if kind == "literal_error":
        words = _quoted(str(context.get("expected", "")))
        message = _("{value} is not one of: {words}", value=_show(value), words=", ".join(words))
        return "not-one-of", message, did_you_mean(value, words, listed=True) if isinstance(value, str) else None
    if wanted := _wanted(kind):
        message = _("{what} is wanted here, not {value}", what=wanted, value=_show(value))
        hint = None
        if kind == "string_type" and isinstance(value, (int, float)):
            hint = _("put it in quotes")
        elif kind in _LISTS:
            hint = _("write a list: `[one, two]`, or one line for each with `- `")
        return "wrong-type", message, hint
    if bound := _bound(kind, context):
        return "out-of-range", bound, None
    if kind == "string_pattern_mismatch":
        return (
            "bad-name",
            _("{value} cannot be a name here", value=_show(value)),
            _("use small letters a-z, digits, `-`, `_` and `.`, beginning with a letter or digit; at most 64"),
        )
    if kind in ("too_short", "string_too_short"):
        count = int(context.get("min_length", 1))
        return "too-few", plural("at least {count} is needed here", "at least {count} are needed here", count), None
    if kind in ("too_long", "string_too_long"):
        return "too-many", _("at most {count} are allowed here", count=context.get("max_length", "?")), None
    return "bad-value", _("this value does not fit: {reason}", reason=fallback), None


_LISTS = frozenset({"list_type", "tuple_type"})


def _wanted(kind: str) -> str | None:
    """Return in words what pydantic wanted, by its error type."""
    match kind:
        case "string_type":
            return _("a text")
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return _("a whole number")
        case "float_type" | "float_parsing" | "decimal_type" | "decimal_parsing" | "finite_number":
            return _("a number")
        case "bool_type" | "bool_parsing":
            return _("`true` or `false`")
        case "list_type" | "tuple_type":
            return _("a list")
        case "dict_type" | "model_type" | "model_attributes_type":
            return _("a mapping (`key: value`)")
    return None


def _bound(kind: str, context: Mapping[str, Any]) -> str | None:
    match kind:
        case "greater_than_equal":
            return _("the number must be {bound} or more", bound=context["ge"])
        case "greater_than":
            return _("the number must be more than {bound}", bound=context["gt"])
        case "less_than_equal":
            return _("the number must be {bound} or less", bound=context["le"])
        case "less_than":
            return _("the number must be less than {bound}", bound=context["lt"])
    return None


def _show(value: Any) -> str:
    """Show a short value as it was written; a long or nested one by its kind. Never a mapping's content."""
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, dict):
        return _("a mapping")
    if isinstance(value, list):
        return _("a list")
    text = " ".join(str(value).split())
    return f"`{text}`" if len(text) <= 40 else f"`{text[:39]}…`"


def _quoted(expected: str) -> list[str]:
    return [word for word in expected.replace(" or ", ",").replace("'", "").replace(" ", "").split(",") if word]


def known_keys(model: type[BaseModel], keys: Keys) -> list[str]:
    """Return the keys a file may use in the mapping at this path of `model`."""
    found: list[Any] = [model]
    for key in keys:
        found = [inner for annotation in found for inner in _below(annotation, key)]
    names: list[str] = []
    for annotation in found:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names += [field.alias or name for name, field in annotation.model_fields.items()]
    return names


def _below(annotation: Any, key: str | int) -> Iterator[Any]:
    """Yield the types a value may have one key further down, through unions, lists and mappings."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if (field.alias or name) == key:
                yield from _branches(field.annotation)
        return
    arguments = get_args(annotation)
    if get_origin(annotation) is dict and len(arguments) == 2 and isinstance(key, str):
        yield from _branches(arguments[1])
    elif get_origin(annotation) in (tuple, list) and arguments and isinstance(key, int):
        yield from _branches(arguments[0])


def _branches(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _branches(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for branch in get_args(annotation):
            yield from _branches(branch)
    else:
        yield annotation
