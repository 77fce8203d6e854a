"""The only place where the parts are wired: one opened workspace, and what one can do with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promo.clock import Clock, SystemClock
from promo.errors import NotFound, ProblemsFound, PromoError, Refused, UserMistake
from promo.language import _, plural
from promo.registry import Channel, Registry, open_channels
from promo.source.problem import Problem, Severity
from promo.source.suggest import did_you_mean
from promo.workspace import FILE, Workspace, open_workspace

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy import Engine, Row

    from promo.brand.load import LoadedBrands
    from promo.campaign.load import LoadedCampaign, LoadedCampaigns
    from promo.delivery.apply import Applied
    from promo.delivery.publisher import Publisher, Summary
    from promo.delivery.state import State
    from promo.exposure.collect import Collected
    from promo.exposure.entry import Entered
    from promo.plan.compile import Compiled
    from promo.plan.ledger import Ledger
    from promo.plan.model import Plan
    from promo.report.model import Report
    from promo.visual.model import Visual
    from promo.visual.renderer import Renderer

Progress = Callable[[int, int], None]  # (done, all)
EXTEND_WHEN = timedelta(days=1)  # the horizon is moved on when it lags this far behind


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What checking found: every problem, and the campaigns that could be read."""

    problems: tuple[Problem, ...]
    campaigns: tuple[LoadedCampaign, ...]

    @property
    def errors(self) -> int:
        """Return how many problems block the plan."""
        return sum(1 for p in self.problems if p.severity is Severity.ERROR)


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What one round did."""

    published: Summary
    extended: int
    collected: Collected


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One finished picture and where it was put."""

    delivery: str
    file: Path
    visual: Visual


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one channel said when it was asked. `access` is ok, failed, paused or not asked."""

    channel: str
    connector: str
    access: str
    detail: str
    expires_at: datetime | None = None


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

    @property
    def database_url(self) -> str:
        """Return where the ledger is, as SQLAlchemy's URL."""
        return self._database_url or self.workspace.database_url

    @cached_property
    def ledger(self) -> Engine:
        """Return the database, its tables up to date."""
        from promo.store.database import open_database

        return open_database(self.database_url)

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

    def publisher(self, *, worker: str | None = None, random: Random | None = None) -> Publisher:
        """Return a publisher on this ledger and these channels."""
        from promo.delivery.publisher import Publisher

        return Publisher(
            self.ledger,
            self.channels,
            clock=self.clock,
            render=self.render,
            workspace=self.workspace,
            worker=worker,
            random=random,
        )

    # -- campaign → plan -----------------------------------------------------------------------------------

    def load(self, *, progress: Progress | None = None) -> LoadedCampaigns:
        """Read every campaign file."""
        from promo.campaign.load import load_campaigns

        return load_campaigns(self.workspace, progress=progress)

    def check(self, *, progress: Progress | None = None) -> Checked:
        """Read everything and return every mistake of every file, in the order of the files."""
        from promo.visual.layout import load_layouts

        loaded = self.load(progress=progress)
        problems = [
            *self.workspace.problems,
            *self._settings_problems(),
            *self.brands.problems,
            *load_layouts(self.workspace)[1],
            *loaded.problems,
        ]
        if all(p.severity is not Severity.ERROR for p in problems):
            problems += self._delivery_problems(loaded.campaigns)
        return Checked(problems=_ordered(problems), campaigns=loaded.campaigns)

    def _settings_problems(self) -> list[Problem]:
        """Return the mistakes in promo.yaml that only the installed connectors can tell."""
        from pydantic import ValidationError

        found: list[Problem] = []
        for name, settings in self.workspace.settings.channels.items():
            try:
                kind = self.registry.connector(settings.connector)
            except UserMistake as mistake:
                found.append(
                    self.workspace.problem(
                        "no-such-connector", mistake.message, "channels", name, "connector", hint=mistake.hint
                    )
                )
                continue
            try:
                kind.Settings.model_validate(settings.settings)
            except ValidationError as error:
                found += self.workspace.explain(error, kind.Settings, "channels", name, "settings")
        return found

    def _delivery_problems(self, campaigns: Sequence[LoadedCampaign]) -> Iterable[Problem]:
        """Return what is wrong with finished texts and times: they are measured long before they are due."""
        from promo.plan.compile import check_deliveries

        return check_deliveries(
            campaigns,
            self.workspace,
            self.channels,
            span=self.workspace.settings.horizon,
            visual_digest=self.visual_digest,
            check_words=self._check_words,
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
        )

    def _check_words(self, brand: str, text: str) -> Iterable[str]:
        from promo.brand.wording import check_wording

        guide = self.brands.brands.get(brand)
        return () if guide is None else (finding.message for finding in check_wording(guide, text))

    def schemas(self) -> dict[str, dict[str, Any]]:
        """Return the JSON Schema of each kind of file, knowing this workspace's channels, brands, slots and layouts."""
        from promo.brand.model import BrandGuide
        from promo.campaign.schema import campaign_schema, workspace_schema
        from promo.source.schema import model_schema
        from promo.visual.layout import LayoutFile

        return {
            "campaign": campaign_schema(self.workspace),
            "workspace": workspace_schema(self.registry),
            "brand": model_schema(BrandGuide, _("A brand's style guide")),
            "layout": model_schema(LayoutFile, _("A layout")),
        }

    def plan(self, *, progress: Progress | None = None) -> Plan:
        """Return the difference between the files and the ledger. Raises ProblemsFound while there are errors."""
        loaded = self.load(progress=progress)
        problems = [*self.workspace.problems, *self._settings_problems(), *self.brands.problems, *loaded.problems]
        self._stop_at_errors(problems)
        return self._plan(loaded.campaigns)

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
        errors = [p for p in _ordered(problems) if p.severity is Severity.ERROR]
        if errors:
            raise ProblemsFound(
                plural("{count} error: nothing was planned", "{count} errors: nothing was planned", len(errors)),
                problems=errors,
                hint=_("see all with: promo check"),
            )

    def apply(self, plan: Plan, *, by: str) -> Applied:
        """Write exactly this plan. Raises WorldMoved when the files or the ledger are no longer those it was made from."""
        from promo.delivery.apply import apply_plan
        from promo.plan.inputs import files_digest

        return apply_plan(self.ledger, plan, clock=self.clock, by=by, files_digest=files_digest(self.workspace))

    def extend_horizon(self) -> int:
        """Add what has come into view since the last apply, of campaigns whose files are those applied; return how many."""
        from promo.plan.extend import extension, lagging
        from promo.store.database import reading

        with reading(self.ledger) as connection:
            behind = lagging(connection, self.clock.now() + self.workspace.settings.horizon - EXTEND_WHEN)
        if not behind:
            return 0
        loaded = self.load().campaigns
        same = {c.campaign.campaign for c in loaded if behind.get(c.campaign.campaign) == c.digest}
        if not same:
            return 0
        # All campaigns are compiled, so that a slot or a minute another campaign wants is seen; few are extended.
        return self.apply(extension(self._plan(loaded), same), by="promo").added

    # -- visual --------------------------------------------------------------------------------------------

    def visual_digest(self, visual: Mapping[str, Any]) -> str:
        """Return the digest of all that goes into a picture."""
        return self.renderer.input_digest(_visual_request(visual))

    def render(self, visual: Mapping[str, Any]) -> Visual:
        """Render one picture, or take it from the cache."""
        return self.renderer.render(_visual_request(visual))

    # -- delivery ------------------------------------------------------------------------------------------

    def tick(self) -> Tick:
        """Do one round: extend the horizon, publish what is due, read the counts that are due."""
        from promo.engine.embedded import run_once

        extended = self.extend_horizon()
        return Tick(published=run_once(self.publisher()), extended=extended, collected=self.collect())

    def publish_now(self, delivery: str) -> State:
        """Publish one delivery at once, whatever its time; return the state it ended in."""
        from promo.engine.embedded import run_now

        return run_now(self.publisher(), delivery)

    def run(self) -> None:
        """Run the daemon until it is stopped."""
        from promo.engine.embedded import Daemon

        Daemon(self.publisher(), clock=self.clock, on_collect=self.collect, on_horizon=self.extend_horizon).run()

    def bytes_digest(self, row: Row[Any]) -> str | None:
        """Render a delivery's pictures and return the digest an approval binds to."""
        from promo.delivery.request import bytes_digest, read_attachments, render_media

        return bytes_digest((*render_media(row, self.render), *read_attachments(row, self.workspace.root)))

    def choose(
        self,
        names: Sequence[str],
        *,
        campaign: str | None = None,
        activity: str | None = None,
        channel: str | None = None,
        states: Collection[State] = (),
    ) -> list[str]:
        """Return the ids that are named, or all in `states` that the filters leave. Raises UserMistake for neither."""
        from promo.delivery.query import find, list_deliveries

        if names:
            return [find(self.ledger, name).id for name in names]
        if campaign is None and activity is None and channel is None:
            raise UserMistake(
                _("no delivery is named"), hint=_("name deliveries, or --campaign, --activity, --channel")
            )
        rows = list_deliveries(self.ledger, campaign=campaign, activity=activity, channel=channel, states=states)
        return [row.id for row in rows]

    def approve(self, delivery: str, *, stage: str | None, by: str, comment: str) -> State:
        """Approve one stage of a delivery: its exact words, and its picture as it is rendered now."""
        from promo.delivery import steps
        from promo.delivery.query import find

        row = find(self.ledger, delivery)
        return steps.approve(
            self.ledger,
            row.id,
            stage=stage,
            by=by,
            comment=comment,
            clock=self.clock,
            visual_digest=self.bytes_digest(row),
        )

    def pictures(self, names: Sequence[str]) -> list[Row[Any]]:
        """Return the deliveries that have a picture: all, or those of the named campaigns, activities, deliveries."""
        from promo.delivery.query import find, list_deliveries

        found: dict[str, Row[Any]] = {}
        for name in names or ("",):
            campaign, _slash, activity = name.partition("/")
            rows = list_deliveries(self.ledger, campaign=campaign or None, activity=activity or None)
            if not rows and name:
                rows = [find(self.ledger, name)]
            found |= {row.id: row for row in rows if row.visual}
        return list(found.values())

    def render_to(self, row: Row[Any], folder: Path) -> list[Picture]:
        """Render a delivery's pictures and copy them into `folder` under readable names."""
        import shutil

        from promo.delivery.request import render_media

        done: list[Picture] = []
        folder.mkdir(parents=True, exist_ok=True)
        for media in render_media(row, self.render):
            name = "-".join(
                part for part in (row.activity.replace("/", "-"), row.channel, media.placement, row.id) if part
            )
            target = folder / f"{row.campaign}-{name}{media.path.suffix}"
            shutil.copyfile(media.path, target)
            spec = dict(row.visual)
            if media.placement is not None:
                spec["qr"] = next(p["link"] for p in row.content["placements"] if p["id"] == media.placement)
            done.append(Picture(delivery=row.id, file=target, visual=self.render(spec)))
        return done

    def access(self, names: Sequence[str], *, ask: bool) -> list[Access]:
        """Say of each channel whether it lets us in; `ask` really asks it. Publishes nothing."""
        from promo.delivery.query import status

        known = self.workspace.settings.channels
        for name in names:
            if name not in known:
                raise NotFound(_("there is no channel {channel}", channel=name), hint=did_you_mean(name, known))
        paused = {c.channel: c.reason for c in status(self.ledger, self.clock.now()).channels if c.paused}
        return [self._access(name, ask=ask, paused=paused.get(name)) for name in names or known]

    def _access(self, name: str, *, ask: bool, paused: str | None) -> Access:
        from promo.delivery.rate import note_access
        from promo.store.database import transaction

        connector = self.workspace.settings.channels[name].connector
        try:
            channel = self.channels.get(name)
            if channel is None:
                self.registry.connector(connector)
                raise UserMistake(_("the channel cannot be used"))
            if not ask:
                return Access(channel=name, connector=connector, access="not asked", detail=paused or "")
            handle = channel.connector.check()
        except PromoError as error:
            return Access(channel=name, connector=connector, access="failed", detail=str(error))
        with transaction(self.ledger) as connection:
            note_access(connection, name, handle.expires_at)
        if paused is not None:
            return Access(channel=name, connector=connector, access="paused", detail=paused)
        detail = " ".join(part for part in (handle.account, handle.note) if part)
        return Access(channel=name, connector=connector, access="ok", detail=detail, expires_at=handle.expires_at)

    # -- exposure → report ---------------------------------------------------------------------------------

    def collect(self, *, everything: bool = False) -> Collected:
        """Read the counts that are due from the channels."""
        from promo.exposure.collect import collect_due

        return collect_due(self.ledger, self.channels, clock=self.clock, everything=everything)

    def log(
        self,
        subject: str,
        values: Sequence[str],
        *,
        proof: Path | None,
        task: str | None,
        note: str,
        by: str,
        add: bool,
    ) -> tuple[Entered, State | None]:
        """Write down what a person counted, and close the task that waited for it.

        Returns what was entered and, for a delivery, its state afterwards.
        """
        from promo.delivery import steps
        from promo.delivery.query import find
        from promo.delivery.state import OUT, State
        from promo.exposure.entry import log_entry

        entered = log_entry(
            self.ledger,
            subject,
            values,
            by=by,
            workspace=self.workspace,
            clock=self.clock,
            proof=proof,
            note=note,
            add=add,
        )
        delivery = entered.subject.delivery
        if delivery is None:
            return entered, None
        for kind in (entered.kind, "headcount" if "headcount" in entered.values else None):
            if kind is None or find(self.ledger, delivery).state not in OUT:
                continue
            try:
                steps.close_with_proof(
                    self.ledger, delivery, task=task, kind=kind, by=by, clock=self.clock, recorded=True
                )
            except Refused:
                if task is not None:  # a named task wants another proof; without a name the proof is simply kept
                    raise
        return entered, State(find(self.ledger, delivery).state)

    def report(self, campaign: str | None) -> Report:
        """Sum up one campaign; with one campaign in the ledger its name may be left out."""
        from sqlalchemy import select

        from promo.report.summary import summarize
        from promo.store.database import reading
        from promo.store.tables import campaigns

        with reading(self.ledger) as connection:
            known = list(connection.scalars(select(campaigns.c.campaign).order_by(campaigns.c.campaign)))
        if campaign is None:
            if len(known) != 1:
                raise UserMistake(_("which campaign?"), hint=_("known: {words}", words=", ".join(known) or "–"))
            [campaign] = known
        if campaign not in known:
            raise NotFound(
                _("there is no campaign {name} in the ledger", name=campaign), hint=did_you_mean(campaign, known)
            )
        return summarize(self.ledger, campaign, now=self.clock.now())


def _visual_request(visual: Mapping[str, Any]) -> Any:
    from promo.visual.model import VisualRequest

    return VisualRequest(**visual)


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file and place; the same mistake is told once."""
    unique = {(p.code, str(p.at), p.message): p for p in problems}
    return tuple(
        sorted(unique.values(), key=lambda p: (str(p.at.file) != FILE, str(p.at.file), p.at.line, p.at.column))
    )
