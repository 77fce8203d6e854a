"""The only place where the parts are wired: one opened workspace, and what one can do with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.clock import Clock, SystemClock
from promo.errors import ProblemsFound, UserMistake
from promo.language import plural
from promo.registry import Channel, Registry, open_channels
from promo.source.problem import Problem, Severity
from promo.workspace import FILE, Workspace, open_workspace

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from promo.brand.load import LoadedBrands
    from promo.campaign.load import LoadedCampaign, LoadedCampaigns
    from promo.delivery.apply import Applied
    from promo.delivery.publisher import Publisher, Summary
    from promo.plan.compile import Compiled
    from promo.plan.model import Plan
    from promo.visual.model import Visual
    from promo.visual.renderer import Renderer

Progress = Callable[[int], None]
EXTEND_EVERY = timedelta(hours=6)  # how often the daemon and `tick` look whether the horizon has moved on


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What checking found: every problem, and the campaigns that could be read."""

    problems: tuple[Problem, ...]
    campaigns: tuple[LoadedCampaign, ...]

    @property
    def errors(self) -> int:
        """Return how many problems block the plan."""
        return sum(1 for p in self.problems if p.severity is Severity.ERROR)


class App:
    """One opened workspace. Every part is made when first asked for."""

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
        self._render_lock = threading.Lock()

    @classmethod
    def open(cls, root: Path, *, clock: Clock | None = None, registry: Registry | None = None) -> App:
        """Read `root/promo.yaml`. Raises ProblemsFound with every mistake in it."""
        return cls(open_workspace(root), clock=clock, registry=registry)

    # -- parts ---------------------------------------------------------------------------------------------

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """Return the configured channels whose connector loads."""
        if self._given_channels is not None:
            return self._given_channels
        return open_channels(self.workspace, self.registry, self.clock)

    @cached_property
    def ledger(self) -> Engine:
        """Return the database, its tables up to date."""
        from promo.store.database import open_database

        return open_database(self._database_url or self.workspace.database_url)

    @cached_property
    def brands(self) -> LoadedBrands:
        """Return every brand with its problems."""
        from promo.brand.load import load_brands

        return load_brands(self.workspace)

    @cached_property
    def renderer(self) -> Renderer:
        """Return the renderer; its cache lies in the workspace's state folder."""
        from promo.visual.renderer import Renderer

        return Renderer(self.workspace, self.brands.brands, self.workspace.state_folder / "cache" / "visuals")

    # -- campaign → plan -----------------------------------------------------------------------------------

    def load(self, *, progress: Progress | None = None) -> LoadedCampaigns:
        """Read every campaign file."""
        from promo.campaign.load import load_campaigns

        return load_campaigns(self.workspace, progress=progress)

    def check(self, *, progress: Progress | None = None) -> Checked:
        """Read everything and return every mistake of every file, in the order of the files."""
        from promo.visual.layout import load_layouts

        loaded = self.load(progress=progress)
        problems = [*self.workspace_problems(), *self.brands.problems, *load_layouts(self.workspace)[1], *loaded.problems]
        if not any(p.severity is Severity.ERROR for p in problems):
            problems += self._first_weeks(loaded).problems
        return Checked(problems=ordered(problems), campaigns=loaded.campaigns)

    def workspace_problems(self) -> list[Problem]:
        """Return the mistakes in promo.yaml that only the installed connectors can tell."""
        from pydantic import ValidationError

        from promo.source.validate import problems_of

        found: list[Problem] = []
        for name, settings in self.workspace.settings.channels.items():
            try:
                kind = self.registry.connector(settings.connector)
            except UserMistake as mistake:
                at = self.workspace.position("channels", name, "connector")
                found.append(Problem(code="no-such-connector", message=mistake.message, at=at, hint=mistake.hint))
                continue
            try:
                kind.Settings.model_validate(settings.settings)
            except ValidationError as error:
                found += problems_of(
                    error, kind.Settings, lambda *keys, n=name: self.workspace.position("channels", n, "settings", *keys)
                )
        return found

    def _first_weeks(self, loaded: LoadedCampaigns) -> Compiled:
        # Checking compiles each campaign from its own first day: texts are measured long before they are due.
        return self.compile(loaded.campaigns, whole=True)

    def compile(
        self, campaigns: Iterable[LoadedCampaign], *, whole: bool = False, progress: Progress | None = None
    ) -> Compiled:
        """Turn campaigns into deliveries up to the horizon; `whole`: over each campaign's own period instead."""
        raise NotImplementedError

    def visual_digest(self, visual: Mapping[str, Any]) -> str:
        """Return the digest of all that goes into a picture."""
        return self.renderer.input_digest(visual_request(visual))

    def render(self, visual: Mapping[str, Any]) -> Visual:
        """Render one picture, or take it from the cache."""
        return self.renderer.render(visual_request(visual))


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file and place; the same mistake is told once."""
    unique = {(p.code, str(p.at), p.message): p for p in problems}
    return tuple(sorted(unique.values(), key=lambda p: (str(p.at.file) != FILE, str(p.at.file), p.at.line, p.at.column)))
