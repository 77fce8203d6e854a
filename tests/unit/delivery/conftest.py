"""A desk: a ledger on a real database, a virtual clock, and channels whose connectors do as they are told."""

import hashlib
import random
import shutil
import sys
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from promo.clock import VirtualClock
from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Receipt,
    Settings,
)
from promo.delivery.apply import apply_plan
from promo.delivery.publisher import Publisher
from promo.delivery.query import find, history
from promo.plan.diff import ledger_digest
from promo.plan.model import Action, Change, Plan, PlannedDelivery
from promo.registry import Registry, open_channels
from promo.store.database import open_database, reading, tidy, transaction
from promo.store.tables import metadata
from promo.visual.model import Visual
from promo.workspace import Workspace, WorkspaceSettings

sys.path.insert(0, str(Path(__file__).parent))  # for the oracle beside this file
START = datetime(2027, 3, 1, 8, tzinfo=UTC)


class Obedient(Connector[Settings]):
    """Publishes, unless its script says otherwise: an exception to raise, an answer to give, or a function to call."""

    title = "a channel for tests"
    title_zh = "测试渠道"
    Settings = Settings

    def __init__(self, settings, context):
        super().__init__(settings, context)
        self.script = deque()
        self.lookups = deque()
        self.sent = []
        self.looked = []
        self.there = {}  # key → receipt: what the channel really has

    def check(self):
        return Handle(account="tests")

    def publish(self, request):
        self.sent.append(request)
        todo = self.script.popleft() if self.script else None
        if callable(todo):
            todo = todo(request)
        if isinstance(todo, Exception):
            raise todo
        return todo or self.arrive(request)

    def arrive(self, request):
        receipt = Receipt(remote_id=f"r-{request.key[:8]}", url=f"https://channel.example/{request.delivery}")
        return self.there.setdefault(request.key, receipt)

    def lookup(self, request):
        self.looked.append(request)
        todo = self.lookups.popleft() if self.lookups else None
        if isinstance(todo, Exception):
            raise todo
        return self.there.get(request.key)


class ByKey(Obedient):
    name = "by-key"
    capabilities = Capabilities(idempotency=Idempotency.KEY, idempotency_window=timedelta(hours=1))


class ByKeyAndLookup(Obedient):
    name = "by-key-and-lookup"
    capabilities = Capabilities(idempotency=Idempotency.KEY, idempotency_window=timedelta(hours=1), lookup=Ability.YES)


class ByLookup(Obedient):
    name = "by-lookup"
    capabilities = Capabilities(idempotency=Idempotency.LOOKUP, lookup=Ability.YES)


class ByPerson(Obedient):
    name = "by-person"
    capabilities = Capabilities()


KINDS = {kind.name: kind for kind in (ByKey, ByKeyAndLookup, ByLookup, ByPerson)}


