"""Identities: the key of a delivery, the digest an approval binds to, and the share of jitter."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ID_LENGTH = 12  # hex digits of the key a person types
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def delivery_key(campaign: str, activity: str, channel: str, occurrence: str, part: str) -> str:
    """Return the key of a delivery: the same for ever, whatever file it stands in and in which order."""
    return sha256(f"{campaign}\0{activity}\0{channel}\0{occurrence}\0{part}".encode()).hexdigest()


def canonical(value: Any) -> str:
    """Return the one way to write a JSON value: sorted keys, no spaces."""
    return _CANONICAL.encode(value)


def content_digest(
    content: Mapping[str, Any],
    visual: Mapping[str, Any] | None,
    visual_digest: str | None,
    *,
    kind: str,
    type_: str,
    with_time: bool,
) -> str:
    """Return the digest of what people approve: words, picture and kind, but not the time.

    Empty parts do not count, so that a new field with nothing in it voids no approval. `with_time` adds the moment of
    the occurrence, for an event that is announced ahead: there the moment is part of the words.
    """
    words = {
        name: value
        for name, value in content.items()
        if value not in (None, "", [], {}) and (with_time or name != "occurrence")
    }
    picture = visual if visual_digest is None else visual_digest
    return sha256(canonical([words, picture, kind, type_]).encode()).hexdigest()


def jitter_share(key: str) -> float:
    """Return a number in [0, 1) that looks random and follows from the key alone."""
    return int(sha256(f"jitter|{key}".encode()).hexdigest()[:13], 16) / 16**13
