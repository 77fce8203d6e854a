"""When deliveries with a fixed schedule go out: which occurrences count, and where jitter moves them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo.language import _, plural
from promo.plan.digest import ID_LENGTH, jitter_share
from promo.plan.ledger import CANCELLED, Ledger
from promo.plan.localtime import local_time, resolve
from promo.plan.occurrence import FAR_FUTURE, FAR_PAST, Occurrence, bounds, fires, occurrences
from promo.plan.recurrence import end_of, names_no_hour
from promo.plan.wording import lateness
from promo.source.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from promo.plan.content import Job
    from promo.plan.days import DataEnd, Days
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
            due_at = self._with_jitter(job, occurrence, end) if schedule.jitter else occurrence.at_utc - schedule.ahead
            if not self.start <= due_at <= self.horizon:
                row = self.ledger.rows.get(job.key(occurrence.label)[:ID_LENGTH])
                in_time = single and due_at < self.start and (late is None or due_at + late >= self.start)
                if (row is None or row.state == CANCELLED) and not in_time:
                    passed += row is None and due_at < self.start
                    continue
            yield Due(label=occurrence.label, due_at=due_at, local=occurrence.local, notes=occurrence.notes)
        if passed and (schedule.at or not known):
            self._say_passed(job, passed)

    @staticmethod
    def _with_jitter(job: Job, occurrence: Occurrence, end: datetime | None) -> datetime:
        """Return the due time, moved on by the key's share of `jitter`, but not past the end of the schedule."""
        schedule = job.activity.schedule
        due_at = occurrence.at_utc - schedule.ahead
        share = jitter_share(job.key(occurrence.label))
        moved = due_at + timedelta(seconds=int(schedule.jitter.total_seconds() * share))
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
        if self.span is not None and not found:
            self._warn_silent(job)
        for part in days:
            for end in part.ends:
                if any(occurrence.local.date() > end.last for occurrence in found) or self._goes_on(job, days, end):
                    warn_data_end(self.notebook, job, end)
            if found and part.countries:
                warn_estimates(self.notebook, job, part.estimates(found[0].local.date(), found[-1].local.date()))

    def _warn_silent(self, job: Job) -> None:
        """Say that a schedule names no time at all, not only none within the `span` that is looked at."""
        schedule, period = job.activity.schedule, job.loaded.campaign.period
        way = "cron" if schedule.cron is not None else "rrule"
        limits = bounds(schedule, job.zone, period)
        if limits.last < limits.first or (way == "cron" and schedule.also) or fires(schedule, job.zone, period):
            return
        self.notebook.problem(
            job.loaded,
            "never-fires",
            _(
                "it names no time from {first} to {last}",
                first=local_time(limits.first, job.zone).date(),
                last=local_time(limits.last, job.zone).date(),
            ),
            (*job.keys, "schedule", way),
            hint=_("its parts never meet, or only outside of these days: promo calendar shows what goes out"),
            severity=Severity.WARNING,
        )

    def _goes_on(self, job: Job, days: tuple[Days, Days], end: DataEnd) -> bool:
        """Whether a schedule of which only a `span` is looked at fires in the year after the data, too."""
        schedule, period = job.activity.schedule, job.loaded.campaign.period
        last = bounds(schedule, job.zone, period).last
        if self.span is None or schedule.at or local_time(last, job.zone).date() <= end.last:
            return False
        after = resolve(end_of(end.last), job.zone).at_utc
        return bool(
            occurrences(schedule, job.zone, period=period, start=after, until=min(last, after + LOOK_BACK), days=days)
        )

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


def warn_data_end(notebook: Notebook, job: Job, end: DataEnd) -> None:
    """Say once that the data about days ends before the schedule does: where mistakes are told, and in the plan."""
    about = f"{end.package} {end.country}"
    if notebook.has("days-unknown", about):
        return
    keys = (*job.keys, "schedule")
    notebook.problem(
        job.loaded, "days-unknown", end.message(), keys, hint=end.hint(), severity=Severity.WARNING, about=about
    )
    notebook.remark(end.message())


def warn_estimates(notebook: Notebook, job: Job, estimates: Sequence[tuple[str, date]]) -> None:
    """Say once a country that the schedule rests on holidays whose day is not certain."""
    for code, day in estimates:
        if not notebook.has("days-estimated", code):
            notebook.problem(
                job.loaded,
                "days-estimated",
                _(
                    "{day} as a public holiday of {country} is an estimate: it may move by a day",
                    day=day,
                    country=code,
                ),
                (*job.keys, "schedule"),
                hint=_("it follows the sighting of the moon: update holidays before, or name the days in `skip`"),
                severity=Severity.WARNING,
                about=code,
            )
