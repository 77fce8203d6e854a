"""Tickers and workers as processes of their own, to be killed; and a receiver that writes down who called and when.

Run as a script it reads orders from stdin and forks a process for each: importing everything once is enough.
"""

import hashlib
import http.client
import http.server
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import insert, select

from promo.clock import SystemClock
from promo.connector import Capabilities, Connector, Handle, Idempotency, Receipt, Settings
from promo.delivery.publisher import Publisher
from promo.delivery.step import Step
from promo.engine.embedded import Daemon
from promo.engine.queue import open_queue
from promo.engine.ticker import Ticker
from promo.engine.worker import Worker
from promo.registry import Registry, open_channels
from promo.store.database import open_database, transaction
from promo.store.tables import campaigns, deliveries
from promo.store.wake import announce
from promo.workspace import Workspace, WorkspaceSettings


class Receiver:
    """Takes posts over HTTP, slowly where it is told to, and knows keys again."""

    def __init__(self):
        self.calls = []  # [channel, key, begun, ended] of every request; ended None: it is under way
        self._posts = {}
        self._lock = threading.Lock()
        self._begun = threading.Condition(self._lock)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps({"id": receiver.take(**body)}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except ConnectionError:
                    self.close_connection = True  # the worker died while it waited

            def log_message(self, *_args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def take(self, channel, key, slow):
        with self._lock:
            call = [channel, key, time.monotonic(), None]
            self.calls.append(call)
            self._begun.notify_all()
        time.sleep(slow)
        with self._lock:
            call[3] = time.monotonic()
            return self._posts.setdefault((channel, key), f"{channel}-{len(self._posts)}")

    def of(self, channel):
        """Return one channel's calls in the order of their beginnings."""
        with self._lock:
            return [tuple(call) for call in self.calls if call[0] == channel]

    @property
    def sends(self):
        """Return how often each post was sent, by its key."""
        with self._lock:
            return Counter(key for _channel, key, _begun, _ended in self.calls)

    def wait_for(self, count, seconds=30):
        """Wait until so many calls have begun."""
        with self._begun:
            assert self._begun.wait_for(lambda: len(self.calls) >= count, seconds), f"{len(self.calls)} calls"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class HallSettings(Settings):
    receiver: str
    slow: float = 0.0


class Poster(Connector[HallSettings]):
    """Posts to the receiver, by key."""

    name = "hall"
    title = "a receiver that writes down its calls"
    title_zh = "记录调用的接收端"
    Settings = HallSettings
    capabilities = Capabilities(idempotency=Idempotency.KEY, idempotency_window=timedelta(hours=1))

    def check(self):
        return Handle(account="receiver")

    def publish(self, request):
        place = urlsplit(self.settings.receiver)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
        try:
            body = {"channel": self.context.channel, "key": request.key, "slow": self.settings.slow}
            connection.request("POST", "/", json.dumps(body))
            return Receipt(remote_id=json.loads(connection.getresponse().read())["id"])
        finally:
            connection.close()


def open_hall(ledger, root, settings):
    """Return engine, workspace and channels for the settings of a promo.yaml."""
    workspace = Workspace(Path(root), WorkspaceSettings.model_validate(settings), {})
    return open_database(ledger), workspace, open_channels(workspace, Registry({}, {"hall": Poster}), SystemClock())


def fill(engine, *, channel, count, campaign="spring", apart=timedelta(0)):
    """Write deliveries of a channel, the first due a second ago, the others `apart`; return their keys."""
    now = datetime.now(UTC)
    rows = []
    for number in range(count):
        key = hashlib.sha256(f"{campaign} {channel} {number}".encode()).hexdigest()
        rows.append(
            {
                "id": key[:12],
                "key": key,
                "campaign": campaign,
                "activity": f"post-{number}",
                "channel": channel,
                "occurrence": "once",
                "kind": "online",
                "type": "post",
                "state": "scheduled",
                "due_at": now - timedelta(seconds=1) + number * apart,
                "digest": key,
                "content": {"text": f"post {number}"},
                "created_at": now,
                "changed_at": now,
            }
        )
    head = {"campaign": campaign, "file": f"{campaign}.yaml", "digest": "", "document": {}, "timezone": "UTC"}
    with transaction(engine) as connection:
        if connection.execute(select(campaigns.c.file).where(campaigns.c.campaign == campaign)).first() is None:
            connection.execute(insert(campaigns).values(**head, brand="leaf", applied_at=now, horizon=now))
        connection.execute(insert(deliveries), rows)
        announce(connection)  # as a plan does: whoever listens already looks again
    return [row["key"] for row in rows]


def ticker(ledger, root, settings, threads, **more):
    engine, workspace, channels = open_hall(ledger, root, settings)
    ways = {"clock": SystemClock(), "render": None, "workspace": workspace, "role": "run", **more}
    if workspace.settings.engine == "embedded":
        publisher = Publisher(engine, channels, **ways)
    else:
        queue = open_queue(workspace, engine)
        queue.prepare()
        publisher = Ticker(engine, channels, queue=queue, **ways)
    Daemon(publisher, clock=SystemClock()).run()


def worker(ledger, root, settings, threads):
    if settings["engine"] == "embedded":  # whose daemons are both
        ticker(ledger, root, settings, threads)
        return
    engine, workspace, channels = open_hall(ledger, root, settings)
    publisher = Publisher(engine, channels, clock=SystemClock(), render=None, workspace=workspace, role="worker")
    Worker(publisher, open_queue(workspace, engine), concurrency=threads).run()


def doomed(ledger, root, settings, threads):
    """A ticker that is killed when its claim is committed, before anything is sent to a broker."""

    def on_step(step, _id):
        if step is Step.CLAIMED:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # the signal ends this thread when it likes to, but here

    ticker(ledger, root, settings, threads, on_step=on_step)


ROLES = {"ticker": ticker, "worker": worker, "doomed": doomed}


def obey(order):
    """Fork for one order, or wait for a child's end; return what to tell."""
    if "wait" in order:
        _pid, how = os.waitpid(order["wait"], 0)
        return {"code": os.waitstatus_to_exitcode(how)}
    child = os.fork()
    if child:
        return {"pid": child}
    sys.stdin.close()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # told to end before it has begun
    code = 1
    try:
        ROLES[order.pop("role")](**order)
        code = 0
    except BaseException:  # noqa: BLE001 - a forked child must never come back here
        traceback.print_exc()
    os._exit(code)


def main():
    for name in ("celery.worker", "celery.concurrency.thread", "kombu.transport.pyamqp", "procrastinate.worker"):
        importlib.import_module(name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.disable(logging.CRITICAL)
    main()
