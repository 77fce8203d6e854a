"""Playing a workspace from one moment to another, and looking at what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from promo.app.workspace import App
from promo.clock import VirtualClock, monotonic
from promo.delivery import steps
from promo.delivery.query import list_deliveries
from promo.delivery.state import State
from promo.engine.play import play
from promo.errors import Refused
from promo.rehearsal.copy import MEMORY, copy_ledger, exists
from promo.rehearsal.look import look
from promo.rehearsal.model import Played, Rehearsal
from promo.rehearsal.standin import StandInChannel
from promo.store.database import reading
from promo.store.tables import deliveries

if TYPE_CHECKING:
    from promo.rehearsal.fault import Fault

DAY = timedelta(days=1)


def rehearse(
    app: App,
    *,
    begin: datetime,
    until: datetime,
    faults: Sequence[Fault] = (),
    approve: bool = True,
    pictures: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Rehearsal:
    """Play `app`'s workspace from `begin` to `until` (aware) on a copy in memory; the real ledger is only read.

    The files are applied as they are now. With `approve` everything that waits is approved as soon as it is planned.
    With `pictures` all that go out until then are looked at first, as applying does; none is drawn while it plays.
    Raises ProblemsFound while the files have errors.
    """
    started = monotonic()
    clock = VirtualClock(begin)
    inner = stage(app, clock, faults)
    plan = inner.plan(pictures=pictures)
    inner.apply(plan, by="rehearsal")
    if pictures and until > plan.horizon:
        inner.refuse_later_pictures(after=plan.horizon, until=until)
    publisher = inner.publisher(worker="rehearsal", random=Random(0))  # noqa: S311 - a repeatable back-off, no secret
    days = max(1, -(-(until - begin) // DAY))
    # The daemon looks each day; a rehearsal need not: what matters is that the horizon never comes near.
    every = max(1, app.workspace.settings.horizon // DAY // 5)
    for day in range(days):
        if approve:
            _approve_all(inner)
        play(publisher, clock, min(until, begin + (day + 1) * DAY))
        if day % every == every - 1:
            inner.extend_horizon()
        if progress is not None:
            progress(day + 1, days)
    played = _played(inner, begin, until)
    troubles = look(inner, played, begin=begin, until=until)
    return Rehearsal(begin=begin, until=until, played=played, troubles=troubles, seconds=monotonic() - started)


def stage(app: App, clock: VirtualClock, faults: Sequence[Fault] = ()) -> App:
    """Return an App like `app` on `clock`, with stand-ins for its channels, a copy of its ledger, and no pictures."""
    channels = {name: StandInChannel(channel, faults, clock) for name, channel in app.channels.items()}
    inner = _WithoutPictures(app.workspace, clock=clock, registry=app.registry, channels=channels, database_url=MEMORY)
    if exists(app.database_url):
        copy_ledger(app.ledger, inner.ledger)
    return inner


class _WithoutPictures(App):
    """Pictures take longer than all the rest, and no stand-in looks at them."""

    def render(self, visual: object) -> None:  # type: ignore[override]  # the publisher takes None for no picture
        """Render nothing."""


def _approve_all(app: App) -> None:
    waiting = list_deliveries(app.ledger, states=(State.AWAITING_APPROVAL,))
    for row in waiting:
        for _stage in (row.approval or {}).get("stages", ()):
            try:
                steps.approve(app.ledger, row.id, by="rehearsal", clock=app.clock)
            except Refused:  # an earlier rehearsal of life has given this stage already
                break


def _played(app: App, begin: datetime, until: datetime) -> tuple[Played, ...]:
    c = deliveries.c
    query = (
        select(deliveries)
        .where(
            c.state != State.CANCELLED,
            or_(c.due_at.between(begin, until), c.published_at.between(begin, until)),
        )
        .order_by(c.due_at, c.channel, c.id)
    )
    with reading(app.ledger) as connection:
        rows = connection.execute(query).all()
    return tuple(
        Played(
            delivery=row.id,
            campaign=row.campaign,
            activity=row.activity,
            channel=row.channel,
            occurrence=row.occurrence,
            part=row.part,
            timezone=row.content.get("timezone") or app.workspace.settings.timezone,
            state=row.state,
            due_at=row.due_at,
            out_at=row.published_at if row.published_at is not None else _handed_over(row),
            tries=row.attempts,
            text=row.content.get("title") or row.content.get("text") or "",
        )
        for row in rows
    )


def _handed_over(row: object) -> datetime | None:
    moment: datetime | None = (
        getattr(row, "changed_at", None) if getattr(row, "state", "") == State.HANDED_OVER else None
    )
    return moment
