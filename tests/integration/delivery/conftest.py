"""Processes for the tests of this folder: a receiver that counts, and publishers; they stand in `station/`."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)


@pytest.fixture
def start():
    """Start `python -m station` in a process group of its own; what still runs is ended after the test."""
    running = []

    def begin(what, **options):
        words = [word for name, value in options.items() for word in words_of(name.replace("_", "-"), value)]
        process = subprocess.Popen(
            [sys.executable, "-m", "station", what, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": HERE},
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        with suppress(ProcessLookupError):  # also what it left behind when it was killed itself
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def words_of(name, value):
    return [f"--{name}"] if value is True else [f"--{name}", str(value)]


@pytest.fixture
def receiver(start, tmp_path):
    """The address of a receiver; its file is `receiver.log` in `tmp_path`."""
    return json.loads(start("receive", root=tmp_path).stdout.readline())


@pytest.fixture
def counts(receiver, tmp_path):
    """Ask the receiver's file what it has: posts by channel and key."""
    from station.receiver import read_log

    return lambda: read_log(tmp_path / "receiver.log")[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    """The address of a new, empty database, on each of the two that promo knows."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.db"
        return
    from station.database import temporary_database

    with temporary_database(request.getfixturevalue("postgres"), "crash") as url:
        yield url
