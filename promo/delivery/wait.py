"""How long channels keep what is due waiting, told to whoever watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from promo.delivery.observer import Observer
    from promo.delivery.rate import Gate


class Waits:
    """Tells an observer of each wait once, however often it is met; of one that grows, what it grew by."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._told: dict[str, datetime] = {}  # by channel: until when its waits are told

    def met(self, channel: str, gate: Gate, now: datetime) -> None:
        """Hear that something is due at `now`, and how its channel's gate stands."""
        told = max(self._told.get(channel, now), now)
        if gate.opens_at is not None and gate.opens_at > told:
            self._observer.waiting(channel=channel, reason=gate.why, seconds=(gate.opens_at - told).total_seconds())
            self._told[channel] = gate.opens_at
