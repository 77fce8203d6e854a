"""A real Prometheus with its promtool (tests/servers/install-prometheus.sh), and the real program in a workspace."""

import base64
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

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


PROMO = str(Path(sys.executable).parent / "promo")
CHANNEL = """
  hook:
    connector: webhook
    settings: {{url: "{url}", secret: {{env: HOOK_SECRET}}, pictures: none}}
"""
CAMPAIGN = """campaign: soon
name: soon
brand: mine
owner: you@example.com
timezone: UTC
period: {{from: {first}, until: {last}}}
activities:
  - id: post
    kind: online
    channels: [hook]
    schedule: {{at: ["{due:%Y-%m-%d %H:%M:%S}"], late: 1h}}
    content: {{text: "our s3cret garden"}}
"""


class Site:
    """A workspace whose one channel is a webhook, and the real program at work in it."""

    def __init__(self, folder, home):
        self.folder = folder
        self.environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "HOOK_SECRET": "whsec_" + base64.b64encode(b"s3cret" * 5).decode(),
        }
        self.say("init", folder, cwd=home)
        (folder / "campaigns" / "first.yaml").unlink()

    def settings(self, *, url, **more):
        """Write the channel and more settings into promo.yaml."""
        text = re.sub(r"(?ms)^channels:.*", "", (self.folder / "promo.yaml").read_text("utf-8"))
        text = f"{text}\nchannels:{CHANNEL.format(url=url)}\n{yaml.safe_dump(more) if more else ''}"
        (self.folder / "promo.yaml").write_text(text, "utf-8")

    def plan(self, due, **environment):
        """Write a campaign with one post at `due`, and apply it."""
        day = timedelta(days=1)
        text = CAMPAIGN.format(first=(due - day).date(), last=(due + day).date(), due=due)
        (self.folder / "campaigns" / "soon.yaml").write_text(text, "utf-8")
        assert "1 added" in self.say("apply", "--yes", **environment)

    def say(self, *words, cwd=None, ends=0, **environment):
        """Run a command to its end and return what it says."""
        done = subprocess.run(
            [PROMO, *map(str, words)],
            cwd=cwd or self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == ends, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def staying(self, *words, **environment):
        """Run a process that stays; gives its monitor's address. It ends well, or the test fails."""
        log = self.folder / f"{words[0]}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [PROMO, "--log", "json", *words, "--listen", "127.0.0.1:0"],
                cwd=self.folder,
                env=self.environment | environment,
                stdout=file,
                stderr=file,
            )
        try:
            found = _until(lambda: re.search(r'"url": "(http://[0-9.:]+)"', log.read_text()), 60)
            assert found, log.read_text()
            yield found[1]
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, log.read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        assert "Traceback" not in log.read_text()


def _until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    return None


@pytest.fixture
def site(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return Site(tmp_path / "mine", home)


@pytest.fixture
def until():
    """Wait for a condition and return what it gives; None: it never came true."""
    return _until
