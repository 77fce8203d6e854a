"""A day of ten million deliveries, second by second, from measured unit costs.

What is simulated: due times in their real shape; channels of three sizes with their rate limits; tickers, workers and
PostgreSQL, each with its cores; calls that take their time and occupy a place of a worker. Every second the tightest
of them decides how much goes out; what has waited longest in its class of channels goes first. The clock is virtual.
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shape import minutes

from promo.clock import VirtualClock

MIDNIGHT = datetime(2027, 3, 1, tzinfo=UTC)
DAY = 86_400
USABLE = 0.8  # of a core's time; the rest is waiting, vacuum, checkpoints
CALL = 0.6  # seconds that a channel takes to answer


@dataclass(frozen=True, kw_only=True)
class Channels:
    """Channels of one size: how many, their share of the deliveries, and what each may post in how many seconds."""

    name: str
    count: int
    share: float
    calls: int
    per: int


SIZES = (
    Channels(name="small", count=60_000, share=0.6, calls=300, per=10_800),
    Channels(name="middle", count=2_000, share=0.3, calls=300, per=3_600),
    Channels(name="large", count=50, share=0.1, calls=50, per=1),
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """The machines: processes that hand out, cores and places of the workers, cores of PostgreSQL."""

    name: str
    tickers: int
    worker_cores: int
    places: int
    database_cores: int
    embedded: bool = False  # one process on SQLite: everything on one core


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a day came to: seconds late, rows waiting at the worst, CPU hours, and what was the tightest most often."""

    late_p50: float
    late_p99: float
    late_most: float
    backlog: int
    left: int
    cpu_hours: float
    database_busiest: float  # share of its cores, over the busiest minute
    tightest: str


def capacities(site, cpu):
    """Deliveries a second that each part of the site can take."""
    if site.embedded:
        return {"the one process": USABLE / cpu["embedded"], "places for calls": site.places / CALL}
    return {
        "tickers": site.tickers * USABLE / cpu["ticker"],
        "workers' cores": site.worker_cores * USABLE / cpu["worker"],
        "places for calls": site.places / CALL,
        "PostgreSQL's cores": site.database_cores * USABLE / cpu["postgresql"],
    }


def play(site, cpu, *, deliveries, spread=0):
    """Play a day; `spread`: minutes over which people draw out what they would let go out at once (posting slots)."""
    clock = VirtualClock(MIDNIGHT)
    can = capacities(site, cpu)
    tightest_part = min(can, key=can.get)
    limit = can[tightest_part]
    shares = _spread(minutes(), spread)
    waiting = {size.name: deque() for size in SIZES}
    tokens = {size.name: float(size.count * size.calls) for size in SIZES}
    late, tight, backlog, busiest = {}, {}, 0, deque([0.0] * 60, maxlen=60)
    worst_minute = 0.0
    for second in range(DAY):
        clock.move_to(MIDNIGHT + timedelta(seconds=second))
        _fall_due(waiting, shares, deliveries, second, spread)
        wanted = {}
        for size in SIZES:
            full = size.count * size.calls
            tokens[size.name] = min(full, tokens[size.name] + full / size.per)
            held = sum(count for _due, count in waiting[size.name])
            wanted[size.name] = min(held, tokens[size.name])
        total = sum(wanted.values())
        part = min(1.0, limit / total) if total else 0.0
        sent = 0.0
        for size in SIZES:
            going = wanted[size.name] * part
            tokens[size.name] -= going
            sent += going
            _send(waiting[size.name], going, second, late)
        busiest.append(sent)
        worst_minute = max(worst_minute, sum(busiest) / 60)
        left = sum(count for queue in waiting.values() for _due, count in queue)
        backlog = max(backlog, left)
        if left > 1:
            name = tightest_part if part < 1.0 else "the channels' own limits"
            tight[name] = tight.get(name, 0) + 1
    done = sum(late.values())
    if abs(done + left - deliveries) > 1:
        raise RuntimeError(f"{done + left} of {deliveries} accounted for")
    return Played(
        late_p50=_quantile(late, 0.5),
        late_p99=_quantile(late, 0.99),
        late_most=max(late, default=0),
        backlog=round(backlog),
        left=round(left),
        cpu_hours=done * _each(site, cpu) / 3600,
        database_busiest=0.0 if site.embedded else worst_minute * cpu["postgresql"] / site.database_cores,
        tightest=max(tight, key=tight.get, default="nothing"),
    )


VISIT_HOURS = 2.0  # after its post a visit comes, in the mean; ever fewer come as time passes


@dataclass(frozen=True, kw_only=True)
class Visited:
    """What a day of visits came to: visits a second at the peak, seconds that one waited at most, CPU hours."""

    peak: float
    wait_most: float
    left: int
    cpu_hours: float


def play_visits(cores, cpu, *, visits):
    """Play the visits of a day, minute by minute, on `cores` of `promo serve`."""
    fades = math.exp(-1 / (VISIT_HOURS * 60))
    interest, shares = 0.0, []
    for _day in range(2):  # yesterday's posts are still read
        shares = []
        for share in minutes():
            interest = interest * fades + share
            shares.append(interest)
    total = sum(shares)
    can = cores * USABLE / cpu["visit"]
    waiting = peak = longest = 0.0
    for share in shares:
        came = visits * share / total
        peak = max(peak, came / 60)
        waiting = max(0.0, waiting + came - can * 60)
        longest = max(longest, waiting / can)
    return Visited(peak=peak, wait_most=longest, left=round(waiting), cpu_hours=visits * cpu["visit"] / 3600)


def _each(site, cpu):
    return cpu["embedded"] if site.embedded else cpu["ticker"] + cpu["worker"] + cpu["postgresql"]


def _spread(shares, minutes):
    if not minutes:
        return shares
    return [sum(shares[at - back] for back in range(minutes)) / minutes for at in range(len(shares))]


def _fall_due(waiting, shares, deliveries, second, spread):
    """All of a minute falls due in its first second; spread, in all sixty of them."""
    minute, within = divmod(second, 60)
    part = 1 / 60 if spread else float(within == 0)
    if part:
        for size in SIZES:
            waiting[size.name].append((second, deliveries * shares[minute] * size.share * part))


def _send(queue, going, second, late):
    while going > 1e-9 and queue:
        due, count = queue.popleft()
        taken = min(count, going)
        late[second - due] = late.get(second - due, 0) + taken
        going -= taken
        if count - taken > 1e-9:
            queue.appendleft((due, count - taken))


def _quantile(late, share):
    target, seen = sum(late.values()) * share, 0
    for seconds in sorted(late):
        seen += late[seconds]
        if seen >= target:
            return seconds
    return 0
