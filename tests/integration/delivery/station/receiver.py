"""The channel: a process that takes posts over HTTP and keeps a file of them. That file is the judge's evidence."""

import http.server
import json
import random
import threading
import time
from collections import Counter, defaultdict


class Book:
    """What has been posted: in memory for look-ups, in a file for the judge."""

    def __init__(self, log, delay):
        self._file = log.open("a", encoding="utf-8")
        self._delay = delay
        self._lock = threading.Lock()
        self._random = random.Random(7)
        self._heard = Counter()
        self._posts = defaultdict(list)

    def post(self, channel, key, slow):
        """Keep a post and return its id. `/key` knows a key again and makes no second post; the others do not."""
        with self._lock:
            self._heard[channel, key] += 1
            first = self._heard[channel, key] == 1
        time.sleep(slow if slow and first else self._pause())
        with self._lock:
            made = self._posts[channel, key]
            new = channel != "key" or not made
            if new:
                made.append(f"{channel}-{sum(map(len, self._posts.values()))}")
            json.dump({"channel": channel, "key": key, "id": made[-1], "new": new}, self._file)
            self._file.write("\n")
            self._file.flush()
        time.sleep(self._pause())  # the post is there, its answer is not yet on its way
        return made[-1]

    def find(self, channel, key):
        """Return the id of the first post with that key, or None."""
        with self._lock:
            made = self._posts.get((channel, key))
            return made[0] if made else None

    def _pause(self):
        with self._lock:
            return self._random.random() * self._delay


class Receiver(http.server.BaseHTTPRequestHandler):
    """`POST /channel` makes a post, `GET /channel/key` looks one up."""

    protocol_version = "HTTP/1.1"
    book: Book

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"id": self.book.post(self.path.strip("/"), body["key"], body.get("slow"))})

    def do_GET(self):
        channel, key = self.path.strip("/").split("/")
        found = self.book.find(channel, key)
        self.answer({"id": found} if found else {})

    def answer(self, body):
        data = json.dumps(body).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:
            self.close_connection = True  # the publisher died while it waited

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True  # it died before it had asked

    def log_message(self, *_args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of those whose publisher dies, too


def receive(log, delay, say):
    """Serve until killed; `say` hears the address. Each post takes up to twice `delay` seconds."""
    Receiver.book = Book(log, delay)
    server = Server(("127.0.0.1", 0), Receiver)
    say(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


def read_log(log):
    """Return what a receiver has: two counters by (channel, key), the posts made and the requests for them."""
    posts, requests = Counter(), Counter()
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        requests[entry["channel"], entry["key"]] += 1
        posts[entry["channel"], entry["key"]] += entry["new"]
    return posts, requests
