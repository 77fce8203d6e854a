"""The processes that stay: `promo run` and `promo worker`, with those who watch them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from promo.app.monitor import Monitor
from promo.errors import UserMistake
from promo.language import _

if TYPE_CHECKING:
    from promo.app.workspace import App
    from promo.source.listen import Listen


def run(app: App, *, listen: Listen | None = None) -> None:
    """Run the daemon until it is stopped; it answers its monitors at `listen`, else where promo.yaml says."""
    from promo.app.apart import extend_apart
    from promo.engine.embedded import Daemon

    monitor = Monitor(app, role="run", listen=listen)
    publisher = app.ticker(role="run")
    daemon = Daemon(publisher, clock=app.clock, on_collect=app.collect, on_horizon=partial(extend_apart, app))
    with monitor.answering(stopping=lambda: publisher.stopped):
        daemon.run()


def work(app: App, *, concurrency: int | None = None, listen: Listen | None = None) -> None:
    """Carry out jobs until stopped (`promo worker`). Raises UserMistake where the engine has no workers."""
    from promo.engine.worker import Worker

    if app.workspace.settings.engine == "embedded":
        raise UserMistake(
            _("engine embedded has no workers: `promo run` publishes by itself"),
            hint=_("for several machines, write engine: procrastinate into promo.yaml"),
        )
    monitor = Monitor(app, role="worker", listen=listen)
    publisher = app.publisher(role="worker")
    with monitor.answering(stopping=lambda: publisher.stopped):
        Worker(publisher, app.queue, concurrency=concurrency).run()
