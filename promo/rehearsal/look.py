"""Looking at what was played: waits, misses, collisions, clock changes, access that ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from promo.delivery.state import State
from promo.language import _, plural
from promo.plan.days import DataEnd, schedule_days
from promo.rehearsal.model import Played, Trouble, TroubleKind
from promo.source.value import format_duration
from promo.store.database import reading
from promo.store.tables import channels, deliveries, events

if TYPE_CHECKING:
    from promo.app.workspace import App

LATE = timedelta(minutes=2)  # later than this is a wait worth a line
ENDED_BADLY = {
    State.MISSED: TroubleKind.MISSED,
    State.FAILED: TroubleKind.FAILED,
    State.UNCERTAIN: TroubleKind.UNCERTAIN,
    State.AWAITING_APPROVAL: TroubleKind.HELD,
}


def look(app: App, played: Sequence[Played], *, begin: datetime, until: datetime) -> tuple[Trouble, ...]:
    """Return what a person should look at, by time."""
    found = [
        *_bad_ends(app, played, until),
        *_waits(played),
        *_collisions(played),
        *_clock_changes(played, begin, until),
        *_unknown_days(app, played),
        *_accesses(app, played, begin, until),
    ]
    return tuple(sorted(found, key=lambda trouble: (trouble.at, trouble.kind, trouble.channel)))


def _bad_ends(app: App, played: Sequence[Played], until: datetime) -> Iterator[Trouble]:
    with reading(app.ledger) as connection:
        rows = connection.execute(
            select(deliveries.c.id, deliveries.c.reason).where(deliveries.c.state.in_(ENDED_BADLY))
        )
        reasons = {row.id: row.reason for row in rows}
    for one in played:
        kind = ENDED_BADLY.get(State(one.state))
        if kind is not None and one.due_at <= until:
            yield Trouble(
                kind=kind,
                at=one.due_at,
                channel=one.channel,
                deliveries=(one.delivery,),
                detail=reasons.get(one.delivery, ""),
            )


def _waits(played: Sequence[Played]) -> Iterator[Trouble]:
    for one in played:
        if one.out_at is not None and one.out_at - one.due_at > LATE:
            wait = timedelta(seconds=int((one.out_at - one.due_at).total_seconds()))
            yield Trouble(
                kind=TroubleKind.WAITED,
                at=one.due_at,
                channel=one.channel,
                deliveries=(one.delivery,),
                detail=plural("after {count} try", "after {count} tries", one.tries),
                wait=wait,
            )


def _collisions(played: Sequence[Played]) -> Iterator[Trouble]:
    minutes: dict[tuple[str, datetime], list[Played]] = defaultdict(list)
    for one in played:
        if one.part == "main":
            minutes[one.channel, one.due_at.replace(second=0, microsecond=0)].append(one)
    for (channel, minute), together in minutes.items():
        # The same activity's rows at one minute are one intention; two activities are an accident.
        if len({(one.campaign, one.activity.split("/")[0]) for one in together}) > 1:
            yield Trouble(
                kind=TroubleKind.COLLISION,
                at=minute,
                channel=channel,
                deliveries=tuple(one.delivery for one in together),
                detail=", ".join(f"{one.campaign}/{one.activity}" for one in together),
            )


def _clock_changes(played: Sequence[Played], begin: datetime, until: datetime) -> Iterator[Trouble]:
    for name in sorted({one.timezone for one in played}):
        zone = ZoneInfo(name)
        moment, offset = begin, begin.astimezone(zone).utcoffset()
        while moment < until:
            later = min(moment + timedelta(hours=1), until)
            new = later.astimezone(zone).utcoffset()
            if new != offset and new is not None and offset is not None:
                near = [p for p in played if p.timezone == name and abs(p.due_at - later) <= timedelta(days=1)]
                hours = format_duration(abs(new - offset))
                yield Trouble(
                    kind=TroubleKind.CLOCK_CHANGE,
                    at=later,
                    channel="",
                    deliveries=tuple(one.delivery for one in near),
                    detail=_("{zone}: the clock goes {hours} forward", zone=name, hours=hours)
                    if new > offset
                    else _("{zone}: the clock goes {hours} back", zone=name, hours=hours),
                )
            moment, offset = later, new


def _unknown_days(app: App, played: Sequence[Played]) -> Iterator[Trouble]:
    """Yield one trouble for each set of data about days off that ends before what rests on it."""
    beyond: dict[DataEnd, list[Played]] = defaultdict(list)
    by_activity: dict[tuple[str, str], list[Played]] = defaultdict(list)
    for one in played:
        by_activity[one.campaign, one.activity.split("/")[0]].append(one)
    for loaded in app.load().campaigns:
        for activity in loaded.campaign.activities:
            together = by_activity[loaded.campaign.campaign, activity.id]
            for end in {end for days in schedule_days(activity.schedule) for end in days.ends}:
                beyond[end] += (p for p in together if p.due_at.astimezone(ZoneInfo(p.timezone)).date() > end.last)
    for end, after in beyond.items():
        if after:
            yield Trouble(
                kind=TroubleKind.DAYS_UNKNOWN,
                at=min(one.due_at for one in after),
                channel="",
                deliveries=tuple(one.delivery for one in after),
                detail=end.message(),
            )


def _accesses(app: App, played: Sequence[Played], begin: datetime, until: datetime) -> Iterator[Trouble]:
    with reading(app.ledger) as connection:
        ends = connection.execute(
            select(channels.c.channel, channels.c.expires_at).where(channels.c.expires_at.between(begin, until))
        ).all()
        lost = connection.execute(
            select(events.c.channel, events.c.at, events.c.detail).where(
                events.c.what == "paused", events.c.at >= begin
            )
        ).all()
    for name, moment in ends:
        after = tuple(one.delivery for one in played if one.channel == name and one.due_at >= moment)
        yield Trouble(
            kind=TroubleKind.EXPIRY,
            at=moment,
            channel=name,
            deliveries=after,
            detail=plural("{count} delivery comes after it", "{count} deliveries come after it", len(after)),
        )
    for name, moment, detail in lost:
        after = tuple(one.delivery for one in played if one.channel == name and one.due_at >= moment)
        yield Trouble(
            kind=TroubleKind.PAUSED,
            at=moment,
            channel=name or "",
            deliveries=after,
            detail=str((detail or {}).get("reason", "")),
        )
