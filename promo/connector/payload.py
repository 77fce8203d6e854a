"""A request as plain JSON, for connectors that hand it on whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promo.connector.request import PublishRequest

BOOKKEEPING = frozenset({"attempt", "first_attempt_at"})  # differ from try to try, so they are no part of the post


def request_payload(request: PublishRequest) -> dict[str, Any]:
    """Return the request as JSON-ready values, the same for every try of it.

    Times are ISO 8601 with their offset, durations seconds, paths only the file's name: no path of this
    machine leaves it.
    """
    return {f.name: _plain(getattr(request, f.name)) for f in fields(request) if f.name not in BOOKKEEPING}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path):
        return value.name
    return value
