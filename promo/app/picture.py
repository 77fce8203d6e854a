"""Pictures for people to look at: which are wanted, and rendering them under readable names."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.connector import safe_name
from promo.delivery.query import find, list_deliveries
from promo.errors import NotFound, PromoError, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from datetime import datetime

    from promo.app.workspace import App
    from promo.visual.model import Visual

ALL = "all"  # every format of the layout


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One picture to be made, and what people call it. `request` is what `App.render` takes.

    `channels` are all that show this very picture, at all these `dates`; their QR codes may differ.
    """

    request: Mapping[str, Any]
    campaign: str = ""
    activity: str = ""
    channels: tuple[str, ...] = ()
    delivery: str = ""
    placements: tuple[str, ...] = ()  # the places it hangs at
    dates: tuple[datetime, ...] = ()
    timezone: str = "UTC"
    every_format: bool = False

    @property
    def layout(self) -> str:
        """Return the layout's name."""
        return str(self.request["layout"])

    @property
    def format(self) -> str:
        """Return the format's name; it is known once `in_formats` has been asked."""
        return str(self.request["format"] or "")

    @property
    def language(self) -> str:
        """Return the language of its words."""
        return str(self.request["language"])

    @property
    def name(self) -> str:
        """Return a file name without ending: where the picture belongs, then what tells it from its like."""
        if not self.campaign:
            return "-".join((self.layout, str(self.request["brand"]), self.format, self.language))
        parts = [self.campaign, self.activity, *(() if self.every_format else self.channels[:1])]
        parts += [
            self.placements[0] if len(self.placements) == 1 else "",
            self.format if self.every_format else "",
            self.delivery,
        ]
        return safe_name("-".join(part.replace("/", "-") for part in parts if part))

    @property
    def what(self) -> str:
        """Return what it is, in a few words: `open-day/countdown → mastodon, owners-app`."""
        if not self.campaign:
            return f"{self.layout} · {self.format} · {self.language}"
        place = f" ({self.placements[0]})" if len(self.placements) == 1 else ""
        return f"{self.campaign}/{self.activity} → {', '.join(self.channels)}{place}"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One finished picture and where its pages were put; or, with `wrong`, why there is none."""

    wanted: Wanted
    files: tuple[Path, ...] = ()
    visual: Visual | None = None
    wrong: PromoError | None = None


def from_ledger(app: App, names: Sequence[str]) -> list[Wanted]:
    """Return the pictures of deliveries in the ledger, each with its own QR code; no names: of all.

    A name is a campaign, CAMPAIGN/ACTIVITY, or a delivery's id. Raises NotFound.
    """
    found: dict[str, Any] = {}
    for name in names or ("",):
        campaign, _slash, activity = name.partition("/")
        rows = list_deliveries(app.ledger, campaign=campaign or None, activity=activity or None)
        if not rows and name:
            rows = [_delivery(app, name)]
        found |= {row.id: row for row in rows if row.visual}
    return [wanted for row in found.values() for wanted in of_row(app, row)]


def _delivery(app: App, name: str) -> Any:
    try:
        return find(app.ledger, name)
    except NotFound:
        from promo.app.names import campaign_names

        raise NotFound(
            _("there is no campaign, activity or delivery {name} in the ledger", name=name),
            hint=did_you_mean(name.partition("/")[0], campaign_names(app))
            or _("campaigns come into the ledger by: promo apply"),
        ) from None


def of_row(app: App, row: Any) -> Iterator[Wanted]:
    """Yield a delivery's pictures: one, or one a placement where each carries its own QR code.

    A print file has all placements as its pages.
    """
    wanted = Wanted(
        request=row.visual,
        campaign=row.campaign,
        activity=row.activity,
        channels=(row.channel,),
        delivery=row.id,
        dates=(row.due_at,),
        timezone=row.content.get("timezone") or "UTC",
    )
    places = [place for place in row.content.get("placements", ()) if place.get("link")]
    if not (row.visual.get("qr") and places):
        yield wanted
    elif len(places) > 1 and app.prints(row.visual):
        links = tuple(place["link"] for place in places)
        request = {**row.visual, "qr": links[0], "links": links}
        yield replace(wanted, request=request, placements=tuple(place["id"] for place in places))
    else:
        for place in places:
            yield replace(wanted, request={**row.visual, "qr": place["link"]}, placements=(place["id"],))


def in_formats(app: App, wanted: Iterable[Wanted], chosen: Sequence[str]) -> list[Wanted]:
    """Return the pictures in the formats chosen: each in its own, in every one (`all`), or in those its layout has.

    Raises NotFound for a format that no layout among them has.
    """
    layouts = app.renderer.layouts
    known: dict[str, None] = {}
    found: list[Wanted] = []
    for item in wanted:
        layout = layouts.get(item.layout)
        if layout is None:  # rendering it will say so
            found.append(item)
            continue
        formats = list(layout.spec.formats)
        known |= dict.fromkeys(formats)
        here = [layout.format(item.request["format"])]
        if chosen:
            here = formats if ALL in chosen else [name for name in formats if name in chosen]
        found += [replace(item, request={**item.request, "format": name}, every_format=bool(chosen)) for name in here]
    unknown = next((name for name in chosen if name != ALL and name not in known), None)
    if unknown is not None and known:
        raise NotFound(_("no layout here has a format {name}", name=unknown), hint=did_you_mean(unknown, (*known, ALL)))
    return alike(found) if chosen else found


def in_languages(wanted: Iterable[Wanted], chosen: Sequence[str]) -> list[Wanted]:
    """Return the pictures whose words are in one of these languages; none chosen: all."""
    return [item for item in wanted if not chosen or item.language in chosen]


def alike(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Return each picture once: those that differ in nothing but their QR code count as one, the first."""
    kept: dict[str, Wanted] = {}
    for item in wanted:
        seen = repr(sorted((key, value) for key, value in _plain(item.request).items() if key != "qr"))
        key = f"{item.campaign} {item.activity} {seen}"
        first = kept.get(key)
        if first is None:
            kept[key] = item
        else:
            kept[key] = replace(
                first,
                channels=tuple(dict.fromkeys((*first.channels, *item.channels))),
                placements=tuple(dict.fromkeys((*first.placements, *item.placements))),
                dates=tuple(dict.fromkeys((*first.dates, *item.dates))),
            )
    return list(kept.values())


