"""A stand-in for each channel: the real one's limits and rates, nobody at the other end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from promo.clock import Clock
from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Handover,
    PublishRequest,
    RateLimit,
    Receipt,
    Settings,
)
from promo.registry import Channel
from promo.rehearsal.fault import Fault, Trouble


class StandIn(Connector[Settings]):
    """Takes everything the real connector would take, remembers it by its key, and keeps to the faults."""

    name = "stand-in"
    title = "Nobody: a rehearsal"
    title_zh = "预演替身"
    Settings = Settings
    capabilities = Capabilities()

    def __init__(self, channel: Channel, faults: Sequence[Fault], clock: Clock) -> None:
        super().__init__(Settings(), channel.context)
        self._real = channel.limits
        self._faults = [f for f in faults if f.channel == channel.name]
        self._clock = clock
        self._posts: dict[str, Receipt] = {}

    def limits(self) -> Capabilities:
        """Return the real channel's limits."""
        return self._real

    def check(self) -> Handle:
        """Say that this is a rehearsal."""
        return Handle(account="stand-in")

    def publish(self, request: PublishRequest) -> Receipt | Handover:
        """Remember the post; raise what the fault of this moment raises."""
        now = self._clock.now()
        fault = next((f for f in self._faults if f.holds(request.channel, now)), None)
        if fault is not None and fault.trouble is not Trouble.SILENT:
            raise fault.error(now)
        if self._real.handover:
            return Handover(remote_id=request.key, to="stand-in", proof="none")
        receipt = self._posts.setdefault(request.key, Receipt(remote_id=request.key, at=now))
        if fault is not None:
            raise fault.error(now)
        return receipt

    def lookup(self, request: PublishRequest) -> Receipt | None:
        """Find the post, where the real connector can."""
        if self._real.lookup is not Ability.YES:
            return super().lookup(request)
        now = self._clock.now()
        for fault in self._faults:
            if fault.holds(request.channel, now):
                raise fault.error(now)
        return self._posts.get(request.key)


class StandInChannel(Channel):
    """A channel of the workspace with nobody behind it."""

    def __init__(self, real: Channel, faults: Sequence[Fault], clock: Clock) -> None:
        super().__init__(real.name, real.settings, real.kind, real._workspace, clock)  # noqa: SLF001 - a kind of the same class
        self._stand_in = StandIn(real, faults, clock)
        self._rate = real.rate

    @cached_property
    def connector(self) -> Connector[Any]:
        """Return the stand-in."""
        return self._stand_in

    @property
    def rate(self) -> RateLimit | None:
        """Return the real channel's rate limit."""
        return self._rate
