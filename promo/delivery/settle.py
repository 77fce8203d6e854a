"""Settling what is in doubt: send again with the same key, look it up, or leave it to a person."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from promo.connector import Ability, Capabilities, Idempotency, Receipt
from promo.delivery.backoff import PENDING_FOR, PENDING_LONGEST, settle_wait
from promo.delivery.finish import published_values, safe_words
from promo.delivery.move import move, note
from promo.delivery.rate import gate, pause
from promo.delivery.state import Outcome, State
from promo.errors import AccessLost, NotSupported, SecretMissing, TryAgain
from promo.language import _
from promo.store.tables import Moment, attempts, campaigns, deliveries, in_state
from promo.store.wake import announce

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from promo.delivery.job import Job
    from promo.registry import Channel

IN_DOUBT = (State.UNCERTAIN, State.PENDING)
KEY_SAFETY = 0.9  # of the window in which a channel remembers a key: clocks differ, and a call takes its time


class Way(Enum):
    """How one delivery in doubt is settled."""

    SEND_AGAIN = auto()  # with the same key, which posts nothing new
    LOOK_UP = auto()
    PERSON = auto()  # `promo resolve`


def way(row: Row[Any], limits: Capabilities, now: datetime, *, first_doubt: datetime | None) -> Way:
    """Choose from what the connector declares. `first_doubt`: the start of the earliest try that may have arrived."""
    if row.state == State.UNCERTAIN and limits.idempotency is Idempotency.KEY:
        # Sending again after the window could post late what was never posted: better to look, or to ask.
        in_window = row.window_until is None or row.window_until >= now
        remembered = limits.idempotency_window
        known = remembered is None or first_doubt is None or now < first_doubt + remembered * KEY_SAFETY
        if in_window and known:
            return Way.SEND_AGAIN
    return Way.LOOK_UP if limits.lookup is Ability.YES else Way.PERSON


def counts(limits: Capabilities) -> bool:
    """Whether settling may send again, and so waits for the rate limit; a look-up spends nothing of it."""
    return limits.idempotency is Idempotency.KEY


def doubtful(connection: Connection, channel: str, now: datetime, *, limit: int | None = None) -> Sequence[Row[Any]]:
    """Return a channel's deliveries to be settled now, with their campaigns' `brand`; none while it is shut.

    What has no moment is with a person.
    """
    values = {"channel": channel, "now": now, "limit": ALL if limit is None else limit}
    found = connection.execute(_DOUBTFUL, values).all()
    return found if found and gate(connection, channel, None, now).open else ()


ALL = 2**31 - 1  # rows
_DOUBTFUL = (  # built once, because every lane asks
    select(deliveries, campaigns.c.brand)
    .join(campaigns)
    .where(
        deliveries.c.channel == bindparam("channel", type_=String),
        in_state(*IN_DOUBT),
        deliveries.c.not_before <= bindparam("now", type_=Moment),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
)


def reserve(connection: Connection, row: Row[Any], now: datetime, hold: timedelta, *, worker: str | None) -> bool:
    """Keep other workers from settling the same delivery for `hold`; a worker that dies frees it by that.

    `worker`: who settles it; None: who gets the job that goes into an engine's queue (`take_reserved`).
    """
    taken = connection.execute(
        update(deliveries)
        .where(_unmoved(row), deliveries.c.not_before <= now)
        .values(not_before=now + hold, worker=worker)
    )
    return taken.rowcount == 1


def places_kept(connection: Connection, channel: Channel, now: datetime) -> int:
    """Return how many that are reserved for an engine's queue will want a place, to be sent again."""
    if not counts(channel.limits):
        return 0
    return connection.execute(_RESERVED, {"channel": channel.name, "now": now}).scalar_one()


_RESERVED = select(func.count()).where(
    in_state(*IN_DOUBT),
    deliveries.c.channel == bindparam("channel", type_=String),
    deliveries.c.worker.is_(None),
    deliveries.c.not_before > bindparam("now", type_=Moment),
)


