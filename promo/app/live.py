"""What the live page shows: pictures drawn again whenever the files change, and the files' problems meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.app.picture import ALL, Wanted
from promo.app.titles import Titles, format_title, size_of
from promo.errors import ProblemsFound, PromoError
from promo.language import _, language, use

if TYPE_CHECKING:
    from promo.app.choice import Choice
    from promo.app.preview import Preview
    from promo.app.workspace import App
    from promo.language import Language
    from promo.source.problem import Problem
    from promo.visual.layout.formats import PageSpec
    from promo.visual.model import Visual
    from promo.visual.view.page import ShownPage


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture on the page. `visual` is the last that could be drawn; `stale` until it is drawn anew.

    `lost`: its file has errors, so that nobody knows what it should be.
    """

    id: str
    wanted: Wanted
    heading: str
    about: str
    caption: str
    visual: Visual | None = None
    pages: tuple[ShownPage, ...] = ()
    stale: bool = True
    lost: bool = False
    wrong: str = ""

    @property
    def mark(self) -> str:
        """Return what changes whenever the frame looks different."""
        findings = [(f.severity, f.message, f.where) for f in self.visual.findings] if self.visual else []
        seen = (
            self.visual.key if self.visual else "",
            findings,
            self.stale,
            self.lost,
            self.wrong,
            self.caption,
            self.heading,
        )
        return sha256(repr(seen).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class View:
    """All that the page shows at one moment. `version` grows with every change."""

    version: int = 0
    title: str = ""
    frames: tuple[Frame, ...] = ()
    problems: tuple[Problem, ...] = ()
    wrong: str = ""  # what is wrong as a whole, with its mend
    hint: str = ""
    busy: bool = True
    took: float | None = None  # seconds, once all is drawn
    at: datetime | None = None
    language: Language = "en"

    @property
    def errors(self) -> int:
        """Return how much is wrong: problems of files, findings that are errors, pictures that cannot be drawn."""
        found = sum(f.severity == "error" for frame in self.frames if frame.visual for f in frame.visual.findings)
        return (
            found
            + len(self.problems)
            + bool(self.wrong and not self.problems)
            + sum(bool(f.wrong) for f in self.frames)
        )

    @property
    def warnings(self) -> int:
        """Return how many findings are warnings."""
        return sum(f.severity == "warning" for frame in self.frames if frame.visual for f in frame.visual.findings)


class Live:
    """Draws a choice again each time it is told that something changed. One thread draws, many may look.

    `open_app` opens the workspace anew: brands, layouts and campaigns are read again.
    """

    def __init__(self, open_app: Callable[[], App], choice: Choice) -> None:
        self._open_app = open_app
        self._choice = choice if choice.formats else replace(choice, formats=(ALL,))
        self._view = View(language=language())
        self._spoken = self._view.language  # of the findings there are
        self._news = threading.Condition()
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._changed.set()

    @property
    def view(self) -> View:
        """Return what is to be seen now."""
        with self._news:
            return self._view

    def wait(self, version: int, seconds: float) -> View:
        """Return the view as soon as it is newer than `version`, or after so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self._view.version != version, seconds)
            return self._view

    def changed(self) -> None:
        """Say that a file is not what it was: what is being drawn is dropped, and all is looked at again."""
        self._changed.set()

    def speak(self, wanted: Language) -> None:
        """Change the language of the page and its findings."""
        if wanted != self.view.language:
            self._show(language=wanted, busy=True)
            self.changed()

    def stop(self) -> None:
        """End `run`."""
        self._stopped.set()
        self._changed.set()

    def run(self) -> None:
        """Draw whenever something has changed, until stopped."""
        while True:
            self._changed.wait()
            if self._stopped.is_set():
                return
            self._changed.clear()
            self._show(busy=True)
            self._look()

    def _look(self) -> None:
        began = time.monotonic()
        use(self.view.language)
        try:
            app, found, frames = self._find()
        except ProblemsFound as wrong:  # the pictures stay: they are what was seen last
            self._show(problems=wrong.problems, wrong=wrong.message, hint="", busy=False, at=None)
            return
        except PromoError as wrong:
            self._show(problems=(), wrong=wrong.message, hint=wrong.hint or "", busy=False, at=None)
            return
        except Exception as fault:  # noqa: BLE001 - the page outlives whatever half a file may do to a reader
            wrong_words = _("this is a fault of promo itself ({kind})", kind=type(fault).__name__)
            self._show(problems=(), wrong=wrong_words, hint=str(fault)[:300], busy=False, at=None)
            return
        kept = self._kept(app, frames)
        if found.problems:  # what a broken file keeps away is shown as it was
            here = {frame.id: frame for frame in kept}
            before = {frame.id: replace(frame, lost=True) for frame in self.view.frames}
            kept = tuple({**before, **here}.values())
        self._show(frames=kept, problems=found.problems, wrong="", hint="", title=_title(app, self._choice))
        to_draw = (frame for frame in kept if frame.stale and not frame.lost)
        for frame in sorted(to_draw, key=lambda one: _pixels(app, one.wanted)):
            if self._changed.is_set():
                return
            self._draw(app, frame)
        now = app.clock.now().astimezone()
        self._show(busy=False, took=time.monotonic() - began, at=now)

    def _find(self) -> tuple[App, Preview, tuple[Frame, ...]]:
        app = self._open_app()
        try:
            found = self._choice.find(app)
            return app, found, _frames(app, found.wanted)
        finally:
            app.close()

    def _kept(self, app: App, frames: Iterable[Frame]) -> tuple[Frame, ...]:
        """Return the frames with the pictures there are; those that would be drawn the same are not stale."""
        view, kept = self.view, []
        before = {frame.id: frame for frame in view.frames}
        for frame in frames:
            shown, same = before.get(frame.id), False
            visual = shown.visual if shown else None
            if visual is not None and self._spoken == view.language:
                with suppress(PromoError):  # drawing it will say what is wrong
                    same = visual.path.is_file() and app.visual_digest(frame.wanted.request) == visual.key
            kept.append(replace(frame, visual=visual, pages=shown.pages if shown else (), stale=not same))
        self._spoken = view.language
        return tuple(kept)

    def _draw(self, app: App, frame: Frame) -> None:
        from promo.visual.view.page import shown_pages

        try:
            visual = app.render(frame.wanted.request)
            drawn = replace(frame, visual=visual, pages=shown_pages(visual), stale=False)
        except PromoError as wrong:
            drawn = replace(frame, wrong=str(wrong), stale=False)
        except Exception as fault:  # noqa: BLE001 - one picture that breaks promo is no reason to show none
            kind = type(fault).__name__
            drawn = replace(frame, wrong=_("this is a fault of promo itself ({kind})", kind=kind), stale=False)
        self._show(frames=tuple(drawn if one.id == frame.id else one for one in self.view.frames))

    def _show(self, **what: object) -> None:
        with self._news:
            self._view = replace(self._view, version=self._view.version + 1, **what)  # type: ignore[arg-type]  # the fields of View
            self._news.notify_all()


def _frames(app: App, wanted: Iterable[Wanted]) -> tuple[Frame, ...]:
    """Return a frame for each design in each format: of a recurring picture the next is enough."""
    titles = Titles(app)
    found: dict[str, Frame] = {}
    for item in wanted:
        channels = "" if item.every_format else " ".join(item.channels)
        parts = (item.campaign, item.activity, item.layout, item.format, item.language, channels)
        key = "f" + sha256("\n".join(parts).encode()).hexdigest()[:12]
        if key not in found:
            found[key] = _frame(app, item, key, titles)
    return tuple(found.values())


def _frame(app: App, item: Wanted, key: str, titles: Titles) -> Frame:
    page = _page(app, item)
    called = format_title(item.format, app.renderer.layouts.get(item.layout)).in_language()
    caption = f"{called} · {size_of(page.width, page.height, page.dpi)}" if page else item.format
    if not item.campaign:
        heading, about = (
            item.layout,
            f"{app.brands.brands[str(item.request['brand'])].guide.name.in_language()} · {item.language}",
        )
    else:
        heading = titles.activity(item.campaign, item.activity).in_language()
        parts = [item.layout, ", ".join(titles.channel(name).in_language() for name in item.channels)]
        if item.dates:
            parts.append(f"{item.dates[0].astimezone(ZoneInfo(item.timezone)):%Y-%m-%d %H:%M}")
        about = " · ".join(parts)
    return Frame(id=key, wanted=item, heading=heading, about=about, caption=caption)


def _title(app: App, choice: Choice) -> str:
    if choice.layout is not None:
        return choice.layout
    return ", ".join(choice.names) or app.workspace.settings.workspace


def _pixels(app: App, item: Wanted) -> int:
    """Return how much there is to draw: small pictures come first."""
    page = _page(app, item)
    return page.width * page.height if page else 0


def _page(app: App, item: Wanted) -> PageSpec | None:
    layout = app.renderer.layouts.get(item.layout)
    return layout.pages.get(item.format) if layout else None
