"""Reading the ledger: one delivery, its history, lists, what is coming, and how everything stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Row, func, or_, select

from promo.delivery.state import State
from promo.errors import NotFound, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.store.database import reading
from promo.store.tables import approvals, attempts, channels, deliveries, events, links, placements, proofs, tasks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelStatus:
    """One channel: how many deliveries are in which state, and what keeps it shut."""

    channel: str
    counts: Mapping[State, int]
    paused: bool
    reason: str
    blocked_until: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How the ledger stands at one moment. Rows are those of `deliveries`, soonest first."""

    now: datetime
    counts: Mapping[State, int]
    channels: Sequence[ChannelStatus]
    next_due: Row[Any] | None  # the next scheduled delivery
    uncertain: Sequence[Row[Any]]
    held: Sequence[Row[Any]]  # not approved in time
    overdue: Sequence[Row[Any]]  # scheduled, due and not out: late, waiting for a retry, or its channel is shut
    open_tasks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """All the ledger knows about one delivery, oldest first."""

    delivery: Row[Any]
    attempts: Sequence[Row[Any]]
    events: Sequence[Row[Any]]
    approvals: Sequence[Row[Any]]
    placements: Sequence[Row[Any]]
    tasks: Sequence[Row[Any]]
    proofs: Sequence[Row[Any]]
    links: Sequence[Row[Any]]
    comments: Sequence[Row[Any]]  # its first comments


def find(engine: Engine, delivery: str) -> Row[Any]:
    """Return the one delivery whose id starts with `delivery`. Raises NotFound, or UserMistake where several do."""
    wanted = delivery.strip().lower()
    with reading(engine) as connection:
        rows = connection.execute(
            select(deliveries)
            .where(deliveries.c.id.startswith(wanted, autoescape=True))
            .order_by(deliveries.c.id)
            .limit(5)
        ).all()
        if not wanted or not rows:
            known = connection.execute(
                select(deliveries.c.id).where(deliveries.c.id.startswith(wanted[:3], autoescape=True)).limit(200)
            ).scalars()
            raise NotFound(
                _("there is no delivery {id}", id=delivery),
                hint=(did_you_mean(wanted, known) if wanted else None) or _("list them with: promo list"),
            )
    exact = [row for row in rows if row.id == wanted]
    if len(rows) > 1 and not exact:
        raise UserMistake(
            _("several deliveries begin with {id}", id=delivery), hint=", ".join(str(row.id) for row in rows)
        )
    return (exact or rows)[0]


def history(engine: Engine, delivery: str) -> History:
    """Return everything about one delivery (an id or its beginning). Raises NotFound."""
    row = find(engine, delivery)
    with reading(engine) as connection:
        return History(
            delivery=row,
            attempts=connection.execute(
                select(attempts).where(attempts.c.delivery == row.id).order_by(attempts.c.id)
            ).all(),
            events=connection.execute(select(events).where(events.c.delivery == row.id).order_by(events.c.id)).all(),
            approvals=connection.execute(
                select(approvals).where(approvals.c.delivery == row.id).order_by(approvals.c.id)
            ).all(),
            placements=connection.execute(
                select(placements).where(placements.c.delivery == row.id).order_by(placements.c.placement)
            ).all(),
            tasks=connection.execute(select(tasks).where(tasks.c.delivery == row.id).order_by(tasks.c.task)).all(),
            proofs=connection.execute(select(proofs).where(proofs.c.delivery == row.id).order_by(proofs.c.id)).all(),
            links=connection.execute(select(links).where(links.c.delivery == row.id).order_by(links.c.token)).all(),
            comments=connection.execute(
                select(deliveries).where(deliveries.c.parent == row.id).order_by(deliveries.c.id)
            ).all(),
        )


def upcoming(engine: Engine, start: datetime, until: datetime, *, campaign: str | None = None) -> Sequence[Row[Any]]:
    """Return every delivery due in [start, until), cancelled ones left out, by time."""
    query = select(deliveries).where(
        deliveries.c.due_at >= start, deliveries.c.due_at < until, deliveries.c.state != State.CANCELLED
    )
    if campaign is not None:
        query = query.where(deliveries.c.campaign == campaign)
    with reading(engine) as connection:
        return connection.execute(query.order_by(deliveries.c.due_at, deliveries.c.channel, deliveries.c.id)).all()


def list_deliveries(
    engine: Engine,
    *,
    campaign: str | None = None,
    activity: str | None = None,
    channel: str | None = None,
    states: Collection[State] | None = None,
    start: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> Sequence[Row[Any]]:
    """Return the deliveries that match every given filter, by time. `activity` also names the rows of a table."""
    c = deliveries.c
    query = select(deliveries).order_by(c.due_at, c.channel, c.id).limit(limit)
    if campaign is not None:
        query = query.where(c.campaign == campaign)
    if activity is not None:
        query = query.where(or_(c.activity == activity, c.activity.startswith(f"{activity}/", autoescape=True)))
    if channel is not None:
        query = query.where(c.channel == channel)
    if states is not None:
        query = query.where(c.state.in_(sorted(states)))
    if start is not None:
        query = query.where(c.due_at >= start)
    if until is not None:
        query = query.where(c.due_at < until)
    with reading(engine) as connection:
        return connection.execute(query).all()


def status(engine: Engine, now: datetime) -> Status:
    """Return how everything stands: counts, what is next, and what wants a person."""
    c = deliveries.c
    by_time = select(deliveries).order_by(c.due_at, c.id)
    with reading(engine) as connection:
        counted = connection.execute(select(c.channel, c.state, func.count()).group_by(c.channel, c.state)).all()
        gates = {row.channel: row for row in connection.execute(select(channels))}
        next_due = connection.execute(by_time.where(c.state == State.SCHEDULED).limit(1)).first()
        uncertain = connection.execute(by_time.where(c.state == State.UNCERTAIN)).all()
        held = connection.execute(by_time.where(c.state == State.AWAITING_APPROVAL, c.approve_by.is_(None))).all()
        overdue = connection.execute(by_time.where(c.state == State.SCHEDULED, c.due_at < now)).all()
        open_tasks = connection.execute(
            select(func.count())
            .select_from(tasks.join(deliveries))
            .where(tasks.c.closed_at.is_(None), c.state.in_((State.HANDED_OVER, State.PUBLISHED)))
        ).scalar_one()
    totals: dict[State, int] = {}
    per_channel: dict[str, dict[State, int]] = {name: {} for name in gates}
    for channel, state, count in counted:
        totals[State(state)] = totals.get(State(state), 0) + count
        per_channel.setdefault(channel, {})[State(state)] = count
    return Status(
        now=now,
        counts=totals,
        channels=tuple(_channel_status(name, found, gates.get(name)) for name, found in sorted(per_channel.items())),
        next_due=next_due,
        uncertain=uncertain,
        held=held,
        overdue=overdue,
        open_tasks=open_tasks,
    )


def _channel_status(name: str, counts: Mapping[State, int], row: Row[Any] | None) -> ChannelStatus:
    return ChannelStatus(
        channel=name,
        counts=counts,
        paused=row is not None and row.paused,
        reason="" if row is None else row.reason,
        blocked_until=None if row is None else row.blocked_until,
        expires_at=None if row is None else row.expires_at,
    )
