"""Mastodon.py behind one door: a session of our own, and its errors named for what happens next."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from promo.connector import (
    AccessLost,
    ChannelContext,
    ChannelError,
    Media,
    OutcomeUnknown,
    Rejected,
    TryAgain,
    _,
    causes,
    http_errors,
    new_session,
    raise_bare,
    raise_for_answer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from promo_connectors.mastodon.settings import MastodonSettings

Entity = dict[str, Any]  # as Mastodon.py returns it: a dictionary, its times already read
Result = TypeVar("Result")
POLL = timedelta(seconds=2)  # between two looks at a picture being processed


class _FreshConnections(HTTPAdapter):
    """Opens a connection for each call: a kept one may be dead already, and a post over it would be a lost answer."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.close()  # only what lies idle in the pool
        return super().send(request, *args, **kwargs)


class Client:
    """One account's API for the length of one call of the connector. Every method raises ChannelErrors only."""

    def __init__(self, settings: MastodonSettings, context: ChannelContext) -> None:
        from mastodon import Mastodon  # 10 MB that a daemon with nothing to post does not need

        self._settings = settings
        self._clock = context.clock
        self._last: requests.Response | None = None
        session = new_session()
        session.mount("https://", _FreshConnections())
        session.mount("http://", _FreshConnections())
        session.max_redirects = 0  # a redirected POST turns into a GET and carries the token elsewhere
        session.hooks["response"].append(self._remember)
        self._api = Mastodon(
            api_base_url=settings.api_base_url,
            ratelimit_method="throw",
            request_timeout=settings.request_timeout,
            version_check_mode="none",
            session=session,
            user_agent=str(session.headers["User-Agent"]),
        )
        self._api.access_token = settings.access_token.reveal()  # as an argument, it might be read as a file's name

    def _remember(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        self._last = response

    @property
    def server_ahead(self) -> timedelta | None:
        """How far the server's clock is ahead of ours, by its last answer (Date, RFC 9110); None: it did not tell."""
        date = self._last.headers.get("Date") if self._last is not None else None
        try:
            told = parsedate_to_datetime(date or "")
        except ValueError:
            return None
        return told.astimezone(UTC) - self._clock.now()

    def account(self) -> Entity:
        """Return the account the token belongs to."""
        found: Entity = self._call(_("the account"), self._api.account_verify_credentials, asking_who=True)
        return found

    def instance(self) -> Entity:
        """Return what the server says of itself."""
        what = _("the server's description")
        # Mastodon.py's own choice follows the version told, and snac2 tells 4.0.0 without having the second form.
        found: Entity = self._call(what, self._api.instance_v2, gone=True) or self._call(what, self._api.instance_v1)
        return found

    def post(self, text: str, **fields: Any) -> Entity:
        """Publish one post. Raises OutcomeUnknown where the answer is lost."""
        made: Entity = self._call(_("the post"), self._api.status_post, text, sending=True, **fields)
        return made

    def status(self, remote_id: str) -> Entity | None:
        """Return one post, or None when it is gone."""
        found: Entity | None = self._call(_("the post"), self._api.status, remote_id, gone=True)
        return found

    def thread_below(self, remote_id: str) -> list[Entity]:
        """Return the answers below one post, or none when it is gone."""
        found = self._call(_("the thread"), self._api.status_context, remote_id, gone=True)
        return list(found["descendants"]) if found else []

    def delete(self, remote_id: str) -> None:
        """Take one post down; one that is gone is no error."""
        self._call(_("taking the post down"), self._api.status_delete, remote_id, gone=True)

    def own_posts(self, account_id: str, max_id: str | None) -> list[Entity]:
        """Return up to 40 of the account's posts, answers included, newest first, older than `max_id`."""
        found: list[Entity] = self._call(
            _("the account's posts"),
            self._api.account_statuses,
            account_id,
            exclude_reblogs=True,
            max_id=max_id,
            limit=40,
        )
        return found

    def home(self, max_id: str | None) -> list[Entity]:
        """Return up to 40 posts of the home timeline, newest first, older than `max_id`."""
        found: list[Entity] = self._call(_("the home timeline"), self._api.timeline_home, max_id=max_id, limit=40)
        return found

    def upload(self, medium: Media) -> str:
        """Upload a picture or video with its alternative text, wait until it is processed, return its id.

        Nobody sees an upload before it is posted, so any failure here means that nothing was sent.
        """
        try:
            content = medium.path.read_bytes()
        except OSError as error:
            raise Rejected(_("{file} cannot be read: {reason}", file=medium.path.name, reason=error.strerror)) from None
        uploaded = self._call(
            _("the upload"),
            self._api.media_post,
            content,
            mime_type=medium.mime,
            description=medium.alt or None,
            file_name=medium.file_name,
        )
        until = self._clock.now() + timedelta(seconds=self._settings.media_timeout)
        while uploaded.get("url") is None:
            if self._clock.now() >= until:
                raise TryAgain(_("the server is still processing {file}", file=medium.path.name))
            self._clock.wait(self._clock.now() + POLL, threading.Event())
            uploaded = self._call(_("the upload"), self._api.media, uploaded["id"])
        return str(uploaded["id"])

    def _call(
        self,
        what: str,
        method: Callable[..., Result],
        *args: Any,
        sending: bool = False,
        gone: bool = False,
        asking_who: bool = False,
        **fields: Any,
    ) -> Any:
        self._last = None
        try:
            return method(*args, **fields)
        except Exception as error:  # noqa: BLE001 - it casts a foreign server's JSON, and may stumble in any way
            if gone and self._last is not None and self._last.status_code == 404:
                return None
            if asking_who and self._last is not None and self._last.status_code == 422:
                raise_bare(AccessLost(_("{what}: the access token is not valid", what=what)))  # snac2's answer for it
            raise_bare(self._named(error, what, sending=sending))

    def _named(self, error: Exception, what: str, *, sending: bool) -> ChannelError:
        """Name an error by the answer that came, not by Mastodon.py's class: a 2xx it cannot read was a success."""
        from mastodon import MastodonNetworkError

        answer = self._last
        if isinstance(error, MastodonNetworkError) and answer is not None and not answer.is_redirect:
            answer = None  # it began, and broke off
        try:
            if answer is None:
                with http_errors(what, sending=sending):
                    raise _lowest(error)
            elif answer.is_redirect:
                return AccessLost(
                    _("{what}: the server sends us to another address", what=what), hint=_("mend api_base_url")
                )
            else:
                raise_for_answer(answer, now=self._clock.now(), what=what, sending=sending)
        except TryAgain as named:
            return TryAgain(named.message, wait=named.wait if named.wait is not None else self._reset())
        except ChannelError as named:
            words = _words(answer) if isinstance(named, Rejected) else ""
            return type(named)(f"{named.message}: {words}" if words else named.message, hint=named.hint)
        lost = OutcomeUnknown if sending else TryAgain
        return lost(_("{what}: the answer could not be read", what=what))

    def _reset(self) -> timedelta | None:
        """Read X-RateLimit-Reset (Mastodon's rate limits, 2026-07-02): a date, or on some servers Unix seconds."""
        value = self._last.headers.get("X-RateLimit-Reset", "") if self._last is not None else ""
        try:
            moment = datetime.fromtimestamp(int(value), UTC) if value.isdigit() else datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            return None
        return max(timedelta(0), moment - self._clock.now() - (self.server_ahead or timedelta(0)))


def _lowest(error: Exception) -> requests.RequestException:
    """Return requests' own error from below Mastodon.py's wrapping."""
    from mastodon import MastodonNetworkError

    for cause in causes(error):
        if isinstance(cause, requests.RequestException):
            return cause
    kind = requests.ConnectionError if isinstance(error, MastodonNetworkError) else requests.RequestException
    return kind()


def _words(answer: requests.Response | None) -> str:
    """Return the server's own reason for refusing a post."""
    try:
        told = answer.json()["error"] if answer is not None else ""
    except (ValueError, KeyError, TypeError):
        return ""
    return " ".join(str(told).split())[:200]
