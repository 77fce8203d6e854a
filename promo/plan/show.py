"""The plan for people and for machines: lines grouped by campaign, with the words that change."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.language import _, plural
from promo.language.width import cells, fold, shorten
from promo.plan.diff import field_changes
from promo.plan.file import delivery_as_json
from promo.plan.model import Action, Change, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.text import Text

SYMBOLS = {Action.ADD: "+", Action.CHANGE: "~", Action.CANCEL: "-", Action.UNCHANGED: " ", Action.KEPT: "="}
MOST_LINES = 12  # of one field's difference; the rest is in `--json`
WIDTH = 100  # cells of a line, where no terminal says otherwise
LEAST = 12  # cells; an excerpt that has less room is left out
AROUND = 12  # characters shown of what stays the same before and after a change


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of the plan. `role`: campaign, add, change, cancel, kept, unchanged, old, new, note, remark, sum."""

    text: str
    role: str
    indent: int = 0


def plan_lines(plan: Plan, *, everything: bool = False, width: int = WIDTH) -> Iterator[Line]:
    """Yield the plan line by line; unchanged deliveries only with `everything`. Times are local to each campaign.

    A delivery's line is cut to `width` cells where its words are longer; changed words are left as long as they are.
    """
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in plan.changes:
        groups[_fact(change, "campaign")].append(change)
    for campaign, changes in sorted(groups.items()):
        shown = [c for c in changes if everything or c.action is not Action.UNCHANGED]
        if not shown:
            continue
        zone = _zone(plan, campaign, changes)
        yield Line(text=f"{campaign}  ({zone.key})", role="campaign")
        for change in sorted(
            shown, key=lambda c: (_due(c), _fact(c, "activity"), _fact(c, "channel"), _fact(c, "part"))
        ):
            yield from _change_lines(change, zone, width)
    for remark in plan.remarks:
        yield Line(text=remark, role="remark")
    yield Line(text=summary(plan), role="sum")


def summary(plan: Plan) -> str:
    """Return the plan in one line."""
    counts = Counter(change.action for change in plan.changes)
    if not plan.moves:
        return plural(
            "Nothing to do: {count} delivery is as the files want it.",
            "Nothing to do: {count} deliveries are as the files want them.",
            counts[Action.UNCHANGED] + counts[Action.KEPT],
        )
    parts = [
        _("{count} to add", count=counts[Action.ADD]),
        _("{count} to change", count=counts[Action.CHANGE]),
        _("{count} to cancel", count=counts[Action.CANCEL]),
        _("{count} unchanged", count=counts[Action.UNCHANGED]),
    ]
    if counts[Action.KEPT]:
        parts.append(_("{count} kept as they went out", count=counts[Action.KEPT]))
    return _("Plan until {horizon}: {parts}.", horizon=plan.horizon.date(), parts=_(", ").join(parts))


