"""An HTTP receiver that records what arrives, answers as told, and can break the connection at any point."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from promo.connector import safe_name
from promo.testing.servers.port import LOOPBACK

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from promo.testing.servers.certificate import Certificate

KEY_HEADERS = ("webhook-id", "idempotency-key")
PRIVATE_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})  # never written to disk
HOP_HEADERS = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})

READING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})  # ask, and change nothing

Cut = Literal["before", "after", "half", "chunk"]


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it arrived. Header names are in lower case."""

    method: str
    path: str  # with the query
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def key(self) -> str | None:
        """Return the sender's key for repeats: `webhook-id`, else `Idempotency-Key`."""
        return next((self.headers[name] for name in KEY_HEADERS if name in self.headers), None)

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer. `body` that is neither bytes nor text is sent as JSON; `delay` in seconds comes first.

    `cut` breaks the connection: `before` reading the body; `after` the whole request, without a byte back;
    in `half` of the answer; inside a `chunk` of it. `keep` says whether the request counts as done; None: where
    the status is 2xx, and with `after`, `half` and `chunk`, whose requests did arrive. A queued answer waits for
    the next request that fits `method` and begins with `path`, where they are given.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = b""
    delay: float = 0.0
    cut: Cut | None = None
    keep: bool | None = None
    method: str | None = None
    path: str | None = None

    @property
    def kept(self) -> bool:
        """Whether the request counts as done."""
        return self.keep if self.keep is not None else self.cut != "before" and 200 <= self.status < 300

    @property
    def content(self) -> bytes:
        """Return the body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    def fits(self, received: Received) -> bool:
        """Whether this answer is meant for that request."""
        return self.method in (None, received.method) and received.path.startswith(self.path or "")


class HttpReceiver:
    """The running receiver: every request (`requests`), those it took (`accepted`), what to answer next."""

    def __init__(
        self, *, folder: Path | None, dedupe: bool, respond: Callable[[Received], Answer] | None, forward: str | None
    ) -> None:
        self.url = ""  # set when it runs; without a slash at the end
        self.connections = 0
        self._folder = folder
        self._dedupe = dedupe
        self._respond = respond
        self._forward = forward
        self._requests: list[Received] = []
        self._accepted: list[Received] = []
        self._keys: set[str] = set()
        self._answers: list[Answer] = []
        self._lock = threading.Lock()

    @property
    def requests(self) -> list[Received]:
        """Return every request so far, also those answered with an error or cut off."""
        with self._lock:
            return list(self._requests)

    @property
    def accepted(self) -> list[Received]:
        """Return the requests taken, repeats of a key left out when it dedupes."""
        with self._lock:
            return list(self._accepted)

    def count(self, key: str) -> int:
        """Return how many accepted requests carry that key."""
        return sum(received.key == key for received in self.accepted)

    def queue(self, *answers: Answer) -> None:
        """Give these answers to the next requests that fit, in this order, each once."""
        with self._lock:
            self._answers += answers

    def breaks_early(self, received: Received) -> bool:
        """Whether the connection is to break before the body is read."""
        with self._lock:
            return any(answer.cut == "before" and answer.fits(received) for answer in self._answers[:1])

    def answer(self, received: Received) -> Answer:
        """Record the request and return the answer to give; called by the server for each request."""
        with self._lock:
            self._requests.append(received)
            planned = next((a for a in self._answers if a.fits(received)), None)
            if planned is not None:
                self._answers.remove(planned)
        if planned is not None and not planned.kept:
            return planned
        given = self._take(received)
        return planned or given

    def _take(self, received: Received) -> Answer:
        if self._forward is not None:
            answer = _forwarded(received, self._forward)
        elif self._respond is not None:
            answer = self._respond(received)
        else:
            answer = Answer(body={"received": received.key}, headers={"Content-Type": "application/json"})
        if answer.kept and received.method not in READING:
            with self._lock:
                repeated = self._dedupe and received.key in self._keys
                if not repeated:
                    self._accepted.append(received)
                    if received.key is not None:
                        self._keys.add(received.key)
                    self._write(received)
        return answer

    def _write(self, received: Received) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            body: Any = received.json()
        except ValueError:
            body = received.body.decode(errors="replace")
        record = {
            "method": received.method,
            "path": received.path,
            "headers": {name: value for name, value in received.headers.items() if name not in PRIVATE_HEADERS},
            "body": body,
        }
        name = f"{len(self._accepted):04d} {safe_name(received.key or received.method)}.json"
        (self._folder / name).write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@contextmanager
def http_receiver(
    folder: Path | None = None,
    *,
    dedupe: bool = True,
    respond: Callable[[Received], Answer] | None = None,
    forward: str | None = None,
    certificate: Certificate | None = None,
) -> Iterator[HttpReceiver]:
    """Run a receiver on a free loopback port. With `folder` each accepted request is a JSON file there.

    `dedupe`: a key seen before is answered well but not accepted again. `respond` makes the answers when none
    is queued. `forward` passes the requests on to a real server (`http://host:port`): queued answers whose
    request is kept reach it too, so that an answer can be lost after the real work was done. With
    `certificate` it speaks HTTPS.
    """
    receiver = HttpReceiver(folder=folder, dedupe=dedupe, respond=respond, forward=forward)
    server = _Server(receiver, certificate.server_context() if certificate is not None else None)
    receiver.url = f"http{'s' if certificate else ''}://{LOOPBACK}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.break_all()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a kept-alive connection of a client must not hold up the end

    def __init__(self, receiver: HttpReceiver, tls: ssl.SSLContext | None) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.receiver = receiver
        self.tls = tls
        self._open: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls is not None:  # here, in the connection's thread: a bad handshake hurts no other
            request = self.tls.wrap_socket(request, server_side=True)
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._open.discard(request)
            if self.tls is not None:
                request.close()

    def break_all(self) -> None:
        """End the connections that clients keep alive."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: broken connections are what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "promo-receiver"
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.receiver.connections += 1

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # any method: PUT, PROPFIND, MKCOL …
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(method=self.command, path=self.path, headers=headers, body=b"")
        if not self.server.receiver.breaks_early(received):
            received = replace(received, body=self._body())
        answer = self.server.receiver.answer(received)
        if answer.delay:
            time.sleep(answer.delay)
        if answer.cut in ("before", "after"):
            self._reset()
        else:
            self._send(answer)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, answer: Answer) -> None:
        content = b"" if self.command == "HEAD" or answer.status in (204, 304) else answer.content
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.cut == "chunk":
            self.send_header("Transfer-Encoding", "chunked")
            content = b"ff\r\n" + content[:254]
        elif answer.status != 204:
            self.send_header("Content-Length", str(len(content) + (100 if answer.cut == "half" else 0)))
        self.end_headers()
        self.wfile.write(content)
        if answer.cut is not None:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _reset(self) -> None:
        """Close at once, so that the peer sees RST instead of an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: what arrived is in `requests`."""


def _forwarded(received: Received, base: str) -> Answer:
    target = urlsplit(base)
    connection = HTTPConnection(target.hostname or LOOPBACK, target.port, timeout=30)
    headers = {name: value for name, value in received.headers.items() if name not in HOP_HEADERS}
    try:
        connection.request(received.method, received.path, body=received.body or None, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_HEADERS}
        return Answer(status=answer.status, headers=kept, body=body)
    finally:
        connection.close()
