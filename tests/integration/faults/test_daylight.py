"""The publisher is restarted across a change of the clock: each occurrence goes out once, at its moment."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from promo.campaign.load import load_campaigns
from promo.clock import VirtualClock
from promo.delivery.apply import apply_plan
from promo.delivery.publisher import Publisher
from promo.engine.play import play
from promo.plan.compile import compile_deliveries
from promo.plan.diff import make_plan
from promo.plan.ledger import read_ledger
from promo.registry import Registry, open_channels
from promo.store.database import open_database, reading
from promo.workspace import open_workspace

CAMPAIGN = """
campaign: spring
name: Spring
brand: leaf
owner: anna@leaf.example
timezone: {zone}
period: {{from: {first}, until: {last}}}
activities:
  - id: early
    kind: online
    channels: [none]
    schedule: {{cron: "{cron}", late: 12h}}
    content: {{text: good morning}}
"""

# Zone, rule, the days of the campaign, then in UTC: stopped, started again, and what goes out at which moment.
# https://www.timeanddate.com/time/change/germany/berlin?year=2027 and …/usa/new-york?year=2027 (read November 2026).
GAP, FOLD = ("2027-03-27", "2027-03-29"), ("2027-10-30", "2027-11-01")
CASES = {
    "Berlin, down over the gap": (
        *("Europe/Berlin", "30 2 * * *", GAP, "2027-03-28 00:50", "2027-03-28 03:00"),
        ["2027-03-27 01:30", "2027-03-28 03:00", "2027-03-29 00:30"],
    ),
    "Berlin, started in time for what the gap moved": (
        *("Europe/Berlin", "30 2 * * *", GAP, "2027-03-28 00:10", "2027-03-28 00:40"),
        ["2027-03-27 01:30", "2027-03-28 01:00", "2027-03-29 00:30"],
    ),
    "Berlin, down over the fold": (
        *("Europe/Berlin", "30 2 * * *", FOLD, "2027-10-30 23:00", "2027-10-31 02:10"),
        ["2027-10-30 00:30", "2027-10-31 02:10", "2027-11-01 01:30"],
    ),
    "Berlin, down between the two times 02:30": (
        *("Europe/Berlin", "30 2 * * *", FOLD, "2027-10-31 00:45", "2027-10-31 01:15"),
        ["2027-10-30 00:30", "2027-10-31 00:30", "2027-11-01 01:30"],
    ),
    "New York, down over the gap": (
        *("America/New_York", "30 2 * * *", ("2027-03-13", "2027-03-15"), "2027-03-14 06:30", "2027-03-14 08:00"),
        ["2027-03-13 07:30", "2027-03-14 08:00", "2027-03-15 06:30"],
    ),
    "New York, down between the two times 01:30": (
        *("America/New_York", "30 1 * * *", ("2027-11-06", "2027-11-08"), "2027-11-07 05:45", "2027-11-07 06:15"),
        ["2027-11-06 05:30", "2027-11-07 05:30", "2027-11-08 06:30"],
    ),
}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(params=["Europe/Berlin", "America/New_York"])
def machine(request, monkeypatch):
    """The zone that the machine itself keeps must not matter."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def plan_and_publish(rig, root, clock, until):
    """Do what `promo apply` and `promo run` do from now until `until`, in parts that live no longer."""
    workspace = open_workspace(root)
    channels = open_channels(workspace, Registry({}, rig.KINDS), clock)
    engine, now = open_database(workspace.database_url), clock.now()
    with reading(engine) as connection:
        ledger = read_ledger(connection)
        horizon = now + timedelta(days=35)
        found = compile_deliveries(
            load_campaigns(workspace).campaigns, workspace, channels, start=now, horizon=horizon, ledger=ledger
        )
        assert found.problems == ()
        plan = make_plan(connection, found, made_at=now, horizon=horizon, files_digest="")
    apply_plan(engine, plan, clock=clock, by="test")
    play(Publisher(engine, channels, clock=clock, render=rig.no_picture, workspace=workspace), clock, until)
    engine.dispose()


@pytest.mark.parametrize("case", CASES)
def test_restarted_across_a_change_of_the_clock(rig, machine, receiver, tmp_path, case):
    zone, cron, (first, last), stopped, started, moments = CASES[case]
    files = {
        "promo.yaml": f"channels: {{none: {{connector: none, settings: {{address: '{receiver.address}'}}}}}}",
        "assets/brands/leaf/brand.yaml": "brand: leaf",
        "campaigns/spring.yaml": CAMPAIGN.format(zone=zone, cron=cron, first=first, last=last),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    clock = VirtualClock(utc(first) - timedelta(days=1))
    plan_and_publish(rig, tmp_path, clock, utc(stopped))
    clock.move_to(utc(started))
    plan_and_publish(rig, tmp_path, clock, utc(f"{last} 23:00"))
    assert [post.by_their_clock for post in receiver.posts] == [utc(moment) for moment in moments]
    assert rig.judge(f"sqlite:///{tmp_path}/.promo/promo.db", receiver) == []
