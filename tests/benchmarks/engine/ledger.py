"""A ledger for benchmarks: real files and servers, real rooms, and a connector that only says yes."""

import hashlib
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import text

from promo.clock import SystemClock
from promo.connector import Capabilities, Connector, Handle, Receipt, Settings
from promo.delivery.apply import apply_plan
from promo.delivery.publisher import Publisher
from promo.plan.diff import ledger_digest
from promo.plan.model import Action, Change, Plan, PlannedDelivery
from promo.registry import Registry, open_channels
from promo.store.database import open_database, reading, transaction
from promo.store.tables import metadata
from promo.workspace import Workspace, WorkspaceSettings

TEXT = "春季开放日还有十二天。周六来院子里坐坐。 Twelve days to go: come and see the new garden on Saturday."


class Null(Connector[Settings]):
    """Posts nowhere, at once."""

    name = "null"
    title = "nowhere"
    title_zh = "不发往任何地方"
    Settings = Settings
    capabilities = Capabilities()

    def check(self):
        return Handle(account="null")

    def publish(self, request):
        return Receipt(remote_id=request.key[:16], url="https://channel.example/" + request.delivery)


def quiet():
    """Log nothing below an error: what a terminal takes is not what is measured."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))


@contextmanager
def folder():
    """A folder on the disk that holds the sources: the system's temporary folder may be memory."""
    here = Path(__file__).parents[3] / "build" / "bench-engine"
    here.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=here) as name:
        yield Path(name)


def names(channels):
    return [f"channel-{n}" for n in range(channels)]


def station(url, root, *, channels=8, concurrency=1, kind=Null, **settings):
    """Return engine, workspace and channels of one process."""
    wanted = {name: {"connector": "null", "concurrency": concurrency, **settings} for name in names(channels)}
    workspace = Workspace(root, WorkspaceSettings.model_validate({"channels": wanted}), {})
    return open_database(url), workspace, open_channels(workspace, Registry({}, {"null": kind}), SystemClock())


def fill(engine, count, *, channels=8, campaigns=4, due=lambda n: timedelta(milliseconds=n - 600_000), start=None):
    """Apply a plan of `count` posts, turn by turn over channels and campaigns, `due(n)` from `start` (default: now)."""
    now = start or datetime.now(UTC)
    wishes = []
    for n in range(count):
        key = hashlib.sha256(f"{now} {n}".encode()).hexdigest()
        wishes.append(
            PlannedDelivery(
                key=key,
                id=key[:12],
                campaign=f"campaign-{n % campaigns}",
                activity=f"post-{n}",
                channel=f"channel-{n % channels}",
                occurrence=now.isoformat(),
                kind="online",
                type="post",
                due_at=now + due(n),
                window_until=now + due(n) + timedelta(days=1),
                digest=key,
                content={"text": TEXT, "language": "zh", "hashtags": ["开放日"], "link": "https://jinxiu.example/open"},
                visual=None,
                approval=None,
            )
        )
    with reading(engine) as connection:
        digest = ledger_digest(connection)
    campaign = {"digest": "", "document": {}, "timezone": "Asia/Shanghai", "brand": "jinxiu"}
    plan = Plan(
        made_at=now,
        horizon=now,
        files_digest="",
        ledger_digest=digest,
        campaigns={f"campaign-{n}": {**campaign, "file": f"campaigns/{n}.yaml"} for n in range(campaigns)},
        changes=[Change(action=Action.ADD, delivery=wish.id, before=None, after=wish) for wish in wishes],
    )
    apply_plan(engine, plan, clock=SystemClock(), by="benchmark")
    return [wish.id for wish in wishes]


def publisher(engine, workspace, channels, **options):
    return Publisher(
        engine, channels, clock=SystemClock(), render=lambda _spec: None, workspace=workspace, role="run", **options
    )


def empty(engine):
    """Empty a PostgreSQL ledger."""
    with transaction(engine) as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE"))
