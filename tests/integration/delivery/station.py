"""A publisher in a process of its own, to be killed; and a receiver in another, which counts.

Run as a script: `station.py receive`, `station.py publish LEDGER RECEIVER MODE …`. Tests load it as a module, too.
"""

import argparse
import hashlib
import http.client
import http.server
import json
import os
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select, update

from promo.clock import SystemClock
from promo.connector import Ability, Capabilities, Connector, Handle, Idempotency, Receipt, Settings
from promo.delivery.apply import apply_plan
from promo.delivery.publisher import Publisher
from promo.delivery.query import list_deliveries, status
from promo.delivery.request import build_request
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.engine.embedded import Daemon, Pace, run_once
from promo.plan.diff import ledger_digest
from promo.plan.model import Action, Change, Plan, PlannedDelivery
from promo.registry import Registry, open_channels
from promo.store.database import open_database, reading, transaction
from promo.store.tables import deliveries
from promo.visual.model import Visual
from promo.workspace import Workspace, WorkspaceSettings

ON_THE_WIRE = "on-the-wire"  # the request is sent, its answer is not read
POINTS = (Step.CLAIMING, Step.CLAIMED, Step.SENDING, ON_THE_WIRE, Step.ANSWERED, Step.RECORDING)
NOTHING_LEFT = 3  # exit code


POSTS = defaultdict(list)  # what the receiver has: (channel, key) → remote ids
SENDS = Counter()
LOCK = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes posts and counts them. `/key` knows a key again and makes no second post; the others do not."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        channel, key = self.path.strip("/"), body["key"]
        with LOCK:
            SENDS[channel, key] += 1
            first = SENDS[channel, key] == 1
        if first and body.get("slow"):
            time.sleep(body["slow"])
        with LOCK:
            made = POSTS[channel, key]
            if channel != "key" or not made:
                made.append(f"{channel}-{sum(map(len, POSTS.values()))}")
            self.answer({"id": made[0] if channel == "key" else made[-1]})

    def do_GET(self):
        parts = self.path.strip("/").split("/")
        with LOCK:
            if parts == ["counts"]:
                self.answer({f"{channel} {key}": len(made) for (channel, key), made in POSTS.items()})
            else:
                made = POSTS.get((parts[0], parts[1]))
                self.answer({"id": made[0]} if made else {})

    def answer(self, body):
        data = json.dumps(body).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:
            self.close_connection = True  # the publisher died while it waited

    def log_message(self, *_args):
        pass


class Poster(Connector[Settings]):
    """Posts to the receiver over plain HTTP."""

    title = "a receiver that counts"
    title_zh = "计数接收端"
    Settings = Settings
    receiver = ""
    on_the_wire = staticmethod(lambda: None)

    def check(self):
        return Handle(account="receiver")

    def publish(self, request):
        body = {"key": request.key, "slow": request.options.get("slow")}
        found = self.ask("POST", f"/{self.name}", json.dumps(body), self.on_the_wire)
        return Receipt(remote_id=found["id"])

    def lookup(self, request):
        found = self.ask("GET", f"/{self.name}/{request.key}")
        return Receipt(remote_id=found["id"]) if found else None

    def ask(self, method, path, body=None, before_answer=lambda: None):
        place = urlsplit(self.receiver)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
        try:
            connection.request(method, path, body)
            before_answer()
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


class ByKey(Poster):
    name = "key"
    capabilities = Capabilities(idempotency=Idempotency.KEY, idempotency_window=timedelta(hours=1))


class ByLookup(Poster):
    name = "lookup"
    capabilities = Capabilities(idempotency=Idempotency.LOOKUP, lookup=Ability.YES)


class ByPerson(Poster):
    name = "none"
    capabilities = Capabilities()


KINDS = {kind.name: kind for kind in (ByKey, ByLookup, ByPerson)}


def open_station(url, root, lease):
    """Return engine, workspace and channels."""
    wanted = {name: {"connector": name, "timeout": lease} for name in KINDS}
    workspace = Workspace(root, WorkspaceSettings.model_validate({"channels": wanted}), {})
    return open_database(url), workspace, open_channels(workspace, Registry({}, KINDS), SystemClock())


def draw(root):
    """Return a renderer of one and the same picture."""

    def render(_spec):
        path = root / "picture.png"
        path.write_bytes(b"a picture")
        digest = hashlib.sha256(b"a picture").hexdigest()
        return Visual(path=path, mime="image/png", width=1, height=1, sha256=digest, key=digest)

    return render


def prepare(url, count, *, slow=None, channels=tuple(KINDS)):
    """Write `count` due deliveries a channel into a new ledger; every other one has a picture to render."""
    now = datetime.now(UTC)
    wishes = []
    for channel in channels:
        for n in range(count):
            key = hashlib.sha256(f"{channel} {n}".encode()).hexdigest()
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
                    due_at=now - timedelta(seconds=1),
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