def show_plan(plan: Plan, *, everything: bool = False, width: int = WIDTH) -> Text:
    """Return the plan in colours, for a console of `width` cells; longer lines are folded below their beginning."""
    from rich.text import Text

    styles = {
        "campaign": "bold",
        "add": "green",
        "change": "yellow",
        "cancel": "red",
        "kept": "cyan",
        "unchanged": "dim",
        "old": "red",
        "new": "green",
        "note": "dim",
        "remark": "italic",
        "sum": "bold",
    }
    text = Text()
    for number, line in enumerate(plan_lines(plan, everything=everything, width=width)):
        if number:
            text.append("\n")
            if line.role in {"campaign", "sum"}:
                text.append("\n")
        signed = line.text[1:2] == " " and not line.text[:1].isalnum()
        first = "  " * line.indent + (line.text[:2] if signed else "")
        below = " " * len(first)
        folded = fold(line.text[2:] if signed else line.text, max(width - len(first), 2 * LEAST))
        text.append(first + f"\n{below}".join(folded), style=styles[line.role])
    return text


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as plain JSON: counts, remarks, and every change with what differs."""
    counts = Counter(change.action for change in plan.changes)
    return {
        "made_at": plan.made_at.isoformat(),
        "horizon": plan.horizon.isoformat(),
        "counts": {action.value: counts[action] for action in Action},
        "remarks": list(plan.remarks),
        "changes": [
            {
                "action": change.action.value,
                "delivery": change.delivery,
                **{name: _fact(change, name) for name in ("campaign", "activity", "channel", "occurrence", "part")},
                "due_at": _due(change),
                "state": None if change.before is None else change.before["state"],
                "notes": list(change.notes),
                "fields": {f.field: list(f.lines) for f in field_changes(change)},
                "before": None if change.before is None else dict(change.before),
                "after": None if change.after is None else delivery_as_json(change.after),
            }
            for change in plan.changes
        ],
    }


def _change_lines(change: Change, zone: ZoneInfo, width: int) -> Iterator[Line]:
    part = "" if _fact(change, "part") == "main" else f" ({_('first comment')})"
    who = f"{_fact(change, 'activity')} → {_fact(change, 'channel')}{part}"
    head = f"{SYMBOLS[change.action]} {_local(_due(change), zone)}  {who}"
    head = f"{head}  {change.delivery}"
    if change.after is not None and change.action is Action.ADD:
        head += _excerpt(change.after.content, width - cells(head) - 4)  # two of the margin, two before the words
    yield Line(text=head, role=change.action.value, indent=1)
    before, after = change.before, change.after
    if before is not None and after is not None and change.action in (Action.CHANGE, Action.KEPT):
        if datetime.fromisoformat(before["due_at"]) != after.due_at:
            yield Line(
                text=_(
                    "time: {old} → {new}",
                    old=_local(before["due_at"], zone),
                    new=_local(after.due_at.isoformat(), zone),
                ),
                role="change",
                indent=3,
            )
        for field in field_changes(change):
            yield Line(text=_field_name(field.field), role="note", indent=3)
            yield from _shortened(field.lines)
    for note in change.notes:
        yield Line(text=f"! {note}", role="note", indent=3)


def _shortened(lines: Sequence[str]) -> Iterator[Line]:
    lines = [line for line in _around_changes(lines) if line.strip()]
    for line in lines[:MOST_LINES]:
        yield Line(text=f"{line[:1]} {line[1:]}", role={"+": "new", "-": "old"}.get(line[:1], "note"), indent=4)
    if len(lines) > MOST_LINES:
        yield Line(
            text=plural("… {count} more line", "… {count} more lines", len(lines) - MOST_LINES), role="note", indent=4
        )


def _around_changes(lines: Sequence[str]) -> Iterator[str]:
    """Cut lines that stay to their beginning; of one that takes another's place, what both begin and end with."""
    for number, line in enumerate(lines):
        before, after = lines[number - 1] if number else "", lines[number + 1] if number + 1 < len(lines) else ""
        if line[:1] == "-" and after[:1] == "+":
            yield _around(line, after)
        elif line[:1] == "+" and before[:1] == "-":
            yield _around(line, before)
        else:
            yield line if line[:1] in "+-" else " " + shorten(line, WIDTH // 2)


def _around(line: str, other: str) -> str:
    sign, line, other = line[:1], line[1:], other[1:]
    start = _alike(line, other)
    end = _alike(line[start:][::-1], other[start:][::-1])
    if start > 2 * AROUND:
        line = "…" + line[start - AROUND :]
    if end > 2 * AROUND:
        line = line[: AROUND - end] + "…"
    return sign + line


def _alike(one: str, other: str) -> int:
    """Return with how many equal characters both texts begin."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _field_name(field: str) -> str:
    known = {
        "content.text": _("text"),
        "content.title": _("title"),
        "content.body": _("body"),
        "content.thread": _("thread"),
        "content.link": _("link"),
        "content.target": _("link's target"),
        "content.occurrence": _("time of the event"),
        "content.tasks": _("tasks"),
        "content.placements": _("placements"),
        "content.outlets": _("outlets"),
        "content.embargo": _("embargo"),
        "content.alt": _("alt text"),
        "content.hashtags": _("hashtags"),
        "visual.files": _("picture: its photo, layout or the brand's style"),
        "approval": _("approval"),
    }
    return known.get(field) or field.replace("visual.", _("picture") + " · ").removeprefix("content.")


def _excerpt(content: Mapping[str, Any], room: int) -> str:
    words = content.get("title") or content.get("text") or ""
    return f"  {shorten(words, room)}" if words.strip() and room >= LEAST else ""


def _zone(plan: Plan, campaign: str, changes: Sequence[Change]) -> ZoneInfo:
    row = plan.campaigns.get(campaign)
    name = row["timezone"] if row is not None else "UTC"
    for change in changes if row is None else ():
        content = (change.before or {}).get("content")
        name = content["timezone"] if content else name
    return ZoneInfo(name)


def _local(due: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(due).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _fact(change: Change, name: str) -> str:
    value = getattr(change.after, name) if change.after is not None else (change.before or {})[name]
    return str(value)


def _due(change: Change) -> str:
    return change.after.due_at.isoformat() if change.after is not None else str((change.before or {})["due_at"])
