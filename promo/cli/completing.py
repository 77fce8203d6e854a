"""What the shell offers when one presses Tab: the workspace's own names. Where it cannot be read, nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from promo.errors import PromoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import click

    from promo.app.workspace import App
    from promo.visual.layout.load import Layout


def a_campaign(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the campaigns of the ledger."""
    from promo.app.names import campaign_names

    with suppress(PromoError):
        return _beginning(incomplete, campaign_names(_app(ctx)))
    return []


def a_channel(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the workspace's channels."""
    with suppress(PromoError):
        return _beginning(incomplete, _app(ctx).workspace.settings.channels)
    return []


def a_delivery(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer deliveries, each with what it is."""
    from promo.app.names import delivery_names

    with suppress(PromoError):
        return [CompletionItem(id, help=what) for id, what in delivery_names(_app(ctx), incomplete)]
    return []


def a_delivery_or_campaign(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what `promo log` speaks of."""
    return [*a_campaign(ctx, param, incomplete), *a_delivery(ctx, param, incomplete)]


def a_state(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the states of a delivery."""
    from promo.delivery.state import State

    return _beginning(incomplete, [state.value for state in State])


def a_metric(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer metrics."""
    from promo.connector import METRICS

    return _beginning(incomplete, [f"{metric}=" for metric in METRICS])


def a_picture(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what `promo render` draws: campaigns and activities of the files, then deliveries."""
    from promo.app.names import picture_names

    with suppress(PromoError):
        return [*_beginning(incomplete, picture_names(_app(ctx))), *a_delivery(ctx, param, incomplete)]
    return []


def a_layout(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the layouts."""
    with suppress(PromoError):
        return _beginning(incomplete, _layouts(ctx))
    return []


def a_brand(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the brands."""
    with suppress(PromoError):
        from promo.workspace import brand_names

        return _beginning(incomplete, brand_names(_app(ctx).workspace.brand_folder))
    return []


def a_format(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the formats of the layout named before, else of all."""
    with suppress(PromoError):
        layouts = _layouts(ctx)
        named = layouts.get(ctx.params.get("layout") or "")
        chosen = [named] if named else layouts.values()
        known = dict.fromkeys(["all", *(name for layout in chosen for name in layout.spec.formats)])
        given, comma, last = incomplete.rpartition(",")
        return _beginning(incomplete, [f"{given}{comma}{name}" for name in known if name.startswith(last)])
    return []


def a_connector(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the installed connectors."""
    from promo.registry import Registry

    return _beginning(incomplete, Registry().names)


def _beginning(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _layouts(ctx: click.Context) -> Mapping[str, Layout]:
    from promo.visual.layout.load import load_layouts

    return load_layouts(_app(ctx).workspace)[0]


def _app(ctx: click.Context) -> App:
    from promo.cli.context import Session

    # While the shell asks, the group's own function has not run: what it keeps is made here.
    return (ctx.obj or Session(folder=ctx.find_root().params.get("folder"))).app
