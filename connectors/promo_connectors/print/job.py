"""A print job: which file is printed how often for which place."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from promo.connector import Media, Placement, PublishRequest, Rejected, _, safe_name
from promo_connectors.print.resolution import INCH, read_dpi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from promo_connectors.print.settings import PrintSettings


@dataclass(frozen=True, kw_only=True)
class Item:
    """One picture for one place. Sizes in pixels, and in millimetres where the file says its resolution."""

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


def picture_files(request: PublishRequest) -> Iterator[tuple[Media, str]]:
    """Yield each picture once with the name it gets in the job's folder."""
    names: set[str] = set()
    for number, (medium, place) in enumerate(_pairs(request), start=1):
        name = _file_name(medium, place, number)
        if name not in names:
            names.add(name)
            yield medium, name


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
    dpi = read_dpi(medium.path)
    if settings.min_dpi and (dpi or 0) < settings.min_dpi:
        raise Rejected(
            _("{file} has {dpi} dpi, {limit} are needed", file=medium.path.name, dpi=dpi or "?", limit=settings.min_dpi)
        )
    return Item(
        placement=place.id,
        name=place.name,
        address=place.address or "",
        copies=place.copies,
        file=_file_name(medium, place, number),
        mime=medium.mime,
        sha256=medium.sha256 or hashlib.sha256(content).hexdigest(),
        width_px=medium.width,
        height_px=medium.height,
        dpi=dpi,
        width_mm=round(medium.width / dpi * INCH, 1) if dpi else None,
        height_mm=round(medium.height / dpi * INCH, 1) if dpi else None,
        link=place.link or "",
    )


def _file_name(medium: Media, place: Placement, number: int) -> str:
    suffix = medium.path.suffix or mimetypes.guess_extension(medium.mime) or ""
    return f"{number} {safe_name(place.id or medium.path.stem, limit=40)}{suffix}"
