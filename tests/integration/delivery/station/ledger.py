"""A ledger full of work, and the judge who holds it against the receiver's own file."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from station.channels import KINDS
from station.receiver import read_log

from promo.clock import SystemClock
from promo.delivery.apply import apply_plan
from promo.delivery.query import history, list_deliveries, status
from promo.delivery.state import State
from promo.plan.diff import ledger_digest
from promo.plan.model import Action, Change, Plan, PlannedDelivery
from promo.store.database import open_database, reading
from promo.store.tables import attempts


def key_of(channel, n):
    """Return the key of a channel's n-th delivery; its first twelve digits are the id."""
    return hashlib.sha256(f"{channel} {n}".encode()).hexdigest()


def prepare(url, count, *, first=0, slow=None, channels=tuple(KINDS), over=timedelta(0)):
    """Write `count` deliveries a channel into the ledger, numbered from `first`, due within `over` from now.

    Every other one has a picture to render.
    """
    now = datetime.now(UTC)
    wishes = []
    for channel in channels:
        for n in range(first, first + count):
            key = key_of(channel, n)
            wishes.append(
                PlannedDelivery(
                    key=key,
                    id=key[:12],
                    campaign="crash",
                    activity=f"n{n}",
                    channel=channel,
                    occurrence="once",
                    kind="online",
                    type="post",
                    due_at=now - timedelta(seconds=1) + over * (n - first) / count,
                    window_until=None,
                    digest=key,
                    content={"text": f"post {n}", "options": {"slow": slow} if slow else {}},
                    visual={"layout": "card"} if n % 2 else None,
                    approval=None,
                )
            )
    engine = open_database(url)
    with reading(engine) as connection:
        digest = ledger_digest(connection)
    campaign = {"file": "crash.yaml", "digest": "", "document": {}, "timezone": "UTC", "brand": "leaf"}
    plan = Plan(
        made_at=now,
        horizon=now,
        files_digest="",
        ledger_digest=digest,
        campaigns={"crash": campaign},
        changes=[Change(action=Action.ADD, delivery=wish.id, before=None, after=wish) for wish in wishes],
    )
    apply_plan(engine, plan, clock=SystemClock(), by="test")
    engine.dispose()


@dataclass
class Verdict:
    """What the judge found. The lists name deliveries; a sound run leaves `doubled`, `lost` and `wrong` empty."""

    published: int = 0
    uncertain: int = 0  # open, listed for a person
    doubled: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    @property
    def faults(self):
        """Return everything that is wrong, a line each."""
        return [*self.doubled, *self.lost, *self.wrong]


def judge(url, log):
    """Hold the ledger against the receiver's file."""
    posts, requests = read_log(log)
    found = Verdict()
    engine = open_database(url)
    counted = status(engine, datetime.now(UTC)).counts.get(State.UNCERTAIN, 0)
    with reading(engine) as connection:
        tried = Counter(
            dict(
                connection.execute(
                    select(attempts.c.delivery, func.count())
                    .where(attempts.c.sent_at.is_not(None))
                    .group_by(attempts.c.delivery)
                ).all()
            )
        )
    for row in list_deliveries(engine):
        name, made = f"{row.channel} {row.id}", posts[row.channel, row.key]
        if made > 1:
            found.doubled.append(f"{name}: doubled, {made} posts")
        if requests[row.channel, row.key] > tried[row.id]:
            found.wrong.append(f"{name}: sent {requests[row.channel, row.key]} times, written {tried[row.id]} times")
        if row.channel == "none" and row.state == State.UNCERTAIN:
            found.uncertain += 1
        elif row.state != State.PUBLISHED:
            found.lost.append(f"{name}: lost, left {row.state}")
        elif made == 0:
            found.lost.append(f"{name}: lost, yet called published")
        elif row.remote_id is None:
            found.wrong.append(f"{name}: published without a receipt")
        else:
            found.published += 1
    if counted < found.uncertain:
        found.wrong.append(f"promo status counts {counted} uncertain ones of {found.uncertain}")
    engine.dispose()
    return found


def trail(url, faults):
    """Return what the ledger knows of the deliveries in some of the judge's lines, to read."""
    engine = open_database(url)
    found = {line: history(engine, line.split()[1].rstrip(":")) for line in faults}
    engine.dispose()
    told = {line: [str(dict(row._mapping)) for row in (*one.attempts, *one.events)] for line, one in found.items()}
    return json.dumps(told, indent=2)