def _plain(request: Mapping[str, Any]) -> dict[str, Any]:
    return {**request, "fields": sorted(request["fields"].items())}


def draw(
    app: App,
    wanted: Sequence[Wanted],
    *,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Picture]:
    """Render pictures, or take them from the cache; one that cannot be drawn stops no other.

    Many are drawn in `jobs` processes, by default one for each core.
    """
    found = app.render_many([item.request for item in wanted], jobs=jobs, progress=progress)
    return [
        Picture(wanted=item, wrong=one) if isinstance(one, PromoError) else Picture(wanted=item, visual=one)
        for item, one in zip(wanted, found, strict=True)
    ]


def put(pictures: Iterable[Picture], folder: Path) -> list[Picture]:
    """Copy finished pictures into `folder` under readable names, a file a page. Raises UserMistake where that fails."""

    def copy(visual: Visual, name: str) -> Iterator[Path]:
        pages = visual.pages or (visual.path,)
        for number, page in enumerate(pages, start=1):
            target = folder / f"{name}{f'-{number}' if len(pages) > 1 else ''}{page.suffix}"
            with writing(target):
                shutil.copyfile(page, target)
            yield target

    return _put(pictures, folder, copy)


def put_explained(pictures: Iterable[Picture], folder: Path) -> list[Picture]:
    """Write finished pictures with their findings beside them, a file a page that has some. Raises as `put` does."""
    from promo.visual.view.explain import explain

    def write(visual: Visual, name: str) -> Iterator[Path]:
        pages = explain(visual)
        for number, page in enumerate(pages, start=1):
            target = folder / f"{name}-explain{f'-{number}' if len(pages) > 1 else ''}.png"
            with writing(target):
                target.write_bytes(page)
            yield target

    return _put(pictures, folder, write)


def _put(pictures: Iterable[Picture], folder: Path, write: Callable[[Visual, str], Iterator[Path]]) -> list[Picture]:
    make_folder(folder)
    return [
        replace(picture, files=tuple(write(picture.visual, picture.wanted.name))) if picture.visual else picture
        for picture in pictures
    ]


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Turn what the disk says while `file` is written into one clear line."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and error.filename is not None and Path(error.filename) != file:
            raise UserMistake(
                _("{file} was deleted from the cache before it could be copied", file=error.filename),
                hint=_("run it again"),
            ) from None
        raise UserMistake(
            _("{file} cannot be written: {why}", file=file, why=error.strerror or error),
            hint=_("choose another with --out"),
        ) from None


def make_folder(folder: Path) -> None:
    """Make the folder for pictures. Raises UserMistake where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserMistake(
            _("the folder {folder} cannot be made: {why}", folder=folder, why=error.strerror or error),
            hint=_("choose another with --out"),
        ) from None
