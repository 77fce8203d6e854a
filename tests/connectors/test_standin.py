"""The stand-in keeps the contract in all three idempotencies, and the contract catches connectors that do not.

One long list: a broken connector for each test of the contract, and a last test that none is missing.
"""

import logging
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from inspect import signature
from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from promo.connector import (
    Ability,
    AccessLost,
    Capabilities,
    Idempotency,
    Measurement,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Secret,
    TryAgain,
)
from promo.testing.contract import ConnectorContract
from promo.testing.example import example_key
from promo.testing.standin import StandInChannel, StandInConnector, StandInSettings

PASSWORD = "stand-in-5ecret"


class StandInSuite(ConnectorContract):
    connector = StandInConnector
    secrets: ClassVar = {"STANDIN_PASSWORD": PASSWORD}

    @property
    def channel(self):
        return StandInChannel(self.tmp_path / "network.db")

    def settings(self):
        return {"password": {"env": "STANDIN_PASSWORD"}, "idempotency": self.capabilities.idempotency.value}

    def posts(self, key):
        return len(self.channel.posts(key))

    def traffic(self):
        return self.channel.calls()

    def arm(self, fault):
        self.channel.fail(fault)

    def stir(self, receipt):
        self.channel.count(int(receipt.remote_id), likes=3, shares=2, comments=1)


class TestStandInKey(StandInSuite):
    pass


class TestStandInLookup(StandInSuite):
    capabilities = replace(StandInConnector.capabilities, idempotency=Idempotency.LOOKUP)


class TestStandInNone(StandInSuite):
    capabilities = replace(StandInConnector.capabilities, idempotency=Idempotency.NONE)


def test_posts_outlive_the_process_that_made_them(tmp_path):
    file = tmp_path / "network.db"
    code = (
        "import sys; from pathlib import Path; from promo.testing.standin import StandInChannel; "
        "StandInChannel(Path(sys.argv[1])).publish('k', {'text': 'a'}, dedupe=True)"
    )
    for _time in range(2):
        subprocess.run([sys.executable, "-c", code, str(file)], check=True)
    assert [post.key for post in StandInChannel(file).posts()] == ["k"]


def test_tests_that_do_not_apply_are_not_collected():
    none = TestStandInNone
    assert none.test_the_same_key_posts_once is None
    assert none.test_after_a_lost_answer_a_new_process_posts_nothing_new is None
    assert none.test_a_lost_answer_is_unknown is not None
    assert TestStandInKey.test_the_same_key_posts_once is not None
    assert TestStandInKey.test_a_first_comment_that_is_not_declared_is_refused is None


# What the contract must catch: connectors broken in one way each, and the test that has to fail.


class ReadsSecretEarly(StandInConnector):
    def __init__(self, settings, context):
        super().__init__(settings, context)
        settings.password.reveal()


class WritesEarly(StandInConnector):
    def __init__(self, settings, context):
        super().__init__(settings, context)
        context.output.mkdir(parents=True)


class CallsEarly(StandInConnector):
    def __init__(self, settings, context):
        super().__init__(settings, context)
        self._channel.hello()


class ForgetsTheKey(StandInConnector):
    def publish(self, request):
        with self._errors(sending=True):
            return self._receipt(self._channel.publish(request.key, {}, dedupe=False))


class MergesKeys(StandInConnector):
    def publish(self, request):
        return self._receipt(self._channel.publish("one", {}, dedupe=True))


class FindsAnything(StandInConnector):
    def lookup(self, request):
        return Receipt(remote_id="1")


class FindsNothing(StandInConnector):
    def lookup(self, request):
        return None


