"""From the ledger to a report."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from promo.campaign.model import Budget as BudgetPlan
from promo.campaign.model import Goals, Period
from promo.errors import NotFound
from promo.language import _
from promo.report import query
from promo.report.model import (
    DISTINCT,
    Budget,
    BudgetLine,
    CampaignLine,
    DayValue,
    EntryLine,
    Goal,
    Group,
    PlacementCount,
    Report,
    TopDelivery,
    Total,
)
from promo.report.note import notes
from promo.source.suggest import did_you_mean
from promo.source.value import LocalText
from promo.store.database import reading
from promo.store.origin import Origin
from promo.store.tables import campaigns, deliveries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy import Connection, Engine

TOP = 10  # deliveries listed
ENTRIES = 50  # hand-written numbers listed
EXAMPLES = 5  # ids named in a note
WORDS = 80  # characters of a delivery's first words
_ADDRESS = re.compile(r"https?://[!-~]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def summarize(engine: Engine, campaign_id: str, *, now: datetime) -> Report:
    """Read one campaign's numbers. `now` is aware; the ledger is read in one transaction. Raises NotFound."""
    with reading(engine) as connection:
        row = connection.execute(select(campaigns).where(campaigns.c.campaign == campaign_id)).mappings().one_or_none()
        if row is None:
            known = connection.execute(select(campaigns.c.campaign)).scalars().all()
            raise NotFound(
                _("there is no campaign {campaign} in the ledger", campaign=campaign_id),
                hint=did_you_mean(campaign_id, known) or _("campaigns come into the ledger by: promo apply"),
            )
        return _Reading(connection, campaign_id, row["document"], row["timezone"]).report(now)


def list_campaigns(engine: Engine) -> tuple[CampaignLine, ...]:
    """Return every campaign of the ledger with how far it is, the one that ends last first."""
    with reading(engine) as connection:
        rows = connection.execute(query.campaign_list()).all()
    lines = []
    for row in rows:
        period = Period.model_validate(row.document["period"])
        lines.append(
            CampaignLine(
                campaign=row.campaign,
                name=LocalText.parse(row.document["name"]),
                first_day=period.from_,
                last_day=period.until,
                deliveries=row.deliveries,
                published=row.published,
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.last_day, line.campaign), reverse=True))


