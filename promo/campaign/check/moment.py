"""Times: the period, what a schedule needs, and local times that a clock change skips or repeats."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from promo.language import _
from promo.source.suggest import did_you_mean
from promo.source.value import format_duration
from promo.source.zone import ClockChange, after_gap, clock_change

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from promo.campaign.check.findings import Findings
    from promo.campaign.model import Activity, Schedule

Keys = tuple[str | int, ...]
USUAL_LATE = timedelta(hours=1)


def check_period(findings: Findings) -> None:
    """Note a period that ends before it begins."""
    period = findings.campaign.period
    if period.until < period.from_:
        findings.error("ends-before", _("the period ends before it begins"), "period", "until")


def check_schedule(findings: Findings, index: int, activity: Activity, zone: ZoneInfo) -> None:
    """Note everything that is wrong or doubtful with the times of one activity."""
    schedule = activity.schedule
    here: Keys = ("activities", index, "schedule")
    _check_ways(findings, schedule, here)
    if schedule.at:
        _check_at(findings, schedule, here, zone)
    if schedule.slots is not None:
        _check_slots(findings, index, activity)
    if schedule.from_ is not None or schedule.until is not None:
        _check_span(findings, schedule, here, zone)
    if schedule.start is not None:
        _check_local(findings, schedule.start, zone, *here, "start")
        if schedule.rrule is None:
            findings.warning("no-effect", _("`start` has an effect with `rrule` only"), *here, "start", at_key=True)
    if schedule.jitter:
        _check_jitter(findings, schedule, here)
    if activity.embargo is not None:
        _check_local(findings, activity.embargo, zone, "activities", index, "embargo")
    for number, task in enumerate(activity.tasks):
        if task.due is not None:
            _check_local(findings, task.due, zone, "activities", index, "tasks", number, "due")


def _check_ways(findings: Findings, schedule: Schedule, here: Keys) -> None:
    ways = [name for name in ("at", "cron", "rrule", "slots") if getattr(schedule, name)]
    hint = _("write exactly one of at, cron, rrule, slots")
    if not ways:
        findings.error("no-time", _("the schedule does not say when"), *here, at_key=True, hint=hint)
    elif len(ways) > 1:
        named = ", ".join(f"`{way}`" for way in ways)
        message = _("the schedule says {ways}: only one of them can hold", ways=named)
        findings.error("two-times", message, *here, at_key=True, hint=hint)


def _check_jitter(findings: Findings, schedule: Schedule, here: Keys) -> None:
    late = schedule.late if schedule.late is not None else findings.campaign.defaults.late
    limit = USUAL_LATE if late is None else timedelta(0) if late == "never" else late
    if limit != "always" and schedule.jitter > limit:
        findings.warning(
            "jitter-over-late",
            _(
                "spread over {jitter}, but it may be late by {late} only",
                jitter=format_duration(schedule.jitter),
                late=format_duration(limit),
            ),
            *here,
            "jitter",
        )


def _check_at(findings: Findings, schedule: Schedule, here: Keys, zone: ZoneInfo) -> None:
    period = findings.campaign.period
    for number, moment in enumerate(schedule.at):
        _check_local(findings, moment, zone, *here, "at", number)
        day = (moment if moment.tzinfo is None else moment.astimezone(zone)).date()
        if not period.from_ <= day <= period.until:
            findings.warning(
                "outside-period",
                _("{day} is outside the campaign's period", day=day.isoformat()),
                *here,
                "at",
                number,
                hint=_("the period runs from {start} to {end}", start=period.from_, end=period.until),
            )
        if len(schedule.at) > 1 and moment in schedule.at[:number]:
            findings.error("same-time-twice", _("this time is there twice"), *here, "at", number)
    for name in ("from_", "until", "also", "count"):
        if getattr(schedule, name):
            key = name.rstrip("_")
            findings.warning("no-effect", _("{key} has no effect beside `at`", key=f"`{key}`"), *here, key, at_key=True)


def _check_slots(findings: Findings, index: int, activity: Activity) -> None:
    name, plans = activity.schedule.slots, findings.facts.slots
    here = ("activities", index, "schedule", "slots")
    if name == "channel":
        for channel in activity.channels:
            settings = findings.facts.channels.get(channel)
            if settings is not None and settings.slots is None:
                findings.error(
                    "no-slots",
                    _("the channel {name} has no slot plan of its own", name=f"`{channel}`"),
                    *here,
                    hint=_("give it `slots:` in promo.yaml, or name a plan here"),
                )
    elif name not in plans:
        findings.error(
            "no-such-slots",
            _("there is no slot plan {name} in promo.yaml", name=f"`{name}`"),
            *here,
            hint=did_you_mean(str(name), [*plans, "channel"]),
        )


def _check_span(findings: Findings, schedule: Schedule, here: Keys, zone: ZoneInfo) -> None:
    period = findings.campaign.period
    start, end = _local(schedule.from_, time.min, zone), _local(schedule.until, time.max, zone)
    if start is not None and end is not None and end < start:
        findings.error("ends-before", _("`until` lies before `from`"), *here, "until")
    for key, value in (("from", schedule.from_), ("until", schedule.until)):
        if isinstance(value, datetime):
            _check_local(findings, value, zone, *here, key)
    outside = _("the period runs from {start} to {end}", start=period.from_, end=period.until)
    if start is not None and start.date() > period.until:
        findings.warning("outside-period", _("it begins after the campaign's period"), *here, "from", hint=outside)
    if end is not None and end.date() < period.from_:
        findings.warning("outside-period", _("it ends before the campaign's period"), *here, "until", hint=outside)


def _local(value: date | datetime | None, of_day: time, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)
    return datetime.combine(value, of_day) if value is not None else None


def _check_local(findings: Findings, moment: datetime, zone: ZoneInfo, *keys: str | int) -> None:
    change = clock_change(moment, zone)
    if change is None:
        return
    written = moment.isoformat(sep=" ", timespec="minutes")
    if change is ClockChange.GAP:
        taken = after_gap(moment, zone)
        findings.warning(
            "time-skipped",
            _(
                "{written} does not exist in {zone}: the clock goes forward; {taken} is taken",
                written=written,
                zone=zone.key,
                taken=taken.isoformat(sep=" ", timespec="minutes"),
            ),
            *keys,
        )
    else:
        offset = moment.replace(tzinfo=zone, fold=0).strftime("%z")
        findings.warning(
            "time-twice",
            _(
                "{written} comes twice in {zone}: the clock goes back; the first ({offset}) is taken",
                written=written,
                zone=zone.key,
                offset=f"{offset[:3]}:{offset[3:]}",
            ),
            *keys,
            hint=_(
                "write the offset to choose: {written}{offset}", written=written, offset=f"{offset[:3]}:{offset[3:]}"
            ),
        )
