"""The Mastodon connector: posts, threads, first comments, and their counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Measurement,
    MediaLimit,
    OutcomeUnknown,
    PublishRequest,
    RateLimit,
    Receipt,
    Rejected,
    TextLimit,
    TryAgain,
    _,
    count_text,
    enforce_limits,
    raise_bare,
)
from promo_connectors.mastodon.client import Client
from promo_connectors.mastodon.find import Found, answers, find_parts
from promo_connectors.mastodon.settings import MastodonSettings, PostOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK_COST = 23
COUNTS = {"likes": "favourites_count", "shares": "reblogs_count", "comments": "replies_count"}


class MastodonConnector(Connector[MastodonSettings]):
    """One account on Mastodon, or on a server that speaks its API. Sources of the figures: README.md."""

    name = "mastodon"
    title = "Posts and threads on Mastodon and compatible servers"
    title_zh = "长毛象（Mastodon）及兼容服务器：帖文与串文"
    Settings = MastodonSettings
    capabilities = Capabilities(
        text=TextLimit(limit=500, link_cost=LINK_COST),
        images=MediaLimit(
            count=4,
            max_bytes=16_777_216,
            max_pixels=33_177_600,
            types=("image/jpeg", "image/png", "image/gif", "image/webp"),
            alt_text=1500,
        ),
        videos=MediaLimit(
            count=1, max_bytes=103_809_024, types=("video/mp4", "video/webm", "video/quicktime"), alt_text=1500
        ),
        thread=25,
        first_comment=True,
        idempotency=Idempotency.KEY,
        idempotency_window=timedelta(hours=1),
        lookup=Ability.YES,
        delete=Ability.YES,
        edit=Ability.NOT_BUILT,
        metrics=tuple(COUNTS),
        rate=RateLimit(calls=30, per=timedelta(minutes=30)),
        visual_format="landscape",
    )

    def limits(self) -> Capabilities:
        """Return the limits with this server's text length and its way of settling a lost answer."""
        return self._limits(self.settings.max_characters, LINK_COST)

    def limits_for(self, handle: Handle) -> Capabilities:
        """Return the limits with the text length and link cost the server told `check`."""
        told = handle.detail
        return self._limits(
            told.get("max_characters", self.settings.max_characters), told.get("characters_reserved_per_url", LINK_COST)
        )

    def _limits(self, characters: int, link_cost: int) -> Capabilities:
        by_key = self.settings.idempotency == "key"
        return replace(
            self.capabilities,
            text=TextLimit(limit=characters, link_cost=link_cost),
            idempotency=Idempotency.KEY if by_key else Idempotency.LOOKUP,
            idempotency_window=self.capabilities.idempotency_window if by_key else None,
        )

    def check(self) -> Handle:
        """Ask who the token belongs to and what the server allows. Raises AccessLost, TryAgain."""
        client = Client(self.settings, self.context)
        account = client.account()
        told = client.instance().get("configuration", {}).get("statuses", {})
        detail = {
            name: told[name]
            for name in ("max_characters", "characters_reserved_per_url")
            if isinstance(told.get(name), int)
        }
        longest = detail.get("max_characters")
        note = ""
        if longest is not None and longest != self.settings.max_characters:
            note = _("the server takes {limit} characters: max_characters may say so", limit=longest)
        return Handle(
            account=f"@{account['acct']} ({self.settings.api_base_url})",
            url=account.get("url"),
            note=note,
            detail=detail,
        )

    def publish(self, request: PublishRequest) -> Receipt:
        """Publish the post or thread. A retry first looks which parts are there, and goes on after them."""
        options = self._options(request)
        visibility = options.visibility or self.settings.visibility
        self._enforce(request, options)
        client = Client(self.settings, self.context)
        parts = list(self._found(client, request, visibility)) if request.attempt > 1 else []
        fields: dict[str, Any] = {
            "visibility": visibility,
            "spoiler_text": options.content_warning or None,
            "sensitive": options.sensitive,
            "language": options.language or self.settings.language or request.language,
        }
        answered = request.reply_to.remote_id if request.reply_to is not None else None
        texts = (request.text, *request.thread)
        for number in range(len(parts), len(texts)):
            try:
                status = client.post(
                    texts[number],
                    in_reply_to_id=parts[-1].id if parts else answered,
                    media_ids=[client.upload(medium) for medium in request.media] if number == 0 else None,
                    idempotency_key=f"{request.key}-{number}" if number else request.key,
                    **fields,
                )
                parts.append(_posted(status))
            except (TryAgain, OutcomeUnknown, Rejected) as error:
                if not parts:
                    raise
                # Part of the thread is out, so “nothing was sent” would be wrong; the retry goes on after it.
                kind = Rejected if isinstance(error, Rejected) else OutcomeUnknown
                reason = _(
                    "{done} of {total} posts of the thread are out ({url}): {reason}",
                    done=len(parts),
                    total=len(texts),
                    url=parts[0].url,
                    reason=error.message,
                )
                raise_bare(kind(reason, hint=error.hint))
        return _receipt(parts)

    def lookup(self, request: PublishRequest) -> Receipt | None:
        """Find the post among the account's own; a thread only where all of it is there."""
        visibility = self._options(request).visibility or self.settings.visibility
        parts = self._found(Client(self.settings, self.context), request, visibility)
        return _receipt(list(parts)) if len(parts) == 1 + len(request.thread) else None

    def collect(self, receipt: Receipt) -> Iterator[Measurement]:
        """Yield favourites, boosts and answers, summed over a thread's posts, the account's own answers left out."""
        client = Client(self.settings, self.context)
        parts = receipt.parts or (receipt.remote_id,)
        statuses = [status for status in map(client.status, parts) if status is not None]
        if not statuses:
            return
        for metric, field in COUNTS.items():
            value = sum(int(status.get(field) or 0) for status in statuses)
            if metric == "comments" and value:
                value = max(0, value - _own_answers(client, statuses))
            yield Measurement(metric=metric, value=value, at=self.context.clock.now())

    def delete(self, remote_id: str) -> None:
        """Take a post and the account's own answers chained to it down, the last first."""
        client = Client(self.settings, self.context)
        me = str(client.account()["id"])
        below = [status for status in client.thread_below(remote_id) if str(status["account"]["id"]) == me]
        chain = [remote_id]
        for status in below:
            if any(answers(status, part) for part in chain):
                chain.append(str(status["id"]))
        for part in reversed(chain):
            client.delete(part)

    def _found(self, client: Client, request: PublishRequest, visibility: str) -> tuple[Found, ...]:
        try:
            return find_parts(client, request, visibility=visibility, now=self.context.clock.now())
        except (AttributeError, KeyError, TypeError, ValueError):  # no Mastodon's JSON
            raise_bare(OutcomeUnknown(_("the account's posts: the answer could not be read")))

    def _options(self, request: PublishRequest) -> PostOptions:
        try:
            return PostOptions.model_validate(dict(request.options))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Rejected(
                _("option {name}: {reason}", name=".".join(map(str, first["loc"])), reason=first["msg"]),
                hint=", ".join(PostOptions.model_fields),
            ) from None

    def _enforce(self, request: PublishRequest, options: PostOptions) -> None:
        limits = self.limits()
        enforce_limits(request, limits)
        limit = limits.text
        if options.content_warning and limit is not None:  # Mastodon counts the warning with the text
            for text in (request.text, *request.thread):
                length = count_text(text, limit) + len(options.content_warning)
                if length > limit.limit:
                    raise Rejected(
                        _("text and content warning count {length}, {limit} allowed", length=length, limit=limit.limit)
                    )
        kinds = {medium.mime.partition("/")[0] for medium in request.media}
        if len(kinds) > 1:
            raise Rejected(_("pictures and a video cannot share one post"))
        if not request.text.strip() and not request.media:
            raise Rejected(_("the post is empty"))


def _own_answers(client: Client, statuses: list[dict[str, Any]]) -> int:
    """Count the account's own direct answers: the thread's later posts and its first comment."""
    me, parts = str(statuses[0]["account"]["id"]), {str(status["id"]) for status in statuses}
    below = client.thread_below(str(statuses[0]["id"]))
    return sum(str(post["account"]["id"]) == me and str(post["in_reply_to_id"]) in parts for post in below)


def _posted(status: Any) -> Found:
    try:
        return Found.of(status)
    except (AttributeError, KeyError, TypeError, ValueError):  # it said yes, and not what it made
        raise_bare(OutcomeUnknown(_("the post: the answer could not be read")))


def _receipt(parts: list[Found]) -> Receipt:
    first = parts[0]
    return Receipt(remote_id=first.id, url=first.url, at=first.at, parts=tuple(part.id for part in parts))
