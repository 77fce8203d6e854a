"""Secrets that somebody wrote into a file: masked before an excerpt is shown."""

from __future__ import annotations

import re

_KEYS = r"[\w-]*(?:password|passwd|passphrase|token|secret|credential|api[_-]?key|private[_-]?key|\bkey\b)[\w-]*"
_KEY = re.compile(rf"(?i){_KEYS}")
_PAIR = re.compile(
    rf"""(?i)(\b{_KEYS}["']?\s*:\s*)(?!\s*\{{\s*(?:env|keyring)\b)("[^"]*"?|'[^']*'?|[^\s,}}\]#][^,}}\]#]*)"""
)
_IN_URL = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)")


def mask_secrets(line: str) -> str:
    """Return `line` with values of secret-looking keys and passwords inside URLs replaced by `***`."""
    return _IN_URL.sub(r"\1***\2", _PAIR.sub(r"\1***", line))


def looks_secret(key: str) -> bool:
    """Whether a key is one that people keep secrets under."""
    return _KEY.fullmatch(key) is not None