def quick(engine):
    """Spare the disk: these tests never cut the power."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous = OFF"))
        engine.dispose()
    return engine


class Desk:
    """What a test works with. Channels are named as their connectors: by-key, by-lookup, by-person, …"""

    def __init__(self, url, root, **settings):
        self.url = url
        self.engine = quick(open_database(url))
        self.clock = VirtualClock(START)
        self.root = root
        self.pictures = {}  # layout → bytes, drawn by `render`
        self.faults = {}  # layout → what the style guide says of its picture
        wanted = {name: {"connector": name, "timeout": "5m", **settings.get(name, {})} for name in KINDS}
        self.workspace = Workspace(root, WorkspaceSettings.model_validate({"channels": wanted}), {})
        self.channels = open_channels(self.workspace, Registry({}, KINDS), self.clock)
        self.publisher = self.another()

    def elsewhere(self):
        """Open the ledger once more, as another process does; whoever asks closes it."""
        return quick(open_database(self.url))

    def another(self, **options):
        """Make one more publisher on the same ledger, with the same channels unless told otherwise."""
        channels = options.pop("channels", self.channels)
        return Publisher(
            options.pop("engine", self.engine),
            channels,
            clock=options.pop("clock", self.clock),
            render=options.pop("render", self.render),
            workspace=self.workspace,
            random=random.Random(7),
            **options,
        )

    def render(self, spec):
        drawn = self.pictures.get(spec["layout"], b"picture of " + repr(sorted(spec.items())).encode())
        if isinstance(drawn, Exception):
            raise drawn
        digest = hashlib.sha256(drawn).hexdigest()
        path = self.root / f"{digest}.png"
        path.write_bytes(drawn)
        found = self.faults.get(spec["layout"], ())
        return Visual(path=path, mime="image/png", width=10, height=10, sha256=digest, key=digest, findings=found)

    def connector(self, channel="by-key"):
        return self.channels[channel].connector

    def wish(self, name="one", *, channel="by-key", due=timedelta(0), window=None, content=None, **fields):
        """Make a planned delivery. `due` and `window` count from START."""
        key = hashlib.sha256(f"{name}|{channel}".encode()).hexdigest()
        content = {"text": f"text of {name}", **(content or {})}
        wish = PlannedDelivery(
            key=key,
            id=key[:12],
            campaign=fields.pop("campaign", "spring"),
            activity=name,
            channel=channel,
            occurrence="once",
            kind="online",
            type="post",
            due_at=START + due,
            window_until=None if window is None else START + window,
            digest="",
            content=content,
            visual=fields.pop("visual", None),
            approval=fields.pop("approval", None),
            **fields,
        )
        digest = hashlib.sha256(repr((sorted(content.items()), wish.visual)).encode()).hexdigest()
        return replace(wish, digest=digest)

    def plan(self, *changes):
        with reading(self.engine) as connection:
            digest = ledger_digest(connection)
        names = {"spring", *(change.after.campaign for change in changes if change.after is not None)}
        return Plan(
            made_at=self.clock.now(),
            horizon=START + timedelta(days=35),
            files_digest="f" * 64,
            ledger_digest=digest,
            campaigns={
                name: {
                    "campaign": name,
                    "file": f"campaigns/{name}.yaml",
                    "digest": "d" * 64,
                    "document": {},
                    "timezone": "UTC",
                    "brand": "leaf",
                }
                for name in sorted(names)
            },
            changes=tuple(changes),
        )

    def apply(self, *wishes, action=Action.ADD):
        changes = [Change(action=action, delivery=wish.id, before=None, after=wish) for wish in wishes]
        return apply_plan(self.engine, self.plan(*changes), clock=self.clock, by="lin")

    def add(self, name="one", **options):
        """Plan and apply one delivery; return its id."""
        wish = self.wish(name, **options)
        self.apply(wish)
        return wish.id

    def row(self, delivery):
        return find(self.engine, delivery)

    def state(self, delivery):
        return self.row(delivery).state

    def events(self, delivery):
        return [event.what for event in history(self.engine, delivery).events]

    def run(self, **options):
        return self.publisher.run_due(**options)

    def later(self, **duration):
        self.clock.advance(timedelta(**duration))
        return self.run()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory):
    """A migrated SQLite file without a row, to be copied: migrating costs more than most tests."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    engine = open_database(f"sqlite:///{path}")
    tidy(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path, empty_ledger):
    """The address of an empty database, on each of the two that promo knows."""
    if request.param == "sqlite":
        shutil.copy(empty_ledger, tmp_path / "ledger.db")
        return f"sqlite:///{tmp_path}/ledger.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def postgres_url(postgres):
    """The address of an empty database on PostgreSQL."""
    engine = open_database(postgres)
    with transaction(engine) as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return postgres


@pytest.fixture
def postgres_desk(postgres_url, tmp_path):
    """A desk on PostgreSQL, for what only there may go wrong."""
    made = Desk(postgres_url, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def desk(url, tmp_path):
    made = Desk(url, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def make_desk(tmp_path, empty_ledger):
    """Make desks on SQLite whose channels have settings of their own."""
    made = []

    def make(**settings):
        path = shutil.copy(empty_ledger, tmp_path / f"ledger{len(made)}.db")
        made.append(Desk(f"sqlite:///{path}", tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()
