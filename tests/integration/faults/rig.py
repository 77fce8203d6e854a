"""A publisher in a process of its own, for faults to be put into; its connectors post to the tests' receiver.

Run as a script with one JSON object: `rig.py '{"what": "daemon", "ledger": …}'`. Tests load it as a module, too.
"""

import hashlib
import json
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from promo.cli.log import start_log
from promo.clock import SystemClock
from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Receipt,
    Settings,
    http_errors,
    new_session,
)
from promo.delivery import backoff, lane, writer
from promo.delivery.apply import apply_plan
from promo.delivery.publisher import Publisher
from promo.delivery.query import list_deliveries, status
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.engine.embedded import Daemon, Pace, run_once
from promo.engine.queue import open_queue
from promo.engine.ticker import Ticker
from promo.engine.worker import Worker
from promo.plan.compile import Compiled
from promo.plan.diff import make_plan
from promo.plan.model import PlannedDelivery
from promo.registry import Registry, open_channels
from promo.store import database
from promo.store.database import open_database, reading
from promo.store.tables import attempts
from promo.workspace import Workspace, WorkspaceSettings

QUEUED = ("ticker", "worker")  # who works by way of an engine's queue
REST = 0.4  # seconds, in which a writer has nothing more to do: who stands still in a transaction keeps SQLite locked


class PosterSettings(Settings):
    """Where the receiver is, how long to wait for it, for how long it is said to remember a key; a receipt's size."""

    address: str
    patience: float = 20.0
    remembers: float = 3600.0
    receipt_bytes: int = 0


class Poster(Connector[PosterSettings]):
    """Posts over plain HTTP, by the same means as the built-in connectors."""

    title = "a receiver that counts"
    title_zh = "计数接收端"
    Settings = PosterSettings

    def limits(self):
        if self.capabilities.idempotency is Idempotency.KEY:
            return replace(self.capabilities, idempotency_window=timedelta(seconds=self.settings.remembers))
        return self.capabilities

    def check(self):
        return Handle(account="receiver")

    def publish(self, request):
        body = {"key": request.key, "text": request.text, "now": self.context.clock.now().isoformat()}
        with new_session() as session, http_errors("receiver"):
            answer = session.post(self.place, json=body, timeout=self.settings.patience).json()
        return Receipt(remote_id=answer["id"], detail={"filler": "x" * self.settings.receipt_bytes})

    def lookup(self, request):
        with new_session() as session, http_errors("receiver", sending=False):
            answer = session.get(f"{self.place}/{request.key}", timeout=self.settings.patience).json()
        return Receipt(remote_id=answer["id"]) if answer else None

    @property
    def place(self):
        return f"{self.settings.address}/{self.context.channel}"


class ByKey(Poster):
    name = "key"
    capabilities = Capabilities(idempotency=Idempotency.KEY, idempotency_window=timedelta(hours=1))


class ByKeyOrLookup(Poster):
    name = "key-lookup"
    capabilities = Capabilities(idempotency=Idempotency.KEY, idempotency_window=timedelta(hours=1), lookup=Ability.YES)


class ByLookup(Poster):
    name = "lookup"
    capabilities = Capabilities(idempotency=Idempotency.LOOKUP, lookup=Ability.YES)


class ByPerson(Poster):
    name = "none"
    capabilities = Capabilities()


KINDS = {kind.name: kind for kind in (ByKey, ByKeyOrLookup, ByLookup, ByPerson)}


def wish(channel, n, *, due=None, until=None, campaign="spring", text=None):
    """Return one delivery of a plan: the `n`-th of `channel`."""
    key = hashlib.sha256(f"{campaign} {channel} {n}".encode()).hexdigest()
    text = text or f"post {n}"
    return PlannedDelivery(
        key=key,
        id=key[:12],
        campaign=campaign,
        activity=f"n{n}",
        channel=channel,
        occurrence="once",
        kind="online",
        type="post",
        due_at=due or datetime.now(UTC) - timedelta(seconds=1),
        window_until=until,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        content={"text": text},
        visual=None,
        approval=None,
    )


def apply(url, *wishes):
    """Make a plan of all that is wanted and write it into the ledger, as `promo apply` does; return what it did.

    Raises WorldMoved where the ledger moves on in between.
    """
    engine = open_database(url)
    now = datetime.now(UTC)
    campaign = {"file": "spring.yaml", "digest": "", "document": {}, "timezone": "UTC", "brand": "leaf"}
    compiled = Compiled(
        deliveries=list(wishes),
        problems=(),
        campaigns={each.campaign: campaign for each in wishes},
        wanted=frozenset((each.campaign, each.activity, each.channel) for each in wishes),
    )
    try:
        with reading(engine) as connection:
            plan = make_plan(connection, compiled, made_at=now, horizon=now + timedelta(days=1), files_digest="")
        return apply_plan(engine, plan, clock=SystemClock(), by="test")
    finally:
        engine.dispose()


