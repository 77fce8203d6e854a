"""The campaign as a marketer wrote it: immutable and validated, templates not yet filled.

The descriptions are those of the JSON Schema that editors show while a campaign is written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from promo.campaign.recurrence import CronText, DaysText, Late, RruleText
from promo.language import _
from promo.source.value import Address, Day, DayOrTime, Duration, LocalText, LocalTime, Money, Person
from promo.source.zone import ZoneName
from promo.workspace import Frozen

Kind = Literal["online", "offline", "media"]
OfflineType = Literal["poster", "leaflet", "event", "expo"]
MediaType = Literal["press_release", "feature", "interview"]
ActivityType = Literal["post", "poster", "leaflet", "event", "expo", "press_release", "feature", "interview"]
ProofKind = Literal["photo", "headcount", "document", "none"]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Language = Literal["en", "zh"]

MOST = 10**12  # of people, views, clicks: above it is a slip
OPEN = ConfigDict(frozen=True, extra="allow", populate_by_name=True)  # other keys belong to a layout or a channel


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, datetime)) else value


def _short_for(key: str) -> BeforeValidator:
    """Allow a plain text (or list of texts) where only `key` of a mapping is to be said."""
    return BeforeValidator(
        lambda value: {key: value} if isinstance(value, (str, list, datetime)) else value,
    )


def _text_or_local(value: Any) -> str | LocalText:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return LocalText.parse(value)
    raise ValueError(_("write a text, or one for each language: {{zh: …, en: …}}"))


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Words = Annotated[
    str | LocalText,
    PlainValidator(_text_or_local),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]


class Goals(Frozen):
    """What the campaign wants to reach; each is a total over the whole period."""

    reach: int | None = Field(default=None, ge=0, le=MOST, description="Distinct people.")
    impressions: int | None = Field(default=None, ge=0, le=MOST, description="Times shown.")
    clicks: int | None = Field(default=None, ge=0, le=MOST, description="Clicks on the links.")
    headcount: int | None = Field(default=None, ge=0, le=MOST, description="People who come.")
    coverage: int | None = Field(default=None, ge=0, le=MOST, description="Pieces published by the press.")
    spend: Money | None = Field(default=None, description="What may be spent: 20000 CNY.")


class Budget(Frozen):
    """The money: a total, and lines that may not exceed it."""

    total: Money = Field(description="The whole budget with its currency: 20000 CNY.")
    lines: dict[str, Annotated[Decimal, Field(ge=0, le=10**15)]] = Field(
        default_factory=dict, description="Parts of the total by name, in the same currency."
    )


class Period(Frozen):
    """First and last day, both included, in the campaign's zone."""

    from_: Day = Field(alias="from", description="First day.")
    until: Day = Field(description="Last day, included.")


class ApprovalRule(Frozen):
    """Who must approve, in order; not approved `deadline` before its time, a delivery is held."""

    stages: tuple[Identifier, ...] = Field(
        default=("review",), min_length=1, description="Who approves, in this order."
    )
    deadline: Duration = Field(default=timedelta(0), description="How long before its time it must be approved: 24h.")


class Link(Frozen):
    """Where it leads, and the UTM fields; values are templates."""

    url: str = Field(description="Where the link leads.")
    utm: dict[str, str] = Field(default_factory=dict, description="UTM fields: source, medium, campaign, …")
    track: bool = Field(default=True, description="Whether clicks are counted by a tracked link.")


class VisualSpec(Frozen):
    """The picture: a layout and what fills it. Other keys are the layout's own fields (templates)."""

    model_config: ClassVar[ConfigDict] = OPEN

    layout: str = Field(description="The layout, one of assets/layouts or a built-in one.")
    photo: str | None = Field(default=None, description="Photo, a path below assets/.")
    format: str | None = Field(
        default=None, description="One of the layout's formats; default: what the channel shows best."
    )
    title: Words | None = Field(default=None, description="The title in the picture.")
    subtitle: Words | None = Field(default=None, description="The line below the title.")
    body: Words | None = Field(default=None, description="The running text in the picture.")
    alt: str | None = Field(default=None, description="Text for people who do not see the picture.")


class FirstComment(Frozen):
    """An answer to one's own post, `after` it is published."""

    text: str = Field(description="The answer's text.")
    after: Duration = Field(default=timedelta(minutes=1), description="How long after the post: 30m.")


