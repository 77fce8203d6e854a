"""Folders of deliveries: named so that a person finds them, and by key so that a repeat finds them too."""

from __future__ import annotations

import glob
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.connector.file import safe_name

if TYPE_CHECKING:
    from pathlib import Path

    from promo.connector.request import PublishRequest


def delivery_name(request: PublishRequest) -> str:
    """Return such as `2027-03-22 0930 countdown ab12cd34ef567890`: local time, activity, start of the key."""
    local = request.occurrence.astimezone(ZoneInfo(request.timezone))
    return f"{local:%Y-%m-%d %H%M} {safe_name(request.activity)} {_mark(request.key)}"


def find_delivery(parent: Path, key: str, record: str) -> tuple[Path, dict[str, Any]] | None:
    """Return the folder in `parent` whose JSON file `record` holds this key, and that record; None when there is none.

    The name alone is not trusted: it holds the start of the key only.
    """
    for folder in parent.glob(f"* {glob.escape(_mark(key))}"):
        try:
            data = json.loads((folder / record).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # a folder somebody made or emptied by hand
        if isinstance(data, dict) and data.get("key") == key:
            return folder, data
    return None


def _mark(key: str) -> str:
    return safe_name(key)[:16]
