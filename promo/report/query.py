"""The questions a report asks the ledger; the database does the counting, whatever the number of deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    distinct,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)

from promo.store.origin import Origin
from promo.store.tables import campaigns, deliveries, links, placements, proofs, samples, visits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql.expression import CTE

QUARTER = 900 * 1_000_000  # µs: every zone's offset is a multiple of a quarter of an hour


def _metric_of_visit() -> ColumnElement[str]:
    """A visit through something printed is a scan, any other a click."""
    printed = or_(links.c.placement.is_not(None), deliveries.c.type.in_(("poster", "leaflet")))
    return case((printed, literal("scans")), else_=literal("clicks"))


def campaign_list() -> Select[Any]:
    """Every campaign with the number of its deliveries, and of those that went out."""
    return (
        select(
            campaigns.c.campaign,
            campaigns.c.document,
            func.count(deliveries.c.id).label("deliveries"),
            func.count(deliveries.c.published_at).label("published"),
        )
        .outerjoin(deliveries, deliveries.c.campaign == campaigns.c.campaign)
        .group_by(campaigns.c.campaign)
    )


def counting_samples(campaign: str, *more: ColumnElement[Any], only: ColumnElement[bool] | None = None) -> CTE:
    """Samples that count: per delivery, metric and origin the latest total so far, and what was added after it.

    Carries delivery, metric, origin and value, and `more` columns of samples. `only` must not split such a group.
    """
    later_totals = func.sum(case((samples.c.cumulative, 1), else_=0)).over(
        partition_by=(samples.c.delivery, samples.c.metric, samples.c.origin),
        order_by=(samples.c.at.desc(), samples.c.id.desc()),
        rows=(None, -1),
    )
    columns = (samples.c.delivery, samples.c.metric, samples.c.origin, samples.c.value, *more)
    dated = select(*columns, func.coalesce(later_totals, 0).label("later_totals")).where(samples.c.campaign == campaign)
    every = (dated if only is None else dated.where(only)).cte("dated")
    return select(every).where(every.c.later_totals == 0).cte("counting")


def figures(campaign: str, *, metric: str | None = None, ids: Sequence[str] | None = None) -> CTE:
    """One row per delivery (or NULL: the whole campaign), metric and origin: `value`, and `rank` 1 where it counts.

    With `metric` or `ids` only those are looked at, early, where an index helps.
    """
    only = and_(
        true() if metric is None else samples.c.metric == metric,
        true() if ids is None else samples.c.delivery.in_(ids),
    )
    counting, visited_by = counting_samples(campaign, only=only), _metric_of_visit()
    visited = (
        select(
            links.c.delivery.label("delivery"),
            visited_by.label("metric"),
            literal(Origin.MEASURED.value).label("origin"),
            func.count().label("value"),
        )
        .select_from(
            visits.join(links, links.c.token == visits.c.token).join(deliveries, deliveries.c.id == links.c.delivery)
        )
        .where(deliveries.c.campaign == campaign, visits.c.robot.is_(False))
        .where(true() if metric is None else visited_by == metric)
        .where(true() if ids is None else deliveries.c.id.in_(ids))
        .group_by(links.c.delivery, visited_by)
    )
    sampled = select(counting.c.delivery, counting.c.metric, counting.c.origin, counting.c.value)
    every = union_all(sampled, visited).subquery("every_number")
    trust = case({origin.value: place for place, origin in enumerate(Origin)}, value=every.c.origin, else_=99)
    rank = func.row_number().over(partition_by=(every.c.delivery, every.c.metric), order_by=trust)
    return (
        select(
            every.c.delivery, every.c.metric, every.c.origin, func.sum(every.c.value).label("value"), rank.label("rank")
        )
        .group_by(every.c.delivery, every.c.metric, every.c.origin)
        .cte("figures")
    )


def totals(campaign: str) -> Select[Any]:
    """Sum, largest and count of the figures by channel, kind, metric, origin and whether they count."""
    found = figures(campaign)
    counts = (found.c.rank == 1).label("counts")
    return (
        select(
            deliveries.c.channel,
            deliveries.c.kind,
            found.c.metric,
            found.c.origin,
            counts,
            func.sum(found.c.value).label("total"),
            func.max(found.c.value).label("largest"),
            func.count().label("deliveries"),
        )
        .select_from(found.outerjoin(deliveries, deliveries.c.id == found.c.delivery))
        .group_by(deliveries.c.channel, deliveries.c.kind, found.c.metric, found.c.origin, counts)
    )


def spending(campaign: str) -> Select[Any]:
    """What was spent, by activity (NULL: on the campaign as a whole)."""
    found = figures(campaign, metric="spend")
    return (
        select(deliveries.c.activity, func.sum(found.c.value).label("total"))
        .select_from(found.outerjoin(deliveries, deliveries.c.id == found.c.delivery))
        .where(found.c.rank == 1)
        .group_by(deliveries.c.activity)
    )


def states(campaign: str) -> Select[Any]:
    """Count the deliveries by channel, kind and state; `published` counts those that went out."""
    return (
        select(
            deliveries.c.channel,
            deliveries.c.kind,
            deliveries.c.state,
            func.count().label("count"),
            func.count(deliveries.c.published_at).label("published"),
        )
        .where(deliveries.c.campaign == campaign)
        .group_by(deliveries.c.channel, deliveries.c.kind, deliveries.c.state)
    )


def in_state(campaign: str, state: str, limit: int) -> Select[Any]:
    """Return the ids of some deliveries in a state, the earliest first."""
    return (
        select(deliveries.c.id)
        .where(deliveries.c.campaign == campaign, deliveries.c.state == state)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(limit)
    )


def visitors(campaign: str, *by: ColumnElement[Any]) -> Select[Any]:
    """Count visits, distinct visitors and robots, grouped by columns of `deliveries` or `links`."""
    person = case((visits.c.robot.is_(False), visits.c.visitor))
    return (
        select(
            *by,
            func.count(person).label("visits"),
            func.count(distinct(person)).label("visitors"),
            func.count(case((visits.c.robot, 1))).label("robots"),
        )
        .select_from(
            visits.join(links, links.c.token == visits.c.token).join(deliveries, deliveries.c.id == links.c.delivery)
        )
        .where(deliveries.c.campaign == campaign)
        .group_by(*by)
    )


def _quarter(moment: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(moment, BigInteger) // QUARTER


def visits_by_quarter(campaign: str) -> Select[Any]:
    """Count visits by quarter of an hour since 1970, channel and metric."""
    quarter, metric = _quarter(visits.c.at).label("quarter"), _metric_of_visit().label("metric")
    return (
        select(quarter, deliveries.c.channel, metric, func.count().label("value"))
        .select_from(
            visits.join(links, links.c.token == visits.c.token).join(deliveries, deliveries.c.id == links.c.delivery)
        )
        .where(deliveries.c.campaign == campaign, visits.c.robot.is_(False))
        .group_by(quarter, deliveries.c.channel, metric)
    )


def growth_by_quarter(campaign: str) -> Select[Any]:
    """How much each metric grew, by the quarter of an hour of the reading. A total corrected downwards shrinks."""
    group = (samples.c.delivery, samples.c.metric, samples.c.origin)
    before = func.lag(samples.c.value).over(
        partition_by=(*group, samples.c.cumulative), order_by=(samples.c.at, samples.c.id)
    )
    grown = (
        select(
            samples.c.delivery,
            samples.c.metric,
            samples.c.origin,
            _quarter(samples.c.at).label("quarter"),
            case((samples.c.cumulative, samples.c.value - func.coalesce(before, 0)), else_=samples.c.value).label(
                "value"
            ),
        )
        .where(samples.c.campaign == campaign)
        .cte("grown")
    )
    return (
        select(
            grown.c.quarter,
            deliveries.c.channel,
            grown.c.metric,
            grown.c.origin,
            func.sum(grown.c.value).label("value"),
        )
        .select_from(grown.outerjoin(deliveries, deliveries.c.id == grown.c.delivery))
        .where(grown.c.value != 0)
        .group_by(grown.c.quarter, deliveries.c.channel, grown.c.metric, grown.c.origin)
    )


def placement_counts(campaign: str) -> Select[Any]:
    """The physical places with their scans; places without a tracked link have a NULL token."""
    person = case((visits.c.robot.is_(False), visits.c.visitor))
    link = and_(links.c.delivery == placements.c.delivery, links.c.placement == placements.c.placement)
    return (
        select(
            placements.c.delivery,
            deliveries.c.activity,
            placements.c.placement,
            placements.c.name,
            placements.c.copies,
            func.max(links.c.token).label("token"),
            func.count(person).label("scans"),
            func.count(distinct(person)).label("visitors"),
        )
        .select_from(
            placements.join(deliveries, deliveries.c.id == placements.c.delivery)
            .outerjoin(links, link)
            .outerjoin(visits, visits.c.token == links.c.token)
        )
        .where(deliveries.c.campaign == campaign)
        .group_by(
            placements.c.delivery, deliveries.c.activity, placements.c.placement, placements.c.name, placements.c.copies
        )
        .order_by(deliveries.c.activity, func.count(person).desc(), placements.c.placement)
    )


def top_deliveries(campaign: str, limit: int) -> Select[Any]:
    """The deliveries with most visits, then impressions, then other answers, as their rows."""
    found = figures(campaign)

    def score(*metrics: str) -> ColumnElement[float]:
        return func.sum(case((found.c.metric.in_(metrics), found.c.value), else_=0))

    best = (
        select(
            found.c.delivery,
            score("clicks", "scans").label("visits"),
            score("impressions", "views", "reach").label("shown"),
            score("likes", "shares", "comments", "replies", "headcount", "coverage").label("answers"),
        )
        .where(found.c.rank == 1, found.c.delivery.is_not(None), found.c.value > 0, found.c.metric != "spend")
        .group_by(found.c.delivery)
        .cte("best")
    )
    return (
        select(
            deliveries.c.id,
            deliveries.c.activity,
            deliveries.c.channel,
            deliveries.c.kind,
            deliveries.c.content,
            deliveries.c.remote_url,
            deliveries.c.published_at,
        )
        .join(best, best.c.delivery == deliveries.c.id)
        .order_by(best.c.visits.desc(), best.c.shown.desc(), best.c.answers.desc(), deliveries.c.id)
        .limit(limit)
    )


def figures_of(campaign: str, ids: Sequence[str]) -> Select[Any]:
    """The counting figures of some deliveries."""
    found = figures(campaign, ids=ids)
    return select(found.c.delivery, found.c.metric, found.c.origin, found.c.value).where(found.c.rank == 1)


def entries(campaign: str, limit: int) -> Select[Any]:
    """The numbers people brought that still count, the newest first."""
    counting = _entered(campaign)
    return (
        select(
            counting.c.at,
            counting.c.source,
            counting.c.delivery,
            deliveries.c.activity,
            counting.c.metric,
            counting.c.value,
            counting.c.note,
            proofs.c.file,
        )
        .select_from(
            counting.outerjoin(deliveries, deliveries.c.id == counting.c.delivery).outerjoin(
                proofs, proofs.c.id == counting.c.proof
            )
        )
        .order_by(counting.c.at.desc(), counting.c.id.desc())
        .limit(limit)
    )


def unproved(campaign: str) -> Select[Any]:
    """Count the numbers people brought that count and have no proof."""
    counting = _entered(campaign)
    return select(func.count()).select_from(counting).where(counting.c.proof.is_(None))


def _entered(campaign: str) -> CTE:
    more = (samples.c.id, samples.c.at, samples.c.source, samples.c.note, samples.c.proof)
    return counting_samples(campaign, *more, only=samples.c.origin == Origin.ENTERED.value)


def reported(campaign: str) -> Select[Any]:
    """By channel: published deliveries that the channel has told a number about, and the last reading."""
    return (
        select(
            deliveries.c.channel,
            func.count(distinct(samples.c.delivery)).label("deliveries"),
            func.max(samples.c.at).label("last"),
        )
        .join(deliveries, deliveries.c.id == samples.c.delivery)
        .where(samples.c.campaign == campaign, type_coerce(samples.c.origin, String) == Origin.REPORTED.value)
        .group_by(deliveries.c.channel)
    )


def link_count(campaign: str) -> Select[Any]:
    """Count the tracked links of a campaign."""
    return (
        select(func.count())
        .select_from(links.join(deliveries, deliveries.c.id == links.c.delivery))
        .where(deliveries.c.campaign == campaign)
    )