class TakesLostForSent(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except OutcomeUnknown:
            return Receipt(remote_id="1")


class TakesLostForUnsent(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except OutcomeUnknown:
            raise TryAgain("again") from None


class DropsTheWait(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except TryAgain:
            raise TryAgain("again") from None


class TakesNoAccessForRefusal(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except AccessLost:
            raise Rejected("no") from None

    def check(self):
        try:
            return super().check()
        except AccessLost:
            raise TryAgain("later") from None


class AllowsOneMore(StandInConnector):
    def limits(self):
        mine = super().limits()
        images = replace(mine.images, count=5, max_bytes=100_001, alt_text=151, max_pixels=None)
        images = replace(images, types=(), min_ratio=0.1, max_ratio=9.0)
        return replace(mine, text=replace(mine.text, limit=501), images=images, thread=6)


class AllowsOneLess(StandInConnector):
    def limits(self):
        mine = super().limits()
        images = replace(mine.images, count=3, max_bytes=99_999, alt_text=149)
        return replace(mine, text=replace(mine.text, limit=499), images=images, thread=4)


class SendsThenRefuses(StandInConnector):
    def publish(self, request):
        self._channel.hello()
        return super().publish(request)


class DeletesOnlyOnce(StandInConnector):
    def delete(self, remote_id):
        if not self._channel.remove(int(remote_id)):
            raise Rejected("gone")


class DeletesNothing(StandInConnector):
    def delete(self, remote_id):
        pass


class NaiveTimes(StandInConnector):
    def publish(self, request):
        answer = super().publish(request)
        return replace(answer, at=answer.at.replace(tzinfo=None))


class KeepsObjects(StandInConnector):
    def publish(self, request):
        return replace(super().publish(request), detail={"request": request})


class LooksUpUndeclared(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, lookup=Ability.NO)


class CollectsUndeclared(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, metrics=())


class InventsMetrics(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, metrics=("likes", "applause"))


class CountsLess(StandInConnector):
    def collect(self, receipt) -> Iterable[Measurement]:
        return [m for m in super().collect(receipt) if m.metric != "likes"]


class DeclaresHandover(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, handover=True)


class AnswersUndeclared(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, first_comment=False)

    def limits(self) -> Capabilities:
        return StandInConnector.capabilities


class IgnoresMissingSecret(StandInConnector):
    def _sign_in(self):
        pass


class LeaksInError(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except TryAgain:
            raise TryAgain(f"busy for {self.settings.password.reveal()}") from None


class LeaksInContext(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except TryAgain:
            try:
                raise ConnectionError(f"https://user:{self.settings.password.reveal()}@network.example")
            except ConnectionError:
                raise TryAgain("busy") from None


class LeaksInLog(StandInConnector):
    def publish(self, request):
        logging.getLogger("leaky").debug("signing in with %s", self.settings.password.reveal())
        return super().publish(request)


class LeaksInRepr(StandInConnector):
    def __repr__(self):
        return f"StandIn({self.settings.password.reveal()})"


class LeaksOnDisk(StandInConnector):
    def publish(self, request):
        self.context.output.mkdir(parents=True, exist_ok=True)
        (self.context.output / "session").write_text(self.settings.password.reveal())
        return super().publish(request)


class NoChineseTitle(StandInConnector):
    title_zh = "Stand-in"


class BareSettings(StandInSettings):
    colour: str = ""


class UndescribedSetting(StandInConnector):
    Settings = BareSettings


class OpenSettings(BaseModel):
    model_config = ConfigDict(extra="ignore")
    file: str = "network.db"
    password: Secret | None = None
    idempotency: str = "key"


class TakesUnknownSettings(StandInConnector):
    Settings = OpenSettings


class UnsourcedLimit(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, thread=77)


class ThinksItSent(StandInConnector):
    def publish(self, request):
        return super().publish(request) if request.attempt == 1 else Receipt(remote_id="1")


class TakesAnything(StandInConnector):
    capabilities = replace(StandInConnector.capabilities, needs_title=True, needs_body=True)

    def publish(self, request):
        return self._receipt(self._channel.publish(request.key, {}, dedupe=True))


class SwallowsComments(StandInConnector):
    def publish(self, request):
        return request.reply_to or super().publish(request)


class ChecksByPosting(StandInConnector):
    def check(self):
        self._channel.publish(example_key("checked"), {}, dedupe=True)
        return super().check()


class TakesAbsentForLost(StandInConnector):
    def publish(self, request):
        try:
            return super().publish(request)
        except TryAgain:
            raise OutcomeUnknown("who knows") from None

    def check(self):
        try:
            return super().check()
        except TryAgain:
            raise AccessLost("who knows") from None


CAUGHT = [
    (ThinksItSent, "test_an_uncertain_post_that_never_arrived_is_sent"),
    (TakesAnything, "test_a_missing_picture_is_refused"),
    (TakesAnything, "test_a_missing_title_is_refused"),
    (TakesAnything, "test_a_missing_body_is_refused"),
    (SwallowsComments, "test_a_first_comment_answers_its_post"),
    (ChecksByPosting, "test_check_names_the_account_and_publishes_nothing"),
    (TakesAbsentForLost, "test_an_absent_server_is_try_again"),
    (TakesAbsentForLost, "test_check_of_an_absent_server_is_try_again"),
    (ReadsSecretEarly, "test_building_sends_nothing_reads_no_secret_touches_no_disk"),
    (WritesEarly, "test_building_sends_nothing_reads_no_secret_touches_no_disk"),
    (CallsEarly, "test_building_sends_nothing_reads_no_secret_touches_no_disk"),
    (ForgetsTheKey, "test_the_same_key_posts_once"),
    (ForgetsTheKey, "test_the_same_key_from_several_processes_at_once_posts_once"),
    (ForgetsTheKey, "test_after_a_lost_answer_a_new_process_posts_nothing_new"),
    (MergesKeys, "test_another_key_posts_again"),
    (FindsAnything, "test_lookup_finds_what_was_sent_and_nothing_else"),
    (FindsNothing, "test_lookup_finds_what_was_sent_and_nothing_else"),
    (TakesLostForSent, "test_a_lost_answer_is_unknown"),
    (TakesLostForUnsent, "test_a_lost_answer_is_unknown"),
    (DropsTheWait, "test_a_busy_channel_is_try_again_with_its_own_wait"),
    (TakesNoAccessForRefusal, "test_lost_access_is_named"),
    (TakesNoAccessForRefusal, "test_check_notices_lost_access"),
    *(
        (mutant, f"test_{name}")
        for mutant in (AllowsOneMore, AllowsOneLess)
        for name in (
            "text_limit_is_exact",
            "a_link_counts_its_fixed_cost",
            "thread_limit_is_exact",
            "picture_count_is_exact",
            "picture_size_is_exact",
            "alt_text_limit_is_exact",
            "limits_of_these_settings_are_the_declared_ones",
        )
    ),
    (AllowsOneMore, "test_too_many_pixels_are_refused"),
    (AllowsOneMore, "test_a_picture_too_tall_is_refused"),
    (AllowsOneMore, "test_a_picture_too_wide_is_refused"),
    (AllowsOneMore, "test_an_unknown_picture_type_is_refused"),
    (SendsThenRefuses, "test_text_limit_is_exact"),
    (SendsThenRefuses, "test_a_missing_secret_is_named_and_nothing_is_sent"),
    (DeletesOnlyOnce, "test_delete_takes_it_down_and_twice_is_fine"),
    (DeletesNothing, "test_delete_takes_it_down_and_twice_is_fine"),
    (NaiveTimes, "test_a_post_appears_and_its_receipt_can_be_kept"),
    (KeepsObjects, "test_a_post_appears_and_its_receipt_can_be_kept"),
    (DeclaresHandover, "test_a_post_appears_and_its_receipt_can_be_kept"),
    (LooksUpUndeclared, "test_what_is_declared_is_built_and_the_reverse"),
    (CollectsUndeclared, "test_what_is_declared_is_built_and_the_reverse"),
    (InventsMetrics, "test_metric_names_are_known"),
    (CountsLess, "test_collect_reports_the_declared_metrics"),
    (AnswersUndeclared, "test_a_first_comment_that_is_not_declared_is_refused"),
    (IgnoresMissingSecret, "test_a_missing_secret_is_named_and_nothing_is_sent"),
    *(
        (mutant, "test_no_secret_leaks")
        for mutant in (LeaksInError, LeaksInContext, LeaksInLog, LeaksInRepr, LeaksOnDisk)
    ),
    (NoChineseTitle, "test_it_has_a_name_and_a_title_in_both_languages"),
    (UndescribedSetting, "test_every_setting_is_described_in_the_schema"),
    (UndescribedSetting, "test_readme_names_every_setting"),
    (TakesUnknownSettings, "test_unknown_settings_are_refused"),
    (UnsourcedLimit, "test_readme_gives_the_source_and_date_of_every_limit"),
]


@pytest.mark.parametrize(("mutant", "test"), CAUGHT, ids=lambda value: getattr(value, "__name__", value))
def test_the_contract_catches(mutant, test, tmp_path, monkeypatch, request):
    class Suite(StandInSuite):
        connector = mutant

        def readme(self):
            return self.tmp_path / "README.md"

    (tmp_path / "README.md").write_text(TestStandInKey().readme().read_text())
    suite = Suite()
    suite.prepare(tmp_path, monkeypatch)
    run = getattr(suite, test)
    fixtures = {name: request.getfixturevalue(name) for name in signature(run).parameters}
    with pytest.raises((Exception, pytest.fail.Exception)):
        run(**fixtures)


def test_the_contract_has_a_broken_connector_for_each_of_its_tests():
    """So that no test of the contract can pass whatever the connector does."""
    proved = {test for _mutant, test in CAUGHT}
    ours = {name for name in dir(ConnectorContract) if name.startswith("test_")}
    assert ours - proved == set()
