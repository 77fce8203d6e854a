"""JSON Schema of campaign files and of promo.yaml, for editors that complete and check as one types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from promo.campaign.facts import layout_names
from promo.campaign.model import Campaign
from promo.errors import UserMistake
from promo.source.schema import allow_also, list_branch, model_schema
from promo.workspace import Workspace, WorkspaceSettings, brand_names

if TYPE_CHECKING:
    from promo.registry import Registry

_TEXT: dict[str, Any] = {"type": "string"}
_TIMES: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
# Where a plain value may stand for a whole mapping; see the shorthands in `promo.campaign.model`.
_PLAIN = {
    ("Activity", "schedule"): _TIMES,
    ("Activity", "content"): _TEXT,
    ("Activity", "visual"): _TEXT,
    ("Content", "link"): _TEXT,
    ("Content", "first_comment"): _TEXT,
    ("Variant", "link"): _TEXT,
    ("Variant", "first_comment"): _TEXT,
    ("Defaults", "link"): _TEXT,
}
# Where one text may stand for a list of one.
_SINGLE = (
    ("Activity", "channels"),
    ("Content", "hashtags"),
    ("Variant", "hashtags"),
    ("Defaults", "channels"),
    ("Defaults", "hashtags"),
    ("Schedule", "at"),
    ("Schedule", "skip"),
    ("Schedule", "also"),
    ("Campaign", "audience"),
)
_TEMPLATE = {"type": "string", "pattern": r"\{\{"}


def campaign_schema(workspace: Workspace | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a campaign file.

    With a workspace, only its channels, brands, layouts and slot plans are offered.
    """
    schema = model_schema(Campaign, "A campaign of promo")
    parts: dict[str, dict[str, Any]] = {name: part["properties"] for name, part in schema["$defs"].items()}
    parts["Campaign"] = schema["properties"]
    parts["Defaults"]["visual"] = {
        "$ref": "#/$defs/VisualSpec",
        "description": parts["Defaults"]["visual"]["description"],
    }
    # What an activity's own picture does not say comes from the defaults, so nothing is required of it alone.
    schema["$defs"]["VisualSpec"].pop("required", None)
    if workspace is not None:
        _offer(parts, workspace)
    for owner, key in _SINGLE:
        allow_also(parts[owner], key, list_branch(parts[owner][key])["items"])
    for (owner, key), short in _PLAIN.items():
        allow_also(parts[owner], key, short)
    return schema


def _offer(parts: dict[str, dict[str, Any]], workspace: Workspace) -> None:
    """Offer what the workspace has, and refuse the rest."""
    channels = {"type": "string", "enum": sorted(workspace.settings.channels)}
    for owner in ("Activity", "Defaults"):
        list_branch(parts[owner]["channels"])["items"] = channels
    parts["Content"]["variants"]["propertyNames"] = {"enum": channels["enum"]}
    brands = workspace.settings.brands or brand_names(workspace.brand_folder)
    if brands:
        parts["Campaign"]["brand"]["enum"] = sorted(brands)
    layout = parts["VisualSpec"]["layout"]
    parts["VisualSpec"]["layout"] = {
        "description": layout["description"],
        "anyOf": [{"type": "string", "enum": sorted(layout_names(workspace))}, _TEMPLATE],
    }
    slots = parts["Schedule"]["slots"]
    parts["Schedule"]["slots"] = {
        "description": slots["description"],
        "enum": [*sorted(workspace.settings.slots), "channel"],
    }


def workspace_schema(registry: Registry | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of promo.yaml; with the registry, the connectors and their settings too."""
    schema = model_schema(WorkspaceSettings, "A workspace of promo")
    of_campaigns = campaign_schema()["$defs"]
    for name in ("Defaults", "Link", "VisualSpec"):
        schema["$defs"][name] = of_campaigns[name]
    schema["properties"]["defaults"] = {
        "$ref": "#/$defs/Defaults",
        "description": schema["properties"]["defaults"]["description"],
    }
    if registry is not None:
        _offer_connectors(schema, registry)
    return schema


def _offer_connectors(schema: dict[str, Any], registry: Registry) -> None:
    channel = schema["$defs"]["ChannelSettings"]
    channel["properties"]["connector"]["enum"] = registry.names
    rules = []
    for name in registry.names:
        try:
            kind = registry.connector(name)
        except UserMistake:  # a broken plugin has no settings to offer; `promo doctor` tells
            continue
        own = f"settings-{name}"
        schema["$defs"][own] = kind.Settings.model_json_schema(ref_template=f"#/$defs/{own}/$defs/{{model}}")
        rules.append(
            {
                "if": {"properties": {"connector": {"const": name}}, "required": ["connector"]},
                "then": {"properties": {"settings": {"$ref": f"#/$defs/{own}"}}},
            }
        )
    channel["allOf"] = rules
