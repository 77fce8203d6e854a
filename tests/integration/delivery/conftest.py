"""Processes for the tests of this folder: a receiver that counts, and publishers."""

import importlib.util
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("station.py")


@pytest.fixture(scope="session")
def station():
    """The module `station.py`, from beside this file."""
    spec = importlib.util.spec_from_file_location("station", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start():
    """Start `station.py` in a process group of its own; what still runs is ended after the test."""
    running = []

    def begin(what, **options):
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), what, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def receiver(start):
    """The address of a receiver."""
    return json.loads(start("receive").stdout.readline())


@pytest.fixture
def counts(receiver):
    """Ask the receiver what it has: posts by channel and key."""

    def ask():
        with urllib.request.urlopen(f"{receiver}/counts", timeout=10) as answer:
            return json.load(answer)

    return ask