def take_reserved(
    connection: Connection, jobs: Sequence[Job], channels: Collection[str], now: datetime, *, worker: str
) -> Sequence[Row[Any]]:
    """Take up what a ticker has reserved for these jobs; return the rows, with their campaigns' `brand`.

    A job whose reservation is over or taken up is left out, and so is one that stems from the try in doubt itself and
    came once more: it names the same fence.
    """
    taken = connection.execute(
        update(deliveries)
        .where(
            tuple_(deliveries.c.id, deliveries.c.fence).in_(jobs),
            in_state(*IN_DOUBT),
            deliveries.c.worker.is_(None),
            deliveries.c.not_before > now,
            deliveries.c.channel.in_(sorted(channels)),
        )
        .values(worker=worker)
        .returning(deliveries.c.id)
    ).scalars()
    query = select(deliveries, campaigns.c.brand).join(campaigns).where(deliveries.c.id.in_(list(taken)))
    return connection.execute(query).all()


def record_found(connection: Connection, row: Row[Any], receipt: Receipt, now: datetime) -> State | None:
    """Write the receipt that a look-up found."""
    values = published_values(receipt, now)
    moved = move(
        connection,
        _unmoved(row),
        to=State.PUBLISHED,
        before=IN_DOUBT,
        at=now,
        what="found",
        detail={"remote_id": receipt.remote_id},
        **values,
    )
    return State.PUBLISHED if moved else None


def record_absent(connection: Connection, row: Row[Any], now: datetime, *, asked: datetime) -> State | None:
    """Write that a look-up found nothing: send again, but only when the try in doubt was surely over.

    It must have been so when the channel was `asked`; the answer may have lain about since.
    """
    if row.state == State.PENDING:
        if now - row.changed_at < PENDING_FOR:
            return _look_later(connection, row, now + settle_wait(now - row.changed_at, longest=PENDING_LONGEST))
        reason = _("the channel took it, but it has not appeared since")
        return _moved(connection, row, State.UNCERTAIN, now, "not_found", reason=reason, not_before=None)
    if row.lease_until is not None and row.lease_until > asked:
        return _look_later(connection, row, max(now, row.lease_until))
    missed = row.window_until is not None and row.window_until < now
    state = _moved(
        connection,
        row,
        State.MISSED if missed else State.SCHEDULED,
        now,
        "not_found",
        reason=_("it is not there, and its window has passed") if missed else "",
        not_before=None,
        lease_until=None,
        fence=deliveries.c.fence + 1,  # a worker that still believes it holds this one comes too late
    )
    if state is not None:
        absent(connection, row.id)
    return state


def absent(connection: Connection, delivery: str) -> None:
    """Mark the tries in doubt as never arrived, so that later doubts count from later tries."""
    connection.execute(
        update(attempts)
        .where(
            attempts.c.delivery == delivery, or_(attempts.c.outcome.is_(None), attempts.c.outcome == Outcome.UNKNOWN)
        )
        .values(outcome=Outcome.ABSENT)
    )


def record_lookup_error(connection: Connection, row: Row[Any], error: Exception, now: datetime) -> State | None:
    """Write that the look-up itself failed; the delivery stays where it is."""
    note(connection, [row.id], what="lookup_failed", at=now, detail={"error": safe_words(error)})
    if isinstance(error, NotSupported):
        return record_person(connection, row, now)
    if isinstance(error, (AccessLost, SecretMissing)):
        pause(connection, row.channel, reason=safe_words(error), by="promo", at=now)
    wait = error.wait if isinstance(error, TryAgain) and error.wait is not None else settle_wait(now - row.changed_at)
    return _look_later(connection, row, now + wait)


def record_person(connection: Connection, row: Row[Any], now: datetime) -> State | None:
    """Leave it to a person: nothing more happens to it until `promo resolve`. None: that is said already."""
    reason = _(
        "{reason}: look at the channel, then: promo resolve {id}",
        reason=row.reason or _("its outcome is not known"),
        id=row.id,
    )
    changed = connection.execute(
        update(deliveries)
        .where(_unmoved(row), deliveries.c.not_before.is_not(None))
        .values(not_before=None, reason=reason)
    )
    if not changed.rowcount:
        return None
    note(connection, [row.id], what="needs_person", at=now, detail={"reason": reason})
    return State(row.state)


def _unmoved(row: Row[Any]) -> ColumnElement[bool]:
    return and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence, deliveries.c.state == row.state)


def _look_later(connection: Connection, row: Row[Any], moment: datetime) -> State:
    connection.execute(update(deliveries).where(_unmoved(row)).values(not_before=moment))
    announce(connection)
    return State(row.state)


def _moved(connection: Connection, row: Row[Any], to: State, now: datetime, what: str, **values: Any) -> State | None:
    return to if move(connection, _unmoved(row), to=to, at=now, what=what, **values) else None
