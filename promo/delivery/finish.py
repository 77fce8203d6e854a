"""Writing what became of a try: the receipt, or what the error says to do next. Guarded by the claim's fence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.exc import SQLAlchemyError

from promo.connector import Handover, Pending, Receipt
from promo.delivery.backoff import MOST_TRIES, SHORTEST, settle_wait, try_again_wait
from promo.delivery.bulk import note_many, publish_many
from promo.delivery.claim import first_doubt
from promo.delivery.move import move, note, wake_comments
from promo.delivery.outside import storable_text
from promo.delivery.rate import block, pause
from promo.delivery.request import answer_json
from promo.delivery.state import OUT, Outcome, State
from promo.errors import AccessLost, NotSupported, OutcomeUnknown, PromoError, Rejected, SecretMissing, TryAgain
from promo.language import _
from promo.store.tables import approvals, attempts, deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from promo.delivery.claim import Claim

FIRST_COLLECTION = timedelta(hours=1)  # after publication; the exposure room plans the later ones
# A worker whose lease ran out may only have been slow: what it says of its own try is the best evidence there is.
STILL_OURS = (State.PUBLISHING, State.UNCERTAIN)
TAKEN = OUT | {State.PENDING}


class Interfered(Exception):
    """Some of many have gone on without their worker: each must be written by itself."""


class HeldBack(TryAgain):
    """promo itself did not call the channel, for want of time: the try does not count."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A try that is over: answered, failed, or held back because its picture is not the one people approved."""

    held: Claim
    answer: Receipt | Pending | Handover | None = None
    error: Exception | None = None
    sending: bool = False  # the connector's `publish` had been called


def record(connection: Connection, ended: Ended, now: datetime, random: Random) -> State | None:
    """Write what became of one try; return the new state, or None where the delivery went on without this worker."""
    if ended.answer is not None:
        return record_answer(connection, ended.held, ended.answer, now)
    if ended.error is not None:
        return record_error(connection, ended.held, ended.error, now, sending=ended.sending, random=random)
    return record_other_picture(connection, ended.held, now)


def record_many(connection: Connection, ended: Sequence[Ended], now: datetime, random: Random) -> list[State | None]:
    """Write what became of many tries of one worker, the common receipts together.

    Raises Interfered: undo, and write each alone.
    """
    plain = [one for one in ended if isinstance(one.answer, Receipt)]
    if len(plain) > 1:
        _record_receipts(connection, plain, now)
    else:
        plain = []
    done = {id(one) for one in plain}
    return [State.PUBLISHED if id(one) in done else record(connection, one, now, random) for one in ended]


def _record_receipts(connection: Connection, ended: Sequence[Ended], now: datetime) -> None:
    receipts: list[dict[str, Any]] = []
    told: list[tuple[str, dict[str, Any]]] = []
    for one in ended:
        answer = cast("Receipt", one.answer)
        receipts.append({"of": one.held.id, "fence": one.held.fence, **published_values(answer, now)})
        told.append((one.held.id, {"remote_id": answer.remote_id, "state": State.PUBLISHED}))
    if not publish_many(connection, receipts, at=now):
        raise Interfered
    note_many(connection, told, what=State.PUBLISHED, at=now, by=ended[0].held.worker)
    wake_comments(connection, [one.held.id for one in ended], now)


def record_answer(
    connection: Connection, held: Claim, answer: Receipt | Pending | Handover, now: datetime
) -> State | None:
    """Write the connector's answer; return the new state, or None where the delivery went on without this worker."""
    if isinstance(answer, Pending):
        to, outcome = State.PENDING, Outcome.PENDING
        values = _taken(answer) | {"not_before": now + answer.look_after}
    elif isinstance(answer, Handover):
        to, outcome = State.HANDED_OVER, Outcome.HANDOVER
        values = _taken(answer) | {"remote_url": answer.url}
    else:
        to, outcome = State.PUBLISHED, Outcome.PUBLISHED
        values = published_values(answer, now)
    detail = {"remote_id": answer.remote_id}
    state = _move_held(connection, held, to, now, before=STILL_OURS, detail=detail, **values)
    if state is None:
        state = _record_late(connection, held, answer, now)
    _close_attempt(connection, held, outcome, "", now)
    return state


