"""A stand-in for Mastodon: the part of its API that posting needs, in memory, on the scriptable HTTP receiver.

Built after Mastodon's documentation (docs.joinmastodon.org, its state of 2026-07-02); the same contract suite runs
against a real server of that API, so that a misunderstanding here shows there.
"""

from __future__ import annotations

import email
import email.policy
import html
import itertools
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from promo.clock import SystemClock
from promo.connector.count import LINK
from promo.testing.servers.web import Answer, HttpReceiver, Received, http_receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from promo.clock import Clock

ACCOUNT = {"id": "7", "username": "brand", "acct": "brand", "url": "https://social.example/@brand"}
_TAGS = re.compile(r"(?<![\w&])#(\w+)")
_MENTIONS = re.compile(r"(?<!\w)@(\w+)@[\w.-]+\w")


class MastodonServer:
    """The account's posts and pictures, and what a test may change about the server."""

    def __init__(self, *, token: str, honours_key: bool, clock: Clock) -> None:
        self.token = token
        self.clock = clock
        self.honours_key = honours_key
        self.slow_media = 0  # so many times an upload is still being processed
        self.receiver: HttpReceiver
        self.posts: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}  # the pictures themselves, by their id
        self.keys: list[tuple[str, str]] = []  # Idempotency-Key and the post it made, in order
        self._ids = itertools.count(1001)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return the server's address."""
        return self.receiver.url

    def with_key(self, key: str) -> list[dict[str, Any]]:
        """Return the posts that were made with that key and are still there."""
        return [self.posts[remote_id] for known, remote_id in self.keys if known == key and remote_id in self.posts]

    def respond(self, received: Received) -> Answer:
        """Answer one request as Mastodon would."""
        with self._lock:
            address = urlsplit(received.path)
            path = address.path.rstrip("/")
            if path in ("/api/v1/instance", "/api/v2/instance"):
                return _instance()
            if received.headers.get("authorization") != f"Bearer {self.token}":
                return Answer(status=401, body={"error": "The access token is invalid"})
            for method, pattern, handler in self._routes():
                found = re.fullmatch(pattern, path)
                if method == received.method and found:
                    return handler(received, parse_qs(address.query), *found.groups())
            return _missing()

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        return [
            ("GET", r"/api/v1/accounts/verify_credentials", lambda *_: Answer(body=ACCOUNT)),
            ("GET", r"/api/v1/accounts/7/statuses", self._timeline),
            ("GET", r"/api/v1/timelines/home", self._timeline),
            ("POST", r"/api/v[12]/media", self._upload),
            ("GET", r"/api/v1/media/(\d+)", self._processed),
            ("POST", r"/api/v1/statuses", self._post),
            ("GET", r"/api/v1/statuses/(\d+)", self._show),
            ("GET", r"/api/v1/statuses/(\d+)/context", self._context),
            ("DELETE", r"/api/v1/statuses/(\d+)", self._delete),
        ]

    def _timeline(self, _received: Received, query: Mapping[str, list[str]]) -> Answer:
        before = int(query.get("max_id", ["9" * 18])[0])
        newest = sorted((post for post in self.posts.values() if int(post["id"]) < before), key=_by_id, reverse=True)
        return Answer(body=newest[: int(query.get("limit", ["20"])[0])])

    def _upload(self, received: Received, _query: object) -> Answer:
        head = f"Content-Type: {received.headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + received.body, policy=email.policy.HTTP)
        fields = {str(part.get_param("name", header="content-disposition")): part for part in form.iter_parts()}
        remote_id = str(next(self._ids))
        told = fields["description"].get_payload(decode=True) if "description" in fields else None
        description = told.decode() if isinstance(told, bytes) else None
        picture = {"id": remote_id, "type": "image", "description": description, "left": self.slow_media}
        self.media[remote_id] = picture
        file = fields["file"].get_payload(decode=True) if "file" in fields else None
        self.files[remote_id] = file if isinstance(file, bytes) else b""
        return _upload_answer(picture)

    def _processed(self, _received: Received, _query: object, remote_id: str) -> Answer:
        picture = self.media[remote_id]
        picture["left"] -= 1
        return _upload_answer(picture)

    def _post(self, received: Received, _query: object) -> Answer:
        key = received.headers.get("idempotency-key", "")
        known = next((post for seen, post in self.keys if seen == key), None)
        if self.honours_key and known in self.posts:
            return Answer(body=self.posts[str(known)])
        form = parse_qs(received.body.decode())
        text = form.get("status", [""])[0]
        media = form.get("media_ids[]", [])
        parent = form.get("in_reply_to_id", [None])[0]
        if not text and not media:
            return Answer(status=422, body={"error": "Validation failed: Text can't be blank"})
        if parent is not None and parent not in self.posts:
            return _missing()
        remote_id = str(next(self._ids))
        post = {
            "id": remote_id,
            "uri": f"https://social.example/users/brand/statuses/{remote_id}",
            "url": f"https://social.example/@brand/{remote_id}",
            "created_at": self.clock.now().isoformat(timespec="milliseconds"),
            "account": ACCOUNT,
            "content": render_post(text),
            "in_reply_to_id": parent,
            "visibility": form.get("visibility", ["public"])[0],
            "spoiler_text": form.get("spoiler_text", [""])[0],
            "sensitive": form.get("sensitive", ["false"])[0].lower() in ("true", "1"),
            "language": form.get("language", [None])[0],
            "media_attachments": [self.media[name] for name in media],
            "favourites_count": 0,
            "reblogs_count": 0,
            "replies_count": 0,
        }
        self.posts[remote_id] = post
        self.keys.append((key, remote_id))
        if parent is not None:
            self.posts[parent]["replies_count"] += 1
        return Answer(body=post)

    def _show(self, _received: Received, _query: object, remote_id: str) -> Answer:
        return Answer(body=self.posts[remote_id]) if remote_id in self.posts else _missing()

    def _context(self, _received: Received, _query: object, remote_id: str) -> Answer:
        if remote_id not in self.posts:
            return _missing()
        below = {remote_id}
        for post in sorted(self.posts.values(), key=_by_id):
            if post["in_reply_to_id"] in below:
                below.add(post["id"])
        posts = [self.posts[name] for name in sorted(below - {remote_id}, key=int)]
        return Answer(body={"ancestors": [], "descendants": posts})

    def _delete(self, _received: Received, _query: object, remote_id: str) -> Answer:
        post = self.posts.pop(remote_id, None)
        return Answer(body=post) if post is not None else _missing()


