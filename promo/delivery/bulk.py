"""Writing about many deliveries at once: claims, receipts and events, each in one statement however many there are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, insert, literal, select, update

from promo.delivery.state import Outcome, State
from promo.store.given import DOCUMENT, NUMBER, TEXT, among, given, rows
from promo.store.tables import Moment, attempts, campaigns, deliveries, events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Insert, Row, Update

    from promo.store.given import Columns

_BRAND = select(campaigns.c.brand).where(campaigns.c.campaign == deliveries.c.campaign).correlate(deliveries)
CARRIED = (  # of the wide row of `deliveries`: a batch of a hundred is read while others wait to write
    *deliveries.c["id", "key", "campaign", "activity", "channel", "kind", "type", "digest", "content", "visual"],
    *deliveries.c["approval", "parent", "due_at", "ready_at", "window_until", "fence", "attempts", "state"],
    _BRAND.scalar_subquery().label("brand"),
)


def _state_is(state: ColumnElement[str]) -> ColumnElement[bool]:
    # An expression, which no partial index serves: the ids lead to the rows, however stale the statistics are.
    return deliveries.c.state.concat("") == state


def note_many(
    connection: Connection,
    details: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    what: str,
    at: datetime,
    by: str,
) -> None:
    """Write one event for each delivery, given by its id and the event's detail."""
    told = [{"of": delivery, "detail": dict(detail)} for delivery, detail in details]
    if told:
        connection.execute(_note(connection.dialect.name), {"given": rows(told), "what": what, "at": at, "by": by})


@cache
def _note(dialect: str) -> Insert:
    told = given(dialect, {"of": TEXT, "detail": DOCUMENT})
    values = (bindparam("at", type_=Moment), bindparam("what", type_=TEXT), bindparam("by", type_=TEXT))
    return insert(events).from_select(
        ["delivery", "at", "what", "by", "detail"], select(told.c.of, *values, told.c.detail)
    )


def claim_many(
    connection: Connection,
    ids: Sequence[str],
    *,
    before: State,
    at: datetime,
    worker: str | None,
    lease_until: datetime,
    idempotency: str,
    whenever: bool = False,
) -> list[Row[Any]]:
    """Move deliveries from the state `before` to `publishing`, with a new fence; return `CARRIED` of those that moved.

    `whenever`: they no longer have a window.
    """
    values = {"before": before, "at": at, "by": worker, "until": lease_until, "idempotency": idempotency}
    statement = _claim(connection.dialect.name, whenever=whenever)
    return list(connection.execute(statement, values | {"given": rows([{"of": one} for one in ids])}))


@cache
def _claim(dialect: str, *, whenever: bool) -> Update:
    wanted = given(dialect, {"of": TEXT})
    values: dict[str, Any] = {"window_until": None, "not_before": None} if whenever else {}
    return (
        update(deliveries)
        .where(among(dialect, deliveries.c.id, wanted.c.of), _state_is(bindparam("before", type_=TEXT)))
        .values(
            state=State.PUBLISHING,
            changed_at=bindparam("at", type_=Moment),
            fence=deliveries.c.fence + 1,
            worker=bindparam("by", type_=TEXT),
            lease_until=bindparam("until", type_=Moment),
            attempts=deliveries.c.attempts + 1,
            idempotency=bindparam("idempotency", type_=TEXT),
            **values,
        )
        .returning(*CARRIED)
    )


def take_many(
    connection: Connection, jobs: Iterable[tuple[str, int]], leases: Mapping[str, datetime], *, worker: str
) -> list[Row[Any]]:
    """Give a worker what was claimed for a queue, by id and fence; return `CARRIED` of what was still there.

    `leases`: until when, for each channel that the worker serves.
    """
    values = {
        "given": rows([{"of": delivery, "fence": fence} for delivery, fence in jobs]),
        "leases": rows([{"channel": channel, "until": until} for channel, until in leases.items()]),
        "by": worker,
    }
    return list(connection.execute(_take(connection.dialect.name), values))


