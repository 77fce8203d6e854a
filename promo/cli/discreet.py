"""What other people's libraries say, with nothing of an address but its host: the rest of one can be a secret."""

from __future__ import annotations

import re

LONGEST = 300  # characters told; several times as many are looked at, since addresses become shorter
# An address: with its scheme, without it, a path or a query alone, a user's name and password, or encoded in a word.
# Where a quotation mark stands before it, it ends at the next one, otherwise at the next blank.
_ADDRESS = re.compile(
    r"""
    (?P<quote>['"`])?
    (?: (?P<scheme>[a-z][a-z0-9+.-]*)://
      | (?<![\w.:-]) (?: (?:[\w-]+\.)+[\w-]+(?::\d+)? | [\w-]+:\d+ ) (?=/)
      | (?<!\w) (?=/\S)
      | (?=\?\S)
      | (?<!\S) (?!\S*://) (?=\S*(?:@|%2f))
    )
    (?P<rest> (?(quote) .*?(?:(?P=quote)|$) | \S* ) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HOST = re.compile(r"(?:[^/?#@]*@)?(?P<host>(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?)(?:[/?#][^@]*)?", re.IGNORECASE)


_SECRET = re.compile(
    r"(?P<name>[\w-]*(?:passw|pwd|secret|token|key|auth|cookie|signature)[\w-]*['\"]?\s*[=:]\s*|\b(?:bearer|basic)\s+)"
    r"(?:(?:bearer|basic)\s+)?\S+",
    re.IGNORECASE,
)


def discreet(said: str) -> str:
    """Return the words with `…` for what of each address is more than its host, or for all where that is in doubt.

    What is called a password, a secret, a token, a key or the like is left out, too.
    """
    return _SECRET.sub(r"\g<name>…", _ADDRESS.sub(_host_alone, said[: 5 * LONGEST]))[:LONGEST]


def _host_alone(found: re.Match[str]) -> str:
    if found["scheme"] is None:
        return "…"
    quote = found["quote"] or ""
    known = _HOST.fullmatch(found["rest"].rstrip("'\"`.,:;)>]"))
    return f"{quote}{found['scheme']}://{known['host'] if known else ''}…{quote}"
