"""The difference between the files' wish and the ledger: what applying would add, change, cancel and leave alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from promo.language import _
from promo.plan import ledger as ledgers
from promo.plan.digest import canonical
from promo.plan.ledger import Ledger, LedgerRow, read_ledger
from promo.plan.model import Action, Change, Plan, PlannedDelivery
from promo.store.tables import deliveries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from promo.plan.compile import Compiled

CHUNK = 500  # ids in one statement
ORDER = {Action.ADD: 0, Action.CHANGE: 1, Action.CANCEL: 2, Action.KEPT: 3, Action.UNCHANGED: 4}


def ledger_digest(connection: Connection) -> str:
    """Return the digest of the deliveries a plan rests on; it moves when one is added, changed, moved or taken off."""
    return read_ledger(connection).digest


def make_plan(
    connection: Connection,
    compiled: Compiled,
    *,
    made_at: datetime,
    horizon: datetime,
    files_digest: str,
    ledger: Ledger | None = None,
) -> Plan:
    """Return the plan: one change for each delivery in the files or open in the ledger. Reads only.

    `ledger` is what was read for compiling, where nothing can have written since.
    """
    ledger = ledger or read_ledger(connection)
    wishes = {delivery.id: delivery for delivery in compiled.deliveries}
    decided: list[tuple[Action, str, tuple[str, ...]]] = []
    for identity, wish in wishes.items():
        row = ledger.rows.get(identity)
        action, why = (Action.ADD, ()) if row is None else _decide(row, wish, ledger, made_at)
        decided.append((action, identity, (*why, *compiled.notes.get(identity, ()))))
    decided.extend(
        (Action.CANCEL, row.id, ())
        for row in ledger.rows.values()
        if row.id not in wishes and _is_unwanted(row, compiled, made_at, horizon)
    )
    words = _read_words(connection, [i for action, i, _notes in decided if action in (Action.CHANGE, Action.KEPT)])
    return Plan(
        made_at=made_at,
        horizon=horizon,
        files_digest=files_digest,
        ledger_digest=ledger.digest,
        campaigns={name: {**row, "horizon": horizon.isoformat()} for name, row in compiled.campaigns.items()},
        changes=tuple(
            Change(
                action=action,
                delivery=identity,
                before=RowAsJson(ledger.rows[identity], words.get(identity)) if identity in ledger.rows else None,
                after=wishes.get(identity),
                notes=notes,
            )
            for action, identity, notes in decided
        ),
        remarks=compiled.remarks,
    )


def _decide(row: LedgerRow, wish: PlannedDelivery, ledger: Ledger, now: datetime) -> tuple[Action, tuple[str, ...]]:
    """Return what becomes of a delivery that the ledger has and the files want, and why."""
    words = row.digest != wish.digest
    open_ = wish.window_until is None or wish.window_until >= now
    time = not _same_time(row, wish, ledger, open_=open_)
    differs = words or time or row.approval != wish.approval
    if row.state in ledgers.OPEN:
        if not differs:
            return Action.UNCHANGED, ()
        late = (_("its time has passed: it will be missed"),) if not open_ and time else ()
        return Action.CHANGE, late
    if row.state in ledgers.REOPENS:
        again = {
            ledgers.CANCELLED: not row.by_person and _has_post(row, ledger),
            "rejected": words,
            "failed": words or time,
            "missed": time,
        }[row.state]
        if again and open_:
            return Action.CHANGE, (_("was {state}; planned again", state=state_word(row.state)),)
        if not differs or row.state == ledgers.CANCELLED:
            return Action.UNCHANGED, ()
        return Action.KEPT, (_("{state}; the change is not applied", state=state_word(row.state)),)
    if words:
        return Action.KEPT, (_("{state}; the change is not applied", state=state_word(row.state)),)
    return Action.UNCHANGED, ()


def _same_time(row: LedgerRow, wish: PlannedDelivery, ledger: Ledger, *, open_: bool) -> bool:
    if row.parent is not None:
        # Once its post is out, a first comment's time counts from that moment: the files' time was a forecast.
        parent = ledger.rows.get(row.parent)
        if parent is not None and parent.state not in ledgers.OPEN:
            return True
    # A person who tries again after the window lifts it; a plan does not put it back.
    return row.due_at == wish.due_at and (row.window_until == wish.window_until or not open_)


def _has_post(row: LedgerRow, ledger: Ledger) -> bool:
    """Whether the post that a first comment answers is or may still come out. Other deliveries need none."""
    parent = ledger.rows.get(row.parent) if row.parent is not None else None
    return (
        parent is None
        or parent.state not in ledgers.REOPENS
        or (parent.state == ledgers.CANCELLED and not parent.by_person)
    )


def _is_unwanted(row: LedgerRow, compiled: Compiled, now: datetime, horizon: datetime) -> bool:
    """Whether an open delivery has left the files. One that is past or beyond the horizon was only not compiled."""
    if row.state not in ledgers.OPEN:
        return False
    if (row.campaign, row.activity, row.channel) not in compiled.wanted:
        return True
    return row.channel not in compiled.closed and now <= row.due_at <= horizon


def _read_words(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    columns = (deliveries.c.id, deliveries.c.content, deliveries.c.visual)
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(select(*columns).where(deliveries.c.id.in_(ids[start : start + CHUNK])))
        found.update({row.id: (row.content, row.visual) for row in rows})
    return found


class RowAsJson(Mapping[str, Any]):
    """A ledger's row as plain JSON, made when first looked at: of most rows of a plan nobody looks."""

    __slots__ = ("_json", "_row", "_words")

    def __init__(self, row: LedgerRow, words: tuple[Any, Any] | None) -> None:
        self._row = row
        self._words = words
        self._json: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self._filled()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._filled())

    def __len__(self) -> int:
        return len(self._filled())

    def _filled(self) -> dict[str, Any]:
        if self._json is None:
            row = self._row
            self._json = {
                "id": row.id,
                "key": row.key,
                "campaign": row.campaign,
                "activity": row.activity,
                "channel": row.channel,
                "occurrence": row.occurrence,
                "part": row.part,
                "parent": row.parent,
                "state": row.state,
                "due_at": row.due_at.isoformat(),
                "window_until": None if row.window_until is None else row.window_until.isoformat(),
                "digest": row.digest,
                "approval": row.approval,
            }
            if self._words is not None:
                self._json["content"], self._json["visual"] = self._words
        return self._json


