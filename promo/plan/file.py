"""The plan as a file: versioned JSON with a digest over its body, so that a changed or cut file is refused."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.errors import UserMistake
from promo.language import _
from promo.plan.digest import canonical
from promo.plan.model import Action, Change, Plan, PlannedDelivery
from promo.source.problem import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "promo-plan"
VERSION = 1


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan, all of it or nothing. Raises UserMistake where the file cannot be written."""
    body = canonical(_plan_to_json(plan))
    text = f'{{"format":"{FORMAT}","version":{VERSION},"sha256":"{_digest(body)}","plan":\n{body}\n}}\n'
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserMistake(
            _("the plan cannot be written to {file}: {why}", file=path, why=error.strerror or type(error).__name__)
        ) from None


def read_plan(path: Path) -> Plan:
    """Read a plan that `write_plan` wrote. Raises UserMistake for any other file, or one changed since."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserMistake(
            _("the plan {file} cannot be read: {why}", file=path, why=error.strerror or type(error).__name__)
        ) from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UserMistake(_("{file} is no plan of promo", file=path), hint=_("make one with: promo plan --out FILE"))
    if document.get("version") != VERSION:
        raise UserMistake(
            _(
                "{file} was made by another version of promo (format {version})",
                file=path,
                version=document.get("version"),
            ),
            hint=_("make a new one with: promo plan --out FILE"),
        )
    try:
        body = canonical(document["plan"])
        if _digest(body) != document["sha256"]:
            raise _damaged(path)
        return _plan_from_json(document["plan"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise _damaged(path) from None


def _damaged(path: Path) -> UserMistake:
    return UserMistake(
        _("the plan {file} was changed or cut after it was written", file=path),
        hint=_("make a new one with: promo plan --out FILE"),
    )


def _digest(body: str) -> str:
    return sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _plan_to_json(plan: Plan) -> dict[str, Any]:
    return {
        "made_at": plan.made_at.isoformat(),
        "horizon": plan.horizon.isoformat(),
        "files_digest": plan.files_digest,
        "ledger_digest": plan.ledger_digest,
        "campaigns": plan.campaigns,
        "remarks": list(plan.remarks),
        "changes": [
            {
                "action": change.action.value,
                "delivery": change.delivery,
                "before": None if change.before is None else dict(change.before),
                "after": None if change.after is None else delivery_as_json(change.after),
                "notes": list(change.notes),
            }
            for change in plan.changes
        ],
    }


def delivery_as_json(delivery: PlannedDelivery) -> dict[str, Any]:
    """Return a planned delivery as plain JSON; moments in ISO 8601, UTC."""
    return {
        **{name: getattr(delivery, name) for name in _PLAIN},
        "due_at": delivery.due_at.isoformat(),
        "window_until": None if delivery.window_until is None else delivery.window_until.isoformat(),
        "at": None if delivery.at is None else {**asdict(delivery.at), "file": delivery.at.file.as_posix()},
    }


_PLAIN = (
    *("key", "id", "campaign", "activity", "channel", "occurrence", "part", "parent", "kind", "type", "digest"),
    *("content", "visual", "approval"),
)


def _plan_from_json(body: Mapping[str, Any]) -> Plan:
    return Plan(
        made_at=_moment(body["made_at"]),
        horizon=_moment(body["horizon"]),
        files_digest=body["files_digest"],
        ledger_digest=body["ledger_digest"],
        campaigns=body["campaigns"],
        remarks=tuple(body["remarks"]),
        changes=tuple(
            Change(
                action=Action(change["action"]),
                delivery=change["delivery"],
                before=change["before"],
                after=None if change["after"] is None else _delivery_from_json(change["after"]),
                notes=tuple(change["notes"]),
            )
            for change in body["changes"]
        ),
    )


def _delivery_from_json(body: Mapping[str, Any]) -> PlannedDelivery:
    at = body["at"]
    return PlannedDelivery(
        **{name: body[name] for name in _PLAIN},
        due_at=_moment(body["due_at"]),
        window_until=None if body["window_until"] is None else _moment(body["window_until"]),
        at=None if at is None else Position(file=Path(at["file"]), line=at["line"], column=at["column"]),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
