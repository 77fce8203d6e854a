"""A delivery's row as people and machines read it."""

from __future__ import annotations

from typing import Any

# state → its mark in tables; words alone carry the meaning, the mark helps the eye
MARKS = {
    "planned": "·",
    "awaiting_approval": "?",
    "scheduled": "○",
    "publishing": "▶",
    "pending": "…",
    "handed_over": "→",
    "published": "●",
    "done": "✓",
    "failed": "✗",
    "uncertain": "⁇",
    "missed": "–",
    "rejected": "⊘",
    "cancelled": "⌫",
}


def delivery_as_plain(row: Any) -> dict[str, Any]:
    """Return the columns that matter to other programs."""
    names = ("id", "campaign", "activity", "channel", "occurrence", "part", "kind", "type", "state", "reason")
    return {name: getattr(row, name) for name in (*names, "due_at", "published_at", "remote_id", "remote_url")}
