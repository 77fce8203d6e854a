"""The HTTP helpers name each failure rightly, on real sockets."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from promo.connector import (
    AccessLost,
    OutcomeUnknown,
    Rejected,
    TryAgain,
    causes,
    http_errors,
    new_session,
    raise_for_answer,
    retry_after,
)
from promo.testing.servers import Answer, closed_port, http_receiver, make_certificate

NOW = datetime(2027, 3, 22, 1, 30, tzinfo=UTC)
TOKEN = "tok-5ecret-in-url"


@pytest.fixture
def receiver():
    with http_receiver() as running:
        yield running


def post(url, *, sending=True, timeout=(2, 2), headers=None, **options):
    with new_session() as session, http_errors("test", sending=sending):
        return session.post(
            f"{url}/{TOKEN}", json={"a": 1}, timeout=timeout, allow_redirects=False, headers=headers, **options
        )


def failure(error, url, **options):
    with pytest.raises(error) as caught:
        post(url, **options)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert not any(TOKEN in repr(cause) for cause in causes(caught.value))
    return caught.value


def test_a_refused_connection_sent_nothing():
    with closed_port() as port:
        failure(TryAgain, f"http://127.0.0.1:{port}")


def test_an_unknown_host_sent_nothing():
    failure(TryAgain, "http://no-such-host.invalid")


@pytest.mark.parametrize("cut", ["before", "after", "half", "chunk"])
def test_a_broken_connection_is_unknown(receiver, cut):
    receiver.queue(Answer(cut=cut, body="half an answer"))
    failure(OutcomeUnknown, receiver.url)
    receiver.queue(Answer(cut=cut, body="half an answer"))
    failure(TryAgain, receiver.url, sending=False)


def test_a_late_answer_is_unknown(receiver):
    receiver.queue(Answer(delay=0.6))
    failure(OutcomeUnknown, receiver.url, timeout=(2, 0.2))
    assert len(receiver.accepted) == 1


def test_an_answer_whose_encoding_lies_is_unknown(receiver):
    receiver.queue(Answer(headers={"Content-Encoding": "gzip"}, body=b"no gzip"))
    failure(OutcomeUnknown, receiver.url)


def test_a_certificate_nobody_trusts_sent_nothing(tmp_path):
    with http_receiver(certificate=make_certificate(tmp_path)) as receiver:
        failure(TryAgain, receiver.url)
        assert receiver.requests == []


def test_a_certificate_for_another_name_sent_nothing(tmp_path):
    certificate = make_certificate(tmp_path, host="other.example")
    with http_receiver(certificate=certificate) as receiver:
        failure(TryAgain, receiver.url.replace("127.0.0.1", "localhost"), verify=str(certificate.file))
        assert receiver.requests == []


def test_a_trusted_certificate_works(tmp_path):
    certificate = make_certificate(tmp_path)
    with http_receiver(certificate=certificate) as receiver:
        assert post(receiver.url, verify=str(certificate.file)).status_code == 200


def test_https_where_plain_http_is_spoken_sent_nothing(receiver):
    failure(TryAgain, receiver.url.replace("http:", "https:"))
    assert receiver.accepted == []


def test_an_answer_broken_inside_tls_is_unknown(tmp_path):
    certificate = make_certificate(tmp_path)
    with http_receiver(certificate=certificate) as receiver:
        receiver.queue(Answer(cut="after"))
        failure(OutcomeUnknown, receiver.url, verify=str(certificate.file))


@pytest.mark.parametrize("url", ["", "no-scheme", "ftp://host.example", "http://", "http://[bad"])
def test_a_bad_address_is_rejected(url):
    failure(Rejected, url)


@pytest.mark.parametrize("value", ["a\r\nb: c", "令牌"])
def test_a_setting_no_header_can_hold_is_rejected(receiver, value):
    failure(Rejected, receiver.url, headers={"Authorization": value})
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("status", "headers", "sending", "error"),
    [
        (302, {"Location": "/elsewhere"}, True, Rejected),
        (400, {}, True, Rejected),
        (401, {}, True, AccessLost),
        (403, {}, True, AccessLost),
        (404, {}, True, Rejected),
        (408, {}, True, TryAgain),
        (413, {}, True, Rejected),
        (429, {}, True, TryAgain),
        (500, {}, True, OutcomeUnknown),
        (500, {}, False, TryAgain),
        (502, {}, True, OutcomeUnknown),
        (503, {}, True, OutcomeUnknown),
        (503, {"Retry-After": "5"}, True, TryAgain),
        (504, {}, True, OutcomeUnknown),
    ],
)
def test_each_status_names_what_happens_next(receiver, status, headers, sending, error):
    receiver.queue(Answer(status=status, headers=headers))
    response = post(receiver.url)
    with pytest.raises(error, match=str(status)):
        raise_for_answer(response, now=NOW, what="test", sending=sending)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_passes(receiver, status):
    receiver.queue(Answer(status=status))
    raise_for_answer(post(receiver.url), now=NOW, what="test")


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta(0)),
        ("Mon, 22 Mar 2027 01:31:00 GMT", timedelta(minutes=1)),
        ("Mon, 22 Mar 2027 01:00:00 GMT", timedelta(0)),
        ("Mon, 22 Mar 2027 01:31:00", timedelta(minutes=1)),
        ("-7", None),
        ("soon", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_retry_after_is_read(value, wait):
    response = requests.Response()
    response.headers["Retry-After"] = value
    assert retry_after(response, NOW) == wait


def test_the_session_ignores_the_environment(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert post(receiver.url).status_code == 200
