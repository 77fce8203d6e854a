"""A finding before it has words: a breach of the style guide as plain JSON, which the cache can keep."""

from __future__ import annotations

from typing import Any

from promo.visual.scene import Rect


def finding(
    rule: str,
    *,
    layer: str,
    where: Rect | None = None,
    value: str = "",
    limit: str = "",
    page: int = 0,
    **facts: Any,
) -> dict[str, Any]:
    """Return a finding without words and without severity: both follow when it is read.

    `value` is what was measured and `limit` what the guide asks for, with their units; `where` the spot in pixels.
    """
    spot = None if where is None else list(where.pixels())
    return {
        "rule": rule,
        "layer": layer,
        "where": spot,
        "value": value,
        "limit": limit,
        "page": page,
        "facts": facts,
    }
