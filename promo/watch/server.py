"""The small web server of a process that publishes: /health, /ready and /metrics, for monitors."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

import structlog

from promo.errors import UserMistake
from promo.language import _, language, use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from promo.source.listen import Listen
    from promo.watch.health import Health, Report

log = structlog.get_logger(__name__)

AT_ONCE = 16  # connections; who comes on top is sent away
SECONDS = 5.0  # that a client may take to say what it wants


class Server(ThreadingHTTPServer):
    """Answers each request in a thread of its own, of which there are few."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self, where: Listen, health: Health, scrape: Callable[[], tuple[str, bytes]]) -> None:
        self.address_family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        self.health = health
        self.scrape = scrape
        self.language = language()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        try:
            super().__init__((where.host, where.port), Handler)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UserMistake(
                _("cannot answer on {address}: {why}", address=where, why=why),
                hint=_("choose another with --listen, or `listen:` in promo.yaml"),
            ) from None
        self.local = ip_address(str(self.server_address[0])).is_loopback

    @property
    def url(self) -> str:
        """Return where it answers, without a path."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        """Bind, without asking a name server what this machine is called, as the base would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, while there is a place."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the machine gives no more threads
            self._places.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    """One request: GET or HEAD of three paths."""

    server: Server
    server_version = "promo"
    sys_version = ""
    timeout = SECONDS

    def do_GET(self) -> None:
        """Answer."""
        use(self.server.language)
        if self.server.local and not _is_local(self.headers.get("Host", "")):
            # A page elsewhere may have its own name lead to 127.0.0.1 (DNS rebinding).
            self._send(404, "text/plain", b"")
            return
        match self.path.partition("?")[0]:
            case "/health":
                self._report(self.server.health.alive())
            case "/ready":
                self._report(self.server.health.ready())
            case "/metrics":
                self._send(200, *self.server.scrape())
            case _:
                self._send(404, "text/plain; charset=utf-8", b"/health /ready /metrics\n")

    do_HEAD = do_GET  # noqa: N815 - the base's shape

    def _report(self, report: Report) -> None:
        body = json.dumps(report.as_plain(), ensure_ascii=False).encode()
        self._send(200 if report.ok else 503, "application/json", body)

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log: it would hold nothing but the monitor's rhythm."""


def _is_local(host: str) -> bool:
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


@contextmanager
def answering(where: Listen, health: Health, scrape: Callable[[], tuple[str, bytes]]) -> Iterator[str]:
    """Answer while the block runs; gives the address, port resolved. `scrape` returns a content type and a text.

    Raises UserMistake where the address is taken or none of this machine's.
    """
    server = Server(where, health, scrape)
    thread = threading.Thread(target=server.serve_forever, name="monitor", daemon=True)
    thread.start()
    log.info("monitor answers", url=server.url)
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
