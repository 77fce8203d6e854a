"""One opened workspace, and the way from its files to plan, publication and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from promo.app.parts import Parts, Progress
from promo.app.problems import Checked, ordered
from promo.clock import Clock
from promo.errors import ProblemsFound
from promo.garbage import collected_rarely
from promo.language import _, plural
from promo.registry import Registry
from promo.source.problem import Problem, Severity
from promo.workspace import open_workspace

if TYPE_CHECKING:
    from promo.brand.wording.delivery import DeliveryWords, Spoken, WordsProblem
    from promo.campaign.load import LoadedCampaign, LoadedCampaigns
    from promo.delivery.apply import Applied
    from promo.delivery.publisher import Summary
    from promo.delivery.state import State
    from promo.exposure.collect import Collected
    from promo.plan.compile import Compiled
    from promo.plan.ledger import Ledger
    from promo.plan.model import Plan

log = structlog.get_logger(__name__)
EXTEND_WHEN = timedelta(days=1)  # the horizon is moved on when it lags this far behind


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What one round did."""

    published: Summary
    extended: int
    collected: Collected


class App(Parts):
    """One opened workspace, and the way from its files to what is out and what came of it."""

    @classmethod
    def open(cls, root: Path, *, clock: Clock | None = None, registry: Registry | None = None) -> App:
        """Read `root/promo.yaml`. Raises ProblemsFound with every mistake in it."""
        return cls(open_workspace(root), clock=clock, registry=registry)

    # -- campaign → plan -----------------------------------------------------------------------------------

    def load(self, *, progress: Progress | None = None) -> LoadedCampaigns:
        """Read every campaign file."""
        from promo.campaign.load import load_campaigns

        return load_campaigns(self.workspace, progress=progress)

    def check(self, *, progress: Progress | None = None) -> Checked:
        """Read everything and return every mistake of every file, in the order of the files."""
        from promo.app.check import check

        with collected_rarely():
            return check(self, progress=progress)

    def check_pictures(self, checked: Checked, *, progress: Progress | None = None) -> Checked:
        """Look at the pictures of what was checked; return it with what the style guide says of them."""
        from promo.app.look import look_problems

        found = look_problems(self, checked.deliveries, checked.campaigns, progress=progress)
        return replace(checked, problems=ordered([*checked.problems, *found]))

    def refuse_pictures(
        self, plan: Plan, campaigns: Sequence[LoadedCampaign] = (), *, progress: Progress | None = None
    ) -> None:
        """Look at the pictures of what a plan would add or change. Raises ProblemsFound for those with errors.

        What is in the ledger as it is stays: it was looked at before, and applied.
        """
        from promo.app.look import look_problems
        from promo.plan.model import Action

        moved = (change.after for change in plan.changes if change.action in (Action.ADD, Action.CHANGE))
        self._stop_at_errors(look_problems(self, filter(None, moved), campaigns, progress=progress))

    def refuse_later_pictures(self, *, after: datetime, until: datetime) -> None:
        """Look at the pictures that come into view only later. Raises ProblemsFound for those with errors."""
        from promo.app.look import look_problems

        campaigns = self.load().campaigns
        later = (each for each in self.check_deliveries(campaigns).deliveries if after < each.due_at <= until)
        self._stop_at_errors(look_problems(self, later, campaigns))

    def check_deliveries(self, campaigns: Sequence[LoadedCampaign]) -> Compiled:
        """Return the deliveries, with what is wrong with finished texts and times, long before they are due."""
        from promo.plan.compile import preview_deliveries

        return preview_deliveries(
            campaigns,
            self.workspace,
            self.channels,
            span=self.workspace.settings.horizon,
            check_words=self._check_words,
            photo_alt=self._photo_alt,
        )

    def compile(
        self,
        campaigns: Sequence[LoadedCampaign],
        *,
        start: datetime,
        horizon: datetime,
        ledger: Ledger | None = None,
    ) -> Compiled:
        """Turn campaigns into the deliveries due between two moments."""
        from promo.plan.compile import EMPTY, compile_deliveries

        return compile_deliveries(
            campaigns,
            self.workspace,
            self.channels,
            start=start,
            horizon=horizon,
            visual_digest=self.visual_digest,
            ledger=ledger or EMPTY,
            check_words=self._check_words,
            photo_alt=self._photo_alt,
        )

    def preview(self, campaigns: Sequence[LoadedCampaign]) -> Compiled:
        """Turn campaigns into their deliveries whenever they are due, to look at; reads no ledger."""
        from promo.plan.compile import preview_deliveries

        return preview_deliveries(
            campaigns,
            self.workspace,
            self.channels,
            span=self.workspace.settings.horizon,
            visual_digest=self.visual_digest,
            photo_alt=self._photo_alt,
        )

    def _photo_alt(self, photo: str, language: str) -> str:
        return self.credits.alt(photo, language)

    def _check_words(self, brand: str, spoken: Spoken) -> Iterable[WordsProblem]:
        words = self._brand_words.get(brand)
        return () if words is None else words.check(spoken)

    @cached_property
    def _brand_words(self) -> dict[str, DeliveryWords]:
        from promo.brand.wording.delivery import DeliveryWords

        return {name: DeliveryWords(brand) for name, brand in self.brands.brands.items()}

    def plan(self, *, progress: Progress | None = None, pictures: bool = False) -> Plan:
        """Return the difference between the files and the ledger. Raises ProblemsFound while there are errors.

        With `pictures` those of what would be added or changed are looked at, too (`refuse_pictures`).
        """
        from promo.app.check import settings_problems
        from promo.app.medium import medium_problems
        from promo.delivery.observer import Part
        from promo.plan.model import Action
        from promo.visual.layout.filling import check_filling

        with self.observer.span(Part.PLAN), collected_rarely():
            loaded = self.load(progress=progress)
            problems = [*self.workspace.problems, *settings_problems(self), *self.brands.problems, *loaded.problems]
            problems += self.renderer.problems
            problems += check_filling(loaded.campaigns, self.renderer.layouts, self.workspace)
            self._stop_at_errors(problems)
            plan = self._plan(loaded.campaigns)
            moved = [c.after for c in plan.changes if c.action in (Action.ADD, Action.CHANGE) and c.after is not None]
            self._stop_at_errors(medium_problems(self, moved, loaded.campaigns))
        if pictures:
            self.refuse_pictures(plan, loaded.campaigns, progress=progress)
        return plan

    def _plan(self, campaigns: Sequence[LoadedCampaign]) -> Plan:
        from promo.plan.diff import make_plan
        from promo.plan.inputs import files_digest
        from promo.plan.ledger import read_ledger
        from promo.store.database import reading

        now = self.clock.now()
        horizon = now + self.workspace.settings.horizon
        digest = files_digest(self.workspace)
        with reading(self.ledger) as connection:
            ledger = read_ledger(connection)
            compiled = self.compile(campaigns, start=now, horizon=horizon, ledger=ledger)
            self._stop_at_errors(compiled.problems)
            return make_plan(connection, compiled, made_at=now, horizon=horizon, files_digest=digest, ledger=ledger)

    def _stop_at_errors(self, problems: Iterable[Problem]) -> None:
        errors = [p for p in ordered(problems) if p.severity is Severity.ERROR]
        if errors:
            raise ProblemsFound(
                plural("{count} error: nothing was planned", "{count} errors: nothing was planned", len(errors)),
                problems=errors,
                hint=_("see all with: promo check"),
            )

    def apply(self, plan: Plan, *, by: str) -> Applied:
        """Write exactly this plan. Raises WorldMoved when the files or the ledger have changed since it was made."""
        from promo.delivery.apply import apply_plan
        from promo.delivery.observer import Part
        from promo.plan.inputs import files_digest

        digest = files_digest(self.workspace)
        with self.observer.span(Part.APPLY) as kept:
            return apply_plan(self.ledger, plan, clock=self.clock, by=by, files_digest=digest, detail=kept)

    def behind(self) -> Mapping[str, str]:
        """Return the campaigns whose rolling plan is to be extended, each with the digest it was applied at."""
        from promo.plan.extend import lagging
        from promo.store.database import reading

        with reading(self.ledger) as connection:
            return lagging(connection, self.clock.now() + self.workspace.settings.horizon - EXTEND_WHEN)

    def extend_horizon(self) -> int:
        """Add what has come into view of campaigns whose files are those applied; return how many deliveries."""
        from promo.delivery.observer import Part
        from promo.plan.extend import extension

        behind = self.behind()
        if not behind:
            return 0
        loaded = self.load().campaigns
        same = {c.campaign.campaign for c in loaded if behind.get(c.campaign.campaign) == c.digest}
        if not same:
            return 0
        # All campaigns are compiled, so that a slot or a minute another campaign wants is seen; few are extended.
        with self.observer.span(Part.PLAN):
            plan = self._plan(loaded)
        for remark in plan.remarks:
            log.warning("while extending the plan", remark=remark)
        return self.apply(extension(plan, same), by="promo").added

    # -- delivery ------------------------------------------------------------------------------------------

    def tick(self) -> Tick:
        """Do one round: extend the horizon, publish what is due, read the counts that are due."""
        from promo.delivery.attendance import sign_in
        from promo.engine.embedded import run_once

        extended, ticker = self.extend_horizon(), self.ticker()
        sign_in(self.ledger, ticker.worker, self.clock.now())
        return Tick(published=run_once(ticker), extended=extended, collected=self.collect())

    def publish_now(self, delivery: str) -> State:
        """Publish one delivery at once, whatever its time; return the state it ended in."""
        from promo.engine.embedded import run_now

        return run_now(self.publisher(role="once"), delivery)

    # -- exposure → report ---------------------------------------------------------------------------------

    def collect(self, *, everything: bool = False) -> Collected:
        """Read the counts that are due from the channels."""
        from promo.exposure.collect import collect_due

        return collect_due(self.ledger, self.channels, clock=self.clock, everything=everything)
