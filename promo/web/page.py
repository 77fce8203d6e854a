"""The pages for reviewers: the list of campaigns, and each one's report. They are read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from promo.errors import NotFound
from promo.language import use
from promo.report.html import index_page, render_html
from promo.report.summary import list_campaigns, summarize
from promo.web.visitor import is_here, language_of

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request

    from promo.clock import Clock


class Pages:
    """The half of the server for the people at this machine: to anybody else these pages do not exist.

    They need no login yet, so they must not be reachable from outside, wherever the redirect is.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock

    def index(self, request: Request) -> Response:
        """List the campaigns in the ledger."""
        self._enter(request)
        return HTMLResponse(index_page(list_campaigns(self.engine)))

    def report(self, request: Request) -> Response:
        """Show one campaign's report, the same page `promo report --html` writes."""
        self._enter(request)
        try:
            report = summarize(self.engine, request.path_params["campaign"], now=self.clock.now())
        except NotFound:
            raise HTTPException(404) from None
        return HTMLResponse(render_html(report))

    def _enter(self, request: Request) -> None:
        if not is_here(request):
            raise HTTPException(404)
        use(language_of(request))
