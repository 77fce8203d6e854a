"""What stands for a channel: takes posts, keeps a log of its own, and misbehaves as it is told."""

import http.server
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post that the receiver has made."""

    id: str
    channel: str
    key: str
    text: str
    at: float  # seconds since 1970, by the machine's clock
    by_their_clock: datetime  # when it was sent, by the sender's


class Receiver:
    """A channel in a thread of the test. `/key…` knows a key again and makes no second post; the others do not.

    `fault(channel, …)` names what becomes of the next requests there: `cut` resets the connection when the body is
    read, `kept, cut` does so after the post was made, `hold` waits for `go` before it makes the post, `late` waits
    for `go` between post and answer, `busy` answers that nothing was taken.
    """

    def __init__(self):
        self.posts = []
        self.bodies = []  # every body that was read whole, as (channel, key)
        self.go = threading.Event()
        self._faults = defaultdict(deque)
        self._known = {}
        self._lock = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def do_GET(self):
                receiver.look(self)

            def log_message(self, *_args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def fault(self, channel, *kinds):
        self._faults[channel].extend(kinds)

    def forget(self):
        """Forget the keys: whoever sends one again makes a second post."""
        with self._lock:
            self._known.clear()

    def wait_for_body(self, count=1, seconds=20):
        """Wait until `count` bodies were read."""
        with self._lock:
            assert self._lock.wait_for(lambda: len(self.bodies) >= count, seconds), "no request came"

    def posts_of(self, channel, key):
        with self._lock:
            return [post for post in self.posts if (post.channel, post.key) == (channel, key)]

    def close(self):
        self.go.set()
        self.server.shutdown()
        self.server.server_close()

    def take(self, handler):
        channel = handler.path.strip("/")
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.bodies.append((channel, body["key"]))
            self._lock.notify_all()
            fault = self._faults[channel].popleft() if self._faults[channel] else ""
        if fault == "cut":
            return self._reset(handler)
        if fault == "busy":
            return self._answer(handler, {}, 503)
        if fault == "hold":
            self.go.wait(60)
        post = self._keep(channel, body)
        if fault == "kept, cut":
            return self._reset(handler)
        if fault == "late":
            self.go.wait(60)
        return self._answer(handler, {"id": post.id})

    def look(self, handler):
        channel, key = handler.path.strip("/").split("/")
        found = self.posts_of(channel, key)
        self._answer(handler, {"id": found[0].id} if found else {})

    def _keep(self, channel, body):
        with self._lock:
            known = self._known.get((channel, body["key"])) if channel.startswith("key") else None
            if known is not None:
                return known
            post = Post(
                id=f"{channel}-{len(self.posts)}",
                channel=channel,
                key=body["key"],
                text=body["text"],
                at=time.time(),
                by_their_clock=datetime.fromisoformat(body["now"]),
            )
            self.posts.append(post)
            self._known[channel, post.key] = post
            self._lock.notify_all()
            return post

    @staticmethod
    def _reset(handler):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        handler.connection.close()

    @staticmethod
    def _answer(handler, words, status=200):
        data = json.dumps(words).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
        except OSError:
            handler.close_connection = True  # the publisher has gone