def _taken(answer: Pending | Handover) -> dict[str, Any]:
    return {
        "remote_id": answer.remote_id,
        "receipt": answer_json(answer),
        "lease_until": None,
        "not_before": None,
        "reason": "",
    }


def published_values(receipt: Receipt, now: datetime) -> dict[str, Any]:
    """Return the columns that a receipt fills."""
    return {
        "remote_id": receipt.remote_id,
        "remote_url": receipt.url,
        "receipt": answer_json(receipt),
        "published_at": now,
        "collect_at": now + FIRST_COLLECTION,
        "lease_until": None,
        "not_before": None,
        "reason": "",
    }


def _record_late(
    connection: Connection, held: Claim, answer: Receipt | Pending | Handover, now: datetime
) -> State | None:
    """Take a receipt of an older claim where nobody has begun to send again; else keep it as evidence.

    One that is in the ledger already is no news: the commit's own answer was lost, or others found the very post.
    """
    there = connection.execute(
        select(deliveries.c.state, deliveries.c.remote_id).where(deliveries.c.id == held.id)
    ).one()
    if there.remote_id == answer.remote_id and there.state in TAKEN:
        return State(there.state)
    detail = {"remote_id": answer.remote_id, "fence": held.fence}
    if isinstance(answer, Receipt) and move(
        connection,
        deliveries.c.id == held.id,
        to=State.PUBLISHED,
        before=(State.UNCERTAIN, State.SCHEDULED),
        at=now,
        by=held.worker,
        what="late_receipt",
        detail=detail,
        fence=deliveries.c.fence + 1,
        **published_values(answer, now),
    ):
        return State.PUBLISHED
    note(connection, [held.id], what="late_receipt", at=now, by=held.worker, detail=detail)
    return None


def record_error(
    connection: Connection, held: Claim, error: Exception, now: datetime, *, sending: bool, random: Random
) -> State | None:
    """Write an error of the try and what follows from its class; return the new state.

    `sending` says whether the connector's `publish` had been called: before that, no error leaves a doubt.
    """
    outcome = outcome_of(error, sending=sending)
    state = _go_on(connection, held, error, outcome, now, sending=sending, random=random)
    _close_attempt(connection, held, outcome, safe_words(error), now, called=sending)
    return state


def _go_on(
    connection: Connection,
    held: Claim,
    error: Exception,
    outcome: Outcome,
    now: datetime,
    *,
    sending: bool,
    random: Random,
) -> State | None:
    words = safe_words(error)
    detail = {"error": words, "outcome": outcome}
    if outcome is Outcome.UNKNOWN:
        return _move_held(
            connection,
            held,
            State.UNCERTAIN,
            now,
            before=(State.PUBLISHING,),
            detail=detail,
            reason=words,
            not_before=_settle_at(connection, held, now),
        )
    if isinstance(error, (AccessLost, SecretMissing)):
        pause(connection, held.row.channel, reason=words, by="promo", at=now)
    if isinstance(error, (AccessLost, SecretMissing, HeldBack)):
        spent = held.tries - 1  # the try does not count: nothing was wrong with the delivery
        next_try = now + SHORTEST if isinstance(error, HeldBack) else now  # a pause is a wait of its own
        return _nothing_sent(connection, held, now, next_try=next_try, detail=detail, reason=words, attempts=spent)
    if isinstance(error, (TryAgain, OSError, SQLAlchemyError)):  # the machine's or the ledger's trouble passes, too
        wait = getattr(error, "wait", None)
        if wait is not None:
            block(connection, held.row.channel, now + wait)
        elif held.tries >= MOST_TRIES and not held.settles:
            reason = _("{count} tries are spent; the last one said: {error}", count=held.tries, error=words)
            return _move_held(connection, held, State.FAILED, now, detail=detail, reason=reason)
        next_try = now + (try_again_wait(held.tries, random) if wait is None else wait)
        return _nothing_sent(connection, held, now, next_try=next_try, detail=detail, reason=words)
    if held.settles and not sending:  # the try before stays in doubt, and we cannot send again: a person decides
        return _move_held(
            connection,
            held,
            State.UNCERTAIN,
            now,
            before=(State.PUBLISHING,),
            detail=detail,
            reason=words,
            not_before=None,
        )
    return _move_held(connection, held, State.FAILED, now, detail=detail, reason=words)


