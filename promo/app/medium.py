"""Whether each channel takes the kind of file that a delivery's layout makes: known before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from promo.app.look import asked_at
from promo.language import _
from promo.source.problem import Position, Problem
from promo.workspace import FILE

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.campaign.load import LoadedCampaign
    from promo.plan.model import PlannedDelivery


def medium_problems(
    app: App, deliveries: Iterable[PlannedDelivery], campaigns: Sequence[LoadedCampaign]
) -> list[Problem]:
    """Return an error at each `visual:` whose file one of its channels refuses by the types its connector declares."""
    by_name = {loaded.campaign.campaign: loaded for loaded in campaigns}
    found: dict[tuple[str, str, str, str], Problem] = {}
    for delivery in deliveries:
        visual, channel = delivery.visual, app.channels.get(delivery.channel)
        if visual is None or channel is None:
            continue
        types = channel.limits.images.types
        made = app.made(visual) if types else None
        if made is None or made[1] in types:
            continue
        picture, kind = f"{visual['layout']} {made[0]}", made[1]
        told = (delivery.campaign, delivery.activity.partition("/")[0], delivery.channel, picture)
        message = _(
            "{channel} takes no {kind}, which {picture} makes; it takes {types}",
            channel=delivery.channel,
            kind=_short(kind),
            picture=picture,
            types=", ".join(map(_short, types)),
        )
        hint = _("choose another layout or format for it, or give the format another `output`")
        loaded = by_name.get(delivery.campaign)
        if loaded is not None:
            found.setdefault(
                told, loaded.loaded.problem("wrong-medium", message, asked_at(loaded, delivery), value=False, hint=hint)
            )
        else:
            at = delivery.at or Position(file=Path(FILE))
            found.setdefault(told, Problem(code="wrong-medium", message=message, at=at, hint=hint))
    return list(found.values())


def _short(mime: str) -> str:
    """`image/svg+xml` → `SVG`."""
    return mime.partition("/")[2].partition("+")[0].upper()