def rows(url):
    """Return every delivery of the ledger."""
    engine = open_database(url)
    found = list_deliveries(engine)
    engine.dispose()
    return found


def workers(url):
    """Return who made each try."""
    engine = open_database(url)
    with reading(engine) as connection:
        found = list(connection.execute(select(attempts.c.worker)).scalars())
    engine.dispose()
    return found


def judge(url, receiver, *, uncertain=()):
    """Return what is wrong, a line a delivery. `uncertain`: channels on which a person may be asked, if told so."""
    engine = open_database(url)
    listed = {row.id for row in status(engine, datetime.now(UTC)).uncertain}
    wrong = []
    for row in list_deliveries(engine):
        posts = receiver.posts_of(row.channel, row.key)
        if len(posts) > 1:
            wrong.append(f"{row.channel} {row.id}: doubled, {len(posts)} posts")
        if row.channel in uncertain and row.state == State.UNCERTAIN and row.id in listed:
            continue
        if row.state != State.PUBLISHED:
            wrong.append(f"{row.channel} {row.id}: left {row.state} ({row.reason})")
        elif not posts:
            wrong.append(f"{row.channel} {row.id}: lost, yet called published")
        elif row.remote_id != posts[0].id:
            wrong.append(f"{row.channel} {row.id}: its receipt is {row.remote_id}, the post is {posts[0].id}")
    engine.dispose()
    return wrong


def at_step(options):
    """Return what stops this process at a step: `pause` waits for a line of input, `freeze` is SIGSTOP."""
    waiting = {
        **dict.fromkeys(options.get("pause", ()), "pause"),
        **dict.fromkeys(options.get("freeze", ()), "freeze"),
    }

    def on_step(step, subject):
        how = waiting.pop(str(step), None)
        if how is None:
            return
        say([str(step), subject])
        if how == "freeze":
            if step != Step.CLAIM_WRITTEN:
                time.sleep(REST)
            frozen = time.monotonic()
            os.kill(os.getpid(), signal.SIGSTOP)
            while time.monotonic() < frozen + 0.5:  # the signal stops this thread when it likes to, but here
                time.sleep(0.01)
        else:
            sys.stdin.readline()

    return on_step


def say(words):
    """Tell the test one line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def no_picture(_spec):
    raise AssertionError("no delivery of these tests has a picture")


def shorten(options):
    """Make this process wait for tenths of seconds where promo waits for seconds and half minutes."""
    database.BUSY_SECONDS = options.get("busy", database.BUSY_SECONDS)
    writer.RECORD_AGAIN = timedelta(seconds=0.2)
    lane.AFTER_ERROR = 0.5
    backoff.BASE, backoff.SHORTEST = timedelta(seconds=0.3), timedelta(seconds=0.1)
    backoff.SETTLE_FIRST = timedelta(seconds=0.5)


def main():
    options = json.loads(sys.argv[1])
    start_log("json", verbose=False, quiet=False)
    root = Path(options["root"])
    everyday = options.get("everyday", False)
    if not everyday:
        shorten(options)
    channels = {
        name: {
            "connector": name,
            **({} if everyday else {"timeout": "20s"}),
            **{key: value for key, value in given.items() if key != "settings"},
            "settings": {"address": options["receiver"], **given.get("settings", {})},
        }
        for name, given in options["channels"].items()
    }
    what, ledger = options["what"], open_database(options["ledger"])
    engine = {"engine": "procrastinate", "database": options["ledger"]} if what in QUEUED else {}
    workspace = Workspace(root, WorkspaceSettings.model_validate({"channels": channels, **engine}), {})
    ways = {"clock": SystemClock(), "render": no_picture, "workspace": workspace, "on_step": at_step(options)}
    opened = open_channels(workspace, Registry({}, KINDS), SystemClock())
    if what in QUEUED:
        queue = open_queue(workspace, ledger)
        queue.prepare()
    if what == "ticker":
        publisher = Ticker(ledger, opened, queue=queue, role="run", **ways)
    else:
        publisher = Publisher(ledger, opened, role="worker" if what == "worker" else "tick", **ways)
    say("ready")
    if what == "tick":
        run_once(publisher)
    elif what == "worker":
        Worker(publisher, queue).run()
    else:
        pace = Pace() if everyday else Pace(watch=timedelta(seconds=0.1), after_error=timedelta(seconds=0.3))
        Daemon(publisher, clock=SystemClock(), pace=pace).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
