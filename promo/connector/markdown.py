"""Markdown and plain text → safe HTML for mail: no raw HTML, no foreign pictures, bare addresses become links."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from promo.connector.count import LINK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


def markdown_to_html(source: str) -> str:
    """Return CommonMark (plus tables and strike-through) as an HTML fragment.

    Tags in the source come out as text, `javascript:` and `data:` links as plain words, and pictures as links:
    a picture fetched from the web would tell its server who opened the mail.
    """
    return str(_markdown().render(source))


def text_to_html(source: str) -> str:
    """Return plain text as an HTML fragment: paragraphs, line breaks and links; no other mark-up is read."""
    return str(_plain().render(source))


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # slow to import

    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    reader.disable(["html_block", "html_inline", "image"])
    reader.core.ruler.push("bare_links", _link_bare_addresses)
    return reader


@cache
def _plain() -> MarkdownIt:
    from markdown_it import MarkdownIt  # slow to import

    reader = MarkdownIt("zero", {"html": False, "breaks": True}).enable(["newline"])
    reader.core.ruler.push("bare_links", _link_bare_addresses)
    return reader


def _link_bare_addresses(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_linked(block.children))


def _linked(tokens: list[Token]) -> Iterable[Token]:
    inside = 0  # an address inside a written link stays as it is
    for token in tokens:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not inside:
            yield from _split(token)
        else:
            yield token


def _split(token: Token) -> Iterable[Token]:
    from markdown_it.token import Token  # slow to import

    position = 0
    for found in LINK.finditer(token.content):
        address = found.group()
        yield Token("text", "", 0, content=token.content[position : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": address})
        yield Token("text", "", 0, content=address)
        yield Token("link_close", "a", -1)
        position = found.end()
    yield Token("text", "", 0, content=token.content[position:])
