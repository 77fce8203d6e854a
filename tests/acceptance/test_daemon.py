"""The program as cron and systemd run it: `promo run`, `promo tick`, on the machine's own clock."""

import math
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promo.store.sqlite import sqlite3

PROMO = str(Path(sys.executable).parent / "promo")
CAMPAIGN = """campaign: soon
name: soon
brand: mine
owner: you@example.com
timezone: UTC
period: {{from: {first}, until: {last}}}
activities:
  - id: post
    kind: online
    channels: [drafts]
    schedule: {{at: [{times}], late: 1h}}
    content: {{text: "到点了 · it is time"}}
"""


@pytest.fixture
def folder(program, tmp_path):
    """A workspace whose one campaign is still to be written."""
    workspace = tmp_path / "mine"
    assert program("init", workspace).returncode == 0
    (workspace / "campaigns" / "first.yaml").unlink()
    return workspace


def _write(folder, *times):
    day = timedelta(days=1)
    text = CAMPAIGN.format(
        first=(times[0] - day).date(),
        last=(times[-1] + day).date(),
        times=", ".join(f'"{t:%Y-%m-%d %H:%M:%S}"' for t in times),
    )
    (folder / "campaigns" / "soon.yaml").write_text(text, encoding="utf-8")


def _apply(folder, program, *after):
    """Apply posts that are due so many seconds after a moment soon to come; return that moment.

    What is past while it is applied is not planned: a busy machine gets more time.
    """
    began = time.monotonic()
    program("plan", cwd=folder)
    seconds = math.ceil(3 + 1.5 * (time.monotonic() - began))
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    _write(folder, *(soon + timedelta(seconds=each) for each in after))
    assert f"{len(after)} added" in program("apply", "--yes", cwd=folder).stdout
    return soon


def _posts(folder):
    return sorted((folder / "out" / "channels" / "drafts").glob("*/post.json"))


def _until(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _planned(folder):
    with closing(sqlite3.connect(folder / ".promo" / "promo.db")) as ledger:
        return ledger.execute("SELECT count(*) FROM deliveries").fetchone()[0]


@contextmanager
def _daemon(folder):
    """`promo run`, asked to end after the block; its log is daemon.log."""
    with (folder / "daemon.log").open("w") as log:
        daemon = subprocess.Popen([PROMO, "--log", "json", "run"], cwd=folder, stdout=log, stderr=log)
        try:
            yield daemon
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(timeout=30) == 0
        finally:
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait()


def test_the_daemon_publishes_at_the_time_and_ends_politely(folder, program):
    due = _apply(folder, program, 0, 18_000)
    with _daemon(folder):
        assert _until(lambda: _posts(folder)), (folder / "daemon.log").read_text()
        assert datetime.now(UTC) >= due, "never early"
        time.sleep(1)
        assert len(_posts(folder)) == 1
    assert "Traceback" not in (folder / "daemon.log").read_text()
    assert '"state": "published"' in program("list", "--json", cwd=folder).stdout


def test_a_plan_applied_by_another_process_wakes_the_daemon(folder, program):
    _write(folder, datetime.now(UTC) + timedelta(hours=5))
    program("apply", "--yes", cwd=folder)
    with _daemon(folder):
        assert _until(lambda: "engine started" in (folder / "daemon.log").read_text())
        _apply(folder, program, 0, 18_000)
        assert _until(lambda: _posts(folder)), (folder / "daemon.log").read_text()


def test_the_daemon_extends_the_plan_from_the_files_applied(folder, program):
    settings = folder / "promo.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("horizon: 35d", "horizon: 3d"), encoding="utf-8")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today + timedelta(days=n, hours=12) for n in range(1, 9)]
    _write(folder, *days)
    program("apply", "--yes", cwd=folder)
    assert _planned(folder) < 4
    settings.write_text(text.replace("horizon: 35d", "horizon: 30d"), encoding="utf-8")
    with _daemon(folder):
        assert _until(lambda: _planned(folder) == len(days)), (folder / "daemon.log").read_text()


def test_two_ticks_at_once_send_everything_once(folder, program):
    soon = _apply(folder, program, *range(6))
    time.sleep(max(0, (soon + timedelta(seconds=6) - datetime.now(UTC)).total_seconds()))
    ticks = [
        subprocess.Popen([PROMO, "tick"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in "ab"
    ]
    ends = [tick.communicate(timeout=60) for tick in ticks]
    assert [tick.returncode for tick in ticks] == [0, 0], ends
    assert len(_posts(folder)) == 6
    attempts = program("status", "--json", cwd=folder).stdout
    assert '"published": 6' in attempts
