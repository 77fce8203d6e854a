"""10,000 activities expanded over 35 days and compared with their ledger, against the bare recurrence libraries.

And a rule that began twenty years ago against the same rule begun last month: time and memory go with the horizon.
"""

import statistics
import tempfile
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import workload
from cronsim import CronSim
from dateutil.rrule import rrulestr

from promo.app.workspace import App
from promo.campaign.load import load_campaigns
from promo.clock import VirtualClock
from promo.garbage import collected_rarely
from promo.plan.compile import Compiled
from promo.plan.content import Job
from promo.plan.days import schedule_days
from promo.plan.diff import make_plan
from promo.plan.digest import ID_LENGTH, delivery_key
from promo.plan.due import DueTimes
from promo.plan.ledger import Ledger, LedgerRow
from promo.plan.model import PlannedDelivery
from promo.plan.notebook import Notebook
from promo.plan.wording import wording_for
from promo.workspace import open_workspace

ACTIVITIES, FILES = 10_000, 20
NOW = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)
HORIZON = NOW + timedelta(days=35)  # with the clock changes of North America and Europe in it
LATE = timedelta(hours=1)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo")
RECENT, LAST_MONTH, LONG_AGO = date(2027, 1, 4), date(2027, 2, 1), date(2007, 1, 1)  # Mondays
EXPAND, YEARS, MEMORY = 1.5, 1.2, 1.2  # aims

HEAD = """\
campaign: spring-{number:02}
name: Spring {number}
brand: benchmark
owner: wang.li@benchmark.example
timezone: {zone}
period: {{from: {begin}, until: 2027-12-31}}
activities:
"""
ACTIVITY = (
    "  - {{id: post-{number}, kind: online, channels: [{channel}], schedule: {schedule}, content: {{text: x}}}}\n"
)


