"""The webhook connector keeps the contract against a real receiver, and signs as the specification says."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from email.parser import BytesParser
from typing import ClassVar

import pytest

from promo.connector import AccessLost, Idempotency, Rejected, TryAgain
from promo.testing.contract import ConnectorContract, Fault
from promo.testing.example import example_picture
from promo.testing.servers import Answer, closed_port, http_receiver
from promo_connectors.webhook import SignatureWrong, WebhookConnector, sign, verify

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
FAULTS = {
    Fault.LOST_ANSWER: Answer(cut="after"),
    Fault.BUSY: Answer(status=429, headers={"Retry-After": "7"}),
    Fault.NO_ACCESS: Answer(status=401),
}


class WebhookContract(ConnectorContract):
    connector = WebhookConnector
    secrets: ClassVar = {
        "HOOK_SECRET": SECRET,
        "HOOK_TOKEN": "bearer-5ecret",
        "HOOK_URL": "path-5ecret",
    }  # the URL's secret part
    dedupes = False

    @pytest.fixture(autouse=True)
    def _receiver(self, _stage, monkeypatch):
        with http_receiver(dedupe=self.dedupes) as self.server, closed_port() as self.closed:
            self.point_at(self.server.url, monkeypatch)
            self.monkeypatch = monkeypatch
            yield

    def point_at(self, base, monkeypatch):
        monkeypatch.setenv("HOOK_URL", f"{base}/hooks/path-5ecret")

    def settings(self):
        return {
            "url": {"env": "HOOK_URL"},
            "secret": {"env": "HOOK_SECRET"},
            "token": {"env": "HOOK_TOKEN"},
            "receiver_dedupes": self.dedupes,
        }

    def posts(self, key):
        return self.server.count(key)

    def traffic(self):
        return len(self.server.requests)

    def arm(self, fault):
        if fault is Fault.REFUSED:
            self.point_at(f"http://127.0.0.1:{self.closed}", self.monkeypatch)
        else:
            self.server.queue(FAULTS[fault])


class TestWebhook(WebhookContract):
    """A receiver that takes every request for a new one."""

    def test_the_body_is_what_was_signed(self):
        request = self.request("signed", media=(example_picture(self.tmp_path / "pictures"),))
        self.publish(request)
        [received] = self.server.accepted
        assert verify(received.headers, received.body, secret=SECRET, now=self.clock.now()) == request.key
        assert received.headers["idempotency-key"] == request.key
        assert received.headers["authorization"] == "Bearer bearer-5ecret"
        event = received.json()
        assert (event["type"], event["timestamp"]) == ("delivery.publish", "2027-03-22T01:30:00Z")
        [picture] = event["data"]["media"]
        assert base64.b64decode(picture["content"]) == request.media[0].path.read_bytes()
        assert event["data"]["text"] == request.text
        assert str(self.tmp_path) not in received.body.decode()

    def test_multipart_carries_the_pictures_as_files(self):
        picture = example_picture(self.tmp_path / "pictures")
        settings = {**self.settings(), "pictures": "multipart"}
        self.settings = lambda: settings
        request = self.request("multipart", media=(picture,), attachments=(picture,))
        self.publish(request)
        [received] = self.server.accepted
        verify(received.headers, received.body, secret=SECRET, now=self.clock.now())
        head = f"Content-Type: {received.headers['content-type']}\r\n\r\n".encode()
        payload, file, attachment = BytesParser().parsebytes(head + received.body).get_payload()
        assert json.loads(payload.get_payload(decode=True))["data"]["key"] == request.key
        assert file.get_payload(decode=True) == picture.path.read_bytes()
        assert file.get_content_type() == "image/png"
        assert attachment.get_param("name", header="Content-Disposition") == "attachments"

    def test_a_redirect_is_refused_and_not_followed(self):
        self.server.queue(Answer(status=302, headers={"Location": f"{self.server.url}/elsewhere"}))
        with pytest.raises(Rejected, match="302"):
            self.publish(self.request("moved"))
        assert [r.path for r in self.server.requests] == ["/hooks/path-5ecret"]

    def test_a_receiver_that_is_gone_pauses_the_channel(self):
        self.server.queue(Answer(status=410))
        with pytest.raises(AccessLost):
            self.publish(self.request("gone"))

    def test_the_receivers_answer_may_tell_the_address(self):
        self.server.queue(Answer(body={"url": "https://jinxiu.example/posts/7"}))
        assert self.publish(self.request("told")).url == "https://jinxiu.example/posts/7"

    @pytest.mark.parametrize("body", [b"", b"[1]", b'{"url": 7}', b'{"url": "javascript:alert(1)"}', b"\xff"])
    def test_other_answers_tell_none(self, body):
        self.server.queue(Answer(body=body))
        assert self.publish(self.request("untold")).url is None

    @pytest.mark.parametrize("url", ["http://hook.example/", "ftp://hook.example/", "hook", "http://[::1", "https://"])
    def test_unsafe_addresses_are_refused_unsent(self, url, monkeypatch):
        monkeypatch.setenv("HOOK_URL", url)
        self.assert_refused_unsent(self.request("unsafe"))

    @pytest.mark.parametrize("secret", ["short", "whsec_", "whsec_####", "whsec_c2hvcnQ="])
    def test_a_malformed_secret_pauses_the_channel_unsent(self, secret, monkeypatch):
        monkeypatch.setenv("HOOK_SECRET", secret)
        self.assert_refused_unsent(self.request("malformed"), AccessLost)


class TestWebhookDeduped(WebhookContract):
    """A receiver that drops repeats."""

    capabilities = replace(WebhookConnector.capabilities, idempotency=Idempotency.KEY)
    dedupes = True

    def test_a_conflict_means_the_earlier_try_is_under_way(self):
        self.server.queue(Answer(status=409))
        with pytest.raises(TryAgain):
            self.publish(self.request("conflict"))


def test_the_specifications_own_example():
    """The values of the reference libraries' test, Standard Webhooks 1.0.0."""
    signature = sign(
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


class TestVerify:
    BODY = b'{"a": 1}'

    def headers(self, now, body=BODY):
        stamp = int(now.timestamp())
        return {
            "Webhook-Id": "k1",
            "Webhook-Timestamp": str(stamp),
            "Webhook-Signature": "v1,other " + sign(id="k1", timestamp=stamp, body=body, secret=SECRET),
        }

    def test_one_good_signature_among_several_will_do(self, now):
        assert verify(self.headers(now), self.BODY, secret=SECRET, now=now) == "k1"

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_old_and_future_requests_are_refused(self, now, minutes):
        with pytest.raises(SignatureWrong):
            verify(self.headers(now), self.BODY, secret=SECRET, now=now + timedelta(minutes=minutes))

    def test_changed_bodies_are_refused(self, now):
        with pytest.raises(SignatureWrong):
            verify(self.headers(now), b'{"a": 2}', secret=SECRET, now=now)

    @pytest.mark.parametrize("missing", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
    def test_missing_headers_are_refused(self, now, missing):
        headers = self.headers(now)
        del headers[missing]
        with pytest.raises(SignatureWrong):
            verify(headers, self.BODY, secret=SECRET, now=now)
