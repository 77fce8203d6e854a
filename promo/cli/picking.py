"""The options that say which pictures are meant; `promo render` turns them into a Choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import click

from promo.app.choice import Choice
from promo.cli.completing import a_brand, a_format, a_layout, a_picture
from promo.language import _

LANGUAGES = ("zh", "en")
OPTIONS = (
    click.argument("names", nargs=-1, metavar="[CAMPAIGN | CAMPAIGN/ACTIVITY | DELIVERY]...", shell_complete=a_picture),
    click.option("--ledger", is_flag=True, help=_("Campaigns as they were applied, not as their files are now.")),
    click.option("--layout", metavar="NAME", shell_complete=a_layout, help=_("A layout by itself, in sample words.")),
    click.option(
        "--brand",
        metavar="NAME",
        shell_complete=a_brand,
        help=_("With --layout: whose style. Default: the first brand."),
    ),
    click.option(
        "--set",
        "given",
        multiple=True,
        metavar="FIELD=TEXT",
        help=_("With --layout: the words of a field; also photo=FILE and link=URL."),
    ),
    click.option(
        "--format",
        "formats",
        metavar="NAME,…",
        shell_complete=a_format,
        help=_("Formats of the layout, or all. Default: each channel's own."),
    ),
    click.option("--language", "languages", metavar="zh,en", help=_("Only these languages.")),
)


def picking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets one `choice`."""

    @wraps(command)
    def wrapped(
        *args: Any,
        names: tuple[str, ...],
        ledger: bool,
        layout: str | None,
        brand: str | None,
        given: tuple[str, ...],
        formats: str | None,
        languages: str | None,
        **rest: Any,
    ) -> Any:
        if layout is None and (brand is not None or given):
            raise click.UsageError(_("--brand and --set go with --layout"))
        if layout is not None and (names or ledger):
            raise click.UsageError(_("--layout shows a layout by itself: name no campaign and no --ledger with it"))
        choice = Choice(
            names=names,
            ledger=ledger,
            layout=layout,
            brand=brand,
            given=dict(_pair(text) for text in given),
            formats=_list(formats),
            languages=_known(_list(languages)),
        )
        return command(*args, choice=choice, **rest)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _pair(text: str) -> tuple[str, str]:
    name, equals, words = text.partition("=")
    if not equals or not name:
        raise click.UsageError(_("--set is written as FIELD=TEXT, not {text}", text=text))
    return name.strip(), words.replace("\\n", "\n")


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _known(languages: Iterable[str]) -> tuple[str, ...]:
    found = tuple(languages)
    for name in found:
        if name not in LANGUAGES:
            raise click.UsageError(_("there is no language {name}: zh or en", name=name))
    return found
