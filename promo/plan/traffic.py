"""What many deliveries together do to a channel: the same minute, and more than its rate limit takes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from promo.language import _, plural
from promo.source.value import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from promo.plan.model import PlannedDelivery
    from promo.registry import Channel


def traffic_notes(deliveries: Sequence[PlannedDelivery], channels: Mapping[str, Channel]) -> Iterator[tuple[str, str]]:
    """Yield (delivery id, note) for deliveries that meet others in one minute or must wait for a rate limit."""
    by_channel: dict[str, list[PlannedDelivery]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.part == "main":
            by_channel[delivery.channel].append(delivery)
    for name, found in by_channel.items():
        found.sort(key=lambda delivery: (delivery.due_at, delivery.id))
        yield from _same_minute(name, found)
        yield from _over_rate(channels[name], found)


def _same_minute(channel: str, deliveries: Sequence[PlannedDelivery]) -> Iterator[tuple[str, str]]:
    minutes: dict[datetime, list[str]] = defaultdict(list)
    for delivery in deliveries:
        minutes[delivery.due_at.replace(second=0, microsecond=0)].append(delivery.id)
    for meeting in minutes.values():
        others = len(meeting) - 1
        if others:
            note = plural(
                "{channel}: {count} other delivery in the same minute",
                "{channel}: {count} other deliveries in the same minute",
                others,
                channel=channel,
            )
            for identity in meeting:
                yield identity, note


def _over_rate(channel: Channel, deliveries: Sequence[PlannedDelivery]) -> Iterator[tuple[str, str]]:
    rate = channel.rate
    if rate is None:
        return
    for index in range(rate.calls, len(deliveries)):
        # The one `calls` places before must be a whole `per` ago.
        if deliveries[index].due_at - deliveries[index - rate.calls].due_at < rate.per:
            yield (
                deliveries[index].id,
                _(
                    "{channel} takes {calls} in {per}: it will wait for its turn",
                    channel=channel.name,
                    calls=rate.calls,
                    per=format_duration(rate.per),
                ),
            )
