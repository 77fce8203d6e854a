"""What one opened workspace is made of: channels, ledger, queue, publishers, pictures; each made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.clock import Clock, SystemClock
from promo.errors import PromoError
from promo.registry import Channel, Registry, open_channels
from promo.workspace import Workspace

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy import Engine

    from promo.brand.load import LoadedBrands
    from promo.delivery.observer import Observer
    from promo.delivery.publisher import Publisher
    from promo.engine.queue import Queue
    from promo.visual.credit import Credits
    from promo.visual.model import Visual
    from promo.visual.renderer import Renderer

Progress = Callable[[int, int], None]  # (done, all)


class Parts:
    """The parts of one opened workspace."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        clock: Clock | None = None,
        registry: Registry | None = None,
        channels: Mapping[str, Channel] | None = None,
        database_url: str | None = None,
    ) -> None:
        self.workspace = workspace
        self.clock: Clock = clock or SystemClock()
        self.registry = registry or Registry()
        self._given_channels = channels
        self._database_url = database_url

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """Return the configured channels whose connector loads."""
        if self._given_channels is not None:
            return self._given_channels
        return open_channels(self.workspace, self.registry, self.clock)

    @property
    def database_url(self) -> str:
        """Return where the ledger is, as SQLAlchemy's URL."""
        return self._database_url or self.workspace.database_url

    @cached_property
    def ledger(self) -> Engine:
        """Return the database, its tables up to date."""
        from promo.store.database import open_database

        return open_database(self.database_url)

    def close(self) -> None:
        """Let go of the queue and the database, if they were opened."""
        if "queue" in vars(self):
            self.queue.close()
        if "ledger" in vars(self):
            self.ledger.dispose()

    @cached_property
    def brands(self) -> LoadedBrands:
        """Return every brand with its problems."""
        from promo.brand.load import load_brands

        return load_brands(self.workspace)

    @cached_property
    def credits(self) -> Credits:
        """Return whose the photos are and what they show."""
        from promo.visual.credit import load_credits

        return load_credits(self.workspace)

    @cached_property
    def renderer(self) -> Renderer:
        """Return the renderer; its cache lies in the workspace's state folder."""
        from promo.visual.renderer import Renderer

        return Renderer(self.workspace, self.brands.brands, self.workspace.state_folder / "cache" / "visuals")

    @cached_property
    def observer(self) -> Observer:
        """Return who traces what this process does; without the OTEL_ variables, and in a rehearsal, nobody."""
        from promo.delivery.observer import Observer
        from promo.watch.tracing import tracing

        return Observer() if self._database_url else tracing(lambda: self.ledger)

    def publisher(self, *, worker: str | None = None, random: Random | None = None, role: str = "tick") -> Publisher:
        """Return a publisher on this ledger and these channels: one that sends what it claims, in this process."""
        from promo.delivery.publisher import Publisher

        return Publisher(self.ledger, self.channels, worker=worker, random=random, role=role, **self._ways)

    def ticker(self, *, role: str = "tick") -> Publisher:
        """Return the publisher that `engine:` asks for: one that sends, or one that hands out to workers."""
        if self.workspace.settings.engine == "embedded":
            return self.publisher(role=role)
        from promo.engine.ticker import Ticker

        return Ticker(self.ledger, self.channels, role=role, queue=self.queue, **self._ways)

    @property
    def _ways(self) -> dict[str, Any]:
        return {
            "clock": self.clock,
            "render": self.render,
            "workspace": self.workspace,
            "observer": self.observer,
        }

    @cached_property
    def queue(self) -> Queue:
        """Return the queue between claims and workers, ready for use. Raises PromoError where it cannot be reached."""
        from promo.engine.queue import open_queue

        queue = open_queue(self.workspace, self.ledger)
        queue.prepare()
        return queue

    # -- visual --------------------------------------------------------------------------------------------

    def visual_digest(self, visual: Mapping[str, Any]) -> str:
        """Return the digest of all that goes into a picture."""
        return self.renderer.input_digest(_visual_request(visual))

    @property
    def look_file(self) -> Path:
        """Return where it is kept what was found on pictures; it may be deleted at any time."""
        return self.workspace.state_folder / "cache" / "looks.sqlite"

    def look_digest(self, visual: Mapping[str, Any]) -> str:
        """Return the digest of a picture's look: of all that goes into it but the link of its QR code."""
        return self.renderer.look_digest(_visual_request(visual))

    def look_many(
        self,
        visuals: Sequence[Mapping[str, Any]],
        *,
        on_seen: Callable[[int, list[dict[str, Any]] | PromoError], None],
    ) -> None:
        """Draw pictures, on all cores, to see what is to be found on them (`promo.visual.pool.look_many`)."""
        from promo.visual.pool import look_many

        look_many(self.renderer, [_visual_request(visual) for visual in visuals], on_seen=on_seen)

    def render(self, visual: Mapping[str, Any]) -> Visual:
        """Render one picture, or take it from the cache."""
        return self.renderer.render(_visual_request(visual))

    def render_many(
        self,
        visuals: Sequence[Mapping[str, Any]],
        *,
        jobs: int | None = None,
        progress: Progress | None = None,
    ) -> list[Visual | PromoError]:
        """Render pictures, many of them in several processes; each that cannot be drawn is an error in its place."""
        from promo.visual.pool import render_many

        return render_many(self.renderer, [_visual_request(visual) for visual in visuals], jobs=jobs, progress=progress)

    def made(self, visual: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the format a picture gets and the type of its file; None for a layout that is not there."""
        return self.renderer.made(_visual_request(visual))

    def prints(self, visual: Mapping[str, Any]) -> bool:
        """Whether a picture becomes a print file, whose pages may be many places."""
        return self.renderer.prints(_visual_request(visual))


def _visual_request(visual: Mapping[str, Any]) -> Any:
    from promo.visual.model import VisualRequest

    return VisualRequest(**visual)
