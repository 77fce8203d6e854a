"""The campaign as a marketer wrote it: immutable and validated, templates not yet filled."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from promo.source.value import Day, Duration, LocalText, LocalTime, Money
from promo.workspace import Frozen

Kind = Literal["online", "offline", "media"]
OfflineType = Literal["poster", "leaflet", "event", "expo"]
MediaType = Literal["press_release", "feature", "interview"]
ActivityType = Literal["post", "poster", "leaflet", "event", "expo", "press_release", "feature", "interview"]
ProofKind = Literal["photo", "headcount", "document", "none"]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, datetime)) else value


def _short_for(key: str) -> BeforeValidator:
    """Allow a plain text (or list of texts) where only `key` of a mapping is to be said."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, (str, list, datetime)) else value)


class Goals(Frozen):
    """What the campaign wants to reach; each is a total over the whole period."""

    reach: int | None = Field(default=None, ge=0)
    impressions: int | None = Field(default=None, ge=0)
    clicks: int | None = Field(default=None, ge=0)
    headcount: int | None = Field(default=None, ge=0)
    coverage: int | None = Field(default=None, ge=0)
    spend: Money | None = None


class Budget(Frozen):
    """The money: a total, and lines that may not exceed it."""

    total: Money
    lines: dict[str, Decimal] = Field(default_factory=dict)


class Period(Frozen):
    """First and last day, both included, in the campaign's zone."""

    from_: Day = Field(alias="from")
    until: Day


class ApprovalRule(Frozen):
    """Who must approve, in order; not approved `deadline` before its time, a delivery is held."""

    stages: tuple[Identifier, ...] = ("review",)
    deadline: Duration = timedelta(0)


class Link(Frozen):
    """Where it leads, and the UTM fields; values are templates."""

    url: str
    utm: dict[str, str] = Field(default_factory=dict)
    track: bool = True


class VisualSpec(Frozen):
    """The picture: a layout and what fills it. Other keys are the layout's own fields (templates)."""

    model_config = {**Frozen.model_config, "extra": "allow"}

    layout: str
    photo: str | None = None  # below assets/
    format: str | None = None  # default: what the channel shows best
    title: str | None = None
    subtitle: str | None = None
    body: str | None = None
    alt: str | None = None


class FirstComment(Frozen):
    """An answer to one's own post, `after` it is published."""

    text: str
    after: Duration = timedelta(minutes=1)


class Variant(Frozen):
    """What differs on one channel. Other keys are that channel's own options (`visibility`, …)."""

    model_config = {**Frozen.model_config, "extra": "allow"}

    text: str | None = None
    title: str | None = None
    body: str | None = None
    thread: tuple[str, ...] | None = None
    first_comment: Annotated[FirstComment, _short_for("text")] | None = None
    hashtags: tuple[str, ...] | None = None
    alt: str | None = None
    link: Annotated[Link, _short_for("url")] | None = None


class Content(Frozen):
    """The words. Texts are Jinja2 templates; `body` may name a Markdown file below the campaign's folder."""

    text: str | None = None
    title: str | None = None
    body: str | None = None
    thread: tuple[str, ...] = ()
    first_comment: Annotated[FirstComment, _short_for("text")] | None = None
    hashtags: tuple[str, ...] = ()
    alt: str | None = None
    link: Annotated[Link, _short_for("url")] | None = None
    contact: str | None = None
    language: Literal["en", "zh"] | None = None
    attachments: tuple[str, ...] = ()
    variants: dict[str, Variant] = Field(default_factory=dict)


class Schedule(Frozen):
    """When: exactly one of `at`, `cron`, `rrule`, `slots`. Times are local to the campaign's zone."""

    at: Annotated[tuple[LocalTime, ...], BeforeValidator(_as_list)] = ()
    cron: str | None = None
    rrule: str | None = None
    slots: str | None = None  # a slot plan's name, or `channel`: that of each channel
    start: LocalTime | None = None  # DTSTART of `rrule`; default: `from`, else the period's first day
    from_: Day | LocalTime | None = Field(default=None, alias="from")
    until: Day | LocalTime | None = None
    skip: Annotated[
        tuple[str, ...], BeforeValidator(_as_list)
    ] = ()  # 2027-04-05 | holidays CN | weekends | make-up days CN | days off CN
    also: Annotated[
        tuple[str, ...], BeforeValidator(_as_list)
    ] = ()  # days on which cron or slots fire too, such as `make-up days CN`
    jitter: Duration = timedelta(0)
    late: Duration | Literal["never", "always"] | None = None  # how late it may still go out; default 1h
    lasts: Duration | None = None
    ahead: Duration = timedelta(0)  # publish this long before the occurrence: an event is announced days ahead
    count: int | None = Field(default=None, ge=1)


class PlacementSpec(Frozen):
    """One physical place."""

    id: Identifier
    name: LocalText
    copies: int = Field(default=1, ge=1)
    address: str | None = None


class TaskSpec(Frozen):
    """One thing a person does, and the proof that closes it."""

    what: str
    owner: str
    due: LocalTime | None = None
    proof: ProofKind = "none"


class OutletSpec(Frozen):
    """One medium the press desk writes to."""

    name: str
    email: str
    editor: str = ""
    monthly_visits: int | None = Field(default=None, ge=0)


class Activity(Frozen):
    """One thing to do."""

    id: Identifier
    kind: Kind
    type: ActivityType | None = None
    name: LocalText | None = None
    channels: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()  # at least one, once defaults are in
    schedule: Annotated[Schedule, _short_for("at")]
    content: Annotated[Content, _short_for("text")] = Content()
    visual: Annotated[VisualSpec, _short_for("layout")] | None = None
    each: str | None = None  # a CSV or YAML table: one activity per row, columns are `row.…`
    variables: dict[str, Any] = Field(default_factory=dict)
    approval: ApprovalRule | Literal["none"] | None = None
    placements: tuple[PlacementSpec, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    place: str = ""
    outlets: str | tuple[OutletSpec, ...] = ()
    embargo: LocalTime | None = None
    budget_line: str | None = None


class Defaults(Frozen):
    """What every activity takes over unless it says otherwise."""

    channels: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    link: Annotated[Link, _short_for("url")] | None = None
    visual: dict[str, Any] | None = None
    hashtags: tuple[str, ...] | None = None
    late: Duration | Literal["never", "always"] | None = None
    language: Literal["en", "zh"] | None = None
    variables: dict[str, Any] = Field(default_factory=dict)


class Campaign(Frozen):
    """One campaign file. `campaign` is its identity; the file may be renamed."""

    campaign: Identifier
    name: LocalText
    brand: str
    owner: str
    timezone: str | None = None  # default: the workspace's
    period: Period
    audience: tuple[str, ...] = ()
    goals: Goals = Goals()
    budget: Budget | None = None
    approval: ApprovalRule | None = None
    variables: dict[str, Any] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    activities: tuple[Activity, ...] = Field(min_length=1)


class CampaignFile(Frozen):
    """A campaign with the file it came from; `path` is relative to the workspace."""

    model_config = {**Frozen.model_config, "arbitrary_types_allowed": True}

    path: Path
    campaign: Campaign