class Variant(Frozen):
    """What differs on one channel. Other keys are that channel's own options (`visibility`, …)."""

    model_config: ClassVar[ConfigDict] = OPEN

    text: str | None = Field(default=None, description="The text on this channel.")
    title: str | None = Field(default=None, description="The title on this channel.")
    body: str | None = Field(default=None, description="The long text, or a Markdown file.")
    thread: tuple[str, ...] | None = Field(default=None, description="The posts of a thread.")
    first_comment: Annotated[FirstComment, _short_for("text")] | None = Field(
        default=None, description="An answer to one's own post."
    )
    hashtags: Texts | None = Field(default=None, description="Hashtags, without #.")
    alt: str | None = Field(default=None, description="Text for people who do not see the picture.")
    link: Annotated[Link, _short_for("url")] | None = Field(default=None, description="Where the link leads.")


class Content(Frozen):
    """The words. Texts are Jinja2 templates; `body` may name a Markdown file below the campaign's folder."""

    text: str | None = Field(default=None, description="The post's text, a template: {{ link }}, {{ row.name }}, …")
    title: str | None = Field(default=None, description="Title or subject.")
    body: str | None = Field(default=None, description="The long text, or a Markdown file beside the campaign's file.")
    thread: tuple[str, ...] = Field(default=(), description="The posts that follow the text as a thread.")
    first_comment: Annotated[FirstComment, _short_for("text")] | None = Field(
        default=None, description="An answer to one's own post, some time after it."
    )
    hashtags: Texts = Field(default=(), description="Hashtags, without #.")
    alt: str | None = Field(default=None, description="Text for people who do not see the picture.")
    link: Annotated[Link, _short_for("url")] | None = Field(default=None, description="Where the link leads.")
    sponsored: bool = Field(default=False, description="Paid for: the brand's mark (广告, Ad) must be in it.")
    contact: str | None = Field(default=None, description="Whom the press may ask.")
    language: Language | None = Field(default=None, description="The words' language: dates and numbers follow it.")
    attachments: tuple[str, ...] = Field(default=(), description="Files to send along, beside the campaign's file.")
    variants: dict[str, Variant] = Field(default_factory=dict, description="What differs, by channel.")


class Schedule(Frozen):
    """When: exactly one of `at`, `cron`, `rrule`, `slots`. Times are local to the campaign's zone."""

    at: Annotated[tuple[LocalTime, ...], BeforeValidator(_as_list)] = Field(
        default=(), description="One time, or a list: 2027-03-08 10:00."
    )
    cron: CronText | None = Field(default=None, description="minute hour day month weekday: 30 9 * * MON-FRI.")
    rrule: RruleText | None = Field(default=None, description="A rule of RFC 5545: FREQ=WEEKLY;BYDAY=TU;BYHOUR=9.")
    slots: str | None = Field(
        default=None, description="The next free slot of this plan; `channel`: of each channel's own plan."
    )
    start: LocalTime | None = Field(
        default=None, description="First time of `rrule` (DTSTART); default: `from`, else the period's first day."
    )
    from_: DayOrTime | None = Field(
        default=None, alias="from", description="Not before; default: the period's first day."
    )
    until: DayOrTime | None = Field(default=None, description="Not after; default: the period's last day.")
    skip: Annotated[tuple[DaysText, ...], BeforeValidator(_as_list)] = Field(
        default=(), description="Not on these: 2027-04-05, weekends, holidays CN, days off CN, make-up days CN."
    )
    also: Annotated[tuple[DaysText, ...], BeforeValidator(_as_list)] = Field(
        default=(), description="Days on which cron or slots fire too, such as make-up days CN."
    )
    jitter: Duration = Field(default=timedelta(0), description="Spread at random over this long.")
    late: Late | None = Field(default=None, description="How late it may still go out: 2h, never, always; default 1h.")
    lasts: Duration | None = Field(default=None, description="How long an event lasts: 6h.")
    ahead: Duration = Field(
        default=timedelta(0), description="Publish this long before the occurrence: an event is announced ahead."
    )
    count: int | None = Field(default=None, ge=1, description="At most so many occurrences.")


class PlacementSpec(Frozen):
    """One physical place."""

    id: Identifier = Field(description="Its identity; it has its own tracked link and QR code.")
    name: LocalText = Field(description="What people call the place.")
    copies: int = Field(default=1, ge=1, le=1_000_000, description="How many copies hang or lie there.")
    address: str | None = Field(default=None, description="Where it is.")


