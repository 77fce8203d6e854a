"""Finding one's own posts again: which of an account's posts are the ones of this request."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from promo.connector import OutcomeUnknown, PublishRequest, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from promo_connectors.mastodon.client import Client

MARGIN = timedelta(minutes=1)  # a post may seem so much older than the try that made it
BLIND_MARGIN = timedelta(minutes=10)  # the same where the server does not tell its clock
PAGES = 25  # of 40 posts: beyond a thousand newer posts a search proves nothing
_MENTION = re.compile(r"(@[\w.-]+)@[\w.-]+\w")  # servers show @name@host as @name


@dataclass(frozen=True, kw_only=True)
class Found:
    """A post of ours that is there: its id, its address, its time (aware)."""

    id: str
    url: str | None
    at: datetime

    @classmethod
    def of(cls, status: dict[str, Any]) -> Found:
        """Read Mastodon's Status entity."""
        return cls(id=str(status["id"]), url=status.get("url") or status.get("uri"), at=aware(status["created_at"]))


def find_parts(client: Client, request: PublishRequest, *, visibility: str, now: datetime) -> tuple[Found, ...]:
    """Return the posts of this request that exist, from the first on, without gaps: all, some or none.

    A post is ours when it holds our tracked link, which no other delivery has, or else when its words are ours;
    a following post must also answer the one before. Raises OutcomeUnknown when there are too many posts to search.
    """
    me = str(client.account()["id"])
    ahead = client.server_ahead
    since = (request.first_attempt_at or min(request.occurrence, now)) + (
        -BLIND_MARGIN if ahead is None else ahead - MARGIN
    )
    statuses = list(_newer(lambda max_id: client.own_posts(me, max_id), since))
    if visibility in ("private", "direct"):
        # snac2 leaves these out of the account's posts, yet shows them in the home timeline.
        known = {str(status["id"]) for status in statuses}
        home = _newer(client.home, since)
        statuses += [s for s in home if str(s["account"]["id"]) == me and str(s["id"]) not in known]
    statuses.sort(key=lambda status: aware(status["created_at"]))
    parts: list[Found] = []
    answered = request.reply_to.remote_id if request.reply_to is not None else None
    for text in (request.text, *request.thread):
        match = next((s for s in statuses if answers(s, answered) and is_ours(s, text, request)), None)
        if match is None:
            break
        statuses.remove(match)
        parts.append(Found.of(match))
        answered = parts[-1].id
    return tuple(parts)


def is_ours(status: dict[str, Any], text: str, request: PublishRequest) -> bool:
    """Whether a post says `text`: by the tracked link where the text holds one, else by its words."""
    marker = request.link if request.link and request.target and request.link != request.target else None
    if marker is not None and marker in text:
        plain, links = read_html(str(status.get("content") or ""))
        return any(_is_link(marker, found) for found in (*links, plain, str(status.get("text") or "")))
    said = status.get("text") or read_html(str(status.get("content") or ""))[0]
    return words_of(said) == words_of(text)


def answers(status: dict[str, Any], remote_id: str | None) -> bool:
    """Whether a post answers `remote_id`, or, with None, no post at all."""
    answered = status.get("in_reply_to_id")
    return (str(answered) if answered is not None else None) == remote_id


def words_of(text: str) -> str:
    """Return only letters and digits, in one form: what is left of a text after any server's mark-up and emoji."""
    short = _MENTION.sub(r"\1", unicodedata.normalize("NFKC", text))
    words = "".join(c for c in short.casefold() if c.isalnum())
    return words or "".join(short.split())


def read_html(content: str) -> tuple[str, tuple[str, ...]]:
    """Return the plain text of a post's HTML, and the addresses of its links."""
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return "".join(reader.text), tuple(reader.links)


def aware(moment: Any) -> datetime:
    """Return a post's time as an aware datetime; Mastodon.py has read most of them already."""
    value = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _newer(page: Callable[[str | None], list[dict[str, Any]]], since: datetime) -> Iterator[dict[str, Any]]:
    """Yield the posts of a timeline back to `since`."""
    max_id: str | None = None
    for _page in range(PAGES):
        statuses = page(max_id)
        fresh = [status for status in statuses if aware(status["created_at"]) >= since]
        yield from fresh
        # The order is the server's, by id; a whole page of old posts is the end, one old post is not.
        if not fresh or str(statuses[-1]["id"]) == max_id:
            return
        max_id = str(statuses[-1]["id"])
    raise OutcomeUnknown(_("too many newer posts to search through"))


def _is_link(marker: str, text: str) -> bool:
    """Whether `marker` stands in `text` and does not only begin a longer one of our links."""
    place = text.find(marker)
    while place >= 0:
        after = text[place + len(marker) : place + len(marker) + 1]
        if not (after.isascii() and (after.isalnum() or after in "-_")) or not after:
            return True
        place = text.find(marker, place + 1)
    return False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p", "li"):
            self.text.append("\n")
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text.append(data)
