"""The mastodon connector keeps the contract on a real server of the API (snac2), which ignores Idempotency-Key."""

import os
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from promo.clock import monotonic
from promo.connector import AccessLost, Idempotency, OutcomeUnknown
from promo.testing.contract import ConnectorContract, Fault
from promo.testing.example import example_key, example_picture
from promo.testing.plugin import missing_server
from promo.testing.servers import Answer, closed_port, http_receiver, snac2_server
from promo.testing.suite import START
from promo_connectors.mastodon import MastodonConnector

BINARY = Path(os.environ.get("PROMO_SERVERS", ".servers")) / "snac2" / "usr" / "bin" / "snac"
POSTS = "/api/v1/statuses"
SECONDS = 10.0

pytestmark = [pytest.mark.server("snac2"), pytest.mark.xdist_group("snac2")]


@pytest.fixture(scope="module")
def snac2(tmp_path_factory):
    binary = (Path(__file__).parents[2] / BINARY).resolve()
    if not binary.is_file():
        missing_server("snac2", "tests/servers/install-snac2.sh")
    with snac2_server(binary, tmp_path_factory.mktemp("snac2") / "data", users=("brand", "fan")) as server:
        yield server


class TestMastodonOnSnac2(ConnectorContract):
    connector = MastodonConnector
    capabilities = replace(MastodonConnector.capabilities, idempotency=Idempotency.LOOKUP, idempotency_window=None)
    secrets: ClassVar = {"MASTODON_TOKEN": "filled in by the fixture"}

    @pytest.fixture(autouse=True)
    def _server(self, snac2, _stage, monkeypatch):
        self.snac2 = snac2
        monkeypatch.setattr(type(self), "secrets", {"MASTODON_TOKEN": snac2.tokens["brand"]})
        monkeypatch.setenv("MASTODON_TOKEN", snac2.tokens["brand"])
        # A proxy in front of the real server: it can break connections after the real work was done.
        with ExitStack() as self.stack:
            self.proxy = self.stack.enter_context(http_receiver(forward=snac2.url, dedupe=False))
            self.url = self.proxy.url
            self.texts = {}
            self.before = {post["uri"] for post in self.own_posts()}
            yield

    def settings(self):
        return {
            "api_base_url": self.url,
            "access_token": {"env": "MASTODON_TOKEN"},
            "idempotency": "lookup",
            "request_timeout": 10,
        }

    def request(self, key, **changes):
        link = f"https://promo.example/l/{example_key(self.url + key)[:12]}"
        tracked = {"text": f"距离开放日还有 12 天 {link}", "link": link, "target": "https://jinxiu.example/open-day"}
        request = super().request(self.url + key, **(changes if "text" in changes else tracked | changes))
        self.texts[request.key] = request.text
        return request

    def own_posts(self):
        """Everything of ours, private posts too, asked from the server itself."""
        posts = self.snac2.call("brand", "GET", "/api/v1/timelines/home", limit="100").json()
        return [post for post in posts if post["account"]["username"] == "brand"]

    def posts(self, key):
        return sum(post["uri"] not in self.before and post["text"] == self.texts.get(key) for post in self.own_posts())

    def traffic(self):
        return len(self.proxy.requests)

    def arm(self, fault):
        match fault:
            case Fault.LOST_ANSWER:
                self.proxy.queue(Answer(cut="after", method="POST", path=POSTS))
            case Fault.BUSY:
                self.proxy.queue(Answer(status=429, headers={"Retry-After": "7"}, method="POST", path=POSTS))
            case Fault.NO_ACCESS:
                os.environ["MASTODON_TOKEN"] = "revoked"
            case Fault.REFUSED:
                self.url = f"http://127.0.0.1:{self.stack.enter_context(closed_port())}"

    def stir(self, receipt):
        for action in ("favourite", "reblog"):
            self.snac2.call("fan", "POST", f"{POSTS}/{receipt.remote_id}/{action}")
        host = self.snac2.url.rpartition(":")[2]
        self.snac2.call("fan", "POST", POSTS, status=f"@brand@localhost:{host} 真好", in_reply_to_id=receipt.remote_id)
        until = monotonic() + SECONDS
        while monotonic() < until:
            post = self.read(receipt.remote_id)
            if post["favourites_count"] and post["reblogs_count"] and post["replies_count"]:
                return
            time.sleep(0.05)
        raise AssertionError("the server did not count within ten seconds")

    def read(self, remote_id):
        return self.snac2.call("brand", "GET", f"{POSTS}/{remote_id}").json()

    def again(self, request):
        return replace(request, attempt=2, first_attempt_at=START)

    def test_a_picture_arrives_with_its_alternative_text(self):
        picture = example_picture(self.tmp_path / "pictures")
        receipt = self.publish(self.request("picture", media=(picture,)))
        [media] = self.read(receipt.remote_id)["media_attachments"]
        assert media["description"] == picture.alt
        content = self.snac2.call("brand", "GET", urlsplit(media["url"]).path).content
        assert content == picture.path.read_bytes()

    def test_visibility_and_content_warning_arrive(self):
        options = {"visibility": "unlisted", "content_warning": "含食物图片", "sensitive": True}
        post = self.read(self.publish(self.request("options", options=options)).remote_id)
        assert (post["visibility"], post["spoiler_text"], post["sensitive"]) == ("unlisted", "含食物图片", True)

    def test_a_thread_is_a_chain_and_comes_down_whole(self):
        receipt = self.publish(self.request("thread", thread=("第二条", "第三条")))
        assert [self.read(part)["in_reply_to_id"] for part in receipt.parts] == [None, *receipt.parts[:2]]
        self.make().delete(receipt.remote_id)
        assert [post for post in self.own_posts() if post["uri"] not in self.before] == []
        self.make().delete(receipt.remote_id)

    def test_a_broken_thread_is_completed_not_begun_again(self):
        request = self.request("broken", thread=("第二条", "第三条"))
        self.proxy.queue(Answer(status=200, cut="after", method="POST", path=POSTS))
        with pytest.raises(OutcomeUnknown):
            self.publish(request)
        assert self.make().lookup(self.again(request)) is None
        receipt = self.publish(self.again(request))
        assert len(receipt.parts) == 3
        assert len([post for post in self.own_posts() if post["uri"] not in self.before]) == 3
        assert self.make().lookup(self.again(request)).parts == receipt.parts

    @pytest.mark.parametrize("visibility", ["private", "direct"])
    def test_a_post_for_few_is_found_again(self, visibility):
        request = self.request("few", options={"visibility": visibility})
        receipt = self.publish(request)
        assert self.make().lookup(self.again(request)).remote_id == receipt.remote_id

    @pytest.mark.parametrize("text", ["*粗* `x` :-) <b>&amp;", "- 一\n- 二\n> 引文", "🌸🌸"])
    def test_a_post_is_found_by_its_words_whatever_the_server_made_of_them(self, text):
        text = f"{text} {self.url[-5:]}"
        request = self.request("words", text=text)
        receipt = self.publish(request)
        assert self.make().lookup(self.again(request)).remote_id == receipt.remote_id

    def test_a_boosted_post_can_still_be_read_and_taken_down(self):
        """snac2 gives a post a new id when it is boosted; the old one must go on working."""
        receipt = self.publish(self.request("boosted"))
        self.stir(receipt)
        assert {m.metric: m.value for m in self.make().collect(receipt)} == {"likes": 1, "shares": 1, "comments": 1}
        self.make().delete(receipt.remote_id)
        assert [post for post in self.own_posts() if post["uri"] not in self.before] == []

    def test_the_servers_own_limit_is_told(self):
        connector = self.make()
        handle = connector.check()
        assert connector.limits_for(handle).text.limit == 100_000
        assert "100000" in handle.note

    def test_a_wrong_token_is_lost_access_though_the_server_says_422(self):
        os.environ["MASTODON_TOKEN"] = "revoked"
        with pytest.raises(AccessLost):
            self.make().check()