def state_word(state: str) -> str:
    """Return a state's name for people. The names are those of `promo.delivery.state`, which lies above this room."""
    return {
        "publishing": _("publishing"),
        "pending": _("pending"),
        "handed_over": _("handed over"),
        "published": _("published"),
        "done": _("done"),
        "uncertain": _("uncertain"),
        "failed": _("failed"),
        "missed": _("missed"),
        "rejected": _("rejected"),
        "cancelled": _("cancelled"),
    }.get(state, state)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One field that differs: its name, as in `content.text`, and the lines of a unified diff (without headers)."""

    field: str
    lines: tuple[str, ...]


def field_changes(change: Change) -> tuple[FieldChange, ...]:
    """Return what differs between the ledger and the wish, field by field; empty for an addition or a cancellation."""
    before, after = change.before, change.after
    if before is None or after is None:
        return ()
    found: list[FieldChange] = []
    if "content" in before:
        moved = datetime.fromisoformat(before["due_at"]) != after.due_at
        hidden = {"occurrence"} if moved else set()  # the time has a line of its own
        found += (f for f in _compare("content", before["content"], after.content) if f.field[8:] not in hidden)
        # A picture's alt text is the content's: it is told once.
        found += (f for f in _compare("visual", before["visual"] or {}, after.visual or {}) if f.field != "visual.alt")
        if not found and before["digest"] != after.digest:
            # Same words, same wish for a picture: a photo, the layout or the brand's style is what changed.
            found.append(FieldChange(field="visual.files", lines=()))
    if before["approval"] != after.approval:
        found += _compare("approval", {"": before["approval"]}, {"": after.approval})
    return tuple(found)


def _compare(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    for key in dict.fromkeys((*after, *before)):
        old, new = before.get(key), after.get(key)
        if old != new and (old or new):
            lines = tuple(_diff_lines(_lines(old), _lines(new)))
            if lines:
                yield FieldChange(field=f"{name}.{key}" if key else name, lines=lines)


def _diff_lines(old: Sequence[str], new: Sequence[str]) -> Iterable[str]:
    return (line for line in list(unified_diff(old, new, lineterm="", n=1))[2:] if not line.startswith("@@"))


def _lines(value: Any) -> list[str]:
    if value in (None, "", [], {}):
        return []
    if isinstance(value, str):
        return value.splitlines()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [line for item in value for line in item.splitlines()]
    if isinstance(value, list):
        return [line for number, item in enumerate(value, start=1) for line in _item_lines(number, item)]
    if isinstance(value, Mapping):
        return [f"{key}: {item if isinstance(item, str) else canonical(item)}" for key, item in sorted(value.items())]
    return [canonical(value)]


def _item_lines(number: int, item: Any) -> list[str]:
    """Return a line for each thing said of a placement, task or medium: a difference shows no more than differs."""
    if not isinstance(item, Mapping):
        return [canonical(item)]
    name = next((str(item[key]) for key in ("id", "name", "what") if item.get(key)), str(number))
    said = [(key, value) for key, value in item.items() if value not in (None, "", [], {}) and str(value) != name]
    return [f"{name} · {key}: {value if isinstance(value, str) else canonical(value)}" for key, value in said] or [name]
