"""Looking for secrets in whatever a connector leaves behind."""

from __future__ import annotations

import base64
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from promo.connector import causes

if TYPE_CHECKING:
    from collections.abc import Iterable


def find_leaks(things: Iterable[Any], secrets: Iterable[str]) -> list[str]:
    """Return where a secret shows: in a repr, text, bytes, or an error with its causes and traceback.

    A secret is looked for as it is, percent-encoded, and as base64. The answer never repeats the secret.
    """
    needles = [form for secret in secrets for form in _forms(secret)]
    leaks = []
    for thing in things:
        for text in _texts(thing):
            if any(needle in text for needle in needles):
                hidden = text
                for needle in needles:
                    hidden = hidden.replace(needle, "<secret>")
                leaks.append(f"{type(thing).__name__}: {hidden[:300]}")
    return leaks


def _forms(secret: str) -> set[str]:
    """Return the secret as it shows in texts, in URLs and inside base64, at each of its three alignments."""
    forms = {secret, quote(secret, safe="")}
    raw = secret.encode()
    for before in range(3):  # bytes that stand before it, as `user:` in Basic authentication
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        forms.add(encoded[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6])
    return forms


def _texts(thing: Any) -> Iterable[str]:
    if isinstance(thing, bytes):
        yield thing.decode(errors="replace")
    elif isinstance(thing, BaseException):
        yield "".join(traceback.format_exception(thing))
        for cause in causes(thing):
            yield f"{cause!r} {cause} {vars(cause)}"
    else:
        yield f"{thing!r} {thing}"
