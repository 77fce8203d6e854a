"""Slots for the deliveries of a plan: each keeps its own, the others take the next free ones in file order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.language import _, plural
from promo.plan.days import schedule_days
from promo.plan.digest import ID_LENGTH
from promo.plan.due import Due, warn_data_end
from promo.plan.ledger import CANCELLED, OPEN
from promo.plan.occurrence import bounds
from promo.plan.slots import Request, SlotBook, keeps
from promo.source.problem import Severity
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from datetime import datetime

    from promo.plan.content import Job
    from promo.plan.ledger import Ledger
    from promo.plan.model import PlannedDelivery
    from promo.plan.notebook import Notebook
    from promo.workspace import SlotPlan, Workspace

Order = tuple[int, ...]


class Allotment:
    """Deals out the slots of one plan."""

    def __init__(
        self, workspace: Workspace, ledger: Ledger, notebook: Notebook, *, start: datetime, horizon: datetime
    ) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._notebook = notebook
        self._start = start
        self._horizon = horizon

    def deal(
        self, jobs: Sequence[tuple[Order, Job]], fixed: Sequence[PlannedDelivery]
    ) -> Iterator[tuple[Order, Job, Due]]:
        """Yield the jobs that have or get a slot. `fixed` are the deliveries with times of their own."""
        kept: set[str] = set()
        waiting: list[tuple[Order, Job, str, Request]] = []
        for order, job in jobs:
            plan = self._plan(job)
            if plan is None:
                continue
            for number in range(1, (job.activity.schedule.count or 1) + 1):
                label = f"slot-{number}"
                request = self._request(job, plan, job.key(label)[:ID_LENGTH])
                moment = keeps(request, self._ledger.rows.get(request.id))
                if moment is None:
                    waiting.append(((*order, number), job, label, request))
                else:
                    kept.add(request.id)
                    yield (*order, number), job, _due(job, label, moment)
        book = SlotBook(self._taken(fixed, kept))
        left: Counter[tuple[str, str, str]] = Counter()
        for order, job, label, request in waiting:
            moment = book.next_free(request, self._start, self._horizon)
            if moment is not None:
                due = _due(job, label, moment)
                for end in (*request.skipped.ends, *request.added.ends):
                    if due.local.date() > end.last:
                        warn_data_end(self._notebook, job, end)
                yield order, job, due
                continue
            left[job.loaded.campaign.campaign, job.activity.id, job.channel.name] += 1
            if request.last <= self._horizon:
                self._say_full(job)
        self._say_waiting(left)

    def _taken(self, fixed: Sequence[PlannedDelivery], kept: Container[str]) -> Iterator[tuple[str, datetime]]:
        """Yield what is not free: the files' fixed times, the slots kept, and those of deliveries that went out."""
        ids = {delivery.id for delivery in fixed}
        yield from ((delivery.channel, delivery.due_at) for delivery in fixed)
        for row in self._ledger.rows.values():
            if row.state == CANCELLED or row.part != "main" or row.id in ids:
                continue
            # An open one that is neither fixed nor kept is moved or cancelled by this very plan.
            if row.state not in OPEN or row.id in kept:
                yield row.channel, row.due_at

    def _plan(self, job: Job) -> SlotPlan | None:
        name = job.activity.schedule.slots
        plans = self._workspace.settings.slots
        plan = job.channel.slots if name == "channel" else plans.get(name or "")
        if plan is None:
            self._notebook.problem(
                job.loaded,
                "no-slot-plan",
                _("the channel {channel} has no slot plan in promo.yaml", channel=job.channel.name)
                if name == "channel"
                else _("there is no slot plan {name} in promo.yaml", name=f"`{name}`"),
                (*job.keys, "schedule", "slots"),
                hint=did_you_mean(name or "", plans),
            )
        return plan

    def _request(self, job: Job, plan: SlotPlan, identity: str) -> Request:
        limits = bounds(job.activity.schedule, job.zone, job.loaded.campaign.period)
        skipped, added = schedule_days(job.activity.schedule)
        return Request(
            id=identity,
            channel=job.channel.name,
            plan=plan,
            zone=ZoneInfo(plan.timezone or self._workspace.settings.timezone),
            first=limits.first,
            last=limits.last,
            skipped=skipped,
            added=added,
        )

    def _say_full(self, job: Job) -> None:
        self._notebook.problem(
            job.loaded,
            "no-slot",
            _("{channel} has no free slot left for all posts of this activity", channel=job.channel.name),
            (*job.keys, "schedule"),
            hint=_("give the slot plan more times, or a later `until`"),
            severity=Severity.WARNING,
            about=job.channel.name,
        )

    def _say_waiting(self, left: Counter[tuple[str, str, str]]) -> None:
        for (campaign, activity, channel), count in left.items():
            self._notebook.remark(
                plural(
                    "{campaign}/{activity}: {count} delivery waits for a free slot of {channel}",
                    "{campaign}/{activity}: {count} deliveries wait for a free slot of {channel}",
                    count,
                    campaign=campaign,
                    activity=activity,
                    channel=channel,
                )
            )


def _due(job: Job, label: str, moment: datetime) -> Due:
    return Due(label=label, due_at=moment, local=moment.astimezone(job.zone))
