"""What time alone does to deliveries: leases that ran out, windows that passed, approvals that came too late."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, select, update

from promo.delivery.claim import first_doubt
from promo.delivery.move import CHUNK, move, note
from promo.delivery.state import Outcome, State
from promo.language import _
from promo.store.database import Alone, alone, reading, transaction
from promo.store.tables import attempts, deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

log = structlog.get_logger(__name__)
LINES = 20  # in the log; after a week off it is thousands of deliveries
BREATH = 0.02  # seconds; about as long as one transaction takes
WAITING = (State.SCHEDULED, State.AWAITING_APPROVAL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """The ids of deliveries that a sweep touched."""

    uncertain: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()  # their worker died before it sent anything
    missed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def lease_over(now: datetime) -> ColumnElement[bool]:
    """Return the condition for deliveries whose worker has not answered within its lease."""
    return and_(in_state(State.PUBLISHING), deliveries.c.lease_until <= now)


def window_over(now: datetime) -> ColumnElement[bool]:
    """Return the condition for deliveries that can no longer go out in time."""
    return and_(in_state(*WAITING), deliveries.c.window_until.is_not(None), deliveries.c.window_until < now)


def approval_late(now: datetime) -> ColumnElement[bool]:
    """Return the condition for deliveries that nobody has approved by their deadline."""
    return and_(in_state(State.AWAITING_APPROVAL), deliveries.c.approve_by <= now)


def sweep(
    engine: Engine,
    now: datetime,
    *,
    in_flight: Collection[str] = (),
    leases: datetime | None = None,
    breathe: bool = False,
) -> Swept:
    """Write everything that time has done by `now`. `in_flight`: what this very process is sending is not over.

    `leases`: the moment by which leases are over, where that is not `now` (`promo.delivery.steady`). `breathe`: rest
    between two transactions. SQLite hands its lock to nobody; whoever wants it looks again now and then.

    After a week off there may be a hundred thousand of them: they are taken in bounded transactions, between which
    others write. Whatever another process sweeps or claims meanwhile is left to it.
    """
    found: dict[str, list[str]] = {name: [] for name in ("uncertain", "freed", "missed", "held")}
    for kind in _KINDS:
        over = kind.over(now if leases is None or kind is not _LEASES else leases)
        with reading(engine) as connection:
            full = connection.execute(_late(over, in_flight, limit=1)).first() is not None
        while full:
            with transaction(engine) as connection:
                if not alone(connection, Alone.SWEEP, wait=False):
                    break
                late = _late(over, in_flight, limit=CHUNK).with_for_update(skip_locked=True)
                ids = connection.execute(late).scalars().all()
                for name, swept in kind.end(connection, ids, now).items():
                    found[name] += swept
                full = len(ids) == CHUNK
            if full and breathe:
                threading.Event().wait(BREATH)
    return Swept(**{name: tuple(ids) for name, ids in found.items()})


def tell_swept(swept: Swept) -> None:
    """Write into the log what a sweep did, at most LINES deliveries of a kind."""
    for state, ids in (
        (State.UNCERTAIN, swept.uncertain),
        (State.SCHEDULED, swept.freed),
        (State.MISSED, swept.missed),
    ):
        for delivery in ids[:LINES]:
            log.warning("swept", delivery=delivery, state=state.value)
        if len(ids) > LINES:
            log.warning("swept", more=len(ids) - LINES, state=state.value)
    for delivery in swept.held[:LINES]:
        log.warning("held", delivery=delivery, reason="not approved in time")
    if len(swept.held) > LINES:
        log.warning("held", more=len(swept.held) - LINES, reason="not approved in time")


def _late(over: ColumnElement[bool], in_flight: Collection[str], *, limit: int) -> Select[str]:
    return select(deliveries.c.id).where(over, deliveries.c.id.not_in(list(in_flight))).limit(limit)


def _end_leases(connection: Connection, ids: Collection[str], now: datetime) -> Mapping[str, list[str]]:
    uncertain: list[str] = []
    freed: list[str] = []
    for row in connection.execute(select(deliveries).where(deliveries.c.id.in_(ids), lease_over(now))).all():
        if first_doubt(connection, row.id) is None:
            freed += _free(connection, row, now)
        else:
            uncertain += _doubt(connection, row, now)
    return {"uncertain": uncertain, "freed": freed}


def _miss(connection: Connection, ids: Collection[str], now: datetime) -> Mapping[str, list[str]]:
    reason = _("its window passed before it could go out")
    here = and_(deliveries.c.id.in_(ids), window_over(now))
    return {"missed": move(connection, here, to=State.MISSED, before=WAITING, at=now, reason=reason)}


def _hold(connection: Connection, ids: Collection[str], now: datetime) -> Mapping[str, list[str]]:
    """Say once, for each delivery, that nobody approved it in time."""
    held = list(
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids), approval_late(now))
            .values(approve_by=None, reason=_("held: not approved in time"), changed_at=now)
            .returning(deliveries.c.id)
        ).scalars()
    )
    note(connection, held, what="held", at=now)
    return {"held": held}


def _doubt(connection: Connection, row: Row[Any], now: datetime) -> list[str]:
    reason = _("the process died while it was sending")
    _close(connection, row, Outcome.UNKNOWN, reason)
    return move(
        connection, _same(row), to=State.UNCERTAIN, before=(State.PUBLISHING,), at=now, reason=reason, not_before=now
    )


def _free(connection: Connection, row: Row[Any], now: datetime) -> list[str]:
    queued = row.worker is None  # nobody took it up: no try at all, and no process that it could have brought down
    reason = _("no worker took it up in time") if queued else _("the process died before it sent anything")
    _close(connection, row, Outcome.NOT_READY, reason)
    return move(
        connection,
        _same(row),
        to=State.SCHEDULED,
        before=(State.PUBLISHING,),
        at=now,
        what="freed",
        reason=reason,
        lease_until=None,
        fence=deliveries.c.fence + 1,
        attempts=deliveries.c.attempts - int(queued),
    )


def _close(connection: Connection, row: Row[Any], outcome: Outcome, error: str) -> None:
    """Give the attempt its outcome, but no end: should its worker be alive, that is for it to say."""
    connection.execute(
        update(attempts)
        .where(attempts.c.delivery == row.id, attempts.c.fence == row.fence)
        .values(outcome=outcome, error=error)
    )


def _same(row: Row[Any]) -> ColumnElement[bool]:
    return and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """One thing that time does: whose it is, and what is written then."""

    over: Callable[[datetime], ColumnElement[bool]]
    end: Callable[[Connection, Collection[str], datetime], Mapping[str, list[str]]]


_LEASES = _Kind(over=lease_over, end=_end_leases)
_KINDS = (
    _LEASES,
    _Kind(over=window_over, end=_miss),
    _Kind(over=approval_late, end=_hold),
)
