"""Reading the ledger: one delivery, its history, lists, what is coming, and how everything stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Engine, Row, and_, exists, func, or_, select, type_coerce

from promo.delivery.state import State
from promo.delivery.tally import tally, totals
from promo.errors import NotFound, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.store.database import reading
from promo.store.tables import (
    ASIDE,
    approvals,
    attempts,
    channels,
    deliveries,
    events,
    in_state,
    links,
    micros,
    placements,
    proofs,
    tasks,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

MOST = 50  # rows of a kind in a status: who needs more asks for a list
A_TICK = timedelta(minutes=2)  # cron comes once a minute: what is later than that waits for somebody
AFTER_HEX = "g"  # the first letter after the digits of an id


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
    """How the ledger stands at one moment. Rows are those of `deliveries`, soonest first, at most MOST of a kind."""

    now: datetime
    counts: Mapping[State, int]
    channels: Sequence[ChannelStatus]
    next_due: Row[Any] | None  # the next scheduled delivery
    uncertain: Sequence[Row[Any]]
    held: Sequence[Row[Any]]  # not approved in time
    held_count: int
    overdue: Sequence[Row[Any]]  # scheduled, due and not out: late, waiting for a retry, or its channel is shut
    overdue_count: int
    late_count: int  # overdue by more than A_TICK
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


def begins(beginning: str) -> ColumnElement[bool]:
    """Return the condition for deliveries whose id begins so, as a range: an index serves it, unlike a pattern."""
    return and_(deliveries.c.id >= beginning, deliveries.c.id < beginning + AFTER_HEX)


def standing(*states: State) -> ColumnElement[bool]:
    """Return the condition for deliveries in one of `states`; those that stand aside are found by their own index."""
    return and_(in_state(*states), in_state(*ASIDE)) if set(states) <= set(ASIDE) else in_state(*states)


def find(engine: Engine, delivery: str) -> Row[Any]:
    """Return the one delivery whose id starts with `delivery`. Raises NotFound, or UserMistake where several do."""
    wanted = delivery.strip().lower()
    with reading(engine) as connection:
        query = select(deliveries).where(begins(wanted)).order_by(deliveries.c.id).limit(5)
        rows = connection.execute(query).all() if wanted else []
        if not rows:
            known = connection.execute(select(deliveries.c.id).where(begins(wanted[:3])).limit(200)).scalars()
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
        query = query.where(standing(*states))
    if start is not None:
        query = query.where(c.due_at >= start)
    if until is not None:
        query = query.where(c.due_at < until)
    with reading(engine) as connection:
        return connection.execute(query).all()


def status(engine: Engine, now: datetime) -> Status:
    """Return how everything stands: counts, what is next, and what wants a person. Reads indexes, not the ledger."""
    c = deliveries.c
    by_time = select(deliveries).order_by(c.due_at, c.id).limit(MOST)
    # PostgreSQL takes those held for as many as those that wait, and would look through the latter in their order: a
    # sum is no order it knows.
    moment = type_coerce(c.due_at, BigInteger) + 0
    few_by_time = select(deliveries).order_by(moment, c.id).limit(MOST)
    uncertain = standing(State.UNCERTAIN)
    held = and_(in_state(State.AWAITING_APPROVAL), c.approve_by.is_(None))
    scheduled = in_state(State.SCHEDULED)
    queued = and_(in_state(State.PUBLISHING), c.worker.is_(None))  # handed out to an engine, and nobody has it
    owing = and_(c.id == tasks.c.delivery, in_state(State.HANDED_OVER, State.PUBLISHED))
    with reading(engine) as connection:

        def number(*where: ColumnElement[bool]) -> int:
            return connection.execute(select(func.count()).select_from(deliveries).where(*where)).scalar_one()

        def late(since: datetime) -> int:
            return number(scheduled, c.due_at < since) + number(queued, moment < micros(since))

        overdue = [
            *connection.execute(by_time.where(scheduled, c.due_at < now)),
            *connection.execute(few_by_time.where(queued, moment < micros(now))),
        ]
        counted = tally(connection)
        gates = {row.channel: row for row in connection.execute(select(channels))}
        per_channel: dict[str, dict[State, int]] = {name: {} for name in gates}
        for (channel, state), count in counted.items():
            per_channel.setdefault(channel, {})[state] = count
        return Status(
            now=now,
            counts=totals(counted),
            channels=tuple(
                _channel_status(name, counts, gates.get(name)) for name, counts in sorted(per_channel.items())
            ),
            next_due=connection.execute(by_time.where(scheduled).limit(1)).first(),
            uncertain=connection.execute(by_time.where(uncertain)).all(),
            held=connection.execute(few_by_time.where(held)).all(),
            held_count=number(held),
            overdue=sorted(overdue, key=lambda row: (row.due_at, row.id))[:MOST],
            overdue_count=late(now),
            late_count=late(now - A_TICK),
            open_tasks=connection.execute(
                select(func.count()).select_from(tasks).where(tasks.c.closed_at.is_(None), exists().where(owing))
            ).scalar_one(),
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
