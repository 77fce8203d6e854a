"""When deliveries with a fixed schedule go out: which occurrences count, and where jitter moves them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo.language import _, plural
from promo.plan.digest import ID_LENGTH, jitter_share
from promo.plan.ledger import CANCELLED, Ledger
from promo.plan.occurrence import FAR_FUTURE, FAR_PAST, Occurrence, beyond_known, bounds, occurrences
from promo.plan.recurrence import names_no_hour
from promo.plan.wording import lateness
from promo.source.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from promo.plan.content import Job
    from promo.plan.days import Days
    from promo.plan.notebook import Notebook

LOOK_BACK = timedelta(days=366)  # how far the past of a new campaign is counted, for the remark about it


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When one delivery goes out. `local` is the time of its occurrence, aware, in the campaign's zone."""

    label: str
    due_at: datetime
    local: datetime
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DueTimes:
    """The due times of `at`, `cron` and `rrule` from `start` to `horizon`."""

    start: datetime
    horizon: datetime
    ledger: Ledger
    notebook: Notebook
    span: timedelta | None = None  # of a recurring schedule, from its own first day; None: all of it
    _known: set[tuple[str, str, str]] = field(init=False)

    def __post_init__(self) -> None:
        known = {(row.campaign, row.activity, row.channel) for row in self.ledger.rows.values()}
        object.__setattr__(self, "_known", known)

    def of(self, job: Job, days: tuple[Days, Days]) -> Iterator[Due]:
        """Yield the times in [start, horizon], and others that the ledger knows or that are still in time.

        Nothing is sent after the event: a past occurrence counts only where the ledger has it, or where it is a single
        `at` whose window is still open.
        """
        schedule, campaign = job.activity.schedule, job.loaded.campaign
        late = lateness(campaign, job.activity)
        known = (campaign.campaign, job.name, job.channel.name) in self._known
        if schedule.at:
            first, last = FAR_PAST, FAR_FUTURE
        else:
            back = late if known and late is not None else LOOK_BACK
            first = self.start + schedule.ahead - schedule.jitter - back
            last = self.horizon + schedule.ahead
            if self.span is not None:
                last = min(last, bounds(schedule, job.zone, campaign.period).first + self.span)
        found = occurrences(schedule, job.zone, period=campaign.period, start=first, until=last, days=days)
        self._warn(job, found, days)
        end = None if schedule.at else bounds(schedule, job.zone, campaign.period).last
        single, passed = len(schedule.at) == 1, 0
        for occurrence in found:
            key = job.key(occurrence.label)
            due_at = self._with_jitter(job, occurrence, key, end)
            if not self.start <= due_at <= self.horizon:
                row = self.ledger.rows.get(key[:ID_LENGTH])
                in_time = single and due_at < self.start and (late is None or due_at + late >= self.start)
                if (row is None or row.state == CANCELLED) and not in_time:
                    passed += row is None and due_at < self.start
                    continue
            yield Due(label=occurrence.label, due_at=due_at, local=occurrence.local, notes=occurrence.notes)
        if passed and (schedule.at or not known):
            self._say_passed(job, passed)

    @staticmethod
    def _with_jitter(job: Job, occurrence: Occurrence, key: str, end: datetime | None) -> datetime:
        """Return the due time, moved on by the key's share of `jitter`, but not past the end of the schedule."""
        schedule = job.activity.schedule
        due_at = occurrence.at_utc - schedule.ahead
        if not schedule.jitter:
            return due_at
        moved = due_at + timedelta(seconds=int(schedule.jitter.total_seconds() * jitter_share(key)))
        return moved if end is None else max(due_at, min(moved, end))

    def _warn(self, job: Job, found: Sequence[Occurrence], days: tuple[Days, Days]) -> None:
        rule = job.activity.schedule.rrule
        if rule is not None and names_no_hour(rule) and found and found[0].local.hour == 0:
            self.notebook.problem(
                job.loaded,
                "midnight-rule",
                _("the rule names no hour and fires at midnight"),
                (*job.keys, "schedule", "rrule"),
                hint=_("add BYHOUR and BYMINUTE to it, or a `start` with a time"),
                severity=Severity.WARNING,
            )
        for part in days:
            if beyond_known(found, part):
                warn_data_end(self.notebook, job, part)

    def _say_passed(self, job: Job, count: int) -> None:
        self.notebook.remark(
            plural(
                "{campaign}/{activity} on {channel}: {count} occurrence has passed and is not sent later",
                "{campaign}/{activity} on {channel}: {count} occurrences have passed and are not sent later",
                count,
                campaign=job.loaded.campaign.campaign,
                activity=job.name,
                channel=job.channel.name,
            )
        )


def warn_data_end(notebook: Notebook, job: Job, days: Days) -> None:
    """Say once that the data about days ends before the schedule does."""
    if notebook.has("days-unknown"):
        return
    notebook.problem(
        job.loaded,
        "days-unknown",
        _(
            "China's days off and make-up days are known until {day}; later days are not skipped or added",
            day=days.known_until,
        ),
        (*job.keys, "schedule"),
        hint=_("update chinese-calendar once the notice is out, or name the days in `skip`"),
        severity=Severity.WARNING,
    )
