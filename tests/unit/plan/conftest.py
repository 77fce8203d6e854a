"""A workspace on disk with a channel for every limit, planned into a real SQLite ledger."""

from __future__ import annotations

import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from promo.campaign.load import load_campaigns
from promo.clock import VirtualClock
from promo.connector import (
    Capabilities,
    Connector,
    Handle,
    MediaLimit,
    RateLimit,
    Receipt,
    Settings,
    TextLimit,
)
from promo.delivery.apply import apply_plan
from promo.plan.compile import compile_deliveries
from promo.plan.diff import make_plan
from promo.plan.inputs import files_digest
from promo.plan.ledger import read_ledger
from promo.registry import Registry, open_channels
from promo.store.database import open_database
from promo.store.tables import deliveries
from promo.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent))  # for what the tests share, beside this file
NOW = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)


class _Connector(Connector[Settings]):
    Settings = Settings
    title = title_zh = "for tests"

    def check(self) -> Handle:
        return Handle(account="test")

    def publish(self, request) -> Receipt:
        return Receipt(remote_id=request.key)


class Micro(_Connector):
    name = "micro"
    capabilities = Capabilities(
        text=TextLimit(limit=100, link_cost=23),
        images=MediaLimit(count=4, alt_text=50),
        thread=3,
        first_comment=True,
        rate=RateLimit(calls=3, per=timedelta(days=1)),
        visual_format="square",
    )


class Plain(_Connector):
    name = "plain"
    capabilities = Capabilities(images=MediaLimit(count=10))


class Letter(_Connector):
    name = "letter"
    capabilities = Capabilities(needs_title=True, needs_body=True)


BASE = """
timezone: Europe/Berlin
links: {base: "https://go.brand.example"}
slots:
  evenings: {days: [mon, tue, wed], times: ["19:30", "21:00"]}
channels:
  micro: {connector: micro, slots: evenings}
  plain: {connector: plain}
  letter: {connector: letter}
  weibo: {connector: plain, hashtag_style: double}
"""

HEAD = """
campaign: {name}
name: Spring
brand: acme
owner: lee@acme.example
period: {{from: 2027-03-01, until: 2027-12-31}}
"""


class Place:
    """A workspace that tests write into, plan from and apply to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("promo.yaml", BASE)
        self.write("assets/brands/acme/brand.yaml", "brand: acme\n")
        self.engine = open_database(f"sqlite:///{root / 'ledger.db'}")
        self.registry = Registry({}, {c.name: c for c in (Micro, Plain, Letter)})

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def campaign(self, activities: str, *, name: str = "spring", extra: str = "", file: str = "spring.yaml") -> Path:
        """Write a campaign file: `activities` is the YAML below `activities:`."""
        body = textwrap.indent(textwrap.dedent(activities).strip("\n"), "  ")
        return self.write(f"campaigns/{file}", f"{HEAD.format(name=name)}{extra}\nactivities:\n{body}\n")

    @property
    def workspace(self):
        return open_workspace(self.root)

    def load(self):
        loaded = load_campaigns(self.workspace)
        assert [p for p in loaded.problems if p.severity == "error"] == []
        return loaded.campaigns

    def compile(self, *, now: datetime = NOW, days: int = 35, ledger=None, **more):
        workspace = self.workspace
        if ledger is None:
            with self.engine.connect() as connection:
                ledger = read_ledger(connection)
        return compile_deliveries(
            self.load(),
            workspace,
            open_channels(workspace, self.registry, VirtualClock(now)),
            start=now,
            horizon=now + timedelta(days=days),
            ledger=ledger,
            **more,
        )

    def plan(self, *, now: datetime = NOW, days: int = 35):
        compiled = self.compile(now=now, days=days)
        assert [p for p in compiled.problems if p.severity == "error"] == []
        with self.engine.connect() as connection:
            return make_plan(
                connection,
                compiled,
                made_at=now,
                horizon=now + timedelta(days=days),
                files_digest=files_digest(self.workspace),
            )

    def apply(self, plan, *, now: datetime | None = None):
        return apply_plan(self.engine, plan, clock=VirtualClock(now or plan.made_at), by="lee")

    def sync(self, *, now: datetime = NOW, days: int = 35):
        """Plan, apply, and return the plan."""
        plan = self.plan(now=now, days=days)
        self.apply(plan)
        return plan

    def set_state(self, state: str, *ids: str) -> None:
        """Leave deliveries (default: all) as publishing them would have left them."""
        with self.engine.begin() as connection:
            statement = update(deliveries).values(state=state)
            connection.execute(statement.where(deliveries.c.id.in_(ids)) if ids else statement)

    def rows(self):
        """Return the ledger's deliveries by (activity, channel, occurrence, part)."""
        with self.engine.connect() as connection:
            found = connection.execute(select(deliveries).order_by(deliveries.c.due_at, deliveries.c.id)).all()
        return {(row.activity, row.channel, row.occurrence, row.part): row for row in found}

    def local_times(self, plan_or_compiled, activity: str, channel: str = "micro") -> list[str]:
        """Return the due times of an activity in Berlin's local time."""
        found = getattr(plan_or_compiled, "deliveries", None)
        if found is None:
            found = [change.after for change in plan_or_compiled.changes if change.after is not None]
        return [
            d.due_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%m-%d %H:%M")
            for d in sorted(found, key=lambda d: d.due_at)
            if d.activity.split("/")[0] == activity and d.channel == channel and d.part == "main"
        ]


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def make_place() -> type[Place]:
    """Make workspaces by hand, for tests that need one for each example."""
    return Place
