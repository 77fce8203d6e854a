"""Taking deliveries: write-ahead attempts, with lease and fence, committed before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, String, bindparam, func, or_, select, update

from promo.clock import monotonic
from promo.delivery.approval import approved_many
from promo.delivery.bulk import begin_many, claim_many, note_many, resume_many, take_many
from promo.delivery.rate import room
from promo.delivery.state import Outcome, State
from promo.delivery.waiting import DUE_CAMPAIGNS
from promo.store.tables import Moment, attempts, deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from promo.delivery.job import Job
    from promo.delivery.turns import Turns
    from promo.delivery.worker import Pulse
    from promo.registry import Channel


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One delivery held by one worker. Its finish is accepted for this `fence` only."""

    id: str  # of the delivery
    row: Row[Any]  # what of the delivery is sent and decides how it goes on (`CARRIED`), with its campaign's `brand`
    fence: int
    worker: str
    number: int  # of the attempt, counted from 1 over the delivery's life
    tries: int  # since a person or a plan last scheduled it
    first_attempt_at: datetime
    goes_at: datetime  # the connector is not called before
    lease_until: datetime
    since: float  # when it was taken, on the monotonic clock, which a clock that is set does not move
    settles: bool  # the try before is uncertain: this one sends the same key again
    picture: bool  # something must be made ready first; until then nothing counts as sent
    parent: Row[Any] | None = None  # the post that a first comment answers
    approved: frozenset[str] = frozenset()  # digests of the bytes that people saw and approved


def claim_due(
    connection: Connection,
    channel: Channel,
    now: datetime,
    *,
    pulse: Pulse,
    turns: Turns,
    limit: int,
    by: datetime | None = None,
    kept: int = 0,
    queued: bool = False,
    wait: bool = True,
    detail: Mapping[str, Any] | None = None,
) -> list[Claim]:
    """Take up to `limit` deliveries of a channel that are due by `by` (default: now), as many as it has places for.

    Campaigns take turns. Each claim is a new state, fence and lease, an attempt and an event, all in the caller's
    transaction. `kept` places are left to what is in doubt. With `queued` the claims belong to nobody yet: a worker
    takes them up by `take`. `detail` goes into the events. Without `wait`, raises Contended where another process is
    claiming on this channel.
    """
    when = {"channel": channel.name, "by": by or now, "now": now}
    names = connection.execute(DUE_CAMPAIGNS, when).scalars().all()
    if not names:  # asked first, because it locks nothing
        return []
    free = min(limit, room(connection, channel, now, wait=wait) - kept)
    if free <= 0:
        return []
    chosen = _choose(connection, when, turns.order(names), turns=turns, limit=free)
    return _claim(connection, channel, now, chosen, pulse=pulse, queued=queued, detail=detail)


