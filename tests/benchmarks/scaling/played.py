"""A day really played, scaled down: the publisher itself on a virtual clock, its connector the judge."""

import time
from datetime import UTC, datetime, timedelta

from shape import moments
from sqlalchemy import func, select

from promo.clock import VirtualClock
from promo.connector import Capabilities, Connector, Handle, Receipt, Settings
from promo.delivery.publisher import Publisher
from promo.delivery.state import State
from promo.engine.play import play
from promo.registry import Registry, open_channels
from promo.store.database import open_database, reading
from promo.store.tables import deliveries
from promo.workspace import Workspace, WorkspaceSettings

MIDNIGHT = datetime(2027, 3, 1, tzinfo=UTC)
FREE, LIMITED = 20, 4  # channels
CALLS = 100  # in 3 hours


def play_day(rooms, root, *, count):
    """Play a day of `count` deliveries; return what was late, doubled, lost, and the CPU seconds a delivery."""
    rooms.quiet()
    clock = VirtualClock(MIDNIGHT)
    called = {}

    class Judge(Connector[Settings]):
        """Notes when it was called for which key."""

        name = "null"
        title = title_zh = "nowhere"
        Settings = Settings
        capabilities = Capabilities()

        def check(self):
            return Handle(account="judge")

        def publish(self, request):
            called.setdefault(request.key, []).append(clock.now())
            return Receipt(remote_id=request.key[:16])

    limit = {"rate": {"calls": CALLS, "per": "3h"}}
    names = rooms.names(FREE + LIMITED)
    wanted = {name: {"connector": "null", **(limit if at >= FREE else {})} for at, name in enumerate(names)}
    workspace = Workspace(root, WorkspaceSettings.model_validate({"channels": wanted}), {})
    engine = open_database("sqlite:///:memory:")
    channels = open_channels(workspace, Registry({}, {"null": Judge}), clock)
    due = moments(count)
    rooms.fill(engine, count, channels=FREE + LIMITED, due=lambda n: timedelta(seconds=due[n]), start=MIDNIGHT)
    publisher = Publisher(
        engine, channels, clock=clock, render=lambda _spec: None, workspace=workspace, role="run", worker="day"
    )
    began = time.process_time()
    play(publisher, clock, MIDNIGHT + timedelta(days=1) - timedelta(seconds=1))
    spent = time.process_time() - began
    lateness = _lateness(engine, called)
    waiting = _waiting(engine, names[FREE:])
    lost = count - len(called) - waiting
    engine.dispose()
    free = [late for channel, late in lateness if channel in names[:FREE]]
    held = [late for channel, late in lateness if channel in names[FREE:]]
    return {
        "deliveries": count,
        "doubled": sum(len(moments) > 1 for moments in called.values()),
        "lost": lost,
        "free-late-most": max(free),
        "limited-late-most": max(held, default=0),
        "limited-waiting": waiting,
        "early": sum(late < 0 for _channel, late in lateness),
        "cpu": spent / count,
    }


def _waiting(engine, limited):
    """How many wait for the limit of their channel."""
    wanted = (deliveries.c.state == State.SCHEDULED, deliveries.c.channel.in_(limited))
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(*wanted)).scalar_one()


def _lateness(engine, called):
    """The channel of each delivery that went out, and the seconds after its due moment at which it did."""
    with reading(engine) as connection:
        rows = connection.execute(select(deliveries.c.key, deliveries.c.channel, deliveries.c.due_at)).all()
    return [(row.channel, (called[row.key][0] - row.due_at).total_seconds()) for row in rows if row.key in called]
