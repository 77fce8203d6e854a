"""Collection: the channels' own counts are read back on a schedule and kept as samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from promo.connector import METRICS, AccessLost, ChannelError, Measurement, Receipt, TryAgain
from promo.errors import PromoError
from promo.exposure.salt import sweep_salts
from promo.store.database import reading, transaction
from promo.store.origin import Origin
from promo.store.tables import deliveries, events, in_state, samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from promo.clock import Clock
    from promo.registry import Channel

# When a post's counts are read, counted from its publication: close together while they grow fast. NULL in
# `collect_at` means that the first reading is due; after the last one it is NEVER.
SCHEDULE = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 3 * 24, 7 * 24, 14 * 24, 28 * 24))
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
AT_ONCE = 5000  # deliveries of one run at most; the next run, minutes later, takes up the others
PAUSE = timedelta(minutes=15)  # a channel says “later” without saying when
LOCKED_OUT = timedelta(hours=6)  # a channel lets us in no more: a person must act first


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A reading that did not work. `delivery` is None where the whole channel was left for later."""

    channel: str
    delivery: str | None
    message: str
    again_at: datetime | None  # None: this delivery is not asked again


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one run of collection did."""

    asked: int  # deliveries, with success
    samples: int  # numbers stored
    troubles: tuple[Trouble, ...] = ()

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Return channel and message of each trouble."""
        return [(trouble.channel, trouble.message) for trouble in self.troubles]


def next_collection(published_at: datetime, now: datetime) -> datetime:
    """Return the first moment of the schedule after `now`, or NEVER."""
    return next((published_at + step for step in SCHEDULE if published_at + step > now), NEVER)