def judge(url, counts):
    """Return what is wrong: each line one delivery that was lost, doubled, or is open without being listed."""
    engine = open_database(url)
    listed = {row.id for row in status(engine, datetime.now(UTC)).uncertain}
    wrong = []
    for row in list_deliveries(engine):
        posts = counts.get(f"{row.channel} {row.key}", 0)
        if posts > 1:
            wrong.append(f"{row.channel} {row.id}: doubled, {posts} posts")
        if row.channel == "none" and row.state == State.UNCERTAIN and row.id in listed:
            continue
        if row.state != State.PUBLISHED:
            wrong.append(f"{row.channel} {row.id}: left {row.state}")
        elif posts == 0:
            wrong.append(f"{row.channel} {row.id}: lost, yet called published")
        elif row.remote_id is None:
            wrong.append(f"{row.channel} {row.id}: no receipt")
    engine.dispose()
    return wrong


def end():
    os.kill(os.getpid(), signal.SIGKILL)


def run_child(options, point, channel, nth):
    """Publish what is due; die the `nth` time a delivery of `channel` passes `point`."""
    engine, workspace, channels = open_station(options.ledger, options.root, options.lease)
    Poster.receiver = options.receiver
    if options.mode != "publisher":
        return run_mutant(engine, channels, options.mode, lambda here: here == point and end())
    mine = {row.id for row in list_deliveries(engine, channel=channel)} | {channel}
    passed = Counter()

    def on_step(step, delivery):
        if step == point and delivery in mine:
            passed[step] += 1
            if passed[step] == nth:
                end()

    if point == ON_THE_WIRE:
        KINDS[channel].on_the_wire = staticmethod(lambda: on_step(ON_THE_WIRE, channel))
    clock = SystemClock()
    publisher = Publisher(
        engine, channels, clock=clock, render=draw(options.root), workspace=workspace, on_step=on_step
    )
    due = publisher.next_due()
    if due is None:
        return NOTHING_LEFT
    clock.wait(due, threading.Event())
    publisher.run_due(limit=4)
    return 0


def run_mutant(engine, channels, mode, on_step):
    """Publish the way one would without thinking. `after`: noted when it is sent; `before`: noted, then sent."""
    rows = list_deliveries(engine, states=[State.SCHEDULED], limit=1)
    for row in rows:

        def note(row=row):
            with transaction(engine) as connection:
                connection.execute(
                    update(deliveries).where(deliveries.c.id == row.id).values(state=State.PUBLISHED, remote_id="?")
                )

        with reading(engine) as connection:
            full = connection.execute(
                select(deliveries, deliveries.c.campaign.label("brand")).where(deliveries.c.id == row.id)
            ).one()
        if mode == "before":
            note()
        on_step(Step.SENDING)
        channels[row.channel].connector.publish(build_request(full))
        on_step(Step.ANSWERED)
        if mode == "after":
            note()
    return 0 if rows else NOTHING_LEFT


def publish(options):
    """Fork publishers, each of which dies somewhere, until nothing is left to do; print how often each point killed.

    Forking spares each of them the second it takes to import everything; what is killed is a real process.
    """
    kills = Counter()
    plan = [(point, channel, nth) for nth in (1, 2, 3) for point in POINTS for channel in KINDS]
    for n in range(2000):
        point, channel, nth = plan[n % len(plan)]
        child = os.fork()
        if child == 0:
            try:
                os._exit(run_child(options, point, channel, nth))
            except BaseException:  # noqa: BLE001 - a forked child must never come back here
                import traceback

                traceback.print_exc()
                os._exit(1)
        _pid, how = os.waitpid(child, 0)
        if os.WIFSIGNALED(how):
            kills[f"{point} {channel}"] += 1
        elif os.WEXITSTATUS(how) == NOTHING_LEFT:
            say(kills)
            return 0
        elif os.WEXITSTATUS(how) != 0:
            return 1
    return 1


def say(words):
    """Tell the test one line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def receive():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    say(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["receive", "publish", "tick", "daemon"])
    parser.add_argument("--ledger")
    parser.add_argument("--receiver")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--mode", default="publisher")
    parser.add_argument("--lease", default="0.15s")
    options = parser.parse_args()
    if options.what == "receive":
        return receive()
    if options.what == "publish":
        return publish(options)
    engine, workspace, channels = open_station(options.ledger, options.root, options.lease)
    Poster.receiver = options.receiver
    clock = SystemClock()
    publisher = Publisher(engine, channels, clock=clock, render=draw(options.root), workspace=workspace)
    say("ready")
    if options.what == "tick":
        say(run_once(publisher).outcomes)
    else:
        Daemon(publisher, clock=clock, pace=Pace(watch=timedelta(seconds=0.1))).run()
    return 0


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.exit(main())
