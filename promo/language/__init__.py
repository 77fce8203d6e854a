"""English and Chinese: the language in force, and the words of every message in it.

Messages are written in English in the code, `_("{count} deliveries planned", count=3)`; the Chinese
words stand in `promo/language/zh/<room>.py`, one `MESSAGES` dictionary a room, and a test holds the two
together. A dictionary rather than gettext files: no compile step, and nothing is loaded for English.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from functools import cache

TYPE_CHECKING = False  # what mypy reads; `typing` itself costs every start some milliseconds
if TYPE_CHECKING:
    from typing import Any, Literal

    Language = Literal["en", "zh"]

_current: ContextVar[Language | None] = ContextVar("promo_language", default=None)


def language() -> Language:
    """Return the language in force: the one set for this task, else the environment's."""
    return _current.get() or from_environment()


def use(chosen: Language) -> None:
    """Set the language for this task (a CLI run, one web request)."""
    _current.set(chosen)


@cache
def from_environment() -> Language:
    """Read PROMO_LANG, LC_ALL, LC_MESSAGES, LANG in that order; anything Chinese means zh."""
    for name in ("PROMO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def chinese() -> dict[str, str]:
    """Return every Chinese message, keyed by its English text."""
    from importlib import import_module
    from pkgutil import iter_modules

    from promo.language import zh

    words: dict[str, str] = {}
    for module in iter_modules(zh.__path__):
        words.update(import_module(f"promo.language.zh.{module.name}").MESSAGES)
    return words


def _(message: str, **fields: Any) -> str:
    """Return `message` in the language in force, its `{fields}` filled in."""
    words = chinese().get(message, message) if language() == "zh" else message
    return words.format(**fields)


def plural(one: str, many: str, count: int, **fields: Any) -> str:
    """Choose between the singular and plural English words, then translate; `{count}` is filled in."""
    return _(one if count == 1 else many, count=count, **fields)