@cache
def _take(dialect: str) -> Update:
    wanted = given(dialect, {"of": TEXT, "fence": NUMBER})
    leases = given(dialect, {"channel": TEXT, "until": NUMBER}, name="leases")
    return (
        update(deliveries)
        .where(
            deliveries.c.id == wanted.c.of,
            deliveries.c.fence == wanted.c.fence,
            deliveries.c.channel == leases.c.channel,
            _state_is(literal(State.PUBLISHING, TEXT)),
            deliveries.c.worker.is_(None),
        )
        .values(worker=bindparam("by", type_=TEXT), lease_until=leases.c.until)
        .returning(*CARRIED)
    )


def resume_many(connection: Connection, taken: Sequence[Mapping[str, Any]], *, worker: str) -> None:
    """Write who took up which attempts: of each delivery (`of`) and claim (`fence`) its `lease_until` and times.

    `started_at`, which the rate limit counts, is when the call comes; `sent_at` too, or None while that is open.
    """
    connection.execute(_resume(connection.dialect.name), {"given": rows(taken), "by": worker})


_TIMES = ("lease_until", "started_at", "sent_at")


@cache
def _resume(dialect: str) -> Update:
    shape: Columns = {"of": TEXT, "fence": NUMBER, "lease_until": NUMBER, "started_at": NUMBER, "sent_at": NUMBER}
    taken = given(dialect, shape)
    return (
        update(attempts)
        .where(attempts.c.delivery == taken.c.of, attempts.c.fence == taken.c.fence)
        .values(worker=bindparam("by", type_=TEXT), **{name: taken.c[name] for name in _TIMES})
    )


def begin_many(
    connection: Connection, begun: Sequence[Mapping[str, Any]], *, channel: str, worker: str, lease_until: datetime
) -> None:
    """Write attempts of one channel: for each delivery (`of`) its `number`, `fence`, `started_at` and `sent_at`."""
    values = {"given": rows(begun), "channel": channel, "by": worker, "until": lease_until}
    connection.execute(_begin(connection.dialect.name), values)


@cache
def _begin(dialect: str) -> Insert:
    begun = given(dialect, {"of": TEXT, "number": NUMBER, "fence": NUMBER, "started_at": NUMBER, "sent_at": NUMBER})
    shared = {
        "channel": bindparam("channel", type_=TEXT),
        "worker": bindparam("by", type_=TEXT),
        "lease_until": bindparam("until", type_=Moment),
        "error": bindparam("none", "", type_=TEXT),
    }
    own = {"delivery": begun.c.of} | {name: begun.c[name] for name in ("number", "fence", "started_at", "sent_at")}
    return insert(attempts).from_select([*own, *shared], select(*own.values(), *shared.values()))


def publish_many(connection: Connection, receipts: Sequence[Mapping[str, Any]], *, at: datetime) -> bool:
    """Write receipts: of each delivery (`of`) and claim (`fence`), the columns that a receipt fills.

    Returns False where some have gone on without their worker: undo the transaction.
    """
    values = {"given": rows(receipts), "at": at}
    if connection.execute(_publish(connection.dialect.name), values).rowcount != len(receipts):
        return False
    connection.execute(_close(connection.dialect.name), values)
    return True


_RECEIPT: Columns = {"of": TEXT, "fence": NUMBER, "remote_id": TEXT, "remote_url": TEXT, "receipt": DOCUMENT}


@cache
def _publish(dialect: str) -> Update:
    answered = given(dialect, {**_RECEIPT, "collect_at": NUMBER})
    return (
        update(deliveries)
        .where(
            deliveries.c.id == answered.c.of,
            deliveries.c.fence == answered.c.fence,
            _state_is(literal(State.PUBLISHING, TEXT)),
        )
        .values(
            state=State.PUBLISHED,
            changed_at=bindparam("at", type_=Moment),
            published_at=bindparam("at", type_=Moment),
            **{name: answered.c[name] for name in ("remote_id", "remote_url", "receipt", "collect_at")},
            lease_until=None,
            not_before=None,
            reason="",
        )
    )


@cache
def _close(dialect: str) -> Update:
    answered = given(dialect, _RECEIPT)
    return (
        update(attempts)
        .where(and_(attempts.c.delivery == answered.c.of, attempts.c.fence == answered.c.fence))
        .values(finished_at=bindparam("at", type_=Moment), outcome=Outcome.PUBLISHED, error="")
    )
