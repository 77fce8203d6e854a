"""What a connector can do, as data: checks, plans and tests read it without calling anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class TextUnit(StrEnum):
    """How a channel counts the length of a text."""

    CHARACTERS = "characters"  # Unicode code points
    GRAPHEMES = "graphemes"  # what a reader calls a character (UAX#29)
    BYTES = "bytes"  # UTF-8
    WEIGHTED = "weighted"  # East Asian wide characters count two


class Idempotency(StrEnum):
    """How an uncertain delivery is settled."""

    KEY = "key"  # sending again with the same key posts nothing new, inside `idempotency_window`
    LOOKUP = "lookup"  # the post can be found again by its key or marker
    NONE = "none"  # a person decides


class Ability(StrEnum):
    """Whether something can be done."""

    YES = "yes"
    NOT_BUILT = "not_built"  # the channel could, this connector does not yet
    NO = "no"  # the channel cannot


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLimit:
    """The longest text, in `unit`; `link_cost` is what any link counts, None: its own length."""

    limit: int
    unit: TextUnit = TextUnit.CHARACTERS
    link_cost: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaLimit:
    """Pictures or videos one post may carry. None means no limit known. Ratios are width ÷ height."""

    count: int = 0
    max_bytes: int | None = None
    max_pixels: int | None = None
    types: tuple[str, ...] = ()
    min_ratio: float | None = None
    max_ratio: float | None = None
    alt_text: int | None = None  # characters of alternative text; 0: the channel has none


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimit:
    """At most `calls` publications in any span of `per`, over all processes."""

    calls: int
    per: timedelta


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """The abilities and limits of one kind of channel. Every figure has its source in the connector's README."""

    text: TextLimit | None = None  # None: this connector takes no limit on text
    images: MediaLimit = field(default_factory=MediaLimit)
    videos: MediaLimit = field(default_factory=MediaLimit)
    thread: int = 1  # posts in one thread; 1: no threads
    first_comment: bool = False  # can answer its own post (`PublishRequest.reply_to`)
    idempotency: Idempotency = Idempotency.NONE
    idempotency_window: timedelta | None = None  # for KEY: how long the channel remembers; None: for ever
    lookup: Ability = Ability.NO
    delete: Ability = Ability.NO
    edit: Ability = Ability.NO
    metrics: tuple[str, ...] = ()  # names from `promo.connector.METRICS`
    rate: RateLimit | None = None
    needs_title: bool = False
    needs_body: bool = False
    handover: bool = False  # publishing ends with a person's work, closed by a proof
    visual_format: str | None = None  # the layout format this channel shows best, such as "square" or "a3"
