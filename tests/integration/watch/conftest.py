"""A real Prometheus and its promtool, unpacked by tests/servers/install-prometheus.sh."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def _program(name):
    folder = Path(os.environ.get("PROMO_SERVERS", ROOT / ".servers")) / "prometheus" / "usr" / "bin"
    if not (folder / name).exists():
        say = pytest.fail if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT") else pytest.skip
        say(f"{name} is missing: tests/servers/install-prometheus.sh")
    return folder / name


@pytest.fixture(scope="session")
def prometheus():
    """The path of the server's program."""
    return _program("prometheus")


@pytest.fixture(scope="session")
def promtool():
    """Run promtool and return what it says; it must be content."""
    program = _program("promtool")

    def run(*words):
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
