"""`/l/{token}`: note the visit, send the visitor on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from promo.errors import NotFound
from promo.exposure.visit import record_visit
from promo.language import _, use
from promo.report.html import plain_page
from promo.web.visitor import language_of, visitor_of

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request

    from promo.clock import Clock
    from promo.workspace import LinkSettings


class Redirect:
    """The public half of the server."""

    def __init__(self, engine: Engine, settings: LinkSettings, clock: Clock) -> None:
        self.engine = engine
        self.settings = settings
        self.clock = clock

    def follow(self, request: Request) -> Response:
        """Answer 302 to the link's target in the ledger, 404 to a token that is not there."""
        try:
            target = record_visit(
                self.engine,
                request.path_params["token"],
                visitor=visitor_of(request, proxies=self.settings.proxies),
                clock=self.clock,
                salt_days=self.settings.salt_days,
            )
        except NotFound:
            return self.missing(request)
        # 302 and no-store: each visit must come by again. The target sees no referrer: a token names a placement.
        return RedirectResponse(target, status_code=302, headers={"Cache-Control": "no-store"})

    def missing(self, request: Request, _error: Exception | None = None) -> Response:
        """Answer 404 in the visitor's language."""
        use(language_of(request))
        page = plain_page(_("This page does not exist"), _("The link may be misspelt, or what it led to is over."))
        return HTMLResponse(page, status_code=404, headers={"Content-Language": language_of(request)})
