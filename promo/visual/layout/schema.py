"""JSON Schema of layouts, for editors that complete and check as one types."""

from __future__ import annotations

from typing import Any, get_args

from promo.language import _
from promo.source.schema import model_schema
from promo.visual.layout.layers import AnyLayer
from promo.visual.layout.model import LayoutFile

NOT_CHANGED = ("id", "kind")  # a format changes anything else


def layout_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a layout file; what a format may change in a layer is offered too."""
    schema = model_schema(LayoutFile, _("A layout"))
    kinds = [get_args(branch)[0].__name__ for branch in get_args(get_args(AnyLayer)[0])]
    offered: dict[str, list[Any]] = {}
    for kind in kinds:
        for key, value in schema["$defs"][kind]["properties"].items():
            if key not in NOT_CHANGED and value not in offered.setdefault(key, []):
                offered[key].append(value)
    nothing = {"type": "null", "description": _("back to what it is without the layout's word")}
    changes = {key: {"anyOf": [*values, nothing]} for key, values in offered.items()}
    schema["$defs"]["LayerChange"] = {"type": "object", "properties": changes, "additionalProperties": False}
    schema["$defs"]["Format"]["properties"]["layers"]["additionalProperties"] = {"$ref": "#/$defs/LayerChange"}
    return schema
