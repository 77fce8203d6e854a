"""One publisher process at work, sound or thoughtless, until it is struck or nothing is left to do."""

import os
import threading
from datetime import timedelta

from sqlalchemy import select, update
from station.channels import Poster, draw, open_station
from station.fault import ON_THE_WIRE

from promo.clock import SystemClock
from promo.delivery.publisher import Publisher
from promo.delivery.query import list_deliveries
from promo.delivery.request import build_request
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.engine.embedded import Daemon, Pace
from promo.engine.queue import open_queue
from promo.engine.ticker import Ticker
from promo.engine.worker import Worker
from promo.store.database import reading, transaction
from promo.store.tables import deliveries

NOTHING_LEFT = 3  # exit code
QUICK = Pace(watch=timedelta(seconds=0.2), after_error=timedelta(seconds=0.2))
LOOK = 0.1  # seconds between two looks whether anything is left


def work(options, fate, way):
    """Work as `way` says: `tick`, `daemon` and `procrastinate` are the real thing, `forgets` and `boasts` mutants."""
    engine, workspace, channels = open_station(
        options.ledger,
        options.root,
        options.receiver,
        options.lease,
        concurrency=options.concurrency,
        engine=way if way == "procrastinate" else "embedded",
    )
    Poster.on_the_wire = staticmethod(lambda delivery: fate(ON_THE_WIRE, delivery))
    if way in MUTANTS:
        return MUTANTS[way](engine, channels, fate, timedelta(seconds=options.lease))
    clock = SystemClock()
    surroundings = {"clock": clock, "render": draw(options.root), "workspace": workspace, "on_step": fate}
    if way == "procrastinate":
        return both(engine, workspace, channels, surroundings)
    publisher = Publisher(engine, channels, **surroundings)
    return tick(publisher, clock) if way == "tick" else daemon(publisher, clock)


def tick(publisher, clock):
    """Do as cron would with `promo tick`, over and over."""
    while (due := publisher.next_due()) is not None:
        clock.wait(min(due, clock.now() + timedelta(seconds=LOOK)), threading.Event())
        publisher.run_due(limit=4)
    return NOTHING_LEFT


def daemon(publisher, clock):
    """Do as `promo run` does, and stop when nothing is left."""
    running = Daemon(publisher, clock=clock, pace=QUICK)

    def end():
        while publisher.next_due() is not None:
            threading.Event().wait(LOOK)
        running.stop()

    threading.Thread(target=end, daemon=True).start()
    running.run()
    return NOTHING_LEFT


def both(engine, workspace, channels, surroundings):
    """Be a ticker and a worker at once, with Procrastinate between them, as several machines are."""
    queue = open_queue(workspace, engine)
    queue.prepare()
    publisher = Publisher(engine, channels, worker=f"worker {os.getpid()}", role="worker", **surroundings)
    worker = Worker(publisher, queue)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    ticker = Ticker(engine, channels, queue=queue, worker=f"ticker {os.getpid()}", role="run", **surroundings)
    daemon(ticker, surroundings["clock"])
    worker.stop()
    thread.join()
    return NOTHING_LEFT


def mutant(*, before):
    """Make a publisher that does it without thinking: claim, send, mark; with `before`, it marks and then sends.

    Its lease runs out and the delivery is simply free again.
    """

    def run(engine, channels, fate, lease):
        clock = SystemClock()
        while rows := list_deliveries(engine, states=[State.SCHEDULED, State.PUBLISHING]):
            claimed = next((row for row in rows if take(engine, row, clock.now(), lease)), None)
            if claimed is None:
                threading.Event().wait(LOOK)
                continue
            fate(Step.CLAIMED, claimed.id)
            with reading(engine) as connection:
                brand = deliveries.c.campaign.label("brand")
                row = connection.execute(select(deliveries, brand).where(deliveries.c.id == claimed.id)).one()
            if before:
                mark(engine, row.id)
            fate(Step.SENDING, row.id)
            channels[row.channel].connector.publish(build_request(row))
            fate(Step.ANSWERED, row.id)
            if not before:
                mark(engine, row.id)
            fate(Step.RECORDED, row.id)
        return NOTHING_LEFT

    return run


def take(engine, row, now, lease):
    """Claim for the mutants; a lease that is over counts for nothing."""
    free = (deliveries.c.state == State.SCHEDULED) | (deliveries.c.lease_until <= now)
    with transaction(engine) as connection:
        here = update(deliveries).where(deliveries.c.id == row.id, deliveries.c.state != State.PUBLISHED, free)
        values = {"state": State.PUBLISHING, "lease_until": now + lease}
        return row.due_at <= now and connection.execute(here.values(**values)).rowcount == 1


def mark(engine, delivery):
    """Note for the mutants that it is out."""
    with transaction(engine) as connection:
        here = update(deliveries).where(deliveries.c.id == delivery)
        connection.execute(here.values(state=State.PUBLISHED, remote_id="?"))


MUTANT_POINTS = frozenset({Step.CLAIMED, Step.SENDING, ON_THE_WIRE, Step.ANSWERED})
MUTANTS = {"forgets": mutant(before=False), "boasts": mutant(before=True)}
