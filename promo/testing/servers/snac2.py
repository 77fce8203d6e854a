"""A real server with Mastodon's API (Debian's snac2), on a free loopback port, with fresh data and users."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from promo.clock import monotonic
from promo.connector import new_session
from promo.testing.servers.port import LOOPBACK, bind_free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"  # the code is shown on a page instead of being sent to a site
START_SECONDS = 10.0
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class Snac2Server:
    """The running server: where it is, and an access token for each user."""

    url: str
    tokens: Mapping[str, str] = field(repr=False)

    def call(self, user: str, method: str, path: str, **fields: str) -> requests.Response:
        """Make one call of Mastodon's API as that user. Raises requests.HTTPError on an error status."""
        return _call(method, self.url + path, self.tokens[user], **fields)


@contextmanager
def snac2_server(binary: Path, folder: Path, *, users: tuple[str, ...] = ("brand",)) -> Iterator[Snac2Server]:
    """Run the server with data in `folder`, which must not exist; it and its children end with the block.

    Raises TimeoutError when it does not answer within ten seconds.
    """
    with bind_free_port() as sock:
        port = int(sock.getsockname()[1])
    passwords = _prepare(binary, folder, port, users)
    with folder.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the binary is the caller's own
            [str(binary), "httpd", str(folder)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        url = f"http://{LOOPBACK}:{port}"
        _wait_until_up(process, url)
        yield Snac2Server(url=url, tokens={user: _token(url, user, word) for user, word in passwords.items()})
    finally:
        _stop(process)


def _prepare(binary: Path, folder: Path, port: int, users: tuple[str, ...]) -> dict[str, str]:
    """Write the data folder by the server's own commands; return each user's password."""

    def run(*arguments: str, answers: str) -> str:
        done = subprocess.run(  # noqa: S603 - the binary is the caller's own
            [str(binary), *arguments], input=answers, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout + done.stderr

    run("init", str(folder), answers=f"{LOOPBACK}\n{port}\nlocalhost:{port}\n\nadmin@localhost.example\n")
    file = folder / "server.json"
    # Its four default threads starve its own deliveries between its users.
    file.write_text(json.dumps(json.loads(file.read_text()) | {"protocol": "http", "num_threads": 16}))
    passwords = {}
    for user in users:
        told = run("adduser", str(folder), user, answers=f"{user}\n{user}\n\n")
        found = re.search(r"password is (\S+)", told)
        if found is None:
            raise RuntimeError("snac2 told no password for its new user")
        passwords[user] = found[1]
    return passwords


def _wait_until_up(process: subprocess.Popen[bytes], url: str) -> None:
    until = monotonic() + START_SECONDS
    while monotonic() < until and process.poll() is None:
        with suppress(requests.ConnectionError):
            _call("GET", f"{url}/api/v1/instance")
            return
        time.sleep(0.05)
    raise TimeoutError("snac2 did not start")


def _token(url: str, user: str, password: str) -> str:
    """Walk OAuth's code flow as a person with a browser would."""
    app = _call(
        "POST", f"{url}/api/v1/apps", client_name="tests", redirect_uris=OUT_OF_BAND, scopes="read write"
    ).json()
    client = {"client_id": app["client_id"], "redirect_uri": OUT_OF_BAND}
    page = _call("GET", f"{url}/oauth/authorize", response_type="code", scope="read write", **client).text
    form = dict(_HIDDEN.findall(page)) | {"login": user, "passwd": password}
    client |= {"code": _call("POST", f"{url}/oauth/x-snac-login", **form).text.strip()}
    client |= {"client_secret": app["client_secret"], "grant_type": "authorization_code"}
    return str(_call("POST", f"{url}/oauth/token", **client).json()["access_token"])


def _call(method: str, url: str, token: str | None = None, **fields: str) -> requests.Response:
    # A session for each call: snac2 closes kept connections without a word.
    with new_session() as session:
        if token is not None:
            session.headers["Authorization"] = f"Bearer {token}"
        if method == "GET":
            answer = session.get(url, params=fields, timeout=10)
        else:
            answer = session.request(method, url, data=fields, timeout=10)
    answer.raise_for_status()
    return answer


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)  # its own group: start_new_session made it the leader
    try:
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
