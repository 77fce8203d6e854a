"""Loopback ports."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


def bind_free_port() -> socket.socket:
    """Return a socket bound to a free loopback port: it stays ours, no other process can take it."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((LOOPBACK, 0))
    return sock


@contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port that refuses every connection: bound, so nobody else opens it, but never listening."""
    with bind_free_port() as sock:
        yield int(sock.getsockname()[1])
