"""Signing and verifying as Standard Webhooks 1.0.0 says (specification of 2023, read 2026-11-22)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)  # how far the sender's clock may be off; older means replayed


class SignatureWrong(ValueError):
    """The request does not come from who holds the secret, or is too old."""


def secret_bytes(secret: str) -> bytes:
    """Return the key of a secret written as `whsec_` and base64. Raises ValueError unless it has 24 to 64 bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError("a signing secret is whsec_ followed by base64 of 24 to 64 bytes") from None
    return key


def sign(*, id: str, timestamp: int, body: bytes, secret: str) -> str:
    """Return the value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    content = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret_bytes(secret), content, hashlib.sha256).digest()).decode()


def verify(
    headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime, tolerance: timedelta = TOLERANCE
) -> str:
    """Check a received request and return its id, by which a receiver drops repeats.

    `headers` with names in any case, `body` the bytes as they arrived, `now` aware. Raises SignatureWrong.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        id_, stamp, given = (lower[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        timestamp = int(stamp)
    except (KeyError, ValueError):
        raise SignatureWrong("the headers webhook-id, -timestamp and -signature are needed") from None
    if abs(now.timestamp() - timestamp) > tolerance.total_seconds():
        raise SignatureWrong("the request is too old, or a clock is wrong")
    wanted = sign(id=id_, timestamp=timestamp, body=body, secret=secret)
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given.split()):
        raise SignatureWrong("no signature fits")
    return id_
