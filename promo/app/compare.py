"""Pictures as they would be now, beside the last approved ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.app.approved import Approved, last_approved
from promo.app.picture import Picture, make_folder, writing
from promo.language import _

if TYPE_CHECKING:
    from promo.app.workspace import App


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One picture and what became of the approved one. `share` and `likeness` are None where nothing was compared."""

    picture: Picture
    approved: Approved | None
    share: float | None = None  # percent of the pixels that changed
    likeness: float | None = None  # 1: the same
    resized: bool = False
    file: Path | None = None  # of the comparison; None: nothing to see

    @property
    def different(self) -> bool:
        """Whether somebody would see another picture than the approved one."""
        return self.file is not None


def compare_approved(app: App, pictures: Sequence[Picture], folder: Path) -> list[Compared]:
    """Compare each finished picture with the last approved one; where they differ a comparison is put in `folder`."""
    make_folder(folder)
    return [_compared(app, picture, folder) for picture in pictures if picture.visual is not None]


def _compared(app: App, picture: Picture, folder: Path) -> Compared:
    from promo.visual.view.difference import compare, draw_difference

    approved = last_approved(app, picture.wanted)
    if approved is None or approved.file is None or picture.visual is None:
        return Compared(picture=picture, approved=approved)
    now = picture.visual.pictures[0]
    if approved.file.read_bytes() == now.read_bytes():
        return Compared(picture=picture, approved=approved, share=0.0, likeness=1.0)
    found = compare(approved.file, now)
    target = None
    if not found.same:
        target = folder / f"{picture.wanted.name}-diff.png"
        with writing(target):
            draw_difference(approved.file, now, found, _words(picture, approved, found.share), target)
    return Compared(
        picture=picture,
        approved=approved,
        share=found.share,
        likeness=found.likeness,
        resized=found.resized,
        file=target,
    )


def _words(picture: Picture, approved: Approved, share: float) -> tuple[str, str, str]:
    when = f"{approved.at.astimezone(ZoneInfo(picture.wanted.timezone)):%Y-%m-%d %H:%M}"
    return (
        _("approved by {by}, {when}", by=approved.by, when=when),
        _("now"),
        _("{share} % of the pixels changed", share=percent(share)),
    )


def percent(share: float) -> str:
    """Write a share of the pixels: two digits that matter, never 0 for what did change."""
    return f"{max(share, 0.01):.2f}" if share < 1 else f"{share:.1f}"
