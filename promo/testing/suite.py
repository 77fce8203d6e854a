"""The ground the contract suite stands on: the hooks a connector's suite fills in, and what the tests are made of."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from promo.clock import VirtualClock
from promo.connector import (
    Capabilities,
    ChannelContext,
    ChannelError,
    Connector,
    Handover,
    Idempotency,
    Pending,
    PublishRequest,
    Receipt,
    Rejected,
)
from promo.testing.applies import Fault, remove_inapplicable
from promo.testing.example import example_key, example_request

START = datetime(2027, 3, 22, 1, 30, tzinfo=UTC)


class ConnectorSuite:
    """What a suite says about its connector, and how its tests reach the channel."""

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
            if "connector" in vars(cls) and "capabilities" not in vars(cls):
                cls.capabilities = cls.connector.capabilities
            remove_inapplicable(cls)

    # Hooks

    def settings(self) -> dict[str, Any]:
        """Return the channel's settings as they stand in YAML, the server's address included."""
        return {}

    def posts(self, key: str) -> int:
        """Return how many posts the channel shows for that key, asking the channel itself."""
        raise AssertionError(f"the suite needs `posts` to count {key}")

    def traffic(self) -> int:
        """Return how much the channel has heard from us: a number that grows with every request."""
        raise AssertionError("the suite needs `traffic`")

    def arm(self, fault: Fault) -> None:
        """Let the next publication meet that fault. For REFUSED, `settings` names a closed port from now on."""
        raise AssertionError(f"the suite needs `arm` for {fault}")

    def stir(self, receipt: Receipt) -> None:
        """Let the channel count something for every declared metric of that post."""
        raise AssertionError(f"the suite needs `stir` to touch {receipt.remote_id}")

    def request(self, key: str, **changes: Any) -> PublishRequest:
        """Return a request this connector publishes gladly; override where it needs tasks, outlets or placements."""
        return example_request(example_key(key), **changes)

    def readme(self) -> Path:
        """Return the connector's README: beside its module."""
        return Path(inspect.getfile(self.connector)).parent / "README.md"

    # What the tests are made of

    @pytest.fixture(autouse=True)
    def _stage(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.prepare(tmp_path, monkeypatch)

    def prepare(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Set the stage: a workspace folder, a clock that stands still, the secrets' values."""
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

    def assert_keepable(self, answer: Receipt | Pending | Handover) -> None:
        """Assert that the ledger can store the answer: JSON, aware times, an id."""
        assert answer.remote_id
        json.dumps(dict(answer.detail))
        for field in fields(answer):
            value = getattr(answer, field.name)
            if isinstance(value, datetime):
                assert value.tzinfo is not None, f"{field.name} has no time zone"
