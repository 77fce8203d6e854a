"""The write that changes a state: by the table of steps, noted as an event, followed by its first comments.

Claims and receipts come by the hundred and are written by `promo.delivery.bulk`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, select, update

from promo.delivery.approval import given_stages, outstanding
from promo.delivery.bulk import note_many
from promo.delivery.state import ENDED, ENTRANCE, OUT, State, sources, word
from promo.errors import Refused
from promo.language import _
from promo.language.again import again
from promo.store.tables import deliveries, events
from promo.store.wake import announce

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

WAKING = frozenset({State.SCHEDULED, State.UNCERTAIN, State.PENDING})  # what waits for a moment that a daemon must know
WITHDRAWN = "withdrawn"  # the event of what a plan takes back; it is `cancelled`, too
CHUNK = 500  # ids in one statement; databases bound the number of parameters


def move(
    connection: Connection,
    where: ColumnElement[bool],
    *,
    to: State,
    at: datetime,
    before: Collection[State] | None = None,
    by: str = "promo",
    what: str | None = None,
    detail: Mapping[str, Any] | None = None,
    **values: Any,
) -> list[str]:
    """Move the deliveries matching `where` to the state `to`; return the ids of those that moved.

    Only rows in a state from which the table allows `to` (narrowed by `before`) are touched, in one UPDATE: who
    comes second finds nothing to do. Each move is an event named `what` (default: the new state). First comments
    follow their post: out with it they become due, without it they are cancelled.
    """
    states = sources(to) if before is None else sources(to) & frozenset(before)
    moved = list(
        connection.execute(
            update(deliveries)
            .where(and_(deliveries.c.state.in_(sorted(states)), where))
            .values(state=to, changed_at=at, **values)
            .returning(deliveries.c.id)
        ).scalars()
    )
    if not moved:
        return []
    note(connection, moved, what=what or to, at=at, by=by, detail={**(detail or {}), "state": to})
    if to in WAKING:
        announce(connection)
    if to in OUT:
        wake_comments(connection, moved, at)
    elif to in ENDED:
        _end_comments(connection, moved, at)
    return moved


def refused(row: Row[Any], wish: str) -> Refused:
    """Return the error that says why `wish` (such as `approve`) cannot be done in that row's state."""
    step = {
        State.AWAITING_APPROVAL: _("next: promo approve {id}", id=row.id),
        State.UNCERTAIN: _("next: promo resolve {id}", id=row.id),
    }.get(State(row.state), _("see: promo show {id}", id=row.id))
    return Refused(
        _("{wish} is not possible: delivery {id} is {state}", wish=wish, id=row.id, state=word(row.state)),
        hint=_("{reason}; {step}", reason=again(row.reason), step=step) if row.reason else step,
    )


def note(
    connection: Connection,
    ids: Sequence[str],
    *,
    what: str,
    at: datetime,
    by: str = "promo",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one event for each delivery."""
    note_many(connection, ((delivery, detail or {}) for delivery in ids), what=what, at=at, by=by)


def entrance(
    connection: Connection, *, delivery: str, parent: str | None, approval: Mapping[str, Any] | None, digest: str
) -> State:
    """Return where a delivery begins: missing approval, waiting for its post, or free to go."""
    if outstanding(approval, given_stages(connection, delivery, digest) if approval else ()):
        return State.AWAITING_APPROVAL
    if parent is not None:
        state = connection.execute(select(deliveries.c.state).where(deliveries.c.id == parent)).scalar()
        if state not in OUT:
            return State.PLANNED
    return State.SCHEDULED


def comment_times(comment: Row[Any], published_at: datetime) -> dict[str, Any]:
    """Return when a first comment is due and until when, counted from its post's publication."""
    due_at = published_at + timedelta(seconds=float(comment.content.get("delay") or 0))
    window = comment.window_until
    return {
        "due_at": due_at,
        "window_until": None if window is None else due_at + max(window - comment.due_at, timedelta(0)),
    }


def wake_comments(connection: Connection, parents: Sequence[str], at: datetime) -> None:
    """Make the first comments due whose posts these are: they are out now."""
    for comment in _comments(connection, parents, (State.PLANNED,)):
        move(
            connection,
            deliveries.c.id == comment.id,
            to=State.SCHEDULED,
            before=(State.PLANNED,),
            at=at,
            detail={"parent": comment.parent},
            **comment_times(comment, at),
        )


def _end_comments(connection: Connection, parents: Sequence[str], at: datetime) -> None:
    for comment in _comments(connection, parents, ENTRANCE):
        move(
            connection,
            deliveries.c.id == comment.id,
            to=State.CANCELLED,
            before=tuple(ENTRANCE),
            at=at,
            detail={"parent": comment.parent},
            reason=_("its post {id} will not appear", id=comment.parent),
        )


def revive_comments(connection: Connection, parent: str, at: datetime) -> None:
    """Bring back the first comments that were cancelled because this post would not appear."""
    for comment in _comments(connection, [parent], (State.CANCELLED,)):
        last = connection.execute(
            select(events.c.detail)
            .where(events.c.delivery == comment.id, events.c.what.in_((State.CANCELLED, WITHDRAWN)))
            .order_by(events.c.id.desc())
            .limit(1)
        ).scalar()
        if last and last.get("parent") == parent:
            to = entrance(
                connection, delivery=comment.id, parent=parent, approval=comment.approval, digest=comment.digest
            )
            move(connection, deliveries.c.id == comment.id, to=to, before=(State.CANCELLED,), at=at, reason="")


def _comments(connection: Connection, parents: Sequence[str], states: Collection[State]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for start in range(0, len(parents), CHUNK):
        found += connection.execute(
            select(deliveries)
            .where(deliveries.c.parent.in_(parents[start : start + CHUNK]), deliveries.c.state.in_(sorted(states)))
            .order_by(deliveries.c.id)
        ).all()
    return found
