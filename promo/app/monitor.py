"""Who watches a process that publishes: put together from promo.yaml, the command line and the environment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from promo.store.probe import prober

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from promo.app.workspace import App
    from promo.source.listen import Listen
    from promo.watch.health import Health


class Monitor:
    """Counts what `app` does from now on, and answers for it. Without an address nobody counts, and nobody answers.

    `role` is `run` or `worker`; `listen` None: where promo.yaml says, if it does.
    """

    def __init__(self, app: App, *, role: str, listen: Listen | None) -> None:
        self._app = app
        self._role = role
        self._listen = listen or app.workspace.settings.listen
        if self._listen is not None:
            from promo.watch.heartbeat import Heartbeat
            from promo.watch.metrics import Metrics
            from promo.watch.together import Together

            self._heartbeat, self._metrics = Heartbeat(), Metrics()
            app.observer = Together(self._heartbeat, self._metrics, app.observer)

    @contextmanager
    def answering(self, *, stopping: Callable[[], bool]) -> Iterator[str | None]:
        """Answer /health, /ready and /metrics while the block runs; gives the address.

        `stopping` says whether nothing new is taken. Raises UserMistake where nothing can listen there.
        """
        if self._listen is None:
            yield None
            return
        from promo.watch.health import SECONDS, Health
        from promo.watch.server import answering

        checks = {"database": prober(self._app.ledger, seconds=SECONDS)}
        if self._app.workspace.settings.engine != "embedded":
            checks["queue"] = self._app.queue.check
        health = Health(heartbeat=self._heartbeat, checks=checks, stopping=stopping)
        self._add_standing(health)
        with answering(self._listen, health, self._metrics.scrape) as url:
            yield url

    def _add_standing(self, health: Health) -> None:
        from promo.watch.gauge import gauges
        from promo.watch.metrics import Standing

        app = self._app
        self._metrics.add(
            Standing(
                health=health,
                ledger=lambda: gauges(app.ledger, app.clock.now(), known=app.channels),
                role=self._role,
                database=app.ledger.dialect.name,
            )
        )
