"""What a publisher tells whoever watches it: metrics and traces hang here, the ledger knows nothing of them."""

from __future__ import annotations

from contextlib import nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    Span = AbstractContextManager[Mapping[str, str]]


class Part(StrEnum):
    """A stretch of the way from the plan to the receipt."""

    PLAN = "plan"  # files → plan, and what is new in it
    APPLY = "apply"  # the plan is written into the ledger
    CLAIM = "claim"  # one batch of one channel
    DELIVER = "deliver"  # one claimed delivery; the parts below happen inside
    RENDER = "render"
    PUBLISH = "publish"  # the call of the connector's `publish`
    RECORD = "record"  # its answer waits for its commit, until `recorded`
    LOOK_UP = "look_up"  # the call of the connector's `lookup`


class Observer:
    """Hears what one process does; this one lets it pass.

    Called by many threads, now and then within a transaction: whatever stands here is quick, never raises and never
    touches the ledger, but for the spans DELIVER and LOOK_UP, which are only entered outside of a transaction.
    """

    def claimed(self, *, channel: str, count: int) -> None:
        """Hear that `count` deliveries were claimed in one commit."""

    def waiting(self, *, channel: str, reason: str, seconds: float) -> None:
        """Hear, once for each wait, that something is due but its channel stays shut for `seconds` more.

        `reason` is `rate` (its rate limit) or `retry_after` (the channel itself said so).
        """

    def called(self, *, channel: str, late: float | None) -> None:
        """Hear that a connector's `publish` is called now, `late` seconds after the delivery's due moment.

        None: not its first try, or a person wanted it at another time.
        """

    def answered(self, *, channel: str, part: Part, outcome: str, seconds: float | None) -> None:
        """Hear what became of one try (`part` PUBLISH) or of one look-up (LOOK_UP), and how long the call took.

        `outcome` is an `Outcome`, for a look-up `found`, `not_found` or `failed`; `seconds` None: the connector was
        never called.
        """

    def recorded(self, *, delivery: str, fence: int, state: str) -> None:
        """Hear that what became of a try is committed, and the delivery's new state; empty: it went on elsewhere."""

    def committed(self, *, pieces: int, seconds: float, error: str | None = None) -> None:
        """Hear that the writer committed a group of `pieces` in `seconds`; `error`: the class of what undid it."""

    def expired(self, *, state: str, count: int) -> None:
        """Hear that `count` leases ran out, and the state that this left their deliveries in."""

    def beat(self, *, loop: str, within: float) -> None:
        """Hear that a loop of the engine has turned; it hangs unless it turns again `within` so many seconds.

        0: it has ended, as it should.
        """

    def span(self, part: Part, *, channel: str = "", delivery: str = "", fence: int = 0) -> Span:  # noqa: ARG002 - for those who listen
        """Surround a part, with whatever happens inside, in this thread. Errors pass through.

        Yields what belongs into the detail of the events written there (`planned`, `claimed`), so that another
        process can say what its own part follows from; empty where nobody traces.
        """
        return nullcontext({})
