"""Serving the live page until Ctrl-C."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from promo.app.changes import watch_files
from promo.web.live.page import live_app
from promo.web.serve import LOOPBACK, address_of, listen, server_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from promo.app.live import Live


def serve_live(live: Live, root: Path, *, port: int, ready: Callable[[str], None]) -> None:
    """Draw, watch and answer on this machine until SIGINT or SIGTERM. `ready` gets the address, port resolved.

    Raises UserMistake when the port is taken.
    """
    stop = threading.Event()
    with listen(LOOPBACK, port) as bound:
        server = server_for(live_app(live, ending=lambda: server.should_exit))
        drawing = threading.Thread(target=live.run, name="promo-live", daemon=True)
        watching = watch_files(root, live.changed, stop)
        drawing.start()
        try:
            ready(address_of(bound))
            server.run(sockets=[bound])
        finally:
            stop.set()
            live.stop()
            for thread in (drawing, *watching):
                thread.join(10)
