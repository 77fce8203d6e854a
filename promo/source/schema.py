"""JSON Schema of a model, made fit for people: short, with descriptions, and with the short forms files may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from promo.language import chinese, language

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def model_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a file of this model may say, in the language in force."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    _tidy(schema)
    return {"$schema": DIALECT, **schema, "title": title}


def allow_also(properties: dict[str, Any], key: str, short: dict[str, Any]) -> None:
    """Let the value of `key` be `short` as well: one text for a list of texts, a plain value for a mapping."""
    whole = properties[key]
    kept = {name: whole.pop(name) for name in ("description", "title", "default") if name in whole}
    branches = whole["anyOf"] if set(whole) == {"anyOf"} else [whole]
    properties[key] = {**kept, "anyOf": [*branches, short]}


def list_branch(value: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a property's schema that is a list."""
    return next(branch for branch in (value, *value.get("anyOf", ())) if branch.get("type") == "array")


def _tidy(node: Any) -> None:
    """Drop defaults that say nothing (`null`, empty lists, whole sub-models) and titles that repeat the key."""
    if isinstance(node, list):
        for item in node:
            _tidy(item)
    elif isinstance(node, dict):
        if "default" in node and (node["default"] is None or isinstance(node["default"], (dict, list))):
            del node["default"]
        for key, value in node.items():
            if key == "description" and isinstance(value, str):
                # Not through `_`: the braces of a description are meant literally.
                node[key] = chinese().get(value, value) if language() == "zh" else value
            elif key in ("properties", "$defs") and isinstance(value, dict):
                for inner in value.values():
                    if key == "properties" and isinstance(inner, dict) and isinstance(inner.get("title"), str):
                        del inner["title"]
                    _tidy(inner)
            else:
                _tidy(value)