def claim_one(
    connection: Connection,
    channel: Channel,
    now: datetime,
    *,
    pulse: Pulse,
    where: ColumnElement[bool],
    settles: bool = False,
    whenever: bool = False,
    wait: bool = True,
    detail: Mapping[str, Any] | None = None,
) -> list[Claim]:
    """Take the first delivery matching `where`, if its channel has a place for it.

    `settles`: it is uncertain and goes out again with the same key. `whenever`: a person wants it now, so its window
    is over. `detail` goes into the event. Without `wait`, raises Contended where another process is claiming on this
    channel.
    """
    if room(connection, channel, now, wait=wait) <= 0:
        return []
    chosen = connection.execute(
        select(deliveries.c.id)
        .where(where, deliveries.c.state == (State.UNCERTAIN if settles else State.SCHEDULED))
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalars()
    return _claim(
        connection, channel, now, list(chosen), pulse=pulse, settles=settles, whenever=whenever, detail=detail
    )


def take(
    connection: Connection, jobs: Sequence[Job], channels: Mapping[str, Channel], now: datetime, *, pulse: Pulse
) -> list[Claim]:
    """Take up deliveries that a ticker claimed for an engine's queue; what went on without its job is left out.

    So is what goes out on a channel that is not among `channels`: it waits for a worker that knows it.
    """
    leases = {name: now + channel.settings.timeout for name, channel in channels.items()}
    if not leases or not jobs:
        return []
    taken = take_many(connection, jobs, leases, worker=pulse.worker)
    if not taken:
        return []
    pulse.beat(connection, now)
    held = _hold(connection, taken, now, pulse=pulse, leases=leases)
    resume_many(
        connection,
        [
            {
                "of": one.id,
                "fence": one.fence,
                "lease_until": one.lease_until,
                "started_at": one.goes_at,
                "sent_at": None if one.picture else one.goes_at,
            }
            for one in held
        ],
        worker=pulse.worker,
    )
    return held


_NEXT = (
    select(deliveries.c.id)
    .where(
        deliveries.c.channel == bindparam("channel", type_=String),
        deliveries.c.campaign == bindparam("campaign", type_=String),
        in_state(State.SCHEDULED),
        deliveries.c.ready_at <= bindparam("by", type_=Moment),
        or_(deliveries.c.window_until.is_(None), deliveries.c.window_until >= bindparam("now", type_=Moment)),
    )
    .order_by(deliveries.c.ready_at, deliveries.c.id)
    .limit(bindparam("share", type_=Integer))
    .with_for_update(skip_locked=True)
)


def _choose(
    connection: Connection, when: Mapping[str, Any], names: Sequence[str], *, turns: Turns, limit: int
) -> list[str]:
    """Return the ids of what goes out next, locked: the campaigns `names` in turns, of each the earliest first."""
    chosen: list[str] = []
    for position, name in enumerate(names):
        left = limit - len(chosen)
        if left <= 0:
            break
        share = -(-left // (len(names) - position))
        found = connection.execute(_NEXT, {**when, "campaign": name, "share": share}).scalars().all()
        chosen += found
        if found:
            turns.served(name, len(found))
    return chosen


def _claim(
    connection: Connection,
    channel: Channel,
    now: datetime,
    chosen: Sequence[str],
    *,
    pulse: Pulse,
    settles: bool = False,
    whenever: bool = False,
    queued: bool = False,
    detail: Mapping[str, Any] | None = None,
) -> list[Claim]:
    if not chosen:
        return []
    lease_until = now + channel.settings.timeout
    claimed = claim_many(
        connection,
        chosen,
        before=State.UNCERTAIN if settles else State.SCHEDULED,
        at=now,
        worker=None if queued else pulse.worker,
        lease_until=lease_until,
        idempotency=channel.limits.idempotency,
        whenever=whenever,
    )
    if not claimed:
        return []
    told = {**(detail or {}), "state": State.PUBLISHING}
    note_many(connection, [(row.id, told) for row in claimed], what="claimed", at=now, by=pulse.worker)
    pulse.beat(connection, now)
    order = {delivery: position for position, delivery in enumerate(chosen)}
    claimed.sort(key=lambda row: order[row.id])
    leases, at_once = {channel.name: lease_until}, whenever or settles
    held = _hold(connection, claimed, now, pulse=pulse, leases=leases, settles=settles, at_once=at_once)
    begun = [
        {
            "of": one.id,
            "number": one.number,
            "fence": one.fence,
            "started_at": one.goes_at,  # the rate limit counts calls, and this one comes then
            "sent_at": None if one.picture or queued else one.goes_at,
        }
        for one in held
    ]
    by = "" if queued else pulse.worker
    begin_many(connection, begun, channel=channel.name, worker=by, lease_until=lease_until)
    return held


def _hold(
    connection: Connection,
    rows: Sequence[Row[Any]],
    now: datetime,
    *,
    pulse: Pulse,
    leases: Mapping[str, datetime],
    settles: bool = False,
    at_once: bool = False,
) -> list[Claim]:
    """Return what is held now, with all that sending it needs. `leases` of channels; `at_once`: whenever it is due."""
    earlier = _earlier(connection, [row.id for row in rows if row.fence > 1])
    parents = _parents(connection, {row.parent for row in rows if row.parent is not None})
    approved = approved_many(connection, [row for row in rows if row.approval is not None or _picture(row)])
    since = monotonic()
    held = []
    for row in rows:
        count, first = earlier.get(row.id, (0, None))
        held.append(
            Claim(
                id=row.id,
                row=row,
                fence=row.fence,
                worker=pulse.worker,
                number=count + 1,
                tries=row.attempts,
                first_attempt_at=first or now,
                goes_at=now if at_once else max(now, row.ready_at),  # `reserve` has put off the others' look
                lease_until=leases[row.channel],
                since=since,
                settles=settles,
                picture=_picture(row),
                parent=parents.get(row.parent),
                approved=approved.get(row.id, frozenset()),
            )
        )
    return held


def _picture(row: Row[Any]) -> bool:
    return bool(row.visual or row.content.get("attachments"))


def _earlier(connection: Connection, ids: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """Return how many tries each delivery had before its present claim, and when the first began."""
    if not ids:
        return {}
    return {
        row[0]: (row[1], row[2])
        for row in connection.execute(
            select(attempts.c.delivery, func.count(), func.min(attempts.c.started_at))
            .join(deliveries)
            .where(attempts.c.delivery.in_(ids), attempts.c.fence < deliveries.c.fence)
            .group_by(attempts.c.delivery)
        )
    }


def _parents(connection: Connection, ids: Collection[str]) -> dict[str, Row[Any]]:
    if not ids:
        return {}
    return {row.id: row for row in connection.execute(select(deliveries).where(deliveries.c.id.in_(ids)))}


def mark_sending(connection: Connection, held: Claim, channel: Channel, now: datetime) -> datetime | None:
    """Write that from here on it may be out, and renew the lease; return its new end.

    None: the claim was lost, nothing may be sent.
    """
    lease_until = max(now, held.goes_at) + channel.settings.timeout
    kept = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == held.id, deliveries.c.fence == held.fence, deliveries.c.state == State.PUBLISHING)
        .values(lease_until=lease_until)
    )
    if kept.rowcount != 1:
        return None
    connection.execute(
        update(attempts)
        .where(attempts.c.delivery == held.id, attempts.c.fence == held.fence)
        .values(sent_at=max(now, held.goes_at), lease_until=lease_until)
    )
    return lease_until


def first_doubt(connection: Connection, delivery: str) -> datetime | None:
    """Return when the earliest try began that may have arrived; None: no try can have."""
    found: datetime | None = connection.execute(
        select(func.min(attempts.c.sent_at)).where(
            attempts.c.delivery == delivery,
            attempts.c.sent_at.is_not(None),
            or_(attempts.c.outcome.is_(None), attempts.c.outcome == Outcome.UNKNOWN),
        )
    ).scalar()
    return found
