"""The tables of docs/scaling.md, from what was measured."""

from day import CALL, USABLE, Site, capacities, play, play_visits
from shape import minutes

GOAL = 10_000_000  # deliveries a day
VISITS = 1_000_000_000  # a day
SERVERS = (24, 32, 40, 48)  # cores
SITES = (
    Site(name="one `promo run`, SQLite", tickers=0, worker_cores=1, places=1_000, database_cores=0, embedded=True),
    Site(
        name="1 ticker, 4 cores of workers, PostgreSQL on 4", tickers=1, worker_cores=4, places=1_000, database_cores=4
    ),
    Site(name="8 tickers, 32 cores, PostgreSQL on 16", tickers=8, worker_cores=32, places=8_000, database_cores=16),
    Site(
        name="32 tickers, 128 cores, PostgreSQL on 64", tickers=32, worker_cores=128, places=30_000, database_cores=64
    ),
)


def every_table(found, bench):
    """Return each table by the name of its place on the page; the played day only where one was played."""
    tables = {
        "measured": f"Measured {found['date']} on {found['machine']}, {found['count']:,} deliveries.",
        "costs": _costs(found),
        "bench": _bench(bench),
        "days": _days(found["cpu"]),
        "visits": _visits(found["cpu"]),
        "growth": _growth(found["bytes"]),
        "limits": _limits(found, bench),
    }
    return tables | ({"played": _played(found["played"])} if found["played"] else {})


def _table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _column in head)} |"]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _costs(found):
    cpu, sizes = found["cpu"], found["bytes"]
    times = [
        ("delivery, one process on SQLite: 8 channels with much to do", cpu["embedded-few"]),
        ("delivery, one process on SQLite: 1,000 channels with 4 each", cpu["embedded"]),
        ("channel that waits, each time the daemon looks when it is next", cpu["look"]),
        ("delivery, distributed: handing out", cpu["ticker"]),
        ("delivery, distributed: the worker", cpu["worker"]),
        ("delivery, distributed: PostgreSQL", cpu["postgresql"]),
        ("visit of a tracked link (HTTP, look-up, row)", cpu["visit"]),
        ("a visit counted in a report", cpu["report-visit"]),
    ]
    rows = [(what, f"{seconds * 1000:.3g} ms", f"{1 / seconds:,.0f}") for what, seconds in times]
    bytes_rows = [
        (what, f"{sizes['sqlite'][key]:,.0f}", f"{sizes['postgresql'][key]:,.0f}")
        for what, key in (
            ("delivery: its row, with its indexes", "delivery"),
            ("delivery: its attempts", "attempts"),
            ("delivery: its events", "events"),
            ("visit", "visit"),
        )
    ]
    return "\n\n".join(
        [
            _table(("one", "CPU", "a second and core"), rows),
            _table(("one", "bytes, SQLite", "bytes, PostgreSQL"), bytes_rows),
        ]
    )


def _bench(bench):
    names = ("lifecycle-sqlite", "lifecycle-postgres", "claim-batch", "distributed-overhead")
    names += tuple(f"late-{kind}-{part}" for kind in ("embedded", "distributed") for part in ("p50", "p99"))
    rows = [(f"`{name}`", f"{bench[name]['ours']:,.4g}", bench[name]["what"]) for name in names if name in bench]
    return _table(("figure", "ours", "what"), rows) if rows else "`make bench`, then `make scaling`, puts them here."


def _days(cpu):
    rows = []
    for site in SITES:
        for spread, way in ((0, "round minutes"), (10, "drawn out over 10 min")):
            day = play(site, cpu, deliveries=GOAL, spread=spread)
            rows.append(
                (
                    site.name,
                    way,
                    f"{min(capacities(site, cpu).values()):,.0f}",
                    f"{day.late_p50:,.0f} s",
                    f"{day.late_p99:,.0f} s",
                    f"{day.late_most:,.0f} s",
                    f"{day.backlog:,}",
                    f"{day.cpu_hours:.1f}",
                    "–" if site.embedded else f"{day.database_busiest:.0%}",
                    day.tightest,
                )
            )
    head = ("site", "due at", "can do a second", "late p50", "p99", "at most", "waiting at most", "CPU hours")
    return _table((*head, "PostgreSQL in its busiest minute", "tightest"), rows)