def _schedule(number):
    """Two in ten go out once; two daily, two weekly, one on the month's last working day; three by cron."""
    hour, minute = 8 + number // 60 % 12, number % 60
    clock = f"BYHOUR={hour};BYMINUTE={minute}"
    match number % 10:
        case 0 | 1:
            return f'{{at: "{NOW.date() + timedelta(days=1 + number % 34)} {hour:02}:{minute:02}"}}'
        case 2 | 3:
            return f'{{rrule: "FREQ=DAILY;INTERVAL={1 + number % 2};{clock}"}}'
        case 4 | 5:
            days = ("MO", "TU,TH", "MO,WE,FR", "SA", "TU")[number // 10 % 5]
            return f'{{rrule: "FREQ=WEEKLY;INTERVAL={1 + number % 2};BYDAY={days};{clock}"}}'
        case 6:
            return f'{{rrule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;{clock}"}}'
        case 7 | 8:
            return f'{{cron: "{minute} {hour} * * MON-FRI"}}'
    return f'{{cron: "{minute} {hour} 1,15 * *"}}'


def _write(folder, *, activities, begin, schedule=_schedule):
    (folder / "campaigns").mkdir(parents=True)
    (folder / "assets/brands/benchmark").mkdir(parents=True)
    (folder / "promo.yaml").write_text(workload.SETTINGS, encoding="utf-8")
    (folder / "assets/brands/benchmark/brand.yaml").write_text(workload.BRAND, encoding="utf-8")
    (folder / "assets/brands/benchmark/logo.svg").write_text(workload.LOGO, encoding="utf-8")
    share = activities // FILES
    for number in range(FILES):
        text = HEAD.format(number=number, zone=ZONES[number % len(ZONES)], begin=begin) + "".join(
            ACTIVITY.format(number=n, channel=workload.CHANNELS[n % len(workload.CHANNELS)], schedule=schedule(n))
            for n in range(number * share, (number + 1) * share)
        )
        (folder / "campaigns" / f"spring-{number:02}.yaml").write_text(text, encoding="utf-8")


def _open(folder):
    """Read the workspace; what the bare libraries find in it becomes the ledger."""
    app = App(open_workspace(folder), clock=VirtualClock(NOW))
    jobs = [
        Job(
            loaded=loaded,
            index=index,
            activity=activity,
            name=activity.id,
            row=None,
            channel=(channel := app.channels[activity.channels[0]]),
            wording=wording_for(loaded.campaign, index, activity, channel, app.workspace),
            zone=ZoneInfo(loaded.campaign.timezone),
        )
        for loaded in load_campaigns(app.workspace).campaigns
        for index, activity in enumerate(loaded.campaign.activities)
    ]
    return app, jobs


def _bare(jobs):
    """Expand by dateutil and cronsim alone, as their manuals show it: aware local times."""
    found = []
    for job in jobs:
        schedule, zone = job.activity.schedule, job.zone
        start, end = NOW.astimezone(zone), HORIZON.astimezone(zone)
        if schedule.at:
            found.append([schedule.at[0].replace(tzinfo=zone)])
        elif schedule.rrule is not None:
            begin = job.loaded.campaign.period.from_
            first = datetime(begin.year, begin.month, begin.day, tzinfo=zone)
            found.append(rrulestr(schedule.rrule, dtstart=first).between(start, end, inc=True))
        else:
            times = []
            for moment in CronSim(schedule.cron, start):
                if moment > end:
                    break
                times.append(moment)
            found.append(times)
    return found


def _as_ledger(jobs, times):
    """Return a ledger that holds each job's local times."""
    rows = {}
    for job, found in zip(jobs, times, strict=True):
        for local in found:
            label = "once" if job.activity.schedule.at else f"{local:%Y-%m-%dT%H:%M}"
            key, due = delivery_key(job.loaded.campaign.campaign, job.name, job.channel.name, label, "main"), local
            rows[key[:ID_LENGTH]] = LedgerRow(
                id=key[:ID_LENGTH],
                key=key,
                campaign=job.loaded.campaign.campaign,
                activity=job.name,
                channel=job.channel.name,
                occurrence=label,
                part="main",
                parent=None,
                state="scheduled",
                due_at=due.astimezone(UTC),
                window_until=due.astimezone(UTC) + LATE,
                digest="x",
                approval=None,
            )
    return Ledger(rows=rows)


def _expand(jobs, ledger):
    """Find every due time and give it its key, as compiling does, without its words."""
    times = DueTimes(start=NOW, horizon=HORIZON, ledger=ledger, notebook=Notebook())
    found = []
    for job in jobs:
        for due in times.of(job, schedule_days(job.activity.schedule)):
            key = job.key(due.label)
            found.append(
                PlannedDelivery(
                    key=key,
                    id=key[:ID_LENGTH],
                    campaign=job.loaded.campaign.campaign,
                    activity=job.name,
                    channel=job.channel.name,
                    occurrence=due.label,
                    kind=job.activity.kind,
                    type=job.type,
                    due_at=due.due_at,
                    window_until=due.due_at + LATE,
                    digest="x",
                    content={},
                    visual=None,
                    approval=None,
                )
            )
    return found


def _expand_and_compare(work):
    app, jobs, ledger = work
    with collected_rarely(), app.ledger.connect() as connection:
        compiled = Compiled(deliveries=_expand(jobs, ledger), problems=(), campaigns={})
        plan = make_plan(connection, compiled, made_at=NOW, horizon=HORIZON, files_digest="x", ledger=ledger)
    if plan.moves or len(plan.changes) != len(ledger.rows):
        raise RuntimeError("ours and the bare libraries do not agree")


def _recurring(number):
    """Every kind of rule, one of them counted from its first time; nothing that fires once."""
    if number % 10 < 2:
        return f'{{rrule: "FREQ=WEEKLY;BYDAY=TU,FR;COUNT=4000;BYHOUR={8 + number // 60 % 12};BYMINUTE={number % 60}"}}'
    return _schedule(number)


def _peak(work):
    """Return the peak of MB that expanding takes, the results included."""
    tracemalloc.start()
    _expand(*work)
    return tracemalloc.get_traced_memory()[1] / 2**20


def _expand_all(work):
    _expand(*work)


def measure(runs):
    """CPU seconds and peak bytes in child processes that find nothing cached; interleaved, medians."""
    runs = max(runs, 3)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "recent"
        _write(folder, activities=ACTIVITIES, begin=RECENT)
        app, jobs = _open(folder)
        work = app, jobs, _as_ledger(jobs, _bare(jobs))
        app.ledger.connect().close()
        ours, bare = [], []
        for _run in range(runs):
            bare.append(workload.cpu_in_child(_bare, jobs))
            ours.append(workload.cpu_in_child(_expand_and_compare, work))
        app.close()
        spans = {}
        for name, begin in (("long", LONG_AGO), ("month", LAST_MONTH)):
            _write(Path(place) / name, activities=ACTIVITIES // 10, begin=begin, schedule=_recurring)
            _app, found = _open(Path(place) / name)
            # One row of each in the ledger, as of what was applied before: its past is not looked at again.
            spans[name] = found, _as_ledger(found, [[NOW.astimezone(job.zone)] for job in found])
        cpu, peak = {"long": [], "month": []}, {"long": [], "month": []}
        for _run in range(runs):
            for name, found in spans.items():
                cpu[name].append(workload.cpu_in_child(_expand_all, found))
                peak[name].append(workload.figure_in_child(_peak, found))
    rules = "1,000 recurring activities that began twenty years ago, expanded over 35 days, ÷ the same begun last month"
    return [
        _entry(
            "expand-10k",
            (ours, bare),
            EXPAND,
            "CPU seconds: 10,000 activities in 5 zones (2,000 single times, 2,000 daily, 2,000 weekly, 1,000 monthly by"
            " BYSETPOS, 3,000 by cron), 35 days: every occurrence resolved to its instant, labelled, given its key, and"
            " compared with a ledger in memory that holds all 120,000; no texts, no pictures"
            " ÷ rrulestr().between() of dateutil and CronSim on aware local times alone",
        ),
        _entry("expand-years", (cpu["long"], cpu["month"]), YEARS, f"CPU seconds: {rules}"),
        _entry("expand-memory", (peak["long"], peak["month"]), MEMORY, f"peak MB: {rules}"),
    ]


def _entry(name, figures, aim, what):
    mine, reference = (statistics.median(each) for each in figures)
    ratio = mine / reference
    return {
        "name": name,
        "ours": mine,
        "reference": reference,
        "ratio": ratio,
        "aim": f"≤ {aim:g}",
        "holds": ratio <= aim,
        "what": what,
    }
