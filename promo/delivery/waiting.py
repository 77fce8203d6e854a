"""What waits, channel by channel and campaign by campaign, read from the index in leaps.

Two indexes of what is scheduled hold channel and moment, and channel, campaign and moment, in that order. They are read
like a book with a thumb index: one leap for each channel, or for each campaign of one, however many rows lie between,
and none for those of which nothing is left to do.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, bindparam, exists, func, or_, select

from promo.delivery.state import State
from promo.store.tables import Moment, deliveries, in_state

_SCHEDULED = in_state(State.SCHEDULED)
_C = deliveries.c


def _first(column: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(func.min(column)).where(_SCHEDULED, *where).scalar_subquery()


def _leap(name: str, column: ColumnElement[Any], *where: ColumnElement[bool]) -> CTE:
    """Build the list of the different values of a column among what is scheduled, ended by None."""
    found = select(_first(column, *where).label("value")).cte(name, recursive=True)
    following = _first(column, *where, column > found.c.value)
    return found.union_all(select(following).where(found.c.value.is_not(None)))


def _open(now: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(_C.window_until.is_(None), _C.window_until >= now)


def _due_campaigns() -> Select[Any]:
    here = _C.channel == bindparam("channel", type_=String)
    lane = _leap("lane", _C.campaign, here)
    due = _C.ready_at <= bindparam("by", type_=Moment)
    some = exists().where(_SCHEDULED, here, _C.campaign == lane.c.value, due, _open(bindparam("now", type_=Moment)))
    return select(lane.c.value).where(lane.c.value.is_not(None), some)


def _first_sends() -> Select[Any]:
    channels = _leap("channels_waiting", _C.channel)
    channel = channels.c.value
    # What comes too late for its window is the sweep's business.
    in_time = or_(_open(bindparam("now", type_=Moment)), _C.window_until >= _C.ready_at)
    return select(channel, _first(_C.ready_at, _C.channel == channel, in_time)).where(channel.is_not(None))


# Built once, because they are asked after every round.
DUE_CAMPAIGNS = _due_campaigns()  # of `channel`: those with something that is ready by `by` and in time at `now`
FIRST_SENDS = _first_sends()  # of each channel, when something is first ready that is in time then, or `now`
