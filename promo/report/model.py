"""A report as values: every number with its origin, nothing added that must not be added."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from promo.store.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from promo.source.value import LocalText

DISTINCT = frozenset({"reach"})  # people: the same one may stand in two numbers, so these are never added


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """One metric over some deliveries.

    For each delivery the most trusted origin counts (`counted`, by origin: sums over different deliveries; of a
    metric in DISTINCT the largest). What other origins say about the same deliveries stands in `beside` and is
    never added. `largest` is the biggest
    counted number of a single delivery, `of` its origin, and `deliveries` how many deliveries have a number.
    """

    metric: str
    counted: Mapping[Origin, float]
    beside: Mapping[Origin, float]
    largest: float
    of: Origin
    deliveries: int

    @property
    def value(self) -> float:
        """Return the number to show: the sum, or for people the largest single number, which reach is at least."""
        return self.largest if self.metric in DISTINCT else sum(self.counted.values())

    @property
    def at_least(self) -> bool:
        """Return whether the truth may be higher than `value`: people seen by several deliveries."""
        return self.metric in DISTINCT and self.deliveries > 1

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Return the origins in `value`, the most trusted first."""
        return (self.of,) if self.metric in DISTINCT else tuple(o for o in Origin if o in self.counted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """What was aimed at and what came. `total` is None while there is no number; `target` of spend is money."""

    metric: str
    target: float
    total: Total | None

    @property
    def share(self) -> float | None:
        """Return value ÷ target, None without a number or with a target of 0."""
        return self.total.value / self.target if self.total is not None and self.target > 0 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The deliveries of one channel or kind; `key` is None for numbers about the campaign as a whole."""

    key: str | None
    deliveries: int
    published: int
    visitors: int  # distinct, of tracked links and QR codes
    totals: Mapping[str, Total]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayValue:
    """What one day (in the campaign's zone) added to one metric on one channel, from one origin."""

    day: date
    channel: str | None
    metric: str
    origin: Origin
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacementCount:
    """The QR code of one physical place. `scans` and `visitors` are None where it has no tracked link."""

    delivery: str
    activity: str
    placement: str
    name: str
    copies: int
    scans: int | None
    visitors: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetLine:
    """One line of the budget; `line` is None for spending on no line, `planned` None where none was planned."""

    line: str | None
    planned: Decimal | None
    spent: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """The money, in `currency` (ISO 4217); `total` is None where the campaign has no budget."""

    currency: str
    total: Decimal | None
    spent: Decimal
    lines: tuple[BudgetLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TopDelivery:
    """One of the deliveries that brought most."""

    id: str
    activity: str
    channel: str
    kind: str
    title: str  # its first words
    url: str | None
    published_at: datetime | None
    figures: Mapping[str, tuple[Origin, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryLine:
    """One number a person brought; `proof` is the kept file, relative to the workspace."""

    at: datetime
    by: str
    delivery: str | None
    activity: str | None
    metric: str
    value: float
    proof: str | None
    note: str


class NoteKind(StrEnum):
    """What a reader must know to judge the numbers; `fields` of the note fill the sentence."""

    RUNNING = "running"  # until
    NOTHING_PUBLISHED = "nothing_published"
    UNCERTAIN = "uncertain"  # count, deliveries
    FAILED = "failed"  # count, deliveries
    MISSED = "missed"  # count, deliveries
    NO_NUMBER = "no_number"  # metric: a goal without any number
    NOT_REPORTED = "not_reported"  # channels: name → (deliveries it told nothing about, published ones)
    NO_LINKS = "no_links"
    ROBOTS = "robots"  # count
    VISITORS_DAILY = "visitors_daily"
    REACH_NOT_ADDED = "reach_not_added"
    BESIDE = "beside"  # metric, counted, beside: two origins spoke of the same deliveries
    MIXED = "mixed"  # metric, parts: origins of different deliveries were added
    NO_PROOF = "no_proof"  # count
    OVER_BUDGET = "over_budget"  # line, spent, planned
    LATE_COUNTS = "late_counts"  # reported numbers stand on the day they were read


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One honest remark."""

    kind: NoteKind
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignLine:
    """One campaign in a list."""

    campaign: str
    name: LocalText
    first_day: date
    last_day: date
    deliveries: int
    published: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """All there is to say about one campaign at `made_at`. Datetimes are aware, in UTC; days in `timezone`."""

    campaign: str
    name: LocalText
    brand: str
    owner: str
    timezone: str
    first_day: date
    last_day: date
    made_at: datetime
    collected_at: datetime | None  # when a channel was last read
    states: Mapping[str, int]  # state → deliveries
    published: int
    visitors: int
    visits: int
    robots: int
    goals: tuple[Goal, ...]
    totals: Mapping[str, Total]
    channels: tuple[Group, ...]
    kinds: tuple[Group, ...]
    days: tuple[DayValue, ...]
    placements: tuple[PlacementCount, ...]
    budget: Budget | None
    top: tuple[TopDelivery, ...]
    entries: tuple[EntryLine, ...]
    notes: tuple[Note, ...]

    @property
    def deliveries(self) -> int:
        """Return how many deliveries the campaign has, in whatever state."""
        return sum(self.states.values())
