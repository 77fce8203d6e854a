"""The database goes away for a while: restarted, locked by somebody else, or its disk is full."""

import os
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from promo.store.database import open_database, transaction
from promo.testing.plugin import missing_server

CHANNELS = ("key", "lookup", "none")
PUBLISHED = {f"{channel} published": 3 for channel in CHANNELS}


SAID = ("claim failed", "outcome not written", "ledger not readable")


def said_once(log, reason):
    """See that the log says why, a line for each delivery or channel that had to wait, and no more."""
    lines = [line for line in log if line["event"] in SAID]
    assert {line["error"] for line in lines} == {reason}
    assert len({(line["event"], line.get("delivery"), line.get("channel")) for line in lines}) == len(lines)


def three_each(rig, due=None):
    return [rig.wish(channel, n, due=due) for channel in CHANNELS for n in range(3)]


@pytest.mark.parametrize(
    ("step", "mode"),
    [("claim_written", "immediate"), ("claimed", "fast"), ("answered", "immediate"), ("recording", "fast")],
)
def test_postgresql_restarts_in_the_middle(rig, server, database, receiver, start, states, wait_for, step, mode):
    """A claim that was not committed never was; an answer is written when the server is there again."""
    rig.apply(database, *three_each(rig))
    daemon = start("daemon", database, CHANNELS, pause=[step])
    daemon.at(step)
    server.stop(mode)
    daemon.go_on()
    wait_for(lambda: daemon.events(*SAID))
    server.start()
    wait_for(lambda: states(database) == PUBLISHED)
    log = daemon.end()
    assert len([line for line in log if line["event"] == "ledger not readable"]) <= 1
    assert rig.judge(database, receiver) == []
    assert len(receiver.posts) == 9


def test_the_answer_to_a_commit_is_lost(rig, proxy, database, receiver, start, states, wait_for):
    """The receipt is in the ledger, but its writer cannot know: it writes again, and finds that nothing is amiss."""
    rig.apply(database, rig.wish("none", 1))
    through = database.replace("@/", f"@127.0.0.1:{proxy.port}/").partition("?")[0] + "?sslmode=disable"
    daemon = start("daemon", through, ["none"], pause=["recording"])
    daemon.at("recording")
    proxy.arm()
    daemon.go_on()
    wait_for(lambda: daemon.events("tried"))
    assert proxy.lost.is_set()
    log = daemon.end()
    assert [line["state"] for line in log if line["event"] == "tried"] == ["published"]
    assert "late receipt" not in {line["event"] for line in log}
    assert rig.judge(database, receiver) == []
    assert len(receiver.bodies) == 1


@contextmanager
def locked(url):
    """Keep the write lock of a SQLite ledger, from another process than the daemon's."""
    engine = open_database(url)
    with transaction(engine):
        yield
    engine.dispose()


def test_locked_by_somebody_else_at_the_due_moment(rig, url, receiver, start, states, wait_for):
    daemon = start("daemon", url, CHANNELS, busy=0.3)
    rig.apply(url, *three_each(rig, due=datetime.now(UTC) + timedelta(seconds=1)))
    with locked(url):
        wait_for(lambda: daemon.events("claim failed"))
        time.sleep(1)  # several times as long as SQLite's own patience
        assert receiver.bodies == []
    wait_for(lambda: states() == PUBLISHED)
    said_once(daemon.end(), "database is locked")
    assert rig.judge(url, receiver) == []
    assert len(receiver.bodies) == 9


def test_locked_by_somebody_else_when_the_answer_comes(rig, url, receiver, start, states, wait_for):
    rig.apply(url, *three_each(rig))
    daemon = start("daemon", url, CHANNELS, busy=0.3, pause=["answered"])
    daemon.at("answered")
    with locked(url):
        daemon.go_on()
        wait_for(lambda: daemon.events("outcome not written"))
        time.sleep(1)
    wait_for(lambda: states() == PUBLISHED)
    said_once(daemon.end(), "database is locked")
    assert rig.judge(url, receiver) == []
    assert len(receiver.bodies) == 9


@pytest.mark.minute
@pytest.mark.timeout(300)
def test_locked_for_a_whole_minute_with_the_waits_of_every_day(rig, tmp_path, receiver, start, states, wait_for):
    """Side by side: one ledger when something falls due, one when the answer comes; no wait is shortened."""
    claiming, answering = (f"sqlite:///{tmp_path}/{name}.db" for name in ("claiming", "answering"))
    rig.apply(answering, *three_each(rig))
    answered = start("daemon", answering, CHANNELS, everyday=True, pause=["answered"])
    answered.at("answered")
    claims = start("daemon", claiming, CHANNELS, everyday=True)
    due = datetime.now(UTC) + timedelta(seconds=2)
    late = [rig.wish(channel, n, due=due) for channel in CHANNELS for n in range(3, 6)]
    rig.apply(claiming, *late)
    with locked(claiming), locked(answering):
        since = time.monotonic()
        answered.go_on()
        # Half a minute for the commit of all, and half a minute for the first alone.
        wait_for(lambda: claims.events("claim failed") and answered.events("outcome not written"), 150)
        time.sleep(max(0.0, since + 60 - time.monotonic()))
        assert not {wish.key for wish in late} & {key for _channel, key in receiver.bodies}
    for ledger, daemon in ((claiming, claims), (answering, answered)):
        wait_for(lambda ledger=ledger: states(ledger) == PUBLISHED, 90)
        said_once(daemon.end(), "database is locked")
        assert rig.judge(ledger, receiver) == []
    assert len(receiver.bodies) == 18


class SmallDisk:
    """A file system of a few megabytes, with a ballast that fills it."""

    def __init__(self, folder):
        self.folder = folder

    def fill(self):
        size = os.statvfs(self.folder)
        with (self.folder / "ballast").open("wb") as ballast:
            ballast.write(bytes(size.f_bavail * size.f_frsize))

    def free(self):
        (self.folder / "ballast").unlink()


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "promo-test", folder], check=False, capture_output=True, text=True
    )
    if made.returncode:
        missing_server("a small disk (mount)", f"run as root: {made.stderr.strip()}")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_the_disk_is_full_when_something_is_due(rig, disk, receiver, start, states, wait_for):
    ledger = f"sqlite:///{disk.folder}/ledger.db"
    rig.apply(ledger, *three_each(rig))
    daemon = start("daemon", ledger, CHANNELS, pause=["claiming"])
    daemon.at("claiming")
    disk.fill()
    daemon.go_on()
    wait_for(lambda: daemon.events("claim failed"))
    assert receiver.bodies == []
    disk.free()
    wait_for(lambda: states(ledger) == PUBLISHED)
    said_once(daemon.end(), "database or disk is full")
    assert rig.judge(ledger, receiver) == []
    assert len(receiver.bodies) == 9


def test_the_disk_is_full_when_the_answer_comes(rig, disk, receiver, start, states, wait_for):
    ledger = f"sqlite:///{disk.folder}/ledger.db"
    rig.apply(ledger, *(rig.wish("none", n) for n in range(3)))
    # A receipt that does not fit into what the log has room for as it is.
    daemon = start("daemon", ledger, {"none": {"settings": {"receipt_bytes": 500_000}}}, pause=["answered"])
    daemon.at("answered")
    disk.fill()
    daemon.go_on()
    wait_for(lambda: daemon.events("outcome not written"))
    time.sleep(1)  # the writer tries again and again
    disk.free()
    wait_for(lambda: states(ledger) == {"none published": 3})
    said_once(daemon.end(), "database or disk is full")
    assert rig.judge(ledger, receiver) == []
    assert len(receiver.bodies) == 3
