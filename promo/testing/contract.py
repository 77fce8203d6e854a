"""The contract suite: inherit it, name the connector, and every promise of the API is tested.

    class TestFolder(ConnectorContract):
        connector = FolderConnector
        faults = frozenset({Fault.REFUSED})

        def settings(self): ...
        def posts(self, key): ...
        def traffic(self): ...
        def arm(self, fault): ...

`docs/connectors.md` says what each hook is for. Tests that do not apply to what the connector declares are
left out before collection; nothing is skipped.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, ClassVar

import pytest

from promo.clock import VirtualClock
from promo.connector import (
    METRICS,
    Ability,
    AccessLost,
    Capabilities,
    ChannelContext,
    ChannelError,
    Connector,
    Handover,
    Idempotency,
    NotSupported,
    OutcomeUnknown,
    Pending,
    PublishRequest,
    Receipt,
    Rejected,
    SecretMissing,
    TryAgain,
)
from promo.testing.applies import Fault, applies, remove_inapplicable
from promo.testing.declaration import DeclarationContract
from promo.testing.example import example_key, example_picture, example_request, sized_picture, text_of
from promo.testing.secrecy import find_leaks

START = datetime(2027, 3, 22, 1, 30, tzinfo=UTC)


class ConnectorContract(DeclarationContract):
    """Every promise a connector makes to the publisher."""

    connector: ClassVar[type[Connector[Any]]]
    capabilities: ClassVar[Capabilities]  # what these settings give; default: the connector's own
    secrets: ClassVar[dict[str, str]] = {}  # environment variable → value; `settings` names the variables
    faults: ClassVar[frozenset[Fault]] = frozenset(Fault)  # leave out only what cannot happen to this channel
    wait: ClassVar[timedelta | None] = timedelta(seconds=7)  # what the channel asks for when `Fault.BUSY` is armed

    tmp_path: Path
    clock: VirtualClock

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "connector"):
            if not hasattr(cls, "capabilities"):
                cls.capabilities = cls.connector.capabilities
            remove_inapplicable(cls, ConnectorContract)

    # Hooks

    def settings(self) -> dict[str, Any]:
        """Return the channel's settings as they stand in YAML, the server's address included."""
        return {}

    def posts(self, key: str) -> int:
        """Return how many posts the channel shows for that key, asking the channel itself."""
        raise AssertionError("the suite needs `posts`")

    def traffic(self) -> int:
        """Return how much the channel has heard from us: a number that grows with every request."""
        raise AssertionError("the suite needs `traffic`")

    def arm(self, fault: Fault) -> None:
        """Let the next publication meet that fault. For REFUSED, `settings` names a closed port from now on."""
        raise AssertionError(f"the suite needs `arm` for {fault}")

    def stir(self, receipt: Receipt) -> None:
        """Let the channel count something for every declared metric of that post."""
        raise AssertionError("the suite needs `stir`")

    def request(self, key: str, **changes: Any) -> PublishRequest:
        """Return a request this connector publishes gladly; override where it needs tasks, outlets or placements."""
        return example_request(example_key(key), **changes)

    # What the tests are made of

    @pytest.fixture(autouse=True)
    def _stage(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tmp_path = tmp_path
        self.clock = VirtualClock(START)
        for name, value in self.secrets.items():
            monkeypatch.setenv(name, value)

    def make(self) -> Connector[Any]:
        """Return a new connector object, as a new process would build it."""
        settings = self.connector.Settings.model_validate(self.settings())
        context = ChannelContext(
            channel="example",
            output=self.tmp_path / "out" / "channels" / "example",
            workspace=self.tmp_path,
            clock=self.clock,
            language="zh",
            timezone="Asia/Shanghai",
        )
        return self.connector(settings, context)

    def publish(self, request: PublishRequest) -> Receipt | Pending | Handover:
        """Publish by a new object."""
        return self.make().publish(request)

    def settle(self, request: PublishRequest) -> Receipt | Pending | Handover:
        """Do as the publisher does with an uncertain delivery: send again by key, or look it up first."""
        again = replace(request, attempt=2, first_attempt_at=START)
        if self.capabilities.idempotency is Idempotency.LOOKUP:
            found = self.make().lookup(again)
            if found is not None:
                return found
        return self.publish(again)

    def assert_refused_unsent(self, request: PublishRequest, error: type[ChannelError] = Rejected) -> None:
        """Assert that publishing raises `error` and that the channel heard nothing."""
        before = self.traffic()
        with pytest.raises(error):
            self.publish(request)
        assert self.traffic() == before, "it was refused, but something had been sent"

    def assert_published(self, request: PublishRequest) -> None:
        """Assert that publishing works and makes exactly one post."""
        answer = self.publish(request)
        assert isinstance(answer, Receipt | Pending | Handover)
        assert self.posts(request.key) == 1

    # Building and checking

    def test_building_sends_nothing_reads_no_secret_touches_no_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in self.secrets:
            monkeypatch.delenv(name)
        before = self.traffic()
        connector = self.make()
        connector.limits()
        assert self.traffic() == before
        assert not connector.context.output.exists()

    def test_limits_of_these_settings_are_the_declared_ones(self) -> None:
        assert self.make().limits() == self.capabilities

    def test_check_names_the_account_and_publishes_nothing(self) -> None:
        handle = self.make().check()
        assert handle.account
        assert handle.expires_at is None or handle.expires_at.tzinfo is not None
        assert self.posts(self.request("checked").key) == 0

    @applies(lambda suite: Fault.NO_ACCESS in suite.faults)
    def test_check_notices_lost_access(self) -> None:
        self.arm(Fault.NO_ACCESS)
        with pytest.raises(AccessLost):
            self.make().check()

    @applies(lambda suite: Fault.REFUSED in suite.faults)
    def test_check_of_an_absent_server_is_try_again(self) -> None:
        self.arm(Fault.REFUSED)
        with pytest.raises(TryAgain):
            self.make().check()

    # Publishing once

    def test_a_post_appears_and_its_receipt_can_be_kept(self) -> None:
        request = self.request("first")
        answer = self.publish(request)
        assert self.posts(request.key) == 1
        assert isinstance(answer, Handover) == self.capabilities.handover
        self.assert_keepable(answer)

    def test_another_key_posts_again(self) -> None:
        first, second = self.request("first"), self.request("second")
        one, two = self.publish(first), self.publish(second)
        assert one.remote_id != two.remote_id
        assert (self.posts(first.key), self.posts(second.key)) == (1, 1)

    @applies(lambda suite: suite.capabilities.idempotency is Idempotency.KEY)
    def test_the_same_key_posts_once(self) -> None:
        request = self.request("twice")
        one = self.publish(request)
        two = self.publish(replace(request, attempt=2, first_attempt_at=START))
        assert one.remote_id == two.remote_id
        assert self.posts(request.key) == 1

    @applies(lambda suite: suite.capabilities.idempotency is Idempotency.KEY)
    def test_the_same_key_from_several_processes_at_once_posts_once(self) -> None:
        request = self.request("at once")
        ready = Barrier(4)
        found: list[str] = []

        def send() -> None:
            connector = self.make()
            ready.wait()
            found.append(connector.publish(request).remote_id)

        threads = [Thread(target=send) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1
        assert self.posts(request.key) == 1

    @applies(lambda suite: suite.capabilities.lookup is Ability.YES)
    def test_lookup_finds_what_was_sent_and_nothing_else(self) -> None:
        request, other = self.request("looked up"), self.request("never sent")
        assert self.make().lookup(request) is None
        answer = self.publish(request)
        found = self.make().lookup(replace(request, attempt=2, first_attempt_at=START))
        assert found is not None
        assert found.remote_id == answer.remote_id
        self.assert_keepable(found)
        assert self.make().lookup(other) is None

    @applies(lambda suite: Fault.LOST_ANSWER in suite.faults)
    def test_a_lost_answer_is_unknown(self) -> None:
        request = self.request("lost")
        self.arm(Fault.LOST_ANSWER)
        with pytest.raises(OutcomeUnknown):
            self.publish(request)
        assert self.posts(request.key) == 1

    @applies(lambda s: Fault.LOST_ANSWER in s.faults and s.capabilities.idempotency is not Idempotency.NONE)
    def test_after_a_lost_answer_a_new_process_posts_nothing_new(self) -> None:
        request = self.request("lost")
        self.arm(Fault.LOST_ANSWER)
        with pytest.raises(OutcomeUnknown):
            self.publish(request)
        answer = self.settle(request)
        assert answer.remote_id
        assert self.posts(request.key) == 1

    @applies(lambda s: Fault.BUSY in s.faults and s.capabilities.idempotency is not Idempotency.NONE)
    def test_an_uncertain_post_that_never_arrived_is_sent(self) -> None:
        request = self.request("never arrived")
        self.arm(Fault.BUSY)
        with pytest.raises(TryAgain):
            self.publish(request)
        self.settle(request)
        assert self.posts(request.key) == 1

    # The channel says no

    @applies(lambda suite: Fault.REFUSED in suite.faults)
    def test_an_absent_server_is_try_again(self) -> None:
        self.arm(Fault.REFUSED)
        self.assert_refused_unsent(self.request("absent"), TryAgain)

    @applies(lambda suite: Fault.BUSY in suite.faults)
    def test_a_busy_channel_is_try_again_with_its_own_wait(self) -> None:
        request = self.request("busy")
        self.arm(Fault.BUSY)
        with pytest.raises(TryAgain) as caught:
            self.publish(request)
        assert caught.value.wait == self.wait
        assert self.posts(request.key) == 0

    @applies(lambda suite: Fault.NO_ACCESS in suite.faults)
    def test_lost_access_is_named(self) -> None:
        request = self.request("locked out")
        self.arm(Fault.NO_ACCESS)
        with pytest.raises(AccessLost):
            self.publish(request)
        assert self.posts(request.key) == 0

    # Limits, exact and refused unsent

    @applies(lambda suite: suite.capabilities.text is not None)
    def test_text_limit_is_exact(self) -> None:
        limit = self.capabilities.text
        assert limit is not None
        self.assert_published(self.request("n", text=text_of(limit.limit, limit)))
        self.assert_refused_unsent(self.request("n + 1", text=text_of(limit.limit + 1, limit)))

    @applies(lambda suite: suite.capabilities.text is not None and suite.capabilities.text.link_cost is not None)
    def test_a_link_counts_its_fixed_cost(self) -> None:
        limit = self.capabilities.text
        assert limit is not None
        assert limit.link_cost is not None
        link = " https://jinxiu.example/" + "a" * 200
        room = limit.limit - limit.link_cost - 1
        self.assert_published(self.request("n", text=text_of(room, limit) + link, link=link.strip()))
        self.assert_refused_unsent(self.request("n + 1", text=text_of(room + 1, limit) + link, link=link.strip()))

    def test_thread_limit_is_exact(self) -> None:
        parts = tuple(f"第 {number} 条" for number in range(2, self.capabilities.thread + 2))
        self.assert_published(self.request("n", thread=parts[:-1]))
        self.assert_refused_unsent(self.request("n + 1", thread=parts))

    def test_picture_count_is_exact(self) -> None:
        count = self.capabilities.images.count
        pictures = tuple(example_picture(self.tmp_path / "pictures", f"p{n}") for n in range(count + 1))
        self.assert_published(self.request("n", media=pictures[:-1]))
        self.assert_refused_unsent(self.request("n + 1", media=pictures))

    @applies(lambda suite: suite.capabilities.images.count)
    def test_a_missing_picture_is_refused(self) -> None:
        picture = example_picture(self.tmp_path / "pictures")
        picture.path.unlink()
        self.assert_refused_unsent(self.request("missing", media=(picture,)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.max_bytes)
    def test_picture_size_is_exact(self) -> None:
        size = self.capabilities.images.max_bytes
        assert size is not None
        self.assert_published(self.request("n", media=(sized_picture(self.tmp_path / "pictures", size),)))
        self.assert_refused_unsent(self.request("n + 1", media=(sized_picture(self.tmp_path / "pictures", size + 1),)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.max_pixels)
    def test_too_many_pixels_are_refused(self) -> None:
        pixels = self.capabilities.images.max_pixels
        assert pixels is not None
        side = math.isqrt(pixels)
        picture = example_picture(self.tmp_path / "pictures", width=side, height=side)
        self.assert_published(self.request("n", media=(picture,)))
        larger = replace(picture, width=side + 1, height=side + 1)
        self.assert_refused_unsent(self.request("n + 1", media=(larger,)))

    @applies(
        lambda s: s.capabilities.images.count and (s.capabilities.images.min_ratio or s.capabilities.images.max_ratio)
    )
    def test_an_extreme_ratio_is_refused(self) -> None:
        limit = self.capabilities.images
        if limit.min_ratio is not None:
            tall = example_picture(self.tmp_path / "pictures", "tall", width=int(limit.min_ratio * 990), height=1000)
            self.assert_refused_unsent(self.request("tall", media=(tall,)))
        if limit.max_ratio is not None:
            wide = example_picture(self.tmp_path / "pictures", "wide", width=int(limit.max_ratio * 1010), height=1000)
            self.assert_refused_unsent(self.request("wide", media=(wide,)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.types)
    def test_an_unknown_picture_type_is_refused(self) -> None:
        picture = example_picture(self.tmp_path / "pictures", mime="image/x-unknown")
        self.assert_refused_unsent(self.request("type", media=(picture,)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.alt_text)
    def test_alt_text_limit_is_exact(self) -> None:
        limit = self.capabilities.images.alt_text
        assert limit is not None
        picture = example_picture(self.tmp_path / "pictures", alt="花" * limit)
        self.assert_published(self.request("n", media=(picture,)))
        self.assert_refused_unsent(self.request("n + 1", media=(replace(picture, alt="花" * (limit + 1)),)))

    @applies(lambda suite: suite.capabilities.needs_title)
    def test_a_missing_title_is_refused(self) -> None:
        self.assert_refused_unsent(self.request("no title", title=""))

    @applies(lambda suite: suite.capabilities.needs_body)
    def test_a_missing_body_is_refused(self) -> None:
        self.assert_refused_unsent(self.request("no body", body=""))

    # Abilities beyond publishing

    @applies(lambda suite: suite.capabilities.first_comment)
    def test_a_first_comment_answers_its_post(self) -> None:
        parent = self.publish(self.request("parent"))
        assert isinstance(parent, Receipt)
        comment = self.request("comment", text="第一条评论", reply_to=parent)
        answer = self.publish(comment)
        assert answer.remote_id != parent.remote_id
        assert self.posts(comment.key) == 1

    @applies(lambda suite: not suite.capabilities.first_comment)
    def test_a_first_comment_that_is_not_declared_is_refused(self) -> None:
        request = self.request("comment", text="第一条评论", reply_to=Receipt(remote_id="1"))
        self.assert_refused_unsent(request, NotSupported)

    @applies(lambda suite: suite.capabilities.delete is Ability.YES)
    def test_delete_takes_it_down_and_twice_is_fine(self) -> None:
        request = self.request("deleted")
        answer = self.publish(request)
        self.make().delete(answer.remote_id)
        assert self.posts(request.key) == 0
        self.make().delete(answer.remote_id)

    @applies(lambda suite: suite.capabilities.metrics)
    def test_collect_reports_the_declared_metrics(self) -> None:
        answer = self.publish(self.request("measured"))
        assert isinstance(answer, Receipt)
        self.stir(answer)
        measured = list(self.make().collect(answer))
        assert {m.metric for m in measured} == set(self.capabilities.metrics) <= set(METRICS)
        assert all(m.at.tzinfo is not None and m.value > 0 for m in measured)

    # Secrets

    @applies(lambda suite: suite.secrets)
    def test_a_missing_secret_is_named_and_nothing_is_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in self.secrets:
            with monkeypatch.context() as environment:
                environment.delenv(name)
                before = self.traffic()
                for call in (self.make().check, lambda: self.publish(self.request("no secret"))):
                    with pytest.raises(SecretMissing, match=name):
                        call()
                assert self.traffic() == before

    @applies(lambda suite: suite.secrets)
    def test_no_secret_leaks(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        caplog.set_level(0)
        seen: list[Any] = [self.make(), self.make().settings, self.make().settings.model_dump_json()]
        seen += [self.make().check(), self.publish(self.request("well"))]
        for fault in Fault:
            if fault in self.faults:
                self.arm(fault)
                with pytest.raises(ChannelError) as caught:
                    self.publish(self.request(f"fault {fault}"))
                seen.append(caught.value)
        # aiosmtpd and asyncio log what the server on the other side reads: that is not our log.
        seen += [r.getMessage() for r in caplog.records if not r.name.startswith(("mail.log", "asyncio"))]
        seen += capfd.readouterr()
        seen += [p.read_bytes() for p in (self.tmp_path / "out").rglob("*") if p.is_file()]
        assert find_leaks(seen, self.secrets.values()) == []
