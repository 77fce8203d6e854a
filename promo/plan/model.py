"""What planning yields: deliveries as they should be, and the difference to the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from promo.source.problem import Position


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDelivery:
    """One delivery as the files want it. Datetimes are aware, in UTC.

    `key` is sha256 over campaign, activity, channel, occurrence and part; `id` its first 12 hex digits.
    `content` is plain JSON with the final words:
      text, thread[], title, body, hashtags[], alt, link, target, language, options{}, lasts (seconds), place,
      placements[{id,name,copies,link,address,token,target}], tasks[{id,what,owner,due,proof}], outlets[{…}],
      embargo, contact, attachments[path], timezone, delay (seconds; first comments only)
    `visual` is plain JSON: {layout, format, brand, photo, language, fields{title,…}, qr, alt} or None.
    `digest` is sha256 over the canonical JSON of content and the visual's input digest.
    """

    key: str
    id: str
    campaign: str
    activity: str
    channel: str
    occurrence: str  # label
    part: str = "main"
    parent: str | None = None
    kind: str
    type: str
    due_at: datetime
    window_until: datetime | None
    digest: str
    content: Mapping[str, Any]
    visual: Mapping[str, Any] | None
    approval: Mapping[str, Any] | None
    at: Position | None = None  # the activity in its file


class Action(StrEnum):
    """What applying does to one delivery."""

    ADD = "add"
    CHANGE = "change"  # not yet published: content, time or visual differ
    CANCEL = "cancel"  # in the ledger, no longer in the files
    UNCHANGED = "unchanged"
    KEPT = "kept"  # published or in the act: the files differ, the ledger stays


MOVES = frozenset({Action.ADD, Action.CHANGE, Action.CANCEL})


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One line of the plan. `before` is the ledger's row as plain JSON, `after` the files' wish."""

    action: Action
    delivery: str
    before: Mapping[str, Any] | None
    after: PlannedDelivery | None
    notes: tuple[str, ...] = ()  # what the channel's limits will do to it


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The difference between files and ledger at one moment.

    `files_digest` and `ledger_digest` say what it was computed from; `promo apply F` refuses when they moved.
    """

    made_at: datetime
    horizon: datetime
    files_digest: str
    ledger_digest: str
    campaigns: Mapping[str, Mapping[str, Any]]  # campaign id → row for the campaigns table
    changes: tuple[Change, ...] = field(default_factory=tuple)
    remarks: tuple[str, ...] = ()  # about whole activities: occurrences that have passed, rows that wait for a slot

    @property
    def moves(self) -> bool:
        """Whether applying would write anything about deliveries."""
        return any(change.action in MOVES for change in self.changes)

    def count(self, action: Action) -> int:
        """Return how many deliveries meet with `action`."""
        return sum(1 for change in self.changes if change.action is action)
