"""Writing a plan into the ledger: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, and_, delete, insert, select, update

from promo.delivery.approval import outstanding
from promo.delivery.move import CHUNK, WITHDRAWN, comment_times, entrance, move, note
from promo.delivery.request import moment
from promo.delivery.state import ENTRANCE, OUT, REOPENS, State
from promo.errors import WorldMoved
from promo.language import _
from promo.plan.model import Action
from promo.store.database import Alone, alone, transaction
from promo.store.tables import campaigns, deliveries, links, placements, tasks
from promo.store.wake import announce

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from promo.clock import Clock
    from promo.plan.model import Change, Plan, PlannedDelivery


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """How many deliveries a plan added, changed and cancelled, and how many it left as they were."""

    added: int = 0
    changed: int = 0
    cancelled: int = 0
    unchanged: int = 0
    kept: int = 0  # out, or on their way: the files differ, the ledger stays


def apply_plan(
    engine: Engine,
    plan: Plan,
    *,
    clock: Clock,
    by: str,
    files_digest: str | None = None,
    detail: Mapping[str, str] | None = None,
) -> Applied:
    """Do exactly what the plan says and return the counts. `detail` is kept with the events of this writing.

    Raises WorldMoved, and writes nothing, where the ledger is no longer the one the plan was made from, or where
    `files_digest` (of the files as they are now) is given and differs from the plan's.
    """
    from promo.plan.diff import ledger_digest

    if files_digest is not None and files_digest != plan.files_digest:
        raise WorldMoved(
            _("the campaign files have changed since this plan was made"), hint=_("make a new one: promo plan")
        )
    now = clock.now()
    kept = detail or {}
    with transaction(engine) as connection:
        alone(connection, Alone.APPLY)
        if ledger_digest(connection) != plan.ledger_digest:
            raise _moved()
        _write_campaigns(connection, plan, now)
        sorted_out: dict[Action, list[Change]] = {action: [] for action in Action}
        for change in plan.changes:
            sorted_out[change.action].append(change)
        _cancel(connection, [change.delivery for change in sorted_out[Action.CANCEL]], by=by, now=now)
        added = [change.after for change in sorted_out[Action.ADD] if change.after is not None]
        _add(connection, added, by=by, now=now, detail=kept)
        # Posts before their first comments, which look at the state of their post.
        changed = [change.after for change in sorted_out[Action.CHANGE] if change.after is not None]
        for wish in sorted(changed, key=lambda wish: wish.parent is not None):
            _change(connection, wish, by=by, now=now, detail=kept)
        _write_parts(connection, changed, now, anew=True)
        announce(connection)
    counts = Counter(change.action for change in plan.changes)
    return Applied(
        added=counts[Action.ADD],
        changed=counts[Action.CHANGE],
        cancelled=counts[Action.CANCEL],
        unchanged=counts[Action.UNCHANGED],
        kept=counts[Action.KEPT],
    )


def _moved() -> WorldMoved:
    return WorldMoved(_("the ledger has changed since this plan was made"), hint=_("make a new one: promo plan"))


def _write_campaigns(connection: Connection, plan: Plan, now: datetime) -> None:
    known = set(connection.execute(select(campaigns.c.campaign)).scalars())
    for name, row in plan.campaigns.items():
        values = {key: value for key, value in row.items() if key in campaigns.c}
        values |= {"campaign": name, "applied_at": now, "horizon": plan.horizon}
        if name in known:
            connection.execute(update(campaigns).where(campaigns.c.campaign == name).values(**values))
        else:
            connection.execute(insert(campaigns).values(**{"ended": False, **values}))


def _cancel(connection: Connection, ids: Sequence[str], *, by: str, now: datetime) -> None:
    for some in _chunks(ids):
        move(
            connection,
            deliveries.c.id.in_(some),
            to=State.CANCELLED,
            before=(*ENTRANCE, State.FAILED, State.MISSED, State.REJECTED),
            at=now,
            by=by,
            what=WITHDRAWN,
            reason=_("no longer in the campaign files"),
            not_before=None,
        )
        left = connection.execute(
            select(deliveries.c.id).where(deliveries.c.id.in_(some), deliveries.c.state != State.CANCELLED)
        ).first()
        if left is not None:
            raise _moved()


def _add(
    connection: Connection, wishes: Sequence[PlannedDelivery], *, by: str, now: datetime, detail: Mapping[str, str]
) -> None:
    if not wishes:
        return
    new = {wish.id for wish in wishes}
    parents = [wish.parent for wish in wishes if wish.parent is not None and wish.parent not in new]
    out = _published(connection, parents)
    rows = [_new_row(wish, out, now) for wish in wishes]
    connection.execute(insert(deliveries), rows)
    note(connection, [wish.id for wish in wishes], what="planned", at=now, by=by, detail=detail)
    _write_parts(connection, wishes, now, anew=False)


def _new_row(wish: PlannedDelivery, out: Mapping[str, datetime], now: datetime) -> dict[str, Any]:
    row = _columns(wish) | {
        "id": wish.id,
        "key": wish.key,
        "reason": "",
        "idempotency": "none",
        "attempts": 0,
        "fence": 0,
        "created_at": now,
        "changed_at": now,
    }
    if outstanding(wish.approval, ()):
        return row | {"state": State.AWAITING_APPROVAL}
    if wish.parent is None:
        return row | {"state": State.SCHEDULED}
    if wish.parent not in out:
        return row | {"state": State.PLANNED}
    return row | {"state": State.SCHEDULED, "due_at": max(wish.due_at, out[wish.parent])}


def _columns(wish: PlannedDelivery) -> dict[str, Any]:
    deadline = (wish.approval or {}).get("deadline") or 0
    return {
        "campaign": wish.campaign,
        "activity": wish.activity,
        "channel": wish.channel,
        "occurrence": wish.occurrence,
        "part": wish.part,
        "parent": wish.parent,
        "kind": wish.kind,
        "type": wish.type,
        "due_at": wish.due_at,
        "window_until": wish.window_until,
        "approve_by": wish.due_at - timedelta(seconds=float(deadline)) if wish.approval else None,
        "digest": wish.digest,
        "content": dict(wish.content),
        "visual": None if wish.visual is None else dict(wish.visual),
        "approval": None if wish.approval is None else dict(wish.approval),
    }


def _change(
    connection: Connection, wish: PlannedDelivery, *, by: str, now: datetime, detail: Mapping[str, str]
) -> None:
    before = connection.execute(select(deliveries).where(deliveries.c.id == wish.id).with_for_update()).first()
    if before is None or State(before.state) not in REOPENS:
        raise _moved()
    to = entrance(connection, delivery=wish.id, parent=wish.parent, approval=wish.approval, digest=wish.digest)
    values = _columns(wish) | {"reason": "", "attempts": 0, "not_before": None}
    if before.digest != wish.digest and before.state == State.SCHEDULED and to is State.AWAITING_APPROVAL:
        values["reason"] = _("changed after it was approved")
    kept = {"before": before.state, "words": before.digest != wish.digest, "due_before": before.due_at.isoformat()}
    kept |= detail
    here = and_(deliveries.c.id == wish.id, deliveries.c.fence == before.fence)
    if not move(connection, here, to=to, before=tuple(REOPENS), at=now, by=by, what="changed", detail=kept, **values):
        raise _moved()
    if wish.parent is not None and to is State.SCHEDULED:
        published_at = _published(connection, [wish.parent]).get(wish.parent)
        if published_at is not None:  # counted from there, by the delay and the window of the new plan
            row = connection.execute(select(deliveries).where(deliveries.c.id == wish.id)).one()
            times = comment_times(row, published_at)
            connection.execute(update(deliveries).where(deliveries.c.id == wish.id).values(times))


def _published(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for some in _chunks(ids):
        rows = connection.execute(
            select(deliveries.c.id, deliveries.c.published_at).where(
                deliveries.c.id.in_(some), deliveries.c.state.in_(sorted(OUT)), deliveries.c.published_at.is_not(None)
            )
        )
        found |= {row.id: row.published_at for row in rows}
    return found


def _write_parts(connection: Connection, wishes: Sequence[PlannedDelivery], now: datetime, *, anew: bool) -> None:
    """Write the placements, tasks and links of deliveries; `anew` replaces what was there.

    Links are never taken away: a printed code must lead somewhere for ever.
    """
    ids = [wish.id for wish in wishes]
    known_links: set[str] = set()
    if anew:
        for some in _chunks(ids):
            connection.execute(delete(placements).where(placements.c.delivery.in_(some)))
            connection.execute(delete(tasks).where(tasks.c.delivery.in_(some)))
            known_links |= set(connection.execute(select(links.c.token).where(links.c.delivery.in_(some))).scalars())
    _insert(connection, placements, (row for wish in wishes for row in _placements(wish)))
    _insert(connection, tasks, (row for wish in wishes for row in _tasks(wish)))
    wanted = {row["token"]: row | {"created_at": now} for wish in wishes for row in _links(wish)}
    _insert(connection, links, (row for token, row in wanted.items() if token not in known_links))
    for token in sorted(known_links & wanted.keys()):
        connection.execute(update(links).where(links.c.token == token).values(target=wanted[token]["target"]))


def _placements(wish: PlannedDelivery) -> Iterator[dict[str, Any]]:
    for place in wish.content.get("placements") or ():
        yield {
            "delivery": wish.id,
            "placement": place["id"],
            "name": place["name"],
            "copies": place.get("copies", 1),
            "token": place.get("token"),
        }


def _tasks(wish: PlannedDelivery) -> Iterator[dict[str, Any]]:
    for task in wish.content.get("tasks") or ():
        yield {
            "delivery": wish.id,
            "task": task["id"],
            "what": task["what"],
            "owner": task["owner"],
            "due_at": moment(task.get("due")),
            "proof": task.get("proof", "none"),
        }


def _links(wish: PlannedDelivery) -> Iterator[dict[str, Any]]:
    content = wish.content
    if content.get("token") and content.get("target"):
        yield {"token": content["token"], "delivery": wish.id, "placement": None, "target": content["target"]}
    for place in content.get("placements") or ():
        if place.get("token") and place.get("target"):
            yield {
                "token": place["token"],
                "delivery": wish.id,
                "placement": place["id"],
                "target": place["target"],
            }


def _insert(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        connection.execute(insert(table), found)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
