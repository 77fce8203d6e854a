"""Campaigns → the deliveries that should stand in the ledger up to the horizon."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.errors import UserMistake
from promo.language import _, plural
from promo.plan.content import Composer, ContentProblem, Job, Words
from promo.plan.days import Days, schedule_days
from promo.plan.digest import ID_LENGTH, content_digest, delivery_key, jitter_share
from promo.plan.ledger import CANCELLED, OPEN, Ledger
from promo.plan.limits import check_limits, embargo_finding
from promo.plan.model import PlannedDelivery
from promo.plan.occurrence import FAR_FUTURE, FAR_PAST, Occurrence, beyond_known, bounds, occurrences
from promo.plan.recurrence import names_no_hour
from promo.plan.slots import Request, SlotBook
from promo.plan.traffic import traffic_notes
from promo.plan.wording import Wording, lateness, wording_for
from promo.source.problem import Position, Problem, Severity
from promo.source.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from promo.campaign.load import LoadedCampaign
    from promo.campaign.model import Activity, ApprovalRule, Campaign
    from promo.registry import Channel
    from promo.workspace import SlotPlan, Workspace

EMPTY = Ledger()
SLOT_STATES = OPEN | {CANCELLED, "rejected"}  # in these a delivery may still move to another slot
LOOK_BACK = timedelta(days=366)  # how far the past of a new campaign is counted, for the note about it


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """What the files want. `notes` are by delivery id; `remarks` are about whole activities."""

    deliveries: list[PlannedDelivery]
    problems: tuple[Problem, ...]
    campaigns: Mapping[str, Mapping[str, Any]]  # campaign id → row for the campaigns table
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    wanted: frozenset[tuple[str, str, str]] = frozenset()  # campaign, activity (with row), channel: in the files at all


def compile_deliveries(
    campaigns: Sequence[LoadedCampaign],
    workspace: Workspace,
    channels: Mapping[str, Channel],
    *,
    start: datetime,
    horizon: datetime,
    visual_digest: Callable[[Mapping[str, Any]], str] | None = None,
    ledger: Ledger = EMPTY,
    check_words: Callable[[str, str], Iterable[str]] | None = None,
) -> Compiled:
    """Return every delivery that is due in [start, horizon], and older ones the ledger already has.

    `ledger` comes from `promo.plan.ledger.read_ledger`: with it, slots once given are kept and late ones recognised.
    `visual_digest` names all that goes into a picture (`Renderer.input_digest`). `check_words` gets a brand's name and
    a text and yields what is wrong with the wording. Problems never raise; they are in the result.
    """
    compiler = _Compiler(
        workspace,
        channels,
        start=start,
        horizon=horizon,
        visual_digest=visual_digest,
        ledger=ledger,
        check_words=check_words,
    )
    return compiler.run(sorted(campaigns, key=lambda loaded: loaded.campaign.campaign))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Due:
    """When one delivery goes out."""

    label: str
    due_at: datetime
    local: datetime
    notes: tuple[str, ...] = ()


class _Compiler:
    def __init__(
        self,
        workspace: Workspace,
        channels: Mapping[str, Channel],
        *,
        start: datetime,
        horizon: datetime,
        visual_digest: Callable[[Mapping[str, Any]], str] | None,
        ledger: Ledger,
        check_words: Callable[[str, str], Iterable[str]] | None,
    ) -> None:
        self._workspace = workspace
        self._channels = channels
        self._start = start
        self._horizon = horizon
        self._visual_digest = visual_digest
        self._ledger = ledger
        self._check_words = check_words
        self._composer = Composer(workspace)
        self._book = SlotBook(ledger)
        self._planned_before = {(r.campaign, r.activity, r.channel) for r in ledger.rows.values()}
        self._problems: dict[tuple[Any, ...], Problem] = {}
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._remarks: dict[str, None] = {}
        self._data_end: date | None = None
        self._deliveries: list[tuple[tuple[Any, ...], PlannedDelivery]] = []
        self._wanted: set[tuple[str, str, str]] = set()

    def run(self, campaigns: Sequence[LoadedCampaign]) -> Compiled:
        slotted: list[tuple[tuple[int, int, int, int], Job]] = []
        for place, loaded in enumerate(campaigns):
            zone = ZoneInfo(loaded.campaign.timezone or self._workspace.settings.timezone)
            for index, activity in enumerate(loaded.campaign.activities):
                try:
                    days = schedule_days(activity.schedule)
                    for order, job in self._jobs(loaded, index, activity, zone):
                        if activity.schedule.slots is not None:
                            slotted.append(((place, index, *order), job))
                        else:
                            self._add_fixed((place, index, *order), job, days)
                except UserMistake as error:
                    self._problem(loaded, "schedule", error.message, ("activities", index, "schedule"), hint=error.hint)
        self._add_slotted(slotted)
        found = [delivery for _order, delivery in sorted(self._deliveries, key=lambda pair: pair[0])]
        for delivery, note in traffic_notes(found, self._channels):
            self._notes[delivery].append(note)
        return Compiled(
            deliveries=found,
            problems=tuple(self._problems.values()),
            campaigns={loaded.campaign.campaign: self._campaign_row(loaded) for loaded in campaigns},
            notes={delivery: tuple(notes) for delivery, notes in self._notes.items()},
            remarks=tuple(self._remarks),
            wanted=frozenset(self._wanted),
        )

    def _jobs(
        self, loaded: LoadedCampaign, index: int, activity: Activity, zone: ZoneInfo
    ) -> Iterator[tuple[tuple[int, int], Job]]:
        """Yield an activity's jobs, row by row, with their order."""
        channels = [self._channels[name] for name in dict.fromkeys(activity.channels) if name in self._channels]
        words: dict[str, Wording] = {
            channel.name: wording_for(loaded.campaign, index, activity, channel, self._workspace)
            for channel in channels
        }
        rows: list[tuple[str | None, Mapping[str, str] | None]] = [(None, None)]
        if activity.each is not None:
            table = loaded.tables[activity.each]
            rows = list(zip(table.keys, table.rows, strict=True))
        for number, (row_key, row) in enumerate(rows):
            for position, channel in enumerate(channels):
                job = Job(
                    loaded=loaded,
                    index=index,
                    activity=activity,
                    row=row,
                    row_key=row_key,
                    channel=channel,
                    wording=words[channel.name],
                    zone=zone,
                )
                self._wanted.add((loaded.campaign.campaign, job.name, channel.name))
                yield (number, position), job

    def _add_fixed(self, order: tuple[int, ...], job: Job, days: tuple[Days, Days]) -> None:
        instants: dict[datetime, str] = {}
        for due in self._due_times(job, days):
            # Jitter may move an occurrence, never onto another: the two would be one post twice.
            if job.activity.kind == "online" and due.due_at in instants:
                continue
            instants[due.due_at] = due.label
            self._book.take(job.channel.name, due.due_at)
            self._add(order, job, due)

    def _due_times(self, job: Job, days: tuple[Days, Days]) -> Iterator[_Due]:
        """Yield the times in [start, horizon], and others that the ledger knows or that are still in time."""
        schedule, campaign = job.activity.schedule, job.loaded.campaign
        late = lateness(campaign, job.activity)
        period = campaign.period
        known = (campaign.campaign, job.name, job.channel.name) in self._planned_before
        single, passed = len(schedule.at) == 1, 0
        if schedule.at:
            first, last = FAR_PAST, FAR_FUTURE
        else:
            back = (late if late is not None else LOOK_BACK) if known else LOOK_BACK
            first = self._start + schedule.ahead - schedule.jitter - back
            last = self._horizon + schedule.ahead
        found = occurrences(schedule, job.zone, period=period, start=first, until=last, days=days)
        self._say_data_end(job, found, days)
        if schedule.rrule is not None and names_no_hour(schedule.rrule) and found and found[0].local.hour == 0:
            self._problem(
                job.loaded,
                "midnight-rule",
                _("the rule names no hour and fires at midnight"),
                (*job.keys, "schedule", "rrule"),
                hint=_("add BYHOUR and BYMINUTE to it, or a `start` with a time"),
                severity=Severity.WARNING,
            )
        end = None if schedule.at else bounds(schedule, job.zone, period).last
        for occurrence in found:
            due_at, identity = self._with_jitter(job, occurrence, end)
            if due_at > self._horizon or due_at < self._start:
                in_time = single and due_at < self._start and (late is None or due_at + late >= self._start)
                row = self._ledger.rows.get(identity)
                if (row is None or row.state == CANCELLED) and not in_time:
                    passed += row is None and due_at < self._start
                    continue
            yield _Due(label=occurrence.label, due_at=due_at, local=occurrence.local, notes=occurrence.notes)
        if passed and not (known and not schedule.at):
            self._say_passed(job, passed)

    def _with_jitter(self, job: Job, occurrence: Occurrence, end: datetime | None) -> tuple[datetime, str]:
        """Return the due time, moved on by the key's share of `jitter`, and the delivery's id."""
        schedule = job.activity.schedule
        key = self._key(job, occurrence.label)
        due_at = occurrence.at_utc - schedule.ahead
        if schedule.jitter:
            moved = due_at + timedelta(seconds=int(schedule.jitter.total_seconds() * jitter_share(key)))
            due_at = max(due_at, min(moved, end)) if end is not None else moved
        return due_at, key[:ID_LENGTH]

    def _add_slotted(self, jobs: Sequence[tuple[tuple[int, int, int, int], Job]]) -> None:
        """Give slots: first every delivery keeps its own, then the others take the next free ones in file order."""
        waiting: list[tuple[tuple[Any, ...], Job, str, Request]] = []
        for order, job in jobs:
            plan = self._slot_plan(job)
            if plan is None:
                continue
            for number in range(1, (job.activity.schedule.count or 1) + 1):
                label = f"slot-{number}"
                request = self._request(job, plan, self._key(job, label)[:ID_LENGTH])
                row = self._ledger.rows.get(request.id)
                kept = self._book.keeps(request)
                if kept is None and row is not None and row.state not in SLOT_STATES:
                    kept = row.due_at  # gone out, or given up: its time is history, whatever the plan says now
                if kept is None:
                    waiting.append(((*order, number), job, label, request))
                else:
                    self._add((*order, number), job, self._slot_due(job, label, kept))
        left: Counter[tuple[str, str, str]] = Counter()
        for order_, job, label, request in waiting:
            moment = self._book.next_free(request, self._start, self._horizon)
            if moment is not None:
                self._add(order_, job, self._slot_due(job, label, moment))
            else:
                left[(job.loaded.campaign.campaign, job.activity.id, job.channel.name)] += 1
                if request.last <= self._horizon:
                    self._problem(
                        job.loaded,
                        "no-slot",
                        _("{channel} has no free slot left for all posts of this activity", channel=job.channel.name),
                        (*job.keys, "schedule"),
                        hint=_("give the slot plan more times, or a later `until`"),
                        severity=Severity.WARNING,
                    )
        for (campaign, activity, channel), count in left.items():
            self._remarks[
                plural(
                    "{campaign}/{activity}: {count} delivery waits for a free slot of {channel}",
                    "{campaign}/{activity}: {count} deliveries wait for a free slot of {channel}",
                    count,
                    campaign=campaign,
                    activity=activity,
                    channel=channel,
                )
            ] = None

    def _slot_plan(self, job: Job) -> SlotPlan | None:
        name = job.activity.schedule.slots
        plans = self._workspace.settings.slots
        plan = job.channel.slots if name == "channel" else plans.get(name or "")
        if plan is None:
            self._problem(
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

    @staticmethod
    def _slot_due(job: Job, label: str, moment: datetime) -> _Due:
        return _Due(label=label, due_at=moment, local=moment.astimezone(job.zone))

    def _key(self, job: Job, label: str, part: str = "main") -> str:
        return delivery_key(job.loaded.campaign.campaign, job.name, job.channel.name, label, part)

    def _add(self, order: tuple[Any, ...], job: Job, due: _Due) -> None:
        key, comment_key = self._key(job, due.label), self._key(job, due.label, "first-comment")
        identity = key[:ID_LENGTH]
        try:
            words = self._composer.compose(job, key, comment_key, identity, due.local)
        except ContentProblem as error:
            self._problem(job.loaded, "content", error.message, error.keys, hint=error.hint)
            return
        self._judge(job, words, due, identity)
        campaign = job.loaded.campaign
        late = lateness(campaign, job.activity)
        visual_digest = self._visual_digest(words.visual) if self._visual_digest and words.visual is not None else None
        delivery = PlannedDelivery(
            key=key,
            id=identity,
            campaign=campaign.campaign,
            activity=job.name,
            channel=job.channel.name,
            occurrence=due.label,
            kind=job.activity.kind,
            type=job.type,
            due_at=due.due_at,
            window_until=None if late is None else due.due_at + late,
            digest=content_digest(
                words.content,
                words.visual,
                visual_digest,
                kind=job.activity.kind,
                type_=job.type,
                with_time=bool(job.activity.schedule.ahead),
            ),
            content=words.content,
            visual=words.visual,
            approval=_approval(campaign, job.activity),
            at=self._position(job),
        )
        self._deliveries.append(((*order, due.due_at, 0), delivery))
        if words.comment is not None and job.channel.limits.first_comment:
            self._deliveries.append(((*order, due.due_at, 1), self._comment(delivery, comment_key, words.comment)))

    @staticmethod
    def _comment(parent: PlannedDelivery, key: str, content: Mapping[str, Any]) -> PlannedDelivery:
        """Return the delivery of a first comment; its time counts from the moment its parent is published."""
        delay = timedelta(seconds=content["delay"])
        return replace(
            parent,
            key=key,
            id=key[:ID_LENGTH],
            part="first-comment",
            parent=parent.id,
            due_at=parent.due_at + delay,
            window_until=None if parent.window_until is None else parent.window_until + delay,
            digest=content_digest(content, None, None, kind=parent.kind, type_=parent.type, with_time=False),
            content=content,
            visual=None,
        )

    def _judge(self, job: Job, words: Words, due: _Due, identity: str) -> None:
        """Turn what the channel, the embargo and the brand say into problems and notes."""
        findings = list(check_limits(job, words))
        if "embargo" in words.content:
            embargo = embargo_finding(job, due.due_at, datetime.fromisoformat(words.content["embargo"]))
            findings += [embargo] if embargo is not None else []
        notes = [*due.notes, *(finding.message for finding in findings if finding.severity is not Severity.ERROR)]
        if notes:
            self._notes[identity].extend(notes)
        for finding in findings:
            if finding.severity is not None:
                keys = job.wording.keys.get(finding.part, (*job.keys, finding.part))
                self._problem(
                    job.loaded,
                    finding.code,
                    finding.message,
                    keys,
                    hint=finding.hint,
                    severity=finding.severity,
                    once=job.channel.name,
                )
        if self._check_words is not None:
            for part in ("title", "text", "body"):
                for message in (
                    self._check_words(job.loaded.campaign.brand, words.content[part]) if words.content[part] else ()
                ):
                    self._problem(
                        job.loaded, "wording", message, job.wording.keys[part], severity=Severity.WARNING, once=message
                    )

    def _say_data_end(self, job: Job, found: Sequence[Occurrence], days: tuple[Days, Days]) -> None:
        for part in days:
            if part.known_until is not None and self._data_end is None and beyond_known(found, part):
                self._data_end = part.known_until
                self._problem(
                    job.loaded,
                    "days-unknown",
                    _(
                        "China's days off and make-up days are known until {day}; later days are not skipped or added",
                        day=part.known_until,
                    ),
                    (*job.keys, "schedule"),
                    hint=_("update chinese-calendar once the notice is out, or name the days in `skip`"),
                    severity=Severity.WARNING,
                )

    def _say_passed(self, job: Job, count: int) -> None:
        self._remarks[
            plural(
                "{campaign}/{activity} on {channel}: {count} occurrence has passed and is not sent later",
                "{campaign}/{activity} on {channel}: {count} occurrences have passed and are not sent later",
                count,
                campaign=job.loaded.campaign.campaign,
                activity=job.name,
                channel=job.channel.name,
            )
        ] = None

    def _problem(
        self,
        loaded: LoadedCampaign,
        code: str,
        message: str,
        keys: tuple[str | int, ...],
        *,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
        once: str = "",
    ) -> None:
        """Note a problem, once for each place: a mistake in a recurring text is one mistake."""
        at = loaded.position(*keys)
        self._problems.setdefault(
            (code, at, once), Problem(code=code, message=message, at=at, hint=hint, severity=severity)
        )

    @staticmethod
    def _position(job: Job) -> Position:
        return job.loaded.position(*job.keys)

    def _campaign_row(self, loaded: LoadedCampaign) -> dict[str, Any]:
        campaign = loaded.campaign
        timezone = campaign.timezone or self._workspace.settings.timezone
        end = bounds_end(campaign, ZoneInfo(timezone))
        return {
            "campaign": campaign.campaign,
            "file": loaded.path.as_posix(),
            "digest": loaded.digest,
            "document": campaign.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "timezone": timezone,
            "brand": campaign.brand,
            "ended": end < self._start.astimezone(UTC),
        }


def bounds_end(campaign: Campaign, zone: ZoneInfo) -> datetime:
    """Return the last instant of a campaign's period."""
    return datetime.combine(campaign.period.until, datetime.max.time(), tzinfo=zone).astimezone(UTC)


def _approval(campaign: Campaign, activity: Activity) -> dict[str, Any] | None:
    rule: ApprovalRule | str | None = activity.approval if activity.approval is not None else campaign.approval
    if rule is None or isinstance(rule, str):
        return None
    return {"stages": list(rule.stages), "deadline": rule.deadline.total_seconds()}
