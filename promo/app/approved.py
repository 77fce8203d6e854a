"""The pictures people approved: kept as they were shown, so that a later one can be laid beside them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import case, or_, select

from promo.store.database import reading
from promo.store.tables import approvals, deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from promo.app.picture import Wanted
    from promo.app.workspace import App
    from promo.connector import Media

PICTURE = "picture"  # the name of a delivery's only one


@dataclass(frozen=True, kw_only=True)
class Approved:
    """The last approval that fits a picture. `file` is None where it was given on another machine."""

    file: Path | None
    by: str
    at: datetime


def keep_approved(app: App, delivery: str, digest: str, shown: Sequence[Media]) -> None:
    """Keep the pictures of a delivery that were just approved (first pages), in place of those approved before.

    Nothing is copied where the disk allows a second name for the file in the cache.
    """
    if not shown:
        return
    folder = _folder(app, delivery)
    target = folder / digest
    for old in folder.glob("*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    first_pages = {media.placement: media for media in reversed(shown)}
    for media in first_pages.values():
        shown_file = media.previews[0] if media.previews else media.path
        kept = target / f"{media.placement or PICTURE}{shown_file.suffix}"
        kept.unlink(missing_ok=True)
        with suppress(OSError):
            os.link(shown_file, kept)
            continue
        shutil.copyfile(shown_file, kept)


def last_approved(app: App, wanted: Wanted) -> Approved | None:
    """Return what was last approved in this place: the delivery's own, else the activity's newest on its channels."""
    own = case((deliveries.c.id == wanted.delivery, 0), else_=1)
    query = (
        select(approvals.c.delivery, approvals.c.visual_digest, approvals.c.by, approvals.c.at)
        .join(deliveries, deliveries.c.id == approvals.c.delivery)
        .where(
            approvals.c.decision == "approved",
            approvals.c.visual_digest.is_not(None),
            deliveries.c.visual.is_not(None),
            or_(
                deliveries.c.id == wanted.delivery,
                (deliveries.c.campaign == wanted.campaign)
                & (deliveries.c.activity == wanted.activity)
                & deliveries.c.channel.in_(wanted.channels),
            ),
        )
        .order_by(own, approvals.c.id.desc())
        .limit(1)
    )
    with reading(app.ledger) as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    return Approved(file=_file(_folder(app, row.delivery) / row.visual_digest, wanted), by=row.by, at=row.at)


def _folder(app: App, delivery: str) -> Path:
    return app.workspace.state_folder / "approved" / delivery


def _file(folder: Path, wanted: Wanted) -> Path | None:
    """Return the kept picture: of the same place, else the only one or the first."""
    place = wanted.placements[0] if wanted.placements else PICTURE
    kept = sorted(path for path in folder.glob("*") if path.is_file())
    return next((path for path in kept if path.stem == place), kept[0] if kept else None)
