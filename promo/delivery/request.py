"""From the ledger's row to the request a connector gets: exact texts, finished files; and receipts back to JSON."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from promo.connector import Handover, Media, Outlet, Pending, Placement, PublishRequest, Receipt, Task, safe_name
from promo.errors import NotFound, Refused
from promo.language import _
from promo.source.path import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from promo.visual.model import Finding, Visual

    Render = Callable[[Mapping[str, Any]], Visual | None]

T = TypeVar("T", Placement, Task, Outlet)


def render_media(
    row: Row[Any], render: Render, *, on_finding: Callable[[Finding], None] | None = None
) -> tuple[Media, ...]:
    """Render the pictures of a delivery: one, or one a placement where each carries its own QR code; all their pages.

    A print file takes all placements as its pages: they share everything but the code. `on_finding` hears, once each,
    what the style guide says of the pictures.
    """
    visual = row.visual
    if not visual:
        return ()
    if on_finding is not None:
        render = _heard(render, on_finding)
    places = [p for p in row.content.get("placements", ()) if p.get("link")]
    if not (visual.get("qr") and places):
        return _media(row, render(visual), None)
    first = render({**visual, "qr": places[0]["link"]})
    if first is not None and first.mime == "application/pdf" and len(places) > 1:
        whole = render({**visual, "qr": places[0]["link"], "links": tuple(place["link"] for place in places)})
        sides = len(first.previews)
        return _media(row, whole, None, pages=tuple(place["id"] for place in places for _side in range(sides)))
    media = list(_media(row, first, places[0]["id"]))
    for place in places[1:]:
        media += _media(row, render({**visual, "qr": place["link"]}), place["id"])
    return tuple(media)


def _media(
    row: Row[Any], picture: Visual | None, placement: str | None, *, pages: tuple[str, ...] = ()
) -> tuple[Media, ...]:
    if picture is None:
        return ()
    found = []
    sheets = picture.pages or (picture.path,)
    for number, path in enumerate(sheets, start=1):
        parts = (row.activity, placement, str(number) if len(sheets) > 1 else None)
        media = Media(
            path=path,
            mime=picture.mime,
            sha256=picture.sha256 if path == picture.path else _digest(path),
            width=picture.width,
            height=picture.height,
            alt=row.content.get("alt") or "",
            placement=placement,
            name=safe_name("-".join(filter(None, parts))) + path.suffix,
            previews=picture.previews,
            pages=pages,
        )
        found.append(media)
    return tuple(found)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _heard(render: Render, on_finding: Callable[[Finding], None]) -> Render:
    told: set[Finding] = set()

    def listening(spec: Mapping[str, Any]) -> Visual | None:
        picture = render(spec)
        for finding in picture.findings if picture is not None else ():
            if finding not in told:
                told.add(finding)
                on_finding(finding)
        return picture

    return listening


def refuse_broken(findings: Sequence[Finding]) -> None:
    """Raise Refused where a picture breaks a rule of the style guide that its brand calls an error."""
    broken = next((finding for finding in findings if finding.severity == "error"), None)
    if broken is not None:
        raise Refused(
            _("the picture breaks the style guide: {what}", what=broken.message),
            hint=_("mend it, then: promo apply, promo retry"),
        )


def read_attachments(row: Row[Any], root: Path) -> tuple[Media, ...]:
    """Find the files a delivery carries. Raises NotFound for one that is gone, UserMistake for one outside `root`."""
    found = []
    for name in row.content.get("attachments", ()):
        path = inside(root, name)
        if not path.is_file():
            raise NotFound(_("the attachment {file} does not exist", file=name))
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        found.append(Media(path=path, mime=mime, sha256=_digest(path)))
    return tuple(found)


def bytes_digest(media: Sequence[Media]) -> str | None:
    """Return what an approval binds to: the digest of the pictures' and attachments' bytes; None: there are none."""
    if not media:
        return None
    if len(media) == 1:
        return media[0].sha256
    return hashlib.sha256("\n".join(item.sha256 for item in media).encode()).hexdigest()


def build_request(
    row: Row[Any],
    *,
    media: tuple[Media, ...] = (),
    attachments: tuple[Media, ...] = (),
    reply_to: Receipt | None = None,
    attempt: int = 1,
    first_attempt_at: datetime | None = None,
) -> PublishRequest:
    """Build the request from a row of `deliveries` with its campaign's `brand`; it is the same on every try."""
    content: Mapping[str, Any] = row.content
    return PublishRequest(
        key=row.key,
        delivery=row.id,
        campaign=row.campaign,
        activity=row.activity,
        channel=row.channel,
        kind=row.kind,
        type=row.type,
        occurrence=moment(content.get("occurrence")) or row.due_at,  # an event is announced ahead of its own moment
        timezone=content.get("timezone") or "UTC",
        language=content.get("language") or "en",
        text=content.get("text") or "",
        thread=tuple(content.get("thread") or ()),
        title=content.get("title") or "",
        body=content.get("body") or "",
        hashtags=tuple(content.get("hashtags") or ()),
        link=content.get("link"),
        target=content.get("target"),
        media=media,
        attachments=attachments,
        options=dict(content.get("options") or {}),
        reply_to=reply_to,
        lasts=None if content.get("lasts") is None else timedelta(seconds=float(content["lasts"])),
        place=content.get("place") or "",
        placements=tuple(_known(Placement, place) for place in content.get("placements") or ()),
        tasks=tuple(_known(Task, {**task, "due": moment(task.get("due"))}) for task in content.get("tasks") or ()),
        outlets=tuple(_known(Outlet, outlet) for outlet in content.get("outlets") or ()),
        embargo=moment(content.get("embargo")),
        contact=content.get("contact") or "",
        brand=row.brand,
        attempt=attempt,
        first_attempt_at=first_attempt_at,
    )


def _known(kind: type[T], values: Mapping[str, Any]) -> T:
    return kind(**{name: value for name, value in values.items() if name in {field.name for field in fields(kind)}})


def moment(text: str | None) -> datetime | None:
    """Read a moment from JSON (ISO 8601 with its offset)."""
    return None if text is None else datetime.fromisoformat(text)


def answer_json(answer: Receipt | Pending | Handover) -> dict[str, Any]:
    """Return a storable answer (`promo.delivery.outside`) as plain JSON for `deliveries.receipt`."""
    kept: dict[str, Any] = {"remote_id": answer.remote_id, "detail": dict(answer.detail)}
    if isinstance(answer, Receipt):
        kept |= {"url": answer.url, "at": answer.at.isoformat() if answer.at else None, "parts": list(answer.parts)}
    elif isinstance(answer, Handover):
        due = answer.due.isoformat() if answer.due else None
        kept |= {"url": answer.url, "to": answer.to, "proof": answer.proof, "due": due}
    return kept


def receipt_from(row: Row[Any]) -> Receipt | None:
    """Return a published delivery's receipt, for a first comment to answer."""
    kept = row.receipt
    if not kept or row.remote_id is None:
        return None
    return Receipt(
        remote_id=row.remote_id,
        url=row.remote_url,
        at=moment(kept.get("at")),
        parts=tuple(kept.get("parts") or ()),
        detail=dict(kept.get("detail") or {}),
    )
