"""The web server: the redirect of tracked links for the public, reports for the people at this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from promo.errors import UserMistake
from promo.language import _
from promo.web.header import SecurityHeaders
from promo.web.monitor import Monitors
from promo.web.page import Pages
from promo.web.redirect import Redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from promo.clock import Clock
    from promo.workspace import Workspace

LOOPBACK = "127.0.0.1"
GRACE = 5  # seconds that requests under way may take when the server stops


def make_app(engine: Engine, workspace: Workspace, clock: Clock) -> Starlette:
    """Return the whole application: `/l/{token}`, what monitors ask, and the pages `/` and `/campaigns/{campaign}`."""
    redirect = Redirect(engine, workspace.settings.links, clock)
    pages = Pages(engine, clock)
    monitors = Monitors(engine, clock)
    return Starlette(
        routes=[
            Route("/l/{token}", redirect.follow, methods=["GET", "HEAD"]),
            Route("/health", monitors.alive, methods=["GET", "HEAD"]),
            Route("/ready", monitors.ready, methods=["GET", "HEAD"]),
            Route("/metrics", monitors.metrics, methods=["GET", "HEAD"]),
            Route("/", pages.index, methods=["GET", "HEAD"]),
            Route("/campaigns/{campaign}", pages.report, methods=["GET", "HEAD"]),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={404: redirect.missing, 405: redirect.missing},
    )


def serve(
    engine: Engine,
    workspace: Workspace,
    clock: Clock,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Answer until SIGINT or SIGTERM, then finish the requests under way. `ready` gets the address, port resolved.

    Raises UserMistake when the port is taken or the host is none of this machine's.
    """
    server, bound = server_for(make_app(engine, workspace, clock)), listen(host, port)
    with bound:
        if ready is not None:
            ready(address_of(bound))
        server.run(sockets=[bound])


@contextlib.contextmanager
def running(app: Starlette, *, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Answer in a thread while the block runs; gives the address, `http://127.0.0.1:41234`. Port 0: any free one."""
    server, bound = server_for(app), listen(host, port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="promo-web", daemon=True)
    thread.start()
    try:
        yield address_of(bound)  # the socket listens already: an early request waits in its queue
    finally:
        server.should_exit = True
        thread.join(GRACE + 5)
        bound.close()


def address_of(bound: socket.socket) -> str:
    """Return the address of a listening socket as a URL without a path."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if bound.family is socket.AF_INET6 else f"http://{host}:{port}"


def server_for(app: Starlette) -> uvicorn.Server:
    """Return a server that keeps no trace of who asked."""
    # No access log: it would hold the visitors' addresses. No proxy headers: links.proxies says whom to believe.
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises UserMistake when the port is taken or the host is none of this machine's."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(128)
        except OSError:
            bound.close()
            raise
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UserMistake(
            _("cannot answer on {host}, port {port}: {why}", host=host, port=port, why=why),
            hint=_("choose another; --port 0 takes a free one"),
        ) from None
    return bound
