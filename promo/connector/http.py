"""HTTP for connectors: one session shape, and one mapping of its failures to the error tree."""

from __future__ import annotations

import email.utils
import ipaddress
import logging
import ssl
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from promo.connector.cause import causes, raise_bare
from promo.errors import AccessLost, ChannelError, OutcomeUnknown, Rejected, TryAgain
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    Watch = Callable[[requests.PreparedRequest], AbstractContextManager[Callable[[int], None]]]

TIMEOUT = (10.0, 30.0)  # seconds: to connect, and between two bytes of the answer


def _unwatched(_request: requests.PreparedRequest) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda _status: None)


_watch: list[Watch] = [_unwatched]  # who stands around each call of this process; traces do


def watch_calls(watch: Watch | None) -> None:
    """Have `watch` stand around every call that a session of ours makes, and hear its status; None: nobody."""
    _watch[0] = watch or _unwatched


class _Session(requests.Session):
    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        with _watch[0](request) as answered:
            response = super().send(request, **options)
            answered(response.status_code)
        return response


def new_session() -> requests.Session:
    """Return a session that never retries on its own and ignores netrc and proxies: retries belong to the ledger.

    urllib3's own log loses its words in this process, whoever listens: it writes whole addresses, and an address can
    hold a token.
    """
    for name in ("urllib3.connection", "urllib3.connectionpool"):
        logging.getLogger(name).addFilter(_without_words)
    session = _Session()
    session.trust_env = False
    session.headers["User-Agent"] = "promo/0.1"
    return session


def _without_words(record: logging.LogRecord) -> bool:
    record.msg, record.args, record.exc_info = "…", (), None
    return True


def check_address(url: str, *, what: str, allow_http: bool = False) -> SplitResult:
    """Return the parts of a web address fit to send secrets to. Raises Rejected for others.

    That is https, or http to this very machine; `allow_http` lets http go further, as inside one's own network.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise_bare(Rejected(_("{what}: the address in the settings is not a web address", what=what)))
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise Rejected(
            _("{what}: the address is not encrypted", what=what),
            hint=_("use https://, or set allow_http: true inside your own network"),
        )
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def retry_after(response: requests.Response, now: datetime) -> timedelta | None:
    """Read Retry-After (RFC 9110, section 10.2.3): seconds or a date. None when absent or unreadable."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=int(value))
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(timedelta(0), moment - now)


def raise_for_answer(response: requests.Response, *, now: datetime, what: str, sending: bool = True) -> None:
    """Turn an HTTP status that is no success into the error that says what to do next. 2xx and 304 pass.

    `sending` is False for requests that publish nothing: then a server's error is only a try again.
    Send with `allow_redirects=False`: following a redirect, requests turns a POST into a GET.
    """
    status = response.status_code
    if status < 300 or status == 304:
        return
    if status < 400:
        raise Rejected(
            _("{what}: the server answered {status}", what=what, status=status),
            hint=_("the address has moved; correct it in the settings"),
        )
    detail = _("{what}: the server answered {status}", what=what, status=status)
    if status in (401, 403):
        raise AccessLost(detail)
    wait = retry_after(response, now)
    # A bare 503 may come from a proxy whose back end did the work; one that names a wait refused it knowingly.
    if status in (408, 425, 429) or (status == 503 and wait is not None):
        raise TryAgain(detail, wait=wait)
    if status >= 500:
        if sending:
            raise OutcomeUnknown(detail)
        raise TryAgain(detail, wait=wait)
    raise Rejected(detail)


@contextmanager
def http_errors(what: str, *, sending: bool = True) -> Iterator[None]:
    """Map requests' exceptions: a refused connection sent nothing; a lost answer is unknown.

    `sending` is False for requests that publish nothing: then every failure is only a try again.
    Only the call itself belongs inside: any OSError there is taken for one of the network's.
    The cause is cut off: it can hold the URL and headers, and so a secret.
    """
    try:
        yield
    # requests lets some errors of the layers below it through; RequestException itself is an OSError.
    except (OSError, HTTPError, HTTPException) as error:
        raise_bare(_named(error, what, sending=sending))
    except UnicodeError:
        raise_bare(Rejected(_("{what}: a setting holds a character that no header may hold", what=what)))


def _named(error: Exception, what: str, *, sending: bool) -> ChannelError:
    lost = OutcomeUnknown if sending else TryAgain
    match error:
        case requests.exceptions.ConnectTimeout():
            return TryAgain(_("{what}: the server did not answer the call", what=what))
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.MissingSchema() | requests.exceptions.InvalidSchema()
        ):
            return Rejected(_("{what}: the address in the settings is not a web address", what=what))
        case requests.exceptions.InvalidHeader():
            return Rejected(_("{what}: a setting holds a character that no header may hold", what=what))
        case requests.exceptions.SSLError() if never_trusted(error):
            return TryAgain(_("{what}: the server's certificate is not trusted", what=what))
        case requests.exceptions.ConnectionError() if never_connected(error):
            return TryAgain(_("{what}: the server cannot be reached", what=what))
        case requests.exceptions.Timeout():
            return lost(_("{what}: no answer in time", what=what))
        case requests.exceptions.ConnectionError():
            return lost(_("{what}: the connection broke before the answer", what=what))
        case _:
            return lost(_("{what}: the answer could not be read", what=what))


def never_trusted(error: BaseException) -> bool:
    """Whether TLS failed while the two sides shook hands: a certificate refused, or no TLS spoken there at all.

    A TLS failure later, in the middle of the answer, is a lost answer.
    """
    handshake = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "HANDSHAKE_FAILURE", "UNSUPPORTED_PROTOCOL")
    return any(
        isinstance(cause, ssl.SSLCertVerificationError)
        or (
            isinstance(cause, ssl.SSLError)
            and any(word in (getattr(cause, "reason", None) or "") for word in handshake)
        )
        or type(cause).__name__ == "CertificateError"
        for cause in causes(error)
    )


def never_connected(error: BaseException) -> bool:
    """Whether the chain of causes shows that no connection was ever made, so that nothing was sent."""
    return any(isinstance(cause, (NewConnectionError, NameResolutionError)) for cause in causes(error))
