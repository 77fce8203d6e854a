"""Channels that post to the receiver, one of each idempotency, and the publisher's surroundings."""

import hashlib
import http.client
import json
import select
from datetime import timedelta
from urllib.parse import urlsplit

from promo.clock import SystemClock
from promo.connector import Ability, Capabilities, Connector, Handle, Idempotency, Receipt, Settings
from promo.registry import Registry, open_channels
from promo.store.database import open_database
from promo.visual.model import Visual
from promo.workspace import Workspace, WorkspaceSettings

PATIENCE = 20  # seconds; the receiver answers at once unless it was told to be slow


class Poster(Connector[Settings]):
    """Posts to the receiver over plain HTTP."""

    title = "a receiver that counts"
    title_zh = "计数接收端"
    Settings = Settings
    receiver = ""
    on_the_wire = staticmethod(lambda _delivery: None)  # the post is made, its answer has come, nobody has read it

    def check(self):
        return Handle(account="receiver")

    def publish(self, request):
        body = {"key": request.key, "slow": request.options.get("slow")}
        found = self.ask("POST", f"/{self.name}", json.dumps(body), lambda: self.on_the_wire(request.delivery))
        return Receipt(remote_id=found["id"])

    def lookup(self, request):
        found = self.ask("GET", f"/{self.name}/{request.key}")
        return Receipt(remote_id=found["id"]) if found else None

    def ask(self, method, path, body=None, before_reading=lambda: None):
        place = urlsplit(self.receiver)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body)
            select.select([connection.sock], [], [], PATIENCE)
            before_reading()
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


def leases(lease):
    """Return the channels' leases in seconds.

    A look-up that finds nothing trusts that a call is over within half of the lease, however busy this machine is;
    the others trust nothing of the kind.
    """
    return {name: lease * (2 if name == "lookup" else 1) for name in KINDS}


def open_station(url, root, receiver, lease, *, concurrency=1, engine="embedded"):
    """Return engine, workspace and channels. `lease`: the channels' `timeout` in seconds, see `leases`."""
    Poster.receiver = receiver
    wanted = {
        name: {"connector": name, "timeout": f"{seconds}s", "concurrency": concurrency}
        for name, seconds in leases(lease).items()
    }
    settings = {"channels": wanted, "engine": engine}
    workspace = Workspace(root, WorkspaceSettings.model_validate(settings), {})
    return open_database(url), workspace, open_channels(workspace, Registry({}, KINDS), SystemClock())


def draw(root):
    """Return a renderer of one and the same picture, which lies in `root` already."""
    path = root / "picture.png"
    path.write_bytes(b"a picture")
    digest = hashlib.sha256(b"a picture").hexdigest()
    picture = Visual(path=path, mime="image/png", width=1, height=1, sha256=digest, key=digest)
    return lambda _spec: picture
