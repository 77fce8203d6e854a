"""A person at the command line: in this process, with a clock one can set, or as a real program."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from promo import language
from promo.cli import main
from promo.cli.context import Session
from promo.clock import VirtualClock

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def all(self):
        return self.out + self.err


class Person:
    """Types promo commands; `clock` is theirs to move."""

    def __init__(self, home: Path):
        self.home = home
        self.clock = VirtualClock(NOW)

    def __call__(self, *words, ok=True, folder=None, lang="en"):
        runner = CliRunner()
        session = Session(folder=str(folder or self.home), clock=self.clock, chosen_language=True)
        language.use(lang)
        try:
            return self._run(runner, words, session, ok)
        finally:
            language.use("en")

    def _run(self, runner, words, session, ok):
        with runner.isolation() as (out, err, _mixed):
            code = 0
            try:
                main([str(w) for w in words], session=session)
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
            sys.stdout.flush()
            sys.stderr.flush()
            said = Said(code=code, out=out.getvalue().decode(), err=err.getvalue().decode())
        assert "Traceback" not in said.all, said.all
        if ok:
            assert said.code == 0, said.all
        return said


@pytest.fixture
def person(tmp_path):
    return Person(tmp_path)


@pytest.fixture
def workspace(person, tmp_path):
    """A fresh workspace made by `promo init`."""
    folder = tmp_path / "my brand"
    person("init", folder, "--name", "My Brand")
    person.home = folder
    return folder


@pytest.fixture
def program(tmp_path):
    """Run the installed program as a process of its own, with an empty home."""

    def run(*words, cwd=None, env=None, timeout=60):
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        clean = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", **(env or {})}
        return subprocess.run(
            [str(Path(sys.executable).parent / "promo"), *map(str, words)],
            cwd=cwd or tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def browser():
    """A real Chromium; without one CI fails, and a person is told what to install."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT"):
            pytest.fail("Chromium is missing: install the Debian package chromium")
        pytest.skip("needs Chromium: install the Debian package chromium")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=found, args=flags)
        yield started
        started.close()
