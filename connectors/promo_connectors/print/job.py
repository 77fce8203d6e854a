"""A print job: which file is printed how often for which place."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from promo.connector import Media, Placement, PublishRequest, Rejected, _, safe_name
from promo_connectors.print.resolution import INCH, read_dpi, read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from promo_connectors.print.settings import PrintSettings

PDF = "application/pdf"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One picture for one place. Sizes in pixels, and in millimetres where the file says its resolution.

    `pages` are those of a PDF that are printed for the place: `3`, or `5-6`; empty: all. `preview` is a picture of
    the first page.
    """

    placement: str
    name: str
    address: str
    copies: int
    file: str
    mime: str
    sha256: str
    width_px: int
    height_px: int
    dpi: float | None
    width_mm: float | None
    height_mm: float | None
    link: str
    pages: str = ""
    preview: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """The whole order."""

    key: str
    delivery: str
    campaign: str
    activity: str
    title: str
    made_at: datetime
    due: datetime
    timezone: str
    contact: str
    asked_by: str
    instructions: str
    note: str
    items: tuple[Item, ...]
    tasks: tuple[dict[str, Any], ...]

    @property
    def copies(self) -> int:
        """Return the number of sheets in all."""
        return sum(item.copies for item in self.items)

    def as_json(self) -> dict[str, Any]:
        """Return the job as plain JSON; times are ISO 8601 with their offset."""
        return {**asdict(self), "made_at": self.made_at.isoformat(), "due": self.due.isoformat(), "copies": self.copies}


def make_job(request: PublishRequest, settings: PrintSettings, now: datetime) -> Job:
    """Return the order. Raises Rejected when a place has no picture, or a picture is not the one approved."""
    pairs = list(_pairs(request))
    if not pairs:
        raise Rejected(_("there is no picture to print"), hint=_("give the activity a visual"))
    items = tuple(_item(medium, place, number, settings) for number, (medium, place) in enumerate(pairs, start=1))
    tasks = tuple({**asdict(t), "due": t.due.isoformat() if t.due is not None else None} for t in request.tasks)
    return Job(
        key=request.key,
        delivery=request.delivery,
        campaign=request.campaign,
        activity=request.activity,
        title=request.title or request.activity,
        made_at=now,
        due=due_of(request),
        timezone=request.timezone,
        contact=settings.contact,
        asked_by=request.contact,
        instructions=settings.instructions,
        note=str(request.options.get("instructions", "")) or request.text,
        items=items,
        tasks=tasks,
    )


def due_of(request: PublishRequest) -> datetime:
    """Return when the first task is due, else the moment of the activity itself."""
    return min((task.due for task in request.tasks if task.due is not None), default=request.occurrence)


def job_files(request: PublishRequest) -> Iterator[tuple[Path, str]]:
    """Yield each picture once, and the previews of print files, with the names they get in the job's folder."""
    names: set[str] = set()
    for number, (medium, place) in enumerate(_pairs(request), start=1):
        name = _file_name(medium, place, number)
        if name not in names:
            names.add(name)
            yield medium.path, name
            if medium.previews:
                yield medium.previews[0], _preview_name(name)


def _pairs(request: PublishRequest) -> Iterator[tuple[Media, Placement]]:
    """Yield each picture with its place: the place's own one, else those that belong to no place."""
    common = [medium for medium in request.media if medium.placement is None]
    missing = []
    for place in request.placements:
        own = [medium for medium in request.media if medium.placement == place.id] or common
        if not own:
            missing.append(place.id)
        for medium in own:
            yield medium, place
    if missing:
        raise Rejected(_("no picture for the placement {placements}", placements=", ".join(missing)))
    if not request.placements:
        for medium in request.media:
            yield medium, Placement(id=medium.placement or "", name=request.place)


def _item(medium: Media, place: Placement, number: int, settings: PrintSettings) -> Item:
    content = medium.path.read_bytes()
    if medium.sha256 and hashlib.sha256(content).hexdigest() != medium.sha256:
        raise Rejected(_("{file} has changed since it was approved", file=medium.path.name))
    print_file = medium.mime == PDF
    dpi = None if print_file else read_dpi(medium.path)
    if settings.min_dpi and not print_file and (dpi or 0) < settings.min_dpi:
        raise Rejected(
            _("{file} has {dpi} dpi, {limit} are needed", file=medium.path.name, dpi=dpi or "?", limit=settings.min_dpi)
        )
    sheet = read_sheet(medium.path) if print_file else None
    if dpi:
        sheet = round(medium.width / dpi * INCH, 1), round(medium.height / dpi * INCH, 1)
    name = _file_name(medium, place, number)
    return Item(
        placement=place.id,
        name=place.name,
        address=place.address or "",
        copies=place.copies,
        file=name,
        mime=medium.mime,
        sha256=medium.sha256 or hashlib.sha256(content).hexdigest(),
        width_px=medium.width,
        height_px=medium.height,
        dpi=dpi,
        width_mm=sheet[0] if sheet else None,
        height_mm=sheet[1] if sheet else None,
        link=place.link or "",
        pages=_pages(medium, place),
        preview=_preview_name(name) if medium.previews else "",
    )


def _pages(medium: Media, place: Placement) -> str:
    numbers = [str(number) for number, owner in enumerate(medium.pages, start=1) if owner == place.id]
    return "-".join(dict.fromkeys((*numbers[:1], *numbers[-1:])))


def _preview_name(name: str) -> str:
    return f"{name.rpartition('.')[0]} preview.png"


def _file_name(medium: Media, place: Placement, number: int) -> str:
    suffix = medium.path.suffix or mimetypes.guess_extension(medium.mime) or ""
    if medium.pages:  # one file for all places
        return safe_name(medium.file_name.removesuffix(suffix), limit=40) + suffix
    return f"{number} {safe_name(place.id or medium.path.stem, limit=40)}{suffix}"
