"""click's own words in Chinese: its usage line, its section titles, its complaints."""

from __future__ import annotations

import click
import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.types

from promo.language import chinese, language

MODULES = (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types)


def _translated(message: str) -> str:
    # click fills the fields itself, after this: they must come back untouched.
    return chinese().get(message, message) if language() == "zh" else message


def speak_chinese() -> None:
    """Put our words in the place of click's gettext: it reads compiled catalogues only, and has none of its own."""
    for module in MODULES:
        if hasattr(module, "_"):
            setattr(module, "_", _translated)  # noqa: B010 - mypy knows no such name in click's modules
