"""The machine's clock is set by an hour while the daemon runs (libfaketime moves it for that process alone)."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promo.testing.plugin import missing_server

HOUR = timedelta(hours=1)
CHANNELS = ("key", "lookup", "none")


class FakeClock:
    """The clock of the processes that run with `environment`: the machine's, moved by `offset`."""

    def __init__(self, library, stamp):
        self.stamp = stamp
        self.offset = timedelta(0)
        self.environment = os.environ | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(stamp),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        self.set(timedelta(0))

    def set(self, offset):
        """Set the clock to the machine's and `offset`, as somebody with `date -s` would: at once."""
        self.offset = offset
        beside = self.stamp.with_suffix(".new")
        beside.write_text(f"{offset.total_seconds():+.0f}")
        beside.replace(self.stamp)

    def now(self):
        return datetime.now(UTC) + self.offset


@pytest.fixture
def clock(tmp_path):
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        missing_server("libfaketime", "apt-get install faketime")
    return FakeClock(found[0], tmp_path / "clock")


def test_set_forward(rig, url, receiver, start, states, wait_for, clock):
    """What is due by the new clock goes out, what is not waits; what is being sent is not taken for lost.

    Nor by a second daemon, whose clock says that the first one's lease ended an hour ago.
    """
    channels = {"key": {}, "lookup": {"timeout": "20s"}, "none": {}}
    daemons = [start("daemon", url, channels, environment=clock.environment) for _two in range(2)]
    now = clock.now()
    receiver.fault("lookup", "hold")
    rig.apply(
        url,
        rig.wish("lookup", "under way"),
        rig.wish("key", "in half an hour", due=now + HOUR / 2),
        rig.wish("key", "in two hours", due=now + 2 * HOUR),
        rig.wish("none", "too late then", due=now + HOUR / 4, until=now + HOUR / 3),
    )
    receiver.wait_for_body()
    wait_for(lambda: all(daemon.events("engine started") for daemon in daemons))
    clock.set(HOUR)
    wait_for(lambda: any(daemon.events("clock was set") for daemon in daemons))
    wait_for(lambda: states().get("key published") == 1 and states().get("none missed") == 1)
    assert states()["lookup publishing"] == 1
    receiver.go.set()
    wait_for(lambda: states().get("lookup published") == 1)
    for daemon in daemons:
        daemon.end()
    assert states() == {"key published": 1, "key scheduled": 1, "lookup published": 1, "none missed": 1}
    assert len(receiver.bodies) == 2


def test_set_back(rig, url, receiver, start, states, wait_for, clock):
    """Nothing goes out before its moment by the clock as it is now, and no limit is shut for the hour that was lost."""
    now = clock.now()
    limit = {"rate": {"calls": 2, "per": "2s"}}
    early = rig.wish("none", "soon", due=now + timedelta(seconds=30))
    rig.apply(url, *(rig.wish("key", n, due=now - timedelta(days=1)) for n in range(6)), early)
    daemon = start("daemon", url, {"key": limit, "none": {}}, environment=clock.environment)
    receiver.wait_for_body(2)
    clock.set(-HOUR)
    wait_for(lambda: states().get("key published") == 6)
    assert states()["none scheduled"] == 1
    clock.set(timedelta(seconds=40))
    wait_for(lambda: states().get("none published") == 1)
    daemon.end()
    assert rig.judge(url, receiver) == []
    assert len(receiver.bodies) == 7


def test_set_back_between_the_claim_and_the_moment(rig, url, receiver, start, states, wait_for, clock):
    """A daemon that has taken a delivery ahead of its moment looks at the clock again before it sends."""
    daemon = start("daemon", url, {"none": {}}, environment=clock.environment, pause=["claimed"])
    due = clock.now() + timedelta(seconds=4)
    rig.apply(url, rig.wish("none", 1, due=due))
    daemon.at("claimed")
    clock.set(-HOUR)
    daemon.go_on()
    wait_for(lambda: states() == {"none scheduled": 1})
    assert receiver.bodies == []
    clock.set(timedelta(0))
    wait_for(lambda: states() == {"none published": 1})
    daemon.end()
    assert rig.judge(url, receiver) == []
    assert [post.by_their_clock >= due for post in receiver.posts] == [True]


def test_a_lease_ends_when_the_clock_comes_back(rig, url, receiver, start, states, wait_for, clock):
    """A process that died with a clock an hour fast leaves a lease too long by that hour, and nothing worse."""
    clock.set(HOUR)
    rig.apply(url, rig.wish("lookup", 1))
    receiver.fault("lookup", "late")
    dead = start("daemon", url, {"lookup": {"timeout": "1s"}}, environment=clock.environment)
    receiver.wait_for_body()
    dead.close()
    clock.set(timedelta(0))
    daemon = start("daemon", url, {"lookup": {"timeout": "1s"}}, environment=clock.environment)
    receiver.go.set()
    clock.set(HOUR)
    wait_for(lambda: states() == {"lookup published": 1})
    daemon.end()
    assert rig.judge(url, receiver) == []
