"""A connector's abilities and settings as words."""

from __future__ import annotations

from typing import Any

from promo.connector import Ability, Connector, Idempotency
from promo.language import _


def abilities(kind: type[Connector[Any]]) -> dict[str, Any]:
    """Return the abilities of a connector as short texts."""
    can = kind.capabilities
    text = "—"
    if can.text is not None:
        text = f"{can.text.limit} {can.text.unit.value}"
    return {
        "text": text,
        "images": str(can.images.count or "—"),
        "thread": str(can.thread) if can.thread > 1 else "—",
        "first_comment": can.first_comment,
        "idempotency": {
            Idempotency.KEY: _("send again, same key"),
            Idempotency.LOOKUP: _("look it up"),
            Idempotency.NONE: _("a person decides"),
        }[can.idempotency],
        "lookup": _ability(can.lookup),
        "delete": _ability(can.delete),
        "metrics": ", ".join(can.metrics) or "—",
        "handover": can.handover,
    }


def _ability(ability: Ability) -> str:
    return {Ability.YES: _("yes"), Ability.NO: _("no"), Ability.NOT_BUILT: _("not built")}[ability]


def settings_table(kind: type[Connector[Any]]) -> list[list[str]]:
    """Return a row (name, type, default, meaning) for each setting."""
    rows = []
    for name, field in kind.Settings.model_fields.items():
        default = _("required") if field.is_required() else str(field.get_default(call_default_factory=True))
        rows.append([field.alias or name, _type_name(field.annotation), default, field.description or ""])
    return rows


def _type_name(annotation: Any) -> str:
    words = getattr(annotation, "__name__", None) if not hasattr(annotation, "__args__") else None
    return words or str(annotation).replace("typing.", "").replace("promo.secret.", "").replace("<class '", "").replace(
        "'>", ""
    )
