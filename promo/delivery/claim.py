"""Taking a delivery: the write-ahead attempt, with its lease and fence, committed before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from promo.delivery.move import move
from promo.delivery.rate import gate, hold
from promo.delivery.state import Outcome, State
from promo.store.tables import attempts, campaigns, deliveries, in_state

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from promo.clock import Clock
    from promo.registry import Channel


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One delivery held by one worker. Its finish is accepted for this `fence` only."""

    row: Row[Any]  # the delivery, with its campaign's `brand`
    fence: int
    worker: str
    attempt: int  # the attempt's row
    number: int  # counted from 1 over the delivery's life
    tries: int  # since a person or a plan last scheduled it
    started_at: datetime
    first_attempt_at: datetime
    settles: bool  # the try before is uncertain: this one sends the same key again
    picture: bool  # something must be made ready first; until then nothing counts as sent

    @property
    def id(self) -> str:
        """Return the delivery's id."""
        return str(self.row.id)


def due_now(channel: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition for deliveries of a channel that may go out now."""
    return and_(deliveries.c.channel == channel, is_due(now))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition for deliveries of any channel that may go out now, as far as the channel lets them."""
    return and_(
        in_state(State.SCHEDULED),
        deliveries.c.ready_at <= now,
        or_(deliveries.c.window_until.is_(None), deliveries.c.window_until >= now),
    )


def claim(
    connection: Connection,
    channel: Channel,
    clock: Clock,
    *,
    worker: str,
    where: ColumnElement[bool],
    settles: bool = False,
    whenever: bool = False,
) -> Claim | None:
    """Take the first delivery matching `where`, if the channel's gate is open: state, fence, lease and attempt row.

    Two workers never take the same one: SQLite has one writer at a time; on PostgreSQL rows that another
    transaction is taking are passed over. `settles`: it is uncertain and goes out again with the same key.
    `whenever`: a person wants it now, so its window is over.
    """
    hold(connection, channel.name)
    now = clock.now()  # asked here: it may have taken a while until this worker's turn came
    if not gate(connection, channel.name, channel.rate, now).open:
        return None
    chosen = connection.execute(
        select(deliveries.c.id, deliveries.c.fence)
        .where(where)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if chosen is None:
        return None
    lease_until = now + channel.settings.timeout
    if not move(
        connection,
        and_(deliveries.c.id == chosen.id, deliveries.c.fence == chosen.fence),
        to=State.PUBLISHING,
        before=(State.UNCERTAIN,) if settles else (State.SCHEDULED,),
        at=now,
        by=worker,
        what="claimed",
        detail={"fence": chosen.fence + 1},
        fence=chosen.fence + 1,
        worker=worker,
        lease_until=lease_until,
        not_before=None,
        attempts=deliveries.c.attempts + 1,
        window_until=None if whenever else deliveries.c.window_until,
        idempotency=channel.limits.idempotency,
    ):
        return None
    row = connection.execute(
        select(deliveries, campaigns.c.brand).join(campaigns).where(deliveries.c.id == chosen.id)
    ).one()
    count, first = connection.execute(
        select(func.count(), func.min(attempts.c.started_at)).where(attempts.c.delivery == chosen.id)
    ).one()
    picture = bool(row.visual or row.content.get("attachments"))
    attempt = connection.execute(
        insert(attempts)
        .values(
            delivery=row.id,
            channel=channel.name,
            number=count + 1,
            fence=row.fence,
            worker=worker,
            started_at=now,
            sent_at=None if picture else now,
            lease_until=lease_until,
        )
        .returning(attempts.c.id)
    ).scalar_one()
    return Claim(
        row=row,
        fence=row.fence,
        worker=worker,
        attempt=attempt,
        number=count + 1,
        tries=row.attempts,
        started_at=now,
        first_attempt_at=first or now,
        settles=settles,
        picture=picture,
    )


def mark_sending(connection: Connection, held: Claim, channel: Channel, now: datetime) -> bool:
    """Write that from here on it may be out, and renew the lease. False: the claim was lost, nothing may be sent."""
    lease_until = now + channel.settings.timeout
    kept = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == held.id, deliveries.c.fence == held.fence, deliveries.c.state == State.PUBLISHING)
        .values(lease_until=lease_until)
    )
    if kept.rowcount != 1:
        return False
    connection.execute(
        update(attempts).where(attempts.c.id == held.attempt).values(sent_at=now, lease_until=lease_until)
    )
    return True


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
