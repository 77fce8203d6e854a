"""The live page's answers: the page, its pictures, and the word that something is new."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from promo.app.sheet import counted
from promo.language import _, plural, use
from promo.report.fontfile import font_folder
from promo.web.header import SecurityHeaders
from promo.web.visitor import is_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from promo.app.live import Frame, Live, View

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PATIENCE = 0.5  # seconds an answer waits for news before it looks whether the server ends
BEAT = 30  # of these, after which a line without meaning keeps the connection open
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
KINDS = {"live.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


def live_app(live: Live, *, ending: Callable[[], bool]) -> Starlette:
    """Return the application; answers that wait end once `ending` is true."""
    page = LivePage(live, ending)
    return Starlette(
        routes=[
            Route("/", page.index),
            Route("/view", page.view),
            Route("/news", page.news),
            Route("/picture/{key:str}/{page:int}", page.picture),
            Route("/font", page.font),
            Route("/{name:str}", page.asset),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )


class LivePage:
    """Answers people at this machine; to anybody else the page does not exist."""

    def __init__(self, live: Live, ending: Callable[[], bool]) -> None:
        self.live = live
        self.ending = ending

    def index(self, request: Request) -> Response:
        """Return the page; `?lang=` changes the language for as long as the server runs."""
        _enter(request)
        wished = request.query_params.get("lang")
        if wished in ("zh", "en"):
            self.live.speak("zh" if wished == "zh" else "en")
        return self._html("page.html")

    def view(self, request: Request) -> Response:
        """Return the part of the page that changes."""
        _enter(request)
        return self._html("view.html")

    def _html(self, name: str) -> Response:
        view = self.live.view
        use(view.language)
        words = _templates().get_template(name).render(view=view, state=_state(view), sections=_sections(view))
        return HTMLResponse(words, headers={"Content-Security-Policy": POLICY})

    def news(self, request: Request) -> Response:
        """Say the view's version, and each new one as soon as there is one: server-sent events."""
        _enter(request)
        return StreamingResponse(self._versions(), media_type="text/event-stream")

    def _versions(self) -> Iterator[str]:
        version, silent = -1, 0
        while not self.ending():
            view = self.live.wait(version, PATIENCE)
            if view.version != version:
                version, silent = view.version, 0
                yield f"data: {version}\n\n"
            elif (silent := silent + 1) >= BEAT:
                silent = 0
                yield ": still here\n\n"

    def picture(self, request: Request) -> Response:
        """Return one of the pictures on the page."""
        _enter(request)
        key, number = request.path_params["key"], request.path_params["page"]
        for frame in self.live.view.frames:
            if frame.visual is not None and frame.visual.key == key and 0 < number <= len(frame.pages):
                path = frame.pages[number - 1].path
                if path.is_file():
                    return FileResponse(path, headers=FOREVER)
        raise HTTPException(404)

    def font(self, request: Request) -> Response:
        """Return Noto Sans SC, for machines without Chinese letters."""
        _enter(request)
        return FileResponse(next(font_folder().glob("*.ttf")), media_type="font/ttf", headers=FOREVER)

    def asset(self, request: Request) -> Response:
        """Return the page's style, script or icon."""
        _enter(request)
        name = request.path_params["name"]
        if name not in KINDS:
            raise HTTPException(404)
        return Response(_asset(name), media_type=KINDS[name])


def _enter(request: Request) -> None:
    if not is_here(request):
        raise HTTPException(404)


def _state(view: View) -> str:
    """Return how things stand, for the light at the top of the page."""
    if view.wrong or view.problems:
        return "broken"
    return "busy" if view.busy else "fine"


def _sections(view: View) -> list[tuple[str, list[Frame]]]:
    """Return the frames by what they show, in their order."""
    found: dict[tuple[str, str, str], list[Frame]] = {}
    for frame in view.frames:
        found.setdefault((frame.wanted.campaign, frame.heading, frame.about), []).append(frame)
    return [(f"s{frames[0].id}", frames) for frames in found.values()]


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("promo.web", "live"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"_": _, "plural": plural, "counted": counted}
    return found


@cache
def _asset(name: str) -> bytes:
    return (files("promo.web") / "live" / name).read_bytes()
