"""The mastodon connector keeps the contract against a scriptable stand-in, with a server that honours keys or not."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from pydantic import ValidationError

from promo.clock import SystemClock
from promo.connector import AccessLost, Idempotency, OutcomeUnknown, Receipt, Rejected, TryAgain
from promo.testing.contract import ConnectorContract, Fault
from promo.testing.example import example_key, example_picture
from promo.testing.servers import Answer, closed_port, mastodon_server
from promo.testing.suite import START
from promo_connectors.mastodon import MastodonConnector, MastodonSettings

POSTS = "/api/v1/statuses"


class TestMastodon(ConnectorContract):
    connector = MastodonConnector
    secrets: ClassVar = {"MASTODON_TOKEN": "UsX2Zx-example-token_9"}
    honours_key: ClassVar = True

    @pytest.fixture(autouse=True)
    def _server(self, _stage):
        with ExitStack() as self.stack:
            self.server = self.stack.enter_context(
                mastodon_server(token=self.secrets["MASTODON_TOKEN"], honours_key=self.honours_key)
            )
            self.url = self.server.url
            yield

    def settings(self):
        return {"api_base_url": self.url, "access_token": {"env": "MASTODON_TOKEN"}, "request_timeout": 5}

    def request(self, key, **changes):
        link = f"https://promo.example/l/{example_key(key)[:12]}"
        tracked = {"text": f"距离开放日还有 12 天 {link}", "link": link, "target": "https://jinxiu.example/open-day"}
        return super().request(key, **(changes if "text" in changes else tracked | changes))

    def posts(self, key):
        return len(self.server.with_key(key))

    def traffic(self):
        return len(self.server.receiver.requests)

    def arm(self, fault):
        match fault:
            case Fault.LOST_ANSWER:
                self.server.receiver.queue(Answer(cut="after", method="POST", path=POSTS))
            case Fault.BUSY:
                self.server.receiver.queue(Answer(status=429, headers={"Retry-After": "7"}, method="POST", path=POSTS))
            case Fault.NO_ACCESS:
                self.server.token = "revoked"
            case Fault.REFUSED:
                self.url = f"http://127.0.0.1:{self.stack.enter_context(closed_port())}"

    def stir(self, receipt):
        self.server.posts[receipt.remote_id].update(favourites_count=5, reblogs_count=3, replies_count=2)

    def again(self, request):
        return replace(request, attempt=2, first_attempt_at=START)

    def calls(self, method, path):
        return [r for r in self.server.receiver.requests if r.method == method and r.path.startswith(path)]

    # What a post carries

    def test_a_post_carries_what_its_options_say(self):
        options = {"visibility": "unlisted", "content_warning": "含食物图片", "sensitive": True, "language": "en"}
        picture = example_picture(self.tmp_path / "pictures")
        request = self.request("options", options=options, media=(picture,))
        receipt = self.publish(request)
        post = self.server.posts[receipt.remote_id]
        assert (post["visibility"], post["spoiler_text"], post["sensitive"]) == ("unlisted", "含食物图片", True)
        assert post["language"] == "en"
        assert [media["description"] for media in post["media_attachments"]] == ["社区庭院里的春花"]
        assert receipt.url == post["url"]
        assert abs(receipt.at - SystemClock().now()) < timedelta(minutes=1)

    def test_a_mistyped_option_publishes_nothing(self):
        for options in ({"visiblity": "private"}, {"visibility": "secret"}, {"language": "chinese"}):
            self.assert_refused_unsent(self.request("typo", options=options))

    def test_the_content_warning_counts_with_the_text(self):
        fits = self.request("fits", text="字" * 490, options={"content_warning": "注" * 10})
        self.assert_published(fits)
        self.assert_refused_unsent(self.request("too long", text="字" * 490, options={"content_warning": "注" * 11}))

    def test_a_video_does_not_share_a_post_with_pictures(self):
        picture = example_picture(self.tmp_path / "pictures")
        video = replace(example_picture(self.tmp_path / "pictures", "v"), mime="video/mp4", width=0, height=0)
        self.assert_published(self.request("video", media=(video,)))
        self.assert_refused_unsent(self.request("both", media=(picture, video)))

    def test_a_picture_is_waited_for(self):
        self.server.slow_media = 3
        picture = example_picture(self.tmp_path / "pictures")
        self.publish(self.request("slow", media=(picture,)))
        assert self.clock.now() - START == timedelta(seconds=6)
        self.server.slow_media = 1000
        with pytest.raises(TryAgain, match="processing"):
            self.publish(self.request("too slow", media=(picture,)))
        assert len(self.server.posts) == 1

    def test_a_failed_upload_is_try_again_whatever_the_status(self):
        picture = example_picture(self.tmp_path / "pictures")
        for answer in (Answer(status=500), Answer(cut="after")):
            self.server.receiver.queue(replace(answer, path="/api/v2/media", method="POST"))
            with pytest.raises(TryAgain):
                self.publish(self.request("upload", media=(picture,)))
        assert self.server.posts == {}

    # Threads

    def thread_of(self, receipt):
        return [self.server.posts[part] for part in receipt.parts]

    def test_a_thread_is_a_chain(self):
        picture = example_picture(self.tmp_path / "pictures")
        receipt = self.publish(self.request("thread", thread=("第二条", "第三条"), media=(picture,)))
        posts = self.thread_of(receipt)
        assert [post["in_reply_to_id"] for post in posts] == [None, posts[0]["id"], posts[1]["id"]]
        assert [len(post["media_attachments"]) for post in posts] == [1, 0, 0]
        assert len({key for key, _post in self.server.keys}) == 3

    @pytest.mark.parametrize("fault", [Answer(cut="after"), Answer(status=500), Answer(status=429)])
    def test_a_broken_thread_is_completed_not_begun_again(self, fault):
        request = self.request("broken", thread=("第二条", "第三条"))
        calls = []
        respond = self.server.receiver._respond

        def second_fails(received):
            if received.method == "POST" and received.path == POSTS:
                calls.append(received)
                if len(calls) == 1:
                    answer = respond(received)
                    self.server.receiver.queue(replace(fault, method="POST", path=POSTS))
                    return answer
            return respond(received)

        self.server.receiver._respond = second_fails
        with pytest.raises(OutcomeUnknown, match="1 of 3 posts"):
            self.publish(request)
        assert self.make().lookup(self.again(request)) is None
        receipt = self.publish(self.again(request))
        posts = self.thread_of(receipt)
        assert [post["in_reply_to_id"] for post in posts] == [None, posts[0]["id"], posts[1]["id"]]
        assert len(self.server.posts) == 3
        found = self.make().lookup(self.again(request))
        assert found.parts == receipt.parts

    def test_a_refused_part_names_what_is_out(self):
        request = self.request("refused part", thread=("第二条",))
        respond = self.server.receiver._respond

        def refuse_answers(received):
            if received.method == "POST" and b"in_reply_to_id" in received.body:
                return Answer(status=422, body={"error": "Validation failed: Text can't be blank"})
            return respond(received)

        self.server.receiver._respond = refuse_answers
        with pytest.raises(Rejected, match=r"1 of 2 posts.*social\.example/@brand.*can't be blank"):
            self.publish(request)

    def test_deleting_a_thread_leaves_others_answers(self):
        receipt = self.publish(self.request("thread", thread=("第二条", "第三条")))
        stranger = {"account": {"id": "99"}, "in_reply_to_id": receipt.parts[1], "id": "5000"}
        self.server.posts["5000"] = {**self.server.posts[receipt.parts[1]], **stranger}
        self.make().delete(receipt.remote_id)
        assert set(self.server.posts) == {"5000"}
        self.make().delete(receipt.remote_id)

    def test_the_counts_of_a_thread_are_summed_without_its_own_links(self):
        receipt = self.publish(self.request("thread", thread=("第二条",)))
        for part in receipt.parts:
            self.server.posts[part]["favourites_count"] = 4
        self.server.posts[receipt.parts[1]]["replies_count"] = 2
        counts = {m.metric: m.value for m in self.make().collect(receipt)}
        assert counts == {"likes": 8, "shares": 0, "comments": 2}

    def test_the_accounts_own_first_comment_is_no_answer(self):
        receipt = self.publish(self.request("post"))
        self.publish(self.request("first comment", reply_to=receipt))
        stranger = {"account": {"id": "99"}, "in_reply_to_id": receipt.remote_id, "id": "5000"}
        self.server.posts["5000"] = {**self.server.posts[receipt.remote_id], **stranger}
        self.server.posts[receipt.remote_id]["replies_count"] += 1
        counts = {m.metric: m.value for m in self.make().collect(receipt)}
        assert counts["comments"] == 1

    def test_a_post_that_is_gone_has_no_counts(self):
        assert list(self.make().collect(Receipt(remote_id="424242"))) == []

    # Finding a post again

    @pytest.mark.parametrize(
        "text",
        [
            "第一行\n第二行\n\n新段落 & <标签> \"引号\" 'x' 🌸👨\u200d👩\u200d👧",
            "报名\uff1ahttps://jinxiu.example/open-day?utm_source=mastodon&utm_medium=social\uff0c欢迎",
            "谢谢 @garden@other.example #锦绣开放日",
            "🌸🌸🌸",
            "*bold* `code` _x_ ~~y~~ :tada:",
        ],
    )
    def test_a_post_is_found_by_its_words(self, text):
        request = self.request("words", text=text)
        receipt = self.publish(request)
        self.publish(self.request("another", text=text + "二"))
        assert self.make().lookup(self.again(request)).remote_id == receipt.remote_id
        assert self.make().lookup(self.again(self.request("third", text=text + "三"))) is None

    def test_a_tracked_link_tells_two_posts_with_the_same_words_apart(self):
        def linked(name, token):
            link = f"https://promo.example/l/{token}"
            return self.request(name, text=f"开放日 {link}", link=link, target="https://jinxiu.example/")

        one, two, three = linked("one", "abcdef1234"), linked("two", "abcdef12345"), linked("three", "abcdef123")
        receipts = [self.publish(one), self.publish(two)]
        assert self.make().lookup(self.again(one)).remote_id == receipts[0].remote_id
        assert self.make().lookup(self.again(two)).remote_id == receipts[1].remote_id
        assert self.make().lookup(self.again(three)) is None

    def test_the_same_words_elsewhere_are_no_part_of_a_thread(self):
        stranger = self.publish(self.request("other conversation"))
        self.publish(self.request("answer there", text="第二条", reply_to=stranger))
        request = self.request("thread", text="第一条", thread=("第二条",))
        self.publish(replace(request, thread=()))
        assert self.make().lookup(self.again(request)) is None
        receipt = self.publish(self.again(request))
        assert self.server.posts[receipt.parts[1]]["in_reply_to_id"] == receipt.parts[0]
        assert len(self.server.posts) == 4

    def test_a_post_older_than_the_first_try_is_another_one(self):
        request = self.request("weekly")
        self.publish(request)
        later = replace(request, attempt=2, first_attempt_at=START + timedelta(hours=1))
        self.clock.move_to(START)
        assert self.make().lookup(later) is None

    def test_a_long_timeline_is_searched_page_by_page(self):
        request = self.request("deep")
        receipt = self.publish(request)
        post = self.server.posts[receipt.remote_id]
        for number in range(100):
            remote_id = str(900_000 + number)
            self.server.posts[remote_id] = {**post, "id": remote_id, "content": f"<p>later {number}</p>"}
        assert self.make().lookup(self.again(request)).remote_id == receipt.remote_id

    def test_a_timeline_too_long_to_search_proves_nothing(self):
        post = self.server.posts[self.publish(self.request("deep")).remote_id]
        for number in range(1100):
            remote_id = str(900_000 + number)
            self.server.posts[remote_id] = {**post, "id": remote_id, "content": f"<p>later {number}</p>"}
        with pytest.raises(OutcomeUnknown, match="too many"):
            self.make().lookup(self.again(self.request("lost in the crowd")))

    # Every answer says what happens next

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (Answer(status=401), AccessLost),
            (Answer(status=403, body={"error": "This action is outside the authorized scopes"}), AccessLost),
            (Answer(status=301, headers={"Location": "https://elsewhere.example/"}), AccessLost),
            (Answer(status=404), Rejected),
            (Answer(status=422, body={"error": "Validation failed"}), Rejected),
            (Answer(status=500), OutcomeUnknown),
            (Answer(status=502, body="<html>"), OutcomeUnknown),
            (Answer(status=503, headers={"Retry-After": "30"}), TryAgain),
            (Answer(status=200, body="not json", keep=False), OutcomeUnknown),
            (Answer(status=200, body=[1], keep=False), OutcomeUnknown),
            (Answer(status=200, body={"id": "1"}, headers={"X-RateLimit-Reset": "soon"}, keep=False), OutcomeUnknown),
            (Answer(cut="before"), OutcomeUnknown),
            (Answer(cut="half"), OutcomeUnknown),
            (Answer(cut="chunk"), OutcomeUnknown),
        ],
    )
    def test_each_answer_says_what_happens_next(self, answer, error):
        self.server.receiver.queue(replace(answer, method="POST", path=POSTS))
        with pytest.raises(error) as caught:
            self.publish(self.request("answered"))
        assert caught.value.__context__ is None
        assert len(self.calls("POST", POSTS)) == 1

    def test_no_redirect_is_followed_with_the_token(self):
        headers = {"Location": f"{self.url}/elsewhere"}
        for status in (301, 302, 307, 308):
            self.server.receiver.queue(Answer(status=status, headers=headers, method="POST", path=POSTS))
            with pytest.raises(AccessLost, match="another address"):
                self.publish(self.request(f"redirected {status}"))
        assert self.calls("GET", "/elsewhere") == self.calls("POST", "/elsewhere") == []

    @pytest.mark.parametrize("shape", ["date", "seconds"])
    def test_the_rate_limits_reset_is_the_wait(self, shape):
        reset = SystemClock().now() + timedelta(minutes=5)
        value = reset.isoformat() if shape == "date" else str(int(reset.timestamp()))
        headers = {"X-RateLimit-Reset": value, "X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "300"}
        self.server.receiver.queue(Answer(status=429, headers=headers, method="POST", path=POSTS))
        with pytest.raises(TryAgain) as caught:
            self.publish(self.request("limited"))
        # The test's clock stands in 2027; the server's Date tells how far the two are apart.
        assert abs(caught.value.wait - timedelta(minutes=5)) < timedelta(seconds=5)

    def test_check_tells_the_servers_own_limit(self):
        connector = self.make()
        handle = connector.check()
        assert connector.limits_for(handle).text.limit == 500
        configuration = {"statuses": {"max_characters": 5000, "characters_reserved_per_url": 30}}
        self.server.receiver.queue(Answer(body={"configuration": configuration}, path="/api/v2/instance", keep=False))
        handle = connector.check()
        limit = connector.limits_for(handle).text
        assert (limit.limit, limit.link_cost) == (5000, 30)
        assert "5000" in handle.note


class TestMastodonWithoutKeys(TestMastodon):
    """A server that ignores Idempotency-Key: every promise is kept by looking first."""

    honours_key: ClassVar = False
    capabilities = replace(MastodonConnector.capabilities, idempotency=Idempotency.LOOKUP, idempotency_window=None)

    def settings(self):
        return {**super().settings(), "idempotency": "lookup"}


@pytest.mark.parametrize(
    "url", ["http://social.example", "social.example", "https://u:p@social.example", "ftp://x.example"]
)
def test_the_token_never_travels_in_the_clear(url):
    with pytest.raises(ValidationError, match="api_base_url"):
        MastodonSettings.model_validate({"api_base_url": url, "access_token": {"env": "T"}})
