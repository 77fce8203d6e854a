"""The points of one publication that `on_step` hears of."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """Named points, in their order. Tests end or pause a process at them."""

    CLAIMING = "claiming"  # before the attempt is written; heard with the channel's name
    CLAIM_WRITTEN = "claim_written"  # the attempt is written, but not committed
    CLAIMED = "claimed"  # the attempt is committed
    SENDING = "sending"  # all is ready, the connector is called next
    ANSWERED = "answered"  # the connector has answered, nothing of that is written
    RECORDING = "recording"  # the answer is written, but not committed
    RECORDED = "recorded"
    LOOKING_UP = "looking_up"  # a delivery in doubt: the channel is asked next
    LOOKED_UP = "looked_up"  # the channel has said what it has, nothing of that is written
