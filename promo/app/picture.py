"""Rendering the pictures of deliveries for people to look at."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.app.names import campaign_names
from promo.delivery.query import find, list_deliveries
from promo.delivery.request import render_media
from promo.errors import NotFound
from promo.language import _
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from sqlalchemy import Row

    from promo.app.workspace import App
    from promo.visual.model import Visual


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One finished picture and where it was put."""

    delivery: str
    file: Path
    visual: Visual


def pictures(app: App, names: Sequence[str]) -> list[Row[Any]]:
    """Return the deliveries that have a picture: all, or those of the named campaigns, activities, deliveries."""
    found: dict[str, Row[Any]] = {}
    for name in names or ("",):
        campaign, _slash, activity = name.partition("/")
        rows = list_deliveries(app.ledger, campaign=campaign or None, activity=activity or None)
        if not rows and name:
            try:
                rows = [find(app.ledger, name)]
            except NotFound:
                raise NotFound(
                    _("there is no campaign, activity or delivery {name} in the ledger", name=name),
                    hint=did_you_mean(campaign, campaign_names(app))
                    or _("campaigns come into the ledger by: promo apply"),
                ) from None
        found |= {row.id: row for row in rows if row.visual}
    return list(found.values())


def render_to(app: App, row: Row[Any], folder: Path) -> list[Picture]:
    """Render a delivery's pictures and copy them into `folder` under readable names."""
    done: list[Picture] = []
    folder.mkdir(parents=True, exist_ok=True)
    for media in render_media(row, app.render):
        name = "-".join(part for part in (row.activity.replace("/", "-"), row.channel, media.placement, row.id) if part)
        target = folder / f"{row.campaign}-{name}{media.path.suffix}"
        shutil.copyfile(media.path, target)
        spec = dict(row.visual)
        if media.placement is not None:
            spec["qr"] = next(p["link"] for p in row.content["placements"] if p["id"] == media.placement)
        done.append(Picture(delivery=row.id, file=target, visual=app.render(spec)))
    return done
