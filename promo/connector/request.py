"""What passes between the publisher and a connector: the request, and the three answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from pathlib import Path

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """One finished picture or file. `path` is readable now; width and height in pixels (0: not a picture).

    A print file (PDF) has `previews`, one PNG for each page of the work. Where it holds the work once for each
    placement, `pages` names the placement of every page, in order.
    """

    path: Path
    mime: str
    sha256: str
    width: int = 0
    height: int = 0
    alt: str = ""
    placement: str | None = None  # the placement this picture belongs to (its own QR code)
    name: str = ""  # what the file is called where people see it; `path` may be a cache's digest
    previews: tuple[Path, ...] = ()
    pages: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """Return the name a recipient sees."""
        return self.name or self.path.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """One physical place, with its own tracked link."""

    id: str
    name: str
    copies: int = 1
    link: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One thing a person does. `proof` is what closes it: `photo`, `headcount`, `document`, `none`."""

    id: str
    what: str
    owner: str
    due: datetime | None = None  # aware
    proof: str = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One medium the press desk writes to."""

    name: str
    email: str
    editor: str = ""
    monthly_visits: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishRequest:
    """One delivery, ready to go out: exact texts and finished files; the connector adds nothing to them.

    `key` is the same for every try of the same delivery and for no other. Datetimes are aware.
    `options` are the activity's extra settings for this channel (`visibility`, `content_warning`, …).
    """

    key: str
    delivery: str  # the short id a person types
    campaign: str
    activity: str
    channel: str
    kind: str  # online | offline | media
    type: str  # post | poster | leaflet | event | expo | press_release | feature | interview
    occurrence: datetime
    timezone: str = "UTC"
    language: str = "en"
    text: str = ""
    thread: tuple[str, ...] = ()  # the posts after `text`, in order
    title: str = ""
    body: str = ""  # Markdown, for mail, press and articles
    hashtags: tuple[str, ...] = ()  # already in `text`; here for channels with a field of their own
    link: str | None = None  # the tracked link, as it stands in `text`
    target: str | None = None  # where the link leads
    media: tuple[Media, ...] = ()
    attachments: tuple[Media, ...] = ()
    options: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    reply_to: Receipt | None = None  # set for a first comment: answer this post
    lasts: timedelta | None = None
    place: str = ""
    placements: tuple[Placement, ...] = ()
    tasks: tuple[Task, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    embargo: datetime | None = None
    contact: str = ""
    brand: str = ""
    attempt: int = 1
    first_attempt_at: datetime | None = None  # where a lookup may begin to search


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """It is published. `remote_id` is the channel's own name for it, what `delete` and `collect` take."""

    remote_id: str
    url: str | None = None
    at: datetime | None = None  # the channel's own time, aware
    parts: tuple[str, ...] = ()  # remote ids of a thread's posts, in order
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING)  # small, JSON, no secrets


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """The channel took it and will finish later (a review, a print job): look it up after `look_after`."""

    remote_id: str
    look_after: timedelta
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """Handed to a person: published when a proof (`proof`) closes it. `detail` says where the files lie."""

    remote_id: str
    to: str
    proof: str
    due: datetime | None = None
    url: str | None = None
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Handle:
    """What `check` found: who we are on that channel, and what it said about the access."""

    account: str
    url: str | None = None
    expires_at: datetime | None = None  # when the access ends, aware; None: not known
    note: str = ""
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING)  # what `limits_for` reads


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One number the channel reports about one post, as it stands at `at` (a total, not a difference)."""

    metric: str
    value: float
    at: datetime
