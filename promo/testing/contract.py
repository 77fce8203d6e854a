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

from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest

from promo.connector import (
    METRICS,
    Ability,
    AccessLost,
    ChannelError,
    Handover,
    Idempotency,
    NotSupported,
    OutcomeUnknown,
    Receipt,
    SecretMissing,
    TryAgain,
)
from promo.testing.applies import Fault, applies
from promo.testing.declaration import DeclarationContract
from promo.testing.limits import LimitContract
from promo.testing.secrecy import find_leaks
from promo.testing.suite import START

__all__ = ["ConnectorContract", "Fault", "applies"]


class ConnectorContract(DeclarationContract, LimitContract):
    """Every promise a connector makes to the publisher."""

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
