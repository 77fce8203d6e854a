"""What time alone does to deliveries: leases that ran out, windows that passed, approvals that came too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select, update

from promo.delivery.claim import first_doubt
from promo.delivery.move import move, note
from promo.delivery.state import Outcome, State
from promo.language import _
from promo.store.database import Alone, alone, reading, transaction
from promo.store.tables import attempts, deliveries, in_state

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

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
    return and_(in_state(*WAITING), deliveries.c.window_until < now)


def approval_late(now: datetime) -> ColumnElement[bool]:
    """Return the condition for deliveries that nobody has approved by their deadline."""
    return and_(in_state(State.AWAITING_APPROVAL), deliveries.c.approve_by <= now)


def sweep(engine: Engine, now: datetime, *, in_flight: Collection[str] = ()) -> Swept:
    """Write everything that time has done by `now`. `in_flight`: what this very process is sending is not over."""
    with reading(engine) as connection:
        wanted = or_(lease_over(now), window_over(now), approval_late(now))
        if not (
            set(connection.execute(select(deliveries.c.id).where(wanted).limit(len(in_flight) + 1)).scalars())
            - set(in_flight)
        ):
            return Swept()
    with transaction(engine) as connection:
        if not alone(connection, Alone.SWEEP, wait=False):
            return Swept()
        uncertain, freed = _end_leases(connection, now, in_flight)
        missed = move(
            connection,
            window_over(now),
            to=State.MISSED,
            before=WAITING,
            at=now,
            reason=_("its window passed before it could go out"),
        )
        held = _hold(connection, now)
    return Swept(uncertain=tuple(uncertain), freed=tuple(freed), missed=tuple(missed), held=tuple(held))


def _end_leases(connection: Connection, now: datetime, in_flight: Collection[str]) -> tuple[list[str], list[str]]:
    uncertain: list[str] = []
    freed: list[str] = []
    for row in connection.execute(select(deliveries).where(lease_over(now))).all():
        if row.id in in_flight:
            continue
        if first_doubt(connection, row.id) is None:
            freed += _free(connection, row, now)
        else:
            uncertain += _doubt(connection, row, now)
    return uncertain, freed


def _doubt(connection: Connection, row: Row[Any], now: datetime) -> list[str]:
    reason = _("the process died while it was sending")
    _close(connection, row, Outcome.UNKNOWN, reason)
    return move(
        connection, _same(row), to=State.UNCERTAIN, before=(State.PUBLISHING,), at=now, reason=reason, not_before=now
    )


def _free(connection: Connection, row: Row[Any], now: datetime) -> list[str]:
    reason = _("the process died before it sent anything")
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
    )


def _hold(connection: Connection, now: datetime) -> list[str]:
    """Say once, for each delivery, that nobody approved it in time."""
    held = list(
        connection.execute(
            update(deliveries)
            .where(approval_late(now))
            .values(approve_by=None, reason=_("held: not approved in time"), changed_at=now)
            .returning(deliveries.c.id)
        ).scalars()
    )
    note(connection, held, what="held", at=now)
    return held


def _close(connection: Connection, row: Row[Any], outcome: Outcome, error: str) -> None:
    """Give the attempt its outcome, but no end: should its worker be alive, that is for it to say."""
    connection.execute(
        update(attempts)
        .where(attempts.c.delivery == row.id, attempts.c.fence == row.fence)
        .values(outcome=outcome, error=error)
    )


def _same(row: Row[Any]) -> ColumnElement[bool]:
    return and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence)
