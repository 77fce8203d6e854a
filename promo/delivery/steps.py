"""The steps people take: approve, reject, cancel, retry, resolve, pause and resume a channel, close with a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, select, update

from promo.delivery import rate
from promo.delivery.approval import given_stages, outstanding
from promo.delivery.finish import FIRST_COLLECTION
from promo.delivery.move import comment_times, entrance, move, note, refused, revive_comments
from promo.delivery.query import find
from promo.delivery.settle import absent
from promo.delivery.state import OUT, State
from promo.errors import Refused, UserMistake
from promo.language import _
from promo.source.suggest import did_you_mean
from promo.store.database import transaction
from promo.store.tables import approvals, deliveries, proofs, tasks
from promo.store.wake import announce

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from promo.clock import Clock


def approve(
    engine: Engine,
    delivery: str,
    *,
    stage: str | None = None,
    by: str,
    comment: str = "",
    clock: Clock,
    visual_digest: str | None = None,
) -> State:
    """Approve one stage of one delivery (default: the next one) and return its state; the last stage frees it.

    The approval is for the content as it stands in the ledger and, with `visual_digest`, for exactly these rendered
    bytes (`promo.delivery.request.bytes_digest`). Raises NotFound, UserMistake for an unknown stage, and Refused
    where nothing is to be approved or an earlier stage is missing.
    """
    now = clock.now()
    chosen = find(engine, delivery).id
    with transaction(engine) as connection:
        row = _row(connection, chosen)
        if row.state != State.AWAITING_APPROVAL:
            raise refused(row, _("approve"))
        missing = outstanding(row.approval, given_stages(connection, row.id, row.digest))
        wanted = _stage(row, stage, missing)
        _decide(connection, row, "approved", stage=wanted, by=by, comment=comment, at=now, visual_digest=visual_digest)
        if missing[1:]:
            return State.AWAITING_APPROVAL
        values: dict[str, Any] = {"reason": "", "approve_by": None}
        to = State.SCHEDULED
        if row.parent is not None:
            parent = _row(connection, row.parent)
            if State(parent.state) in OUT and parent.published_at is not None:
                values |= comment_times(row, parent.published_at)
            else:
                to = State.PLANNED
        move(connection, deliveries.c.id == row.id, to=to, before=(State.AWAITING_APPROVAL,), at=now, by=by, **values)
        return to


def reject(
    engine: Engine, delivery: str, *, by: str, comment: str = "", clock: Clock, stage: str | None = None
) -> State:
    """Refuse a delivery that is not out yet; a changed plan or `retry` may bring it back. Raises NotFound, Refused."""
    now = clock.now()
    chosen = find(engine, delivery).id
    with transaction(engine) as connection:
        row = _row(connection, chosen)
        missing = outstanding(row.approval, given_stages(connection, row.id, row.digest))
        reason = _("{by} rejected it: {comment}", by=by, comment=comment) if comment else _("{by} rejected it", by=by)
        before = (State.AWAITING_APPROVAL, State.SCHEDULED)
        if not move(
            connection, deliveries.c.id == row.id, to=State.REJECTED, before=before, at=now, by=by, reason=reason
        ):
            raise refused(row, _("reject"))
        _decide(connection, row, "rejected", stage=stage or (missing or ["review"])[0], by=by, comment=comment, at=now)
    return State.REJECTED


def cancel(engine: Engine, delivery: str, *, by: str, reason: str = "", clock: Clock) -> State:
    """Take back a delivery that is not out, and its first comments. Raises NotFound, Refused."""
    chosen = find(engine, delivery).id
    with transaction(engine) as connection:
        row = _row(connection, chosen)
        words = reason or _("cancelled by {by}", by=by)
        here = deliveries.c.id == row.id
        if not move(connection, here, to=State.CANCELLED, at=clock.now(), by=by, reason=words, not_before=None):
            raise refused(row, _("cancel"))
    return State.CANCELLED


def retry(engine: Engine, delivery: str, *, by: str, clock: Clock) -> State:
    """Begin again with a delivery that failed, was missed, rejected or cancelled, or that waits for its next try.

    A person's wish outranks its window: where that has passed, it goes out all the same. What was rejected asks for
    approval anew. Raises NotFound, Refused.
    """
    now = clock.now()
    chosen = find(engine, delivery).id
    with transaction(engine) as connection:
        row = _row(connection, chosen)
        if row.state == State.SCHEDULED:
            connection.execute(
                update(deliveries).where(deliveries.c.id == row.id).values(not_before=None, attempts=0, changed_at=now)
            )
            note(connection, [row.id], what="retry", at=now, by=by)
            announce(connection)
            return State.SCHEDULED
        if row.state == State.REJECTED:
            connection.execute(update(approvals).where(approvals.c.delivery == row.id).values(void=True))
        to = entrance(connection, delivery=row.id, parent=row.parent, approval=row.approval, digest=row.digest)
        over = row.window_until is not None and row.window_until < now
        if not move(
            connection,
            deliveries.c.id == row.id,
            to=to,
            before=(State.FAILED, State.MISSED, State.REJECTED, State.CANCELLED),
            at=now,
            by=by,
            what="retry",
            reason="",
            attempts=0,
            not_before=None,
            window_until=None if over else row.window_until,
        ):
            raise refused(row, _("retry"))
        revive_comments(connection, row.id, now)
    return to


def resolve(
    engine: Engine,
    delivery: str,
    *,
    published: bool,
    remote_id: str | None = None,
    url: str | None = None,
    by: str,
    clock: Clock,
) -> State:
    """Write what a person saw on the channel: it is there (with its remote id or address, if known), or it is not.

    What is not there goes out again, unless its window has passed: then it is missed. Raises NotFound, and Refused
    where nothing is in doubt or where the try in doubt may still be under way.
    """
    now = clock.now()
    chosen = find(engine, delivery).id
    with transaction(engine) as connection:
        row = _row(connection, chosen)
        if row.state not in {State.UNCERTAIN, State.PENDING}:
            raise refused(row, _("resolve"))
        values: dict[str, Any] = {"reason": "", "not_before": None, "lease_until": None}
        if published:
            to = State.PUBLISHED
            remote_id = remote_id or row.remote_id
            receipt: dict[str, Any] = {
                "remote_id": remote_id,
                "url": url,
                "at": None,
                "parts": [],
                "detail": {"resolved_by": by},
            }
            values |= {"remote_id": remote_id, "remote_url": url, "receipt": receipt, "published_at": now}
            values |= {"collect_at": now + FIRST_COLLECTION}
        else:
            if row.lease_until is not None and row.lease_until > now:
                raise Refused(
                    _(
                        "the try in doubt may still be under way until {moment}",
                        moment=row.lease_until.isoformat(sep=" ", timespec="seconds"),
                    ),
                    hint=_("ask again after that"),
                )
            missed = row.window_until is not None and row.window_until < now
            to = State.MISSED if missed else State.SCHEDULED
            values |= {"fence": row.fence + 1, "reason": _("{by} found that it never arrived", by=by) if missed else ""}
            absent(connection, row.id)
        detail = {"remote_id": remote_id, "url": url}
        here = and_(deliveries.c.id == row.id, deliveries.c.fence == row.fence)
        if not move(connection, here, to=to, at=now, by=by, what="resolved", detail=detail, **values):
            raise refused(row, _("resolve"))
    return to


def pause_channel(engine: Engine, channel: str, *, by: str, reason: str = "", clock: Clock) -> bool:
    """Let nothing more out on a channel until it is resumed; return False where it was paused already."""
    with transaction(engine) as connection:
        words = reason or _("paused by {by}", by=by)
        return rate.pause(connection, channel, reason=words, by=by, at=clock.now())


def resume_channel(engine: Engine, channel: str, *, by: str, clock: Clock) -> bool:
    """Open a channel again, also one its own Retry-After keeps shut; return False where it was open."""
    with transaction(engine) as connection:
        announce(connection)
        return rate.resume(connection, channel, by=by, at=clock.now())


def close_with_proof(
    engine: Engine,
    delivery: str,
    *,
    task: str | None = None,
    kind: str,
    file: str | None = None,
    sha256: str | None = None,
    note: str = "",
    by: str,
    clock: Clock,
    recorded: bool = False,
) -> State:
    """Record a proof (`photo`, `headcount`, `document`, `none`) and close the task it belongs to; return the state.

    `file` is relative to the workspace. Without `task` the proof closes the open tasks that ask for its kind. A
    delivery is done with its last task; one handed over without tasks, with the proof it asks for. `recorded`: the
    proof's row is written already, as by the exposure room's entries. Raises NotFound,
    UserMistake for an unknown task, Refused where the delivery is not out or the proof is of another kind.
    """
    now = clock.now()
    chosen = find(engine, delivery).id
    with transaction(engine) as connection:
        row = _row(connection, chosen)
        if row.state not in OUT:
            raise refused(row, _("close with a proof"))
        known = connection.execute(select(tasks).where(tasks.c.delivery == row.id).order_by(tasks.c.task)).all()
        closing = list(_tasks_to_close(row, known, task, kind))
        closed: list[Row[Any] | None] = list(closing) or [None]
        for one in () if recorded else closed:
            connection.execute(
                insert(proofs).values(
                    delivery=row.id,
                    task=None if one is None else one.task,
                    kind=kind,
                    file=file,
                    sha256=sha256,
                    note=note,
                    by=by,
                    at=now,
                )
            )
        _note_proof(connection, row, closing, kind=kind, by=by, now=now)
        return _done(connection, row, known, by=by, now=now)


def _tasks_to_close(row: Row[Any], known: Sequence[Row[Any]], task: str | None, kind: str) -> Iterator[Row[Any]]:
    if task is not None:
        chosen = [one for one in known if one.task == task]
        if not chosen:
            raise UserMistake(
                _("delivery {id} has no task {task}", id=row.id, task=task),
                hint=did_you_mean(task, [one.task for one in known]),
            )
        if chosen[0].proof not in {"none", kind}:
            raise Refused(_("task {task} is closed by: {proof}", task=task, proof=chosen[0].proof))
        yield chosen[0]
        return
    asked = None if known else (row.receipt or {}).get("proof")
    if row.state == State.HANDED_OVER and asked not in {None, "none", kind}:
        raise Refused(_("delivery {id} is closed by: {proof}", id=row.id, proof=asked))
    yield from (one for one in known if one.closed_at is None and one.proof in {"none", kind})


def _note_proof(
    connection: Connection, row: Row[Any], closing: list[Row[Any]], *, kind: str, by: str, now: datetime
) -> None:
    names = [one.task for one in closing]
    connection.execute(
        update(tasks)
        .where(tasks.c.delivery == row.id, tasks.c.task.in_(names), tasks.c.closed_at.is_(None))
        .values(closed_at=now, closed_by=by)
    )
    note(connection, [row.id], what="proof", at=now, by=by, detail={"kind": kind, "tasks": names})


def _done(connection: Connection, row: Row[Any], known: Sequence[Row[Any]], *, by: str, now: datetime) -> State:
    """Move a delivery on when its last task is closed. A published one without tasks stays as it is."""
    still_open = connection.execute(
        select(func.count()).where(tasks.c.delivery == row.id, tasks.c.closed_at.is_(None))
    ).scalar_one()
    if still_open or row.state == State.DONE or (row.state == State.PUBLISHED and not known):
        return State(row.state)
    published_at = row.published_at or now
    move(connection, deliveries.c.id == row.id, to=State.DONE, at=now, by=by, published_at=published_at, reason="")
    return State.DONE


def _row(connection: Connection, delivery: str) -> Row[Any]:
    # Locked where the database has row locks: what is decided here must still be true when it is written.
    return connection.execute(select(deliveries).where(deliveries.c.id == delivery).with_for_update()).one()


def _stage(row: Row[Any], stage: str | None, missing: list[str]) -> str:
    stages = list((row.approval or {}).get("stages", ()))
    if stage is not None and stage not in stages:
        raise UserMistake(
            _("delivery {id} has no approval stage {stage}", id=row.id, stage=stage), hint=did_you_mean(stage, stages)
        )
    if stage is not None and stage not in missing:
        raise Refused(_("{stage} has approved delivery {id} already", stage=stage, id=row.id))
    if stage is not None and stage != missing[0]:
        raise Refused(_("{stage} comes first, then {next}", stage=missing[0], next=stage))
    return missing[0]


def _decide(
    connection: Connection,
    row: Row[Any],
    decision: str,
    *,
    stage: str,
    by: str,
    comment: str,
    at: datetime,
    visual_digest: str | None = None,
) -> None:
    connection.execute(
        insert(approvals).values(
            delivery=row.id,
            digest=row.digest,
            visual_digest=visual_digest,
            stage=stage,
            decision=decision,
            by=by,
            at=at,
            comment=comment,
        )
    )
    note(connection, [row.id], what=decision, at=at, by=by, detail={"stage": stage, "comment": comment})
