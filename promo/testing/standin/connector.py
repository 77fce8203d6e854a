"""The connector to the stand-in channel: as complete as a connector can be."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from promo.connector import (
    Ability,
    AccessLost,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Measurement,
    MediaLimit,
    OutcomeUnknown,
    PublishRequest,
    Receipt,
    Secret,
    Settings,
    TextLimit,
    TextUnit,
    TryAgain,
    enforce_limits,
    raise_bare,
    request_payload,
)
from promo.testing.standin.channel import Busy, StandInChannel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class StandInSettings(Settings):
    """What a stand-in channel may say."""

    file: str = Field(default="network.db", description="The channel's file, inside the workspace.")
    password: Secret | None = Field(default=None, description="Read on every call, and put nowhere.")
    idempotency: Literal["key", "lookup", "none"] = Field(
        default="key", description="How the channel lets an uncertain delivery be settled."
    )


class StandInConnector(Connector[StandInSettings]):
    """Publishes into a file that behaves like a social network."""

    name = "standin"
    title = "A stand-in for a social network, for tests"
    title_zh = "测试用模拟渠道"
    Settings = StandInSettings
    capabilities = Capabilities(
        text=TextLimit(limit=500, unit=TextUnit.GRAPHEMES, link_cost=23),
        images=MediaLimit(
            count=4,
            max_bytes=100_000,
            max_pixels=1_000_000,
            types=("image/png", "image/jpeg"),
            min_ratio=0.5,
            max_ratio=2.0,
            alt_text=150,
        ),
        thread=5,
        first_comment=True,
        idempotency=Idempotency.KEY,
        lookup=Ability.YES,
        delete=Ability.YES,
        edit=Ability.NO,
        metrics=("likes", "shares", "comments"),
    )

    def limits(self) -> Capabilities:
        """Return the abilities with the idempotency that the settings choose."""
        return replace(self.capabilities, idempotency=Idempotency(self.settings.idempotency))

    def check(self) -> Handle:
        """Ask the channel for the account's name."""
        self._sign_in()
        with self._errors(sending=False):
            return Handle(account=self._channel.hello())

    def publish(self, request: PublishRequest) -> Receipt:
        """Post once."""
        enforce_limits(request, self.limits())
        self._sign_in()
        with self._errors(sending=True):
            dedupe = self.settings.idempotency == "key"
            return self._receipt(self._channel.publish(request.key, request_payload(request), dedupe=dedupe))

    def lookup(self, request: PublishRequest) -> Receipt | None:
        """Find the post by its key."""
        self._sign_in()
        with self._errors(sending=False):
            found = self._channel.find(request.key)
        return self._receipt(found) if found is not None else None

    def collect(self, receipt: Receipt) -> Iterable[Measurement]:
        """Read the counts."""
        self._sign_in()
        with self._errors(sending=False):
            counts = self._channel.counts(int(receipt.remote_id))
        now = self.context.clock.now()
        return [Measurement(metric=m, value=float(counts.get(m, 0)), at=now) for m in self.capabilities.metrics]

    def delete(self, remote_id: str) -> None:
        """Take the post down."""
        self._sign_in()
        with self._errors(sending=False):
            self._channel.remove(int(remote_id))

    @property
    def _channel(self) -> StandInChannel:
        return StandInChannel(self.context.workspace / self.settings.file)

    def _sign_in(self) -> None:
        if self.settings.password is not None:
            self.settings.password.reveal()

    def _receipt(self, id_: int) -> Receipt:
        return Receipt(remote_id=str(id_), url=f"https://network.example/{id_}", at=self.context.clock.now())

    @contextmanager
    def _errors(self, *, sending: bool) -> Iterator[None]:
        try:
            yield
        except ConnectionRefusedError:
            raise_bare(TryAgain("the stand-in cannot be reached"))
        except ConnectionResetError:
            lost = OutcomeUnknown if sending else TryAgain
            raise_bare(lost("the stand-in's answer was lost"))
        except PermissionError:
            raise_bare(AccessLost("the stand-in does not let us in"))
        except Busy as busy:
            raise_bare(TryAgain("the stand-in is busy", wait=busy.wait))