def collect_due(
    engine: Engine,
    channels: Mapping[str, Channel],
    *,
    clock: Clock,
    everything: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Collected:
    """Read the counts of every published delivery that is due (or of all) and store them as reported samples.

    Trouble with one delivery or channel stops no other; it is recorded as an event and returned. `progress` is
    called with (done, all). Salts of visitor hashes that are over are forgotten on the way.
    """
    now = clock.now()
    sweep_salts(engine, now=now)
    by_channel = _due(engine, channels, now, everything=everything)
    total, done, asked, stored = sum(map(len, by_channel.values())), 0, 0, 0
    troubles: list[Trouble] = []
    for name, rows in by_channel.items():
        left: list[str] = [row["id"] for row in rows]
        for row in rows:
            try:
                numbers = _ask(channels[name], row)
            except (TryAgain, AccessLost) as error:
                again_at = clock.now() + _wait(error)
                _postpone(engine, name, left, error, at=clock.now(), again_at=again_at)
                troubles.append(Trouble(channel=name, delivery=None, message=error.message, again_at=again_at))
                done += len(left)
                break
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; one post stops no other
                asked_again = _give_up_for_now(engine, row, error, at=clock.now())
                troubles.append(Trouble(channel=name, delivery=row["id"], message=_words(error), again_at=asked_again))
            else:
                asked += 1
                stored += _store(engine, row, numbers, source=channels[name].kind.name, at=clock.now())
            left.remove(row["id"])
            done += 1
            if progress is not None:
                progress(done, total)
        if progress is not None:
            progress(done, total)
    return Collected(asked=asked, samples=stored, troubles=tuple(troubles))


def _due(
    engine: Engine, channels: Mapping[str, Channel], now: datetime, *, everything: bool
) -> dict[str, list[RowMapping]]:
    """Return the deliveries to ask, by channel; those of connectors that report nothing are left out."""
    able = [name for name, channel in channels.items() if channel.kind.capabilities.metrics]
    query = (
        select(
            deliveries.c.id,
            deliveries.c.campaign,
            deliveries.c.channel,
            deliveries.c.remote_id,
            deliveries.c.remote_url,
            deliveries.c.receipt,
            deliveries.c.published_at,
        )
        .where(
            in_state("published", "done"),
            deliveries.c.channel.in_(able),
            deliveries.c.remote_id.is_not(None),
            deliveries.c.published_at.is_not(None),
        )
        .order_by(deliveries.c.collect_at, deliveries.c.published_at, deliveries.c.id)
    )
    if not everything:
        due = deliveries.c.collect_at.is_(None) | (deliveries.c.collect_at <= now)
        query = query.where(due).limit(AT_ONCE)
    found: dict[str, list[RowMapping]] = {}
    with reading(engine) as connection:
        for row in connection.execute(query).mappings():
            found.setdefault(row["channel"], []).append(row)
    return found


def _ask(channel: Channel, row: RowMapping) -> list[Measurement]:
    with channel.lend() as connector:
        return list(_sound(connector.collect(receipt_of(row)), channel.limits.metrics))


def receipt_of(row: RowMapping) -> Receipt:
    """Return the receipt of a delivery's row (`remote_id`, `remote_url`, `receipt`, `published_at`)."""
    kept: Mapping[str, Any] = row["receipt"] or {}
    return Receipt(
        remote_id=row["remote_id"],
        url=row["remote_url"],
        at=row["published_at"],
        parts=tuple(kept.get("parts") or ()),
        detail=dict(kept.get("detail") or {}),
    )


def _sound(numbers: Iterable[Measurement], declared: tuple[str, ...]) -> Iterable[Measurement]:
    """Pass on the numbers that can be true; a plugin's slip must not spoil a report."""
    for number in numbers:
        known = number.metric in METRICS and number.metric in declared
        if known and math.isfinite(number.value) and number.value >= 0 and number.at.tzinfo is not None:
            yield number


def _store(engine: Engine, row: RowMapping, numbers: list[Measurement], *, source: str, at: datetime) -> int:
    with transaction(engine) as connection:
        if numbers:
            connection.execute(
                insert(samples),
                [
                    {
                        "delivery": row["id"],
                        "campaign": row["campaign"],
                        "metric": number.metric,
                        "value": float(number.value),
                        "origin": Origin.REPORTED,
                        "at": number.at,
                        "cumulative": True,
                        "source": source,
                    }
                    for number in numbers
                ],
            )
        _set_next(connection, [row["id"]], next_collection(row["published_at"], at))
    return len(numbers)


def _wait(error: TryAgain | AccessLost) -> timedelta:
    if isinstance(error, TryAgain):
        return error.wait or PAUSE
    return LOCKED_OUT


def _postpone(
    engine: Engine, channel: str, left: list[str], error: ChannelError, *, at: datetime, again_at: datetime
) -> None:
    """Leave the rest of a channel for later. It is not paused: reading counts and publishing are two rights."""
    with transaction(engine) as connection:
        _set_next(connection, left, again_at)
        _note(connection, delivery=None, channel=channel, at=at, error=_words(error))


def _give_up_for_now(engine: Engine, row: RowMapping, error: Exception, *, at: datetime) -> datetime | None:
    """Record why one delivery could not be read; return when it is asked again."""
    again_at = next_collection(row["published_at"], at)
    with transaction(engine) as connection:
        _set_next(connection, [row["id"]], again_at)
        _note(connection, delivery=row["id"], channel=row["channel"], at=at, error=_words(error))
    return None if again_at == NEVER else again_at


def _set_next(connection: Connection, ids: list[str], moment: datetime) -> None:
    for start in range(0, len(ids), 500):  # databases bound the number of parameters
        connection.execute(
            update(deliveries).where(deliveries.c.id.in_(ids[start : start + 500])).values(collect_at=moment)
        )


def _note(connection: Connection, *, delivery: str | None, channel: str, at: datetime, error: str) -> None:
    connection.execute(
        insert(events).values(
            delivery=delivery, channel=channel, at=at, what="collect_failed", by="promo", detail={"error": error}
        )
    )


def _words(error: Exception) -> str:
    """Our own errors are written for people; of any other only the name is safe: its text may hold a secret."""
    return error.message if isinstance(error, PromoError) else type(error).__name__
