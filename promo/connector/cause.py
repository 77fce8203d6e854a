"""Causes of errors: walking them, and cutting them off where they could hold a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promo.errors import PromoError


def raise_bare(error: PromoError) -> NoReturn:
    """Raise `error` without cause and context, from inside an `except` block.

    `raise … from None` only hides the context; error trackers still walk it, and an exception of a network
    library can hold the URL, the headers or the dialogue, and so a secret.
    """
    try:
        raise error from None
    finally:
        error.__context__ = None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all that it came from: causes, contexts, urllib3's reasons, exceptions in `args`."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