def _visits(cpu):
    rows = []
    for cores in SERVERS:
        day = play_visits(cores, cpu, visits=VISITS)
        wait = f"{day.wait_most:,.0f} s"
        rows.append((cores, f"{day.peak:,.0f}", wait, f"{day.left:,}", f"{day.cpu_hours:,.0f}"))
    return _table(("cores of `promo serve`", "visits a second at the peak", "wait at most", "left", "CPU hours"), rows)


def _played(day):
    rows = [
        ("deliveries", f"{day['deliveries']:,}"),
        ("doubled, lost, early", f"{day['doubled']}, {day['lost']}, {day['early']}"),
        ("late at most, channels without a limit", f"{day['free-late-most']:.0f} s"),
        ("late at most, channels with 100 posts in 3 h", f"{day['limited-late-most'] / 60:.0f} min"),
        ("still waiting for their limit at midnight", f"{day['limited-waiting']:,}"),
    ]
    return _table(("of the played day", ""), rows)


def _growth(sizes):
    rows = []
    for what, keys, times in (
        ("deliveries", ("delivery",), GOAL),
        ("attempts and events", ("attempts", "events"), GOAL),
        ("visits", ("visit",), VISITS),
    ):
        day = sum(sizes["postgresql"][key] for key in keys) * times / 1e9
        rows.append((what, f"{day:,.1f} GB", f"{day * 30 / 1000:,.2f} TB"))
    return _table(("PostgreSQL", "a day", "30 days"), rows)


def _limits(found, bench):
    cpu, sizes = found["cpu"], found["bytes"]
    peak = max(minutes())  # the share of a day that falls due in one second
    fits = 60 / peak  # … times what is done in a second: the day whose worst minute is worked off in a minute
    one = min(USABLE / cpu["embedded"], SITES[0].places / CALL)
    rows = []
    if "plan-10k" in bench:
        each = bench["plan-10k"]["ours"] / 20_000
        rows.append(
            (
                "`promo plan` of one workspace",
                f"{600 / each:,.0f} deliveries in its horizon",
                f"{each * 1000:.2g} ms of CPU for each: ten minutes",
                "workspaces of their own, one a brand or region; a horizon of days",
            )
        )
    rows += [
        (
            "one process on SQLite",
            f"{one * fits:,.0f} deliveries a day",
            "the fullest minute takes a minute",
            "PostgreSQL and workers; or posting slots: ten times as many, drawn out over ten minutes",
        ),
        (
            "channels of one workspace",
            f"{1 / cpu['look']:,.0f} with work waiting",
            "a second of CPU for each look at what is next",
            "workspaces of their own, one for each group of brands",
        ),
        (
            "a ticker",
            f"{USABLE / cpu['ticker'] * fits:,.0f} a day each",
            "the same",
            "more tickers: they share by `SKIP LOCKED`",
        ),
        (
            "a core of a worker",
            f"{USABLE / cpu['worker'] * fits:,.0f} a day each",
            "the same",
            "more workers",
        ),
        (
            "a core of PostgreSQL",
            f"{USABLE / cpu['postgresql'] * fits:,.0f} a day each",
            "the same; 64 cores are one machine's end",
            "a ledger each for groups of brands: nothing is shared between workspaces",
        ),
        (
            "`promo serve`, one process",
            f"{USABLE / cpu['visit'] * 86_400 / 3 / 1e6:,.0f} million visits a day",
            "a peak of three times the mean",
            f"{VISITS * 3 / 86_400 * cpu['visit'] / USABLE:,.0f} cores for a billion; fewer in batches",
        ),
        (
            "a report",
            f"{10 / cpu['report-visit'] / 1e6:,.1f} million visits of one campaign",
            "ten seconds",
            "sums a day, kept by a nightly job; ClickHouse for the raw visits",
        ),
        (
            "the disk, visits",
            f"{2e12 / sizes['postgresql']['visit'] / 1e9:,.0f} billion visits",
            "2 TB",
            "partitions by day, older ones to ClickHouse or dropped",
        ),
    ]
    return _table(("what", "breaks at", "because", "then"), rows)
