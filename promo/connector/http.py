"""HTTP for connectors: one session shape, and one mapping of its failures to the error tree."""

from __future__ import annotations

import email.utils
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import requests

from promo.errors import AccessLost, OutcomeUnknown, Rejected, TryAgain
from promo.language import _

TIMEOUT = (10.0, 30.0)  # seconds: to connect, and between two bytes of the answer


def new_session() -> requests.Session:
    """Return a session that never retries on its own and ignores netrc: retries belong to the ledger."""
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = "promo/0.1"
    return session


def retry_after(response: requests.Response, now: datetime) -> timedelta | None:
    """Read Retry-After (RFC 9110, section 10.2.3): seconds or a date. None when absent or unreadable."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return timedelta(seconds=int(value))
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(timedelta(0), moment - now)


def raise_for_answer(response: requests.Response, *, now: datetime, what: str, sending: bool = True) -> None:
    """Turn an HTTP error status into the error that says what to do next. 2xx and 3xx pass.

    `sending` is False for requests that publish nothing: then a server's error is only a try again.
    """
    status = response.status_code
    if status < 400:
        return
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

    The cause is cut off (`from None`): it can hold the URL and headers, and so a secret.
    """
    try:
        yield
    except requests.exceptions.ConnectTimeout:
        raise TryAgain(_("{what}: the server did not answer the call", what=what)) from None
    except requests.exceptions.SSLError:
        raise TryAgain(_("{what}: the server's certificate is not trusted", what=what)) from None
    except requests.exceptions.ConnectionError as error:
        if never_connected(error):
            raise TryAgain(_("{what}: the server cannot be reached", what=what)) from None
        if sending:
            raise OutcomeUnknown(_("{what}: the connection broke before the answer", what=what)) from None
        raise TryAgain(_("{what}: the connection broke before the answer", what=what)) from None
    except requests.exceptions.Timeout:
        if sending:
            raise OutcomeUnknown(_("{what}: no answer in time", what=what)) from None
        raise TryAgain(_("{what}: no answer in time", what=what)) from None
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
        raise Rejected(_("{what}: the address in the settings is not a web address", what=what)) from None
    except requests.exceptions.RequestException:
        if sending:
            raise OutcomeUnknown(_("{what}: the answer could not be read", what=what)) from None
        raise TryAgain(_("{what}: the answer could not be read", what=what)) from None


def never_connected(error: BaseException) -> bool:
    """Whether the chain of causes shows that no connection was ever made, so that nothing was sent."""
    from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

    seen: list[BaseException] = [error]
    while seen:
        current = seen.pop()
        if isinstance(current, (NewConnectionError, NameResolutionError)):
            return True
        if isinstance(current, MaxRetryError) and current.reason is not None:
            seen.append(current.reason)
        seen.extend(a for a in current.args if isinstance(a, BaseException))
        seen.extend(c for c in (current.__cause__, current.__context__) if c is not None and c is not current)
        if len(seen) > 50:
            return False
    return False
