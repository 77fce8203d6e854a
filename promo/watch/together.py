"""Several who watch one publisher, heard as one."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from promo.delivery.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from promo.delivery.observer import Part


class Together(Observer):
    """Passes everything on to each of `observers`, in order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def claimed(self, *, channel: str, count: int) -> None:
        """Pass it on."""
        for one in self._observers:
            one.claimed(channel=channel, count=count)

    def waiting(self, *, channel: str, reason: str, seconds: float) -> None:
        """Pass it on."""
        for one in self._observers:
            one.waiting(channel=channel, reason=reason, seconds=seconds)

    def called(self, *, channel: str, late: float | None) -> None:
        """Pass it on."""
        for one in self._observers:
            one.called(channel=channel, late=late)

    def answered(self, *, channel: str, part: Part, outcome: str, seconds: float | None) -> None:
        """Pass it on."""
        for one in self._observers:
            one.answered(channel=channel, part=part, outcome=outcome, seconds=seconds)

    def recorded(self, *, delivery: str, fence: int, state: str) -> None:
        """Pass it on."""
        for one in self._observers:
            one.recorded(delivery=delivery, fence=fence, state=state)

    def committed(self, *, pieces: int, seconds: float, error: str | None = None) -> None:
        """Pass it on."""
        for one in self._observers:
            one.committed(pieces=pieces, seconds=seconds, error=error)

    def expired(self, *, state: str, count: int) -> None:
        """Pass it on."""
        for one in self._observers:
            one.expired(state=state, count=count)

    def beat(self, *, loop: str, within: float) -> None:
        """Pass it on."""
        for one in self._observers:
            one.beat(loop=loop, within=within)

    @contextmanager
    def span(self, part: Part, *, channel: str = "", delivery: str = "", fence: int = 0) -> Iterator[Mapping[str, str]]:
        """Surround a part with everybody's span; what is to be kept is that of the first who has something."""
        with ExitStack() as spans:
            kept = [
                spans.enter_context(one.span(part, channel=channel, delivery=delivery, fence=fence))
                for one in self._observers
            ]
            yield next((one for one in kept if one), {})
