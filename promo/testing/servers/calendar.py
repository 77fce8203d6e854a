"""A real CalDAV server: Radicale in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from promo.testing.servers.missing import ServerMissing
from promo.testing.servers.port import LOOPBACK, bind_free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

CALENDAR = "promo"
START_TIMEOUT = 20.0  # seconds
_MAKE = """<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<resourcetype><collection/><C:calendar/></resourcetype><displayname>promo</displayname>
</prop></set></mkcol>"""


@dataclass(frozen=True, kw_only=True)
class CalendarServer:
    """The running server. `calendar` is the address of an empty calendar of `user`."""

    url: str
    calendar: str
    user: str
    password: str
    folder: Path  # Radicale's files: one .ics each event
    pid: int

    def make_calendar(self, name: str) -> str:
        """Make an empty calendar and return its address; one that is there already stays as it is."""
        url = f"{self.url}/{self.user}/{name}/"
        answer = requests.request("MKCOL", url, data=_MAKE, auth=(self.user, self.password), timeout=10)
        if answer.status_code not in (201, 405, 409):  # 405 and 409: there already, from an earlier run in this folder
            raise RuntimeError(f"Radicale made no calendar: {answer.status_code} {answer.text}")
        return url

    def events(self, name: str = CALENDAR) -> list[Path]:
        """Return the files of the calendar's events."""
        return sorted(self.folder.glob(f"collection-root/*/{name}/*.ics"))


@contextmanager
def calendar_server(
    folder: Path | None = None,
    *,
    user: str = "promo",
    password: str = "calendar-password",  # noqa: S107 - of a server that lives for seconds on loopback
) -> Iterator[CalendarServer]:
    """Run Radicale with one user and one empty calendar; its files stay in `folder` when one is given.

    Raises ServerMissing without Radicale, RuntimeError with its log when it does not start.
    """
    if find_spec("radicale") is None:
        raise ServerMissing("radicale")
    own = Path(tempfile.mkdtemp(prefix="promo-radicale-"))
    data = folder if folder is not None else own / "data"
    data.mkdir(parents=True, exist_ok=True)
    users = own / "users"
    users.write_text(f"{user}:{password}\n")
    users.chmod(0o600)
    process, url = _start(data, users, own / "log")
    try:
        server = CalendarServer(url=url, calendar="", user=user, password=password, folder=data, pid=process.pid)
        yield replace(server, calendar=server.make_calendar(CALENDAR))
    finally:
        _stop(process)
        shutil.rmtree(own, ignore_errors=True)


def _start(data: Path, users: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    # Radicale refuses port 0, so a port is chosen for it; should another process take that one first, try again.
    for _attempt in range(5):
        with bind_free_port() as sock:
            port = int(sock.getsockname()[1])
        command = [
            *(sys.executable, "-m", "radicale", "--config", "", "--server-hosts", f"{LOOPBACK}:{port}"),
            *("--storage-filesystem-folder", str(data), "--logging-level", "info"),
            *("--auth-type", "htpasswd", "--auth-htpasswd-filename", str(users)),
            *("--auth-htpasswd-encryption", "plain", "--auth-delay", "0"),
        ]
        with log.open("wb") as sink:
            process = subprocess.Popen(command, stdout=sink, stderr=sink, start_new_session=True)  # noqa: S603 - our own words
        if _listens(process, log):
            return process, f"http://{LOOPBACK}:{port}"
        _stop(process)
    raise RuntimeError(f"Radicale did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _listens(process: subprocess.Popen[bytes], log: Path) -> bool:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        if "Listening on" in log.read_text(errors="replace"):
            return True
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)