def record_other_picture(connection: Connection, held: Claim, now: datetime) -> State | None:
    """Ask for approval again: the bytes that were approved are not the bytes that would go out."""
    reason = _("the picture is not the one that was approved: approve it again")
    to = State.UNCERTAIN if held.settles else State.AWAITING_APPROVAL
    values: dict[str, Any] = {"reason": reason} | ({"not_before": None} if held.settles else {})
    state = _move_held(connection, held, to, now, before=(State.PUBLISHING,), **values)
    if not held.settles:
        connection.execute(update(approvals).where(approvals.c.delivery == held.id).values(void=True))
    _close_attempt(connection, held, Outcome.NOT_READY, reason, now, called=False)
    return state


def _settle_at(connection: Connection, held: Claim, now: datetime) -> datetime:
    """Return when to settle a try in doubt: ever more rarely, but once more while the delivery's window is open."""
    doubt = first_doubt(connection, held.id)
    moment = now + settle_wait(timedelta(0) if doubt is None else now - doubt)
    window: datetime | None = held.row.window_until
    return window if window is not None and now < window < moment else moment


def _nothing_sent(
    connection: Connection,
    held: Claim,
    now: datetime,
    *,
    next_try: datetime,
    detail: dict[str, Any],
    reason: str,
    **values: Any,
) -> State | None:
    """Put the delivery back for its next try, or into doubt where an earlier try is; missed where its window ends."""
    values |= {"reason": reason, "not_before": next_try}
    if held.settles:
        return _move_held(connection, held, State.UNCERTAIN, now, before=(State.PUBLISHING,), detail=detail, **values)
    window = held.row.window_until
    to = State.MISSED if window is not None and next_try > window else State.SCHEDULED
    return _move_held(connection, held, to, now, detail=detail, lease_until=None, **values)


def _move_held(
    connection: Connection,
    held: Claim,
    to: State,
    now: datetime,
    *,
    before: tuple[State, ...] = STILL_OURS,
    detail: dict[str, Any] | None = None,
    **values: Any,
) -> State | None:
    mine = and_(deliveries.c.id == held.id, deliveries.c.fence == held.fence)
    return to if move(connection, mine, to=to, before=before, at=now, by=held.worker, detail=detail, **values) else None


# A delivery is always written before its attempts: two that are about the same one wait for each other in one order.
def _close_attempt(
    connection: Connection, held: Claim, outcome: Outcome, error: str, now: datetime, *, called: bool = True
) -> None:
    values: dict[str, Any] = {} if called else {"sent_at": None}  # it counted as sent, and was not: no call is spent
    connection.execute(
        update(attempts)
        .where(attempts.c.delivery == held.id, attempts.c.fence == held.fence)
        .values(finished_at=now, outcome=outcome, error=error, **values)
    )


def outcome_of(error: Exception, *, sending: bool) -> Outcome:
    """Return the outcome an error means. After the first byte, whatever is not one of our own errors is unknown."""
    for kind, outcome in (
        (TryAgain, Outcome.TRY_AGAIN),
        (AccessLost, Outcome.ACCESS_LOST),
        (Rejected, Outcome.REJECTED),
        (NotSupported, Outcome.NOT_SUPPORTED),
        (SecretMissing, Outcome.NOT_READY),
        (OutcomeUnknown, Outcome.UNKNOWN),
    ):
        if isinstance(error, kind):
            return outcome
    return Outcome.UNKNOWN if sending else Outcome.NOT_READY


def safe_words(error: Exception) -> str:
    """Return an error's text for the ledger: our own errors hold no secret; of others only the class is named."""
    if isinstance(error, PromoError):
        return storable_text(error)
    return _("an unexpected {kind}", kind=type(error).__name__)