class TaskSpec(Frozen):
    """One thing a person does, and the proof that closes it."""

    what: str = Field(description="What is to be done.")
    owner: Person = Field(description="Who does it: an e-mail address, or a name that the channel knows.")
    due: LocalTime | None = Field(default=None, description="Until when.")
    proof: ProofKind = Field(default="none", description="What closes it.")


class OutletSpec(Frozen):
    """One medium the press desk writes to."""

    name: str = Field(description="The medium.")
    email: Address = Field(description="Where the press desk writes to.")
    editor: str = Field(default="", description="Who is in charge there.")
    monthly_visits: int | None = Field(
        default=None, ge=0, le=MOST, description="Readers a month; estimates of reach use it."
    )


def _rule_or_none(value: Any) -> str:
    return "none" if isinstance(value, str) else "rule"


def _table_or_list(value: Any) -> str:
    return "table" if isinstance(value, str) else "list"


Approval = Annotated[
    Annotated[ApprovalRule, Tag("rule")] | Annotated[Literal["none"], Tag("none")], Discriminator(_rule_or_none)
]
Outlets = Annotated[
    Annotated[str, Tag("table")] | Annotated[tuple[OutletSpec, ...], Tag("list")], Discriminator(_table_or_list)
]


class Activity(Frozen):
    """One thing to do."""

    id: Identifier = Field(description="Its identity in this campaign.")
    kind: Kind = Field(description="online: posts; offline: posters, leaflets, events, expos; media: the press.")
    type: ActivityType | None = Field(default=None, description="What exactly; needed for offline and media.")
    name: LocalText | None = Field(default=None, description="What people call it.")
    channels: Texts = Field(default=(), description="Where it goes out; default: the campaign's default channels.")
    schedule: Annotated[Schedule, _short_for("at")] = Field(description="When it goes out.")
    content: Annotated[Content, _short_for("text")] = Field(default=Content(), description="The words.")
    visual: Annotated[VisualSpec, _short_for("layout")] | None = Field(default=None, description="The picture.")
    each: str | None = Field(
        default=None,
        description="A CSV or YAML table beside the campaign's file: one activity per row, columns are row.…",
    )
    variables: dict[str, Any] = Field(default_factory=dict, description="Own variables of the templates.")
    approval: Approval | None = Field(default=None, description="Own approval rule; none: nobody has to approve.")
    placements: tuple[PlacementSpec, ...] = Field(default=(), description="Where posters hang or leaflets lie.")
    tasks: tuple[TaskSpec, ...] = Field(default=(), description="What people do for it.")
    place: str = Field(default="", description="Where an event is held.")
    outlets: Outlets = Field(default=(), description="The media written to: a table, or a list.")
    embargo: LocalTime | None = Field(default=None, description="Not to be published by the press before.")
    budget_line: str | None = Field(default=None, description="The line of the budget that pays for it.")


class Defaults(Frozen):
    """What every activity takes over unless it says otherwise."""

    channels: Texts = Field(default=(), description="Where activities go out.")
    link: Annotated[Link, _short_for("url")] | None = Field(default=None, description="Where links lead.")
    visual: dict[str, Any] | None = Field(default=None, description="Layout, photo and fields of pictures.")
    hashtags: Texts | None = Field(default=None, description="Hashtags, without #.")
    late: Late | None = Field(default=None, description="How late something may still go out.")
    language: Language | None = Field(default=None, description="The words' language.")
    variables: dict[str, Any] = Field(default_factory=dict, description="Variables of the templates.")


class Campaign(Frozen):
    """One campaign file. `campaign` is its identity; the file may be renamed."""

    campaign: Identifier = Field(description="The campaign's identity: it stays when the file is renamed.")
    name: LocalText = Field(description="What people call it.")
    brand: str = Field(description="One of assets/brands.")
    owner: Person = Field(description="Who is in charge: an e-mail address or a name.")
    timezone: ZoneName | None = Field(
        default=None, description="Zone of all its local times; default: the workspace's."
    )
    period: Period = Field(description="First and last day.")
    audience: Texts = Field(default=(), description="Whom it speaks to.")
    goals: Goals = Field(default=Goals(), description="What it wants to reach.")
    budget: Budget | None = Field(default=None, description="The money.")
    approval: ApprovalRule | None = Field(default=None, description="Who must approve before anything goes out.")
    variables: dict[str, Any] = Field(default_factory=dict, description="Variables of the templates.")
    defaults: Defaults = Field(default=Defaults(), description="What every activity takes over.")
    activities: tuple[Activity, ...] = Field(min_length=1, description="What is to be done.")