class _Reading:
    """One campaign while it is read; each method asks the ledger one thing."""

    def __init__(self, connection: Connection, campaign: str, document: Mapping[str, Any], timezone: str) -> None:
        self.connection = connection
        self.campaign = campaign
        self.document = document
        self.timezone = timezone
        self.zone = ZoneInfo(timezone)

    def rows(self, statement: Any) -> list[Any]:
        return list(self.connection.execute(statement).all())

    def report(self, now: datetime) -> Report:
        state_rows = self.rows(query.states(self.campaign))
        total_rows = self.rows(query.totals(self.campaign))
        everything = _totals(total_rows)
        period = Period.model_validate(self.document["period"])
        everyone = self.rows(query.visitors(self.campaign))
        channels = self._groups("channel", total_rows, state_rows)
        reported = self.rows(query.reported(self.campaign))
        states: dict[str, int] = defaultdict(int)
        for row in state_rows:
            states[row.state] += row.count
        report = Report(
            campaign=self.campaign,
            name=LocalText.parse(self.document["name"]),
            brand=self.document["brand"],
            owner=self.document["owner"],
            timezone=self.timezone,
            first_day=period.from_,
            last_day=period.until,
            made_at=now,
            collected_at=max((row.last for row in reported), default=None),
            states=dict(states),
            published=sum(row.published for row in state_rows),
            visitors=everyone[0].visitors if everyone else 0,
            visits=everyone[0].visits if everyone else 0,
            robots=everyone[0].robots if everyone else 0,
            goals=self._goals(everything),
            totals=everything,
            channels=channels,
            kinds=self._groups("kind", total_rows, state_rows),
            days=self._days(),
            placements=self._placements(),
            budget=self._budget(everything),
            top=self._top(),
            entries=self._entries(),
            notes=(),
        )
        return notes(
            report,
            examples={
                state: tuple(row.id for row in self.rows(query.in_state(self.campaign, state, EXAMPLES)))
                for state in ("uncertain", "failed", "missed")
                if states.get(state)
            },
            reported={row.channel: row.deliveries for row in reported},
            unproved=self.rows(query.unproved(self.campaign))[0][0],
            links=self.rows(query.link_count(self.campaign))[0][0],
        )

    def _goals(self, totals: Mapping[str, Total]) -> tuple[Goal, ...]:
        goals = Goals.model_validate(self.document.get("goals") or {})
        wanted = {metric: getattr(goals, metric) for metric in Goals.model_fields}
        return tuple(
            Goal(
                metric=metric,
                target=float(target.amount if metric == "spend" else target),
                total=totals.get(metric),
            )
            for metric, target in wanted.items()
            if target is not None
        )

    def _groups(self, by: str, total_rows: list[Any], state_rows: list[Any]) -> tuple[Group, ...]:
        numbers: dict[str | None, list[Any]] = defaultdict(list)
        for row in total_rows:
            numbers[getattr(row, by)].append(row)
        states: dict[str | None, list[Any]] = defaultdict(list)
        for row in state_rows:
            states[getattr(row, by)].append(row)
        people = {row[0]: row.visitors for row in self.rows(query.visitors(self.campaign, deliveries.c[by]))}
        keys = sorted({*numbers, *states}, key=lambda key: (key is None, key or ""))
        return tuple(
            Group(
                key=key,
                deliveries=sum(row.count for row in states[key]),
                published=sum(row.published for row in states[key]),
                visitors=people.get(key, 0),
                totals=_totals(numbers[key]),
            )
            for key in keys
        )

    def _days(self) -> tuple[DayValue, ...]:
        sums: dict[tuple[date, str | None, str, Origin], float] = defaultdict(float)
        for row in self.rows(query.visits_by_quarter(self.campaign)):
            sums[self._day(row.quarter), row.channel, row.metric, Origin.MEASURED] += row.value
        for row in self.rows(query.growth_by_quarter(self.campaign)):
            sums[self._day(row.quarter), row.channel, row.metric, Origin(row.origin)] += row.value
        return tuple(
            DayValue(day=day, channel=channel, metric=metric, origin=origin, value=value)
            for (day, channel, metric, origin), value in sorted(
                sums.items(), key=lambda item: (item[0][0], str(item[0]))
            )
            if value
        )

    def _day(self, quarter: int) -> date:
        return (_EPOCH + timedelta(microseconds=quarter * query.QUARTER)).astimezone(self.zone).date()

    def _placements(self) -> tuple[PlacementCount, ...]:
        return tuple(
            PlacementCount(
                delivery=row.delivery,
                activity=row.activity,
                placement=row.placement,
                name=row.name,
                copies=row.copies,
                scans=row.scans if row.token else None,
                visitors=row.visitors if row.token else None,
            )
            for row in self.rows(query.placement_counts(self.campaign))
        )

    def _budget(self, totals: Mapping[str, Total]) -> Budget | None:
        planned = BudgetPlan.model_validate(self.document["budget"]) if self.document.get("budget") else None
        goal = Goals.model_validate(self.document.get("goals") or {}).spend
        if planned is None and goal is None and "spend" not in totals:
            return None
        line_of = {activity["id"]: activity.get("budget_line") for activity in self.document["activities"]}
        spent: dict[str | None, Decimal] = defaultdict(Decimal)
        for row in self.rows(query.spending(self.campaign)):
            activity = row.activity.split("/")[0] if row.activity else None
            spent[line_of.get(activity)] += _money(row.total)
        wanted = dict(planned.lines) if planned else {}
        lines = [
            BudgetLine(line=line, planned=amount, spent=spent.pop(line, Decimal())) for line, amount in wanted.items()
        ]
        lines += [BudgetLine(line=line, planned=None, spent=amount) for line, amount in spent.items()]
        money = planned.total if planned else goal
        return Budget(
            currency=money.currency if money else "",
            total=planned.total.amount if planned else None,
            spent=sum((line.spent for line in lines), Decimal()),
            lines=tuple(lines),
        )

    def _top(self) -> tuple[TopDelivery, ...]:
        best = self.rows(query.top_deliveries(self.campaign, TOP))
        figures: dict[str, dict[str, tuple[Origin, float]]] = defaultdict(dict)
        for row in self.rows(query.figures_of(self.campaign, [row.id for row in best])) if best else ():
            figures[row.delivery][row.metric] = (Origin(row.origin), row.value)
        return tuple(
            TopDelivery(
                id=row.id,
                activity=row.activity,
                channel=row.channel,
                kind=row.kind,
                title=_first_words(row.content),
                url=row.remote_url,
                published_at=row.published_at,
                figures=figures[row.id],
            )
            for row in best
        )

    def _entries(self) -> tuple[EntryLine, ...]:
        return tuple(
            EntryLine(
                at=row.at,
                by=row.source,
                delivery=row.delivery,
                activity=row.activity,
                metric=row.metric,
                value=row.value,
                proof=row.file,
                note=row.note,
            )
            for row in self.rows(query.entries(self.campaign, ENTRIES))
        )


def _totals(rows: Iterable[Any]) -> dict[str, Total]:
    """Fold rows of `query.totals` into one Total a metric; a metric whose figures are all beside others cannot be."""
    by_metric: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_metric[row.metric].append(row)
    return {metric: _total(metric, by_metric[metric]) for metric in sorted(by_metric)}


def _total(metric: str, rows: list[Any]) -> Total:
    counted: dict[Origin, float] = defaultdict(float)
    beside: dict[Origin, float] = defaultdict(float)
    for row in rows:
        numbers, origin = (counted if row.counts else beside), Origin(row.origin)
        if metric in DISTINCT:
            numbers[origin] = max(numbers[origin], float(row.largest))
        else:
            numbers[origin] += float(row.total)
    counting = [row for row in rows if row.counts]
    largest = max(counting, key=lambda row: float(row.largest))
    return Total(
        metric=metric,
        counted=dict(counted),
        beside=dict(beside),
        largest=float(largest.largest),
        of=Origin(largest.origin),
        deliveries=sum(row.deliveries for row in counting),
    )


def _money(value: float) -> Decimal:
    return Decimal(str(round(value, 4)))


def _first_words(content: Mapping[str, Any]) -> str:
    said = str(content.get("title") or content.get("text") or "")
    words = " ".join(_ADDRESS.sub(" ", said).split()) or said  # every delivery's link is another: it names nothing
    return words if len(words) <= WORDS else words[: WORDS - 1] + "…"
