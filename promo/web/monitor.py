"""/health, /ready and /metrics of the web server, for monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from promo.store.probe import prober
from promo.watch.health import SECONDS, Health
from promo.watch.heartbeat import Heartbeat
from promo.web.visitor import is_here

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request

    from promo.clock import Clock
    from promo.watch.health import Report
    from promo.watch.metrics import Metrics


class Monitors:
    """Tells anybody whether it works, but only this machine why not, and how the ledger stands."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        database = prober(engine, seconds=SECONDS)
        # The server answers each request by itself: there is no loop that could be stuck.
        self._health = Health(heartbeat=Heartbeat(), checks={"database": database}, stopping=lambda: False, loops=False)
        self._metrics: Metrics | None = None

    def alive(self, request: Request) -> Response:
        """Answer 200."""
        return _answer(request, self._health.alive())

    def ready(self, request: Request) -> Response:
        """Answer 200 when the ledger can be written, else 503."""
        return _answer(request, self._health.ready())

    def metrics(self, request: Request) -> Response:
        """Answer what the ledger says of itself, for where only cron publishes."""
        if not is_here(request):
            raise HTTPException(404)
        if self._metrics is None:
            self._metrics = self._made()
        kind, text = self._metrics.scrape()
        return Response(text, media_type=kind)

    def _made(self) -> Metrics:
        from promo.watch.gauge import gauges
        from promo.watch.metrics import Metrics, Standing

        metrics = Metrics()
        metrics.add(
            Standing(
                health=self._health,
                ledger=lambda: gauges(self._engine, self._clock.now()),
                role="serve",
                database=self._engine.dialect.name,
            )
        )
        return metrics


def _answer(request: Request, report: Report) -> Response:
    said = report.as_plain() if is_here(request) else {"status": report.as_plain()["status"]}
    return JSONResponse(said, status_code=200 if report.ok else 503, headers={"Cache-Control": "no-store"})
