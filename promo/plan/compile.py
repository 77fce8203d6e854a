"""Campaigns → the deliveries that should stand in the ledger up to the horizon."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.errors import UserMistake
from promo.language import _
from promo.plan.allot import Allotment
from promo.plan.content import Composer, ContentProblem, Job, PhotoAlt, Words
from promo.plan.days import schedule_days
from promo.plan.digest import ID_LENGTH, content_digest
from promo.plan.due import Due, DueTimes
from promo.plan.ledger import Ledger
from promo.plan.limits import check_limits, embargo_note
from promo.plan.localtime import resolve
from promo.plan.model import PlannedDelivery
from promo.plan.notebook import Notebook
from promo.plan.occurrence import FAR_FUTURE, FAR_PAST
from promo.plan.recurrence import end_of
from promo.plan.spoken import judge_words
from promo.plan.traffic import traffic_notes
from promo.plan.wording import lateness, wording_for
from promo.source.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from promo.campaign.load import LoadedCampaign
    from promo.campaign.model import Activity, ApprovalRule, Campaign
    from promo.plan.spoken import CheckWords
    from promo.registry import Channel
    from promo.workspace import Workspace

EMPTY = Ledger()
MOST = 100_000  # deliveries of one activity in one horizon


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """What the files want. `notes` are by delivery id; `remarks` are about whole activities.

    `wanted` names every (campaign, activity with its row, channel) in the files, whether it has a delivery in this
    horizon or not; `closed` the configured channels whose connector cannot be loaded: nobody knows what they want.
    """

    deliveries: list[PlannedDelivery]
    problems: tuple[Problem, ...]
    campaigns: Mapping[str, Mapping[str, Any]]  # campaign id → row for the campaigns table
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    wanted: frozenset[tuple[str, str, str]] = frozenset()
    closed: frozenset[str] = frozenset()


def compile_deliveries(
    campaigns: Iterable[LoadedCampaign],
    workspace: Workspace,
    channels: Mapping[str, Channel],
    *,
    start: datetime,
    horizon: datetime,
    visual_digest: Callable[[Mapping[str, Any]], str] | None = None,
    ledger: Ledger = EMPTY,
    check_words: CheckWords | None = None,
    photo_alt: PhotoAlt | None = None,
) -> Compiled:
    """Return every delivery that is due in [start, horizon], and older ones the ledger already has.

    `ledger` comes from `promo.plan.ledger.read_ledger`: with it, slots once given are kept and late ones recognised.
    `visual_digest` names all that goes into a picture (`Renderer.input_digest`). `check_words` gets a brand's name and
    all a delivery says, and yields what is wrong with the wording. `photo_alt` gets a photo and a language, and returns
    what its credits say it shows. Never raises for what files say: see `Compiled.problems`.
    """
    notebook = Notebook()
    compiler = _Compiler(
        workspace,
        channels,
        notebook,
        due_times=DueTimes(start=start, horizon=horizon, ledger=ledger, notebook=notebook),
        allotment=Allotment(workspace, ledger, notebook, start=start, horizon=horizon),
        visual_digest=visual_digest,
        check_words=check_words,
        photo_alt=photo_alt,
    )
    ordered = sorted(campaigns, key=lambda loaded: loaded.campaign.campaign)
    deliveries = compiler.run(ordered)
    for delivery, note in traffic_notes(deliveries, channels):
        notebook.note(delivery, [note])
    return Compiled(
        deliveries=deliveries,
        problems=notebook.problems,
        campaigns=compiler.rows,
        notes=notebook.notes,
        remarks=notebook.remarks,
        wanted=frozenset(compiler.wanted),
        closed=frozenset(workspace.settings.channels) - frozenset(channels),
    )


def preview_deliveries(
    campaigns: Iterable[LoadedCampaign],
    workspace: Workspace,
    channels: Mapping[str, Channel],
    *,
    span: timedelta,
    visual_digest: Callable[[Mapping[str, Any]], str] | None = None,
    check_words: CheckWords | None = None,
    photo_alt: PhotoAlt | None = None,
) -> Compiled:
    """Return the deliveries of these campaigns, whenever they are due; reads no ledger.

    Every `at` and every row that asks for a slot is made; of a recurring schedule what falls into the first `span` of
    it. The other arguments are those of `compile_deliveries`.
    """
    notebook = Notebook()
    compiler = _Compiler(
        workspace,
        channels,
        notebook,
        due_times=DueTimes(start=FAR_PAST, horizon=FAR_FUTURE, ledger=EMPTY, notebook=notebook, span=span),
        allotment=Allotment(workspace, EMPTY, notebook, start=FAR_PAST, horizon=FAR_FUTURE),
        visual_digest=visual_digest,
        check_words=check_words,
        photo_alt=photo_alt,
    )
    deliveries = compiler.run(sorted(campaigns, key=lambda loaded: loaded.campaign.campaign))
    return Compiled(deliveries=deliveries, problems=notebook.problems, campaigns=compiler.rows)


class _Compiler:
    def __init__(
        self,
        workspace: Workspace,
        channels: Mapping[str, Channel],
        notebook: Notebook,
        *,
        due_times: DueTimes,
        allotment: Allotment,
        visual_digest: Callable[[Mapping[str, Any]], str] | None,
        check_words: CheckWords | None,
        photo_alt: PhotoAlt | None,
    ) -> None:
        self._workspace = workspace
        self._channels = channels
        self._notebook = notebook
        self._due_times = due_times
        self._allotment = allotment
        self._visual_digest = visual_digest
        self._check_words = check_words
        self._composer = Composer(workspace, photo_alt)
        self._found: list[tuple[tuple[Any, ...], PlannedDelivery]] = []
        self._posts: set[tuple[str, str, str, datetime]] = set()
        self.wanted: set[tuple[str, str, str]] = set()
        self.rows: dict[str, Mapping[str, Any]] = {}

    def run(self, campaigns: Sequence[LoadedCampaign]) -> list[PlannedDelivery]:
        slotted: list[tuple[tuple[int, ...], Job]] = []
        for place, loaded in enumerate(campaigns):
            zone = ZoneInfo(loaded.campaign.timezone or self._workspace.settings.timezone)
            self.rows[loaded.campaign.campaign] = _campaign_row(loaded, zone, self._due_times.start)
            for index, activity in enumerate(loaded.campaign.activities):
                try:
                    slotted += self._activity((place, index), loaded, activity, zone)
                except UserMistake as mistake:
                    keys = ("activities", index, "schedule")
                    self._notebook.problem(loaded, "bad-schedule", mistake.message, keys, hint=mistake.hint)
        fixed = [delivery for _order, delivery in self._found]
        for order, job, due in self._allotment.deal(slotted, fixed):
            self._add(order, job, due)
        return [delivery for _order, delivery in sorted(self._found, key=lambda pair: pair[0])]

    def _activity(
        self, place: tuple[int, int], loaded: LoadedCampaign, activity: Activity, zone: ZoneInfo
    ) -> list[tuple[tuple[int, ...], Job]]:
        """Add the deliveries of an activity with times of its own; return the jobs of one that asks for slots."""
        days = schedule_days(activity.schedule)
        self._warn_no_effect(loaded, place[1], activity)
        slotted: list[tuple[tuple[int, ...], Job]] = []
        before = len(self._found)
        for order, job in self._jobs(loaded, place[1], activity, zone):
            if activity.schedule.slots is not None:
                slotted.append(((*place, *order), job))
                continue
            for due in self._due_times.of(job, days):
                if activity.kind != "online" or self._is_alone(job, due):
                    self._add((*place, *order), job, due)
            if len(self._found) - before > MOST:
                raise UserMistake(_("this activity has more than {most} deliveries", most=MOST))
        return slotted

    def _warn_no_effect(self, loaded: LoadedCampaign, index: int, activity: Activity) -> None:
        here, schedule = ("activities", index, "schedule"), activity.schedule
        if schedule.rrule is not None and schedule.also:
            message = _("`also` has an effect with cron and slots only")
            self._notebook.problem(loaded, "no-effect", message, (*here, "also"), severity=Severity.WARNING)
        if schedule.slots is not None and schedule.jitter:
            message = _("`jitter` has no effect with slots: a slot is an exact time")
            self._notebook.problem(loaded, "no-effect", message, (*here, "jitter"), severity=Severity.WARNING)

    def _jobs(
        self, loaded: LoadedCampaign, index: int, activity: Activity, zone: ZoneInfo
    ) -> Iterator[tuple[tuple[int, int], Job]]:
        """Yield an activity's jobs, row by row, with their order."""
        names = tuple(dict.fromkeys(activity.channels))
        wordings = {
            name: wording_for(loaded.campaign, index, activity, self._channels[name], self._workspace)
            for name in names
            if name in self._channels
        }
        rows: list[tuple[str | None, Mapping[str, str] | None]] = [(None, None)]
        if activity.each is not None:
            table = loaded.tables[activity.each]
            rows = list(zip(table.keys, table.rows, strict=True))
        for number, (row_key, row) in enumerate(rows):
            name = activity.id if row_key is None else f"{activity.id}/{row_key}"
            for position, channel in enumerate(names):
                self.wanted.add((loaded.campaign.campaign, name, channel))
                if channel in wordings:
                    job = Job(
                        loaded=loaded,
                        index=index,
                        activity=activity,
                        name=name,
                        row=row,
                        channel=self._channels[channel],
                        wording=wordings[channel],
                        zone=zone,
                    )
                    yield (number, position), job

    def _is_alone(self, job: Job, due: Due) -> bool:
        """Whether no other post of the activity goes out on the channel at that instant; else it is a mistake."""
        place = (job.loaded.campaign.campaign, job.activity.id, job.channel.name, due.due_at)
        if place not in self._posts:
            self._posts.add(place)
            return True
        self._notebook.problem(
            job.loaded,
            "same-instant",
            _(
                "two posts of this activity would go out on {channel} at the same time, {time}",
                channel=job.channel.name,
                time=due.local.strftime("%Y-%m-%d %H:%M"),
            ),
            (*job.keys, "schedule"),
            hint=_("with a table, give each row its own time by `slots`"),
            about=job.channel.name,
        )
        return False

    def _add(self, order: tuple[int, ...], job: Job, due: Due) -> None:
        key, comment_key = job.key(due.label), job.key(due.label, "first-comment")
        try:
            words = self._composer.compose(job, key, comment_key, due.local)
            picture = self._picture_digest(job, words)
            digest = content_digest(
                words.content,
                words.visual,
                picture,
                kind=job.activity.kind,
                type_=job.type,
                with_time=bool(job.activity.schedule.ahead),
            )
        except ContentProblem as mistake:
            message = mistake.message
            if job.row is not None:
                row = job.name.removeprefix(f"{job.activity.id}/")
                message = _("{mistake} (row {row})", mistake=message, row=f"`{row}`")
            self._notebook.problem(job.loaded, "cannot-fill", message, mistake.keys, hint=mistake.hint)
            return
        self._judge(job, words, due, key[:ID_LENGTH])
        campaign = job.loaded.campaign
        late = lateness(campaign, job.activity)
        delivery = PlannedDelivery(
            key=key,
            id=key[:ID_LENGTH],
            campaign=campaign.campaign,
            activity=job.name,
            channel=job.channel.name,
            occurrence=due.label,
            kind=job.activity.kind,
            type=job.type,
            due_at=due.due_at,
            window_until=None if late is None else due.due_at + late,
            digest=digest,
            content=words.content,
            visual=words.visual,
            approval=_approval(campaign, job.activity),
            at=job.loaded.position(*job.keys),
        )
        self._found.append(((*order, due.due_at, 0), delivery))
        if words.comment is not None and job.channel.limits.first_comment:
            self._found.append(((*order, due.due_at, 1), _comment(delivery, comment_key, words.comment)))

    def _picture_digest(self, job: Job, words: Words) -> str | None:
        if self._visual_digest is None or words.visual is None:
            return None
        try:
            return self._visual_digest(words.visual)
        except UserMistake as mistake:
            raise ContentProblem(mistake.message, keys=(*job.keys, "visual"), hint=mistake.hint) from None

    def _judge(self, job: Job, words: Words, due: Due, identity: str) -> None:
        """Write down what the clock, the embargo, the channel and the brand make of it."""
        findings = list(check_limits(job, words))
        self._notebook.note(identity, due.notes)
        if "embargo" in words.content:
            embargo = datetime.fromisoformat(words.content["embargo"])
            self._notebook.note(identity, embargo_note(job, due.due_at, embargo))
        self._notebook.note(identity, (f.message for f in findings if f.severity is not Severity.ERROR))
        for finding in findings:
            if finding.severity is not None:
                self._notebook.problem(
                    job.loaded,
                    finding.code,
                    finding.message,
                    job.wording.keys.get(finding.part, (*job.keys, finding.part)),
                    hint=finding.hint,
                    severity=finding.severity,
                    about=job.channel.name,
                )
        if self._check_words is not None:
            judge_words(job, words, self._check_words, self._notebook)


def _comment(parent: PlannedDelivery, key: str, content: Mapping[str, Any]) -> PlannedDelivery:
    """Return the delivery of a first comment; its real time will count from the moment its parent is published."""
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


def _approval(campaign: Campaign, activity: Activity) -> dict[str, Any] | None:
    rule: ApprovalRule | str | None = activity.approval if activity.approval is not None else campaign.approval
    if rule is None or isinstance(rule, str):
        return None
    return {"stages": list(rule.stages), "deadline": rule.deadline.total_seconds()}


def _campaign_row(loaded: LoadedCampaign, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    campaign = loaded.campaign
    return {
        "campaign": campaign.campaign,
        "file": loaded.path.as_posix(),
        "digest": loaded.digest,
        "document": campaign.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "timezone": zone.key,
        "brand": campaign.brand,
        "ended": resolve(end_of(campaign.period.until), zone).at_utc < now.astimezone(UTC),
    }
