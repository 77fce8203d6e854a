"""What channels and plugins say, made such that every ledger takes it: odd text must not cost a receipt or a refusal.

PostgreSQL keeps no NUL, no database half of a character, and JSON knows neither infinity nor a key that is not text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from promo.connector import Handover, Receipt

if TYPE_CHECKING:
    from promo.connector import Pending

NUL = "\u2400"  # the sign that stands for it


def storable_text(text: object) -> str:
    """Return a text that every database keeps; what is no text is written as one."""
    return str(text).encode("utf-8", "replace").decode().replace("\0", NUL)


def storable(value: Any) -> Any:
    """Return plain JSON for what a plugin put into a `detail`."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {storable_text(key): storable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(each) for each in value]
    return storable_text(value)


def storable_answer(answer: Receipt | Pending | Handover) -> Receipt | Pending | Handover:
    """Return the answer with all its text as every ledger keeps it."""
    common = {"remote_id": storable_text(answer.remote_id), "detail": storable(answer.detail)}
    if isinstance(answer, Receipt):
        url = None if answer.url is None else storable_text(answer.url)
        return replace(answer, **common, url=url, parts=tuple(storable_text(part) for part in answer.parts))
    if isinstance(answer, Handover):
        url = None if answer.url is None else storable_text(answer.url)
        return replace(answer, **common, url=url, to=storable_text(answer.to))
    return replace(answer, **common)
