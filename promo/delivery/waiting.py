"""What waits on a channel, campaign by campaign, read from the index in leaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, and_, bindparam, exists, func, or_, select

from promo.delivery.state import State
from promo.store.tables import Moment, deliveries, in_state

if TYPE_CHECKING:
    from sqlalchemy import CTE, ColumnElement

_HERE = and_(in_state(State.SCHEDULED), deliveries.c.channel == bindparam("channel", type_=String))
_NOW = bindparam("now", type_=Moment)


def _campaigns() -> CTE:
    """Build the list of the campaigns with something scheduled on `:channel`, ended by None.

    The index holds what is scheduled by channel, campaign and moment. It is read like a book with a thumb index: one
    leap for each campaign, however many rows lie between, and none for campaigns of which nothing is left.
    """
    c = deliveries.c
    lane = select(func.min(c.campaign).label("campaign")).where(_HERE).cte("lane", recursive=True)
    following = select(func.min(c.campaign)).where(_HERE, c.campaign > lane.c.campaign).scalar_subquery()
    return lane.union_all(select(following).where(lane.c.campaign.is_not(None)))


def _due_campaigns() -> Select[Any]:
    lane = _campaigns()
    c = deliveries.c
    due = and_(_HERE, c.campaign == lane.c.campaign, c.ready_at <= bindparam("by", type_=Moment), _open(_NOW))
    return select(lane.c.campaign).where(lane.c.campaign.is_not(None), exists().where(due))


def _first_send() -> Select[Any]:
    lane = _campaigns()
    c = deliveries.c
    # What comes too late for its window is the sweep's business.
    in_time = or_(_open(_NOW), c.window_until >= c.ready_at)
    first = select(func.min(c.ready_at)).where(_HERE, c.campaign == lane.c.campaign, in_time).scalar_subquery()
    firsts = select(first.label("ready_at")).select_from(lane).where(lane.c.campaign.is_not(None)).subquery()
    return select(func.min(firsts.c.ready_at))


def _open(now: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(deliveries.c.window_until.is_(None), deliveries.c.window_until >= now)


# Built once, because they are asked after every round of a channel.
DUE_CAMPAIGNS = _due_campaigns()  # of `channel`: those with something that is ready by `by` and in time at `now`
FIRST_SEND = (
    _first_send()
)  # of `channel`: the earliest moment at which something is ready that is in time then or `now`
