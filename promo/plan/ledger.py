"""What planning reads from the ledger: every delivery's identity, state, time and digest, never its words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from promo.store.tables import deliveries, events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

# The states as the deliveries table spells them; `promo.delivery.state` is the diagram.
OPEN = frozenset({"planned", "awaiting_approval", "scheduled"})
REOPENS = frozenset({"failed", "rejected", "missed", "cancelled"})  # not out; a new wish of the files may reopen them
CANCELLED = "cancelled"
WITHDRAWN = "withdrawn"  # the event of a cancellation by a plan

_COLUMNS = (
    deliveries.c.id,
    deliveries.c.key,
    deliveries.c.campaign,
    deliveries.c.activity,
    deliveries.c.channel,
    deliveries.c.occurrence,
    deliveries.c.part,
    deliveries.c.parent,
    deliveries.c.state,
    deliveries.c.due_at,
    deliveries.c.window_until,
    deliveries.c.digest,
    deliveries.c.approval,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRow:
    """One delivery as the ledger has it."""

    id: str
    key: str
    campaign: str
    activity: str
    channel: str
    occurrence: str
    part: str
    parent: str | None
    state: str
    due_at: datetime
    window_until: datetime | None
    digest: str
    approval: Mapping[str, Any] | None
    by_person: bool = False  # cancelled by a person: a plan does not take that back


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All deliveries by id."""

    rows: Mapping[str, LedgerRow] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Return a digest of what a plan rests on: identity, kind of state, content and time of every delivery."""
        lines = sorted(
            # A first comment's time follows from its post, and is set anew when that goes out.
            f"{row.id} {_state_class(row.state)} {row.digest} {'' if row.parent else row.due_at.timestamp()}"
            for row in self.rows.values()
        )
        return sha256("\n".join(lines).encode()).hexdigest()


def read_ledger(connection: Connection) -> Ledger:
    """Read every delivery's row, without its content."""
    names = [column.name for column in _COLUMNS]
    found = (LedgerRow(**dict(zip(names, row, strict=True))) for row in connection.execute(select(*_COLUMNS)))
    rows = {row.id: row for row in found}
    if any(row.state == CANCELLED for row in rows.values()):
        for identity in _taken_back_by_people(connection):
            rows[identity] = replace(rows[identity], by_person=True)
    return Ledger(rows=rows)


def _taken_back_by_people(connection: Connection) -> Iterator[str]:
    """Yield the cancelled deliveries that neither a plan withdrew nor their post took along."""
    last: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for row in connection.execute(
        select(events.c.delivery, events.c.what, events.c.detail)
        .join(deliveries, deliveries.c.id == events.c.delivery)
        .where(deliveries.c.state == CANCELLED, events.c.what.in_((CANCELLED, WITHDRAWN)))
        .order_by(events.c.id)
    ):
        last[row.delivery] = (row.what, row.detail)
    yield from (identity for identity, (what, detail) in last.items() if what == CANCELLED and "parent" not in detail)


def _state_class(state: str) -> str:
    """Return what matters to a plan: is it off, and how. What goes out meanwhile voids no plan that leaves it alone.

    A busy ledger would void every plan before it is applied. Applying refuses to touch what is out or on its way.
    """
    return state if state in REOPENS else "there"
