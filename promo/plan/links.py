"""Links: UTM fields on the target, and the tracked address that stands in its place."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_LENGTH = 12  # 72 bits: a billion links meet by chance once in ten thousand such workspaces


def with_utm(url: str, fields: Mapping[str, str]) -> str:
    """Return a web address with UTM fields: one it names already stays, an empty one is left out."""
    if not url.startswith(("http://", "https://")):
        return url
    parts = urlsplit(url)
    present = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)} if parts.query else set()
    wanted = {name if name.startswith("utm_") else f"utm_{name}": value for name, value in fields.items() if value}
    added = urlencode({n: v for n, v in wanted.items() if n not in present}, quote_via=quote)
    if not added:
        return url
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def token(key: str, placement: str = "") -> str:
    """Return the token of a delivery's link, or of one placement's: the same on every plan."""
    return urlsafe_b64encode(sha256(f"{key}|{placement}".encode()).digest()).decode()[:TOKEN_LENGTH]


def tracked(base: str, link_token: str) -> str:
    """Return the address `promo serve` answers for a token."""
    return f"{base.rstrip('/')}/l/{link_token}"