@contextmanager
def mastodon_server(*, token: str, honours_key: bool = True, clock: Clock | None = None) -> Iterator[MastodonServer]:
    """Run the stand-in; `server.receiver.queue(Answer(…))` lets the next fitting request go wrong.

    `clock` dates its posts; without it they have the machine's time.
    """
    server = MastodonServer(token=token, honours_key=honours_key, clock=clock or SystemClock())
    with http_receiver(respond=server.respond, dedupe=False) as server.receiver:
        yield server


def render_post(text: str) -> str:
    """Return a post's HTML as Mastodon shows it: paragraphs, shortened links, hashtags, mentions without their host."""
    paragraphs = []
    for paragraph in re.split(r"\n{2,}", text):
        pieces, place = [], 0
        for found in LINK.finditer(paragraph):
            pieces += [_words(paragraph[place : found.start()]), _link(found.group())]
            place = found.end()
        pieces.append(_words(paragraph[place:]))
        paragraphs.append(f"<p>{''.join(pieces)}</p>")
    return "".join(paragraphs)


def _words(text: str) -> str:
    shown = html.escape(text, quote=True).replace("\n", "<br />")
    shown = _MENTIONS.sub(
        r'<span class="h-card"><a href="https://other.example/@\1" class="u-url mention">@<span>\1</span></a></span>',
        shown,
    )
    return _TAGS.sub(
        r'<a href="https://social.example/tags/\1" class="mention hashtag" rel="tag">#<span>\1</span></a>', shown
    )


def _link(address: str) -> str:
    scheme, rest = address.split("//", 1)
    shown, hidden = rest[:30], rest[30:]
    return (
        f'<a href="{html.escape(address)}" rel="nofollow noopener" target="_blank">'
        f'<span class="invisible">{scheme}//</span><span class="ellipsis">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _upload_answer(picture: Mapping[str, Any]) -> Answer:
    waiting = picture["left"] > 0
    url = None if waiting else f"https://files.social.example/{picture['id']}.png"
    return Answer(status=202 if waiting else 200, body={**picture, "url": url})


def _instance() -> Answer:
    limits = {"statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23}}
    return Answer(
        body={
            "uri": "social.example",
            "domain": "social.example",
            "version": "4.4.0",
            "api_versions": {"mastodon": 6},
            "urls": {},
            "configuration": limits,
        }
    )


def _missing() -> Answer:
    return Answer(status=404, body={"error": "Record not found"})


def _by_id(post: Mapping[str, Any]) -> int:
    return int(post["id"])
