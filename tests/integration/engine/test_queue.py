"""The queue of each engine: what is put in, what comes out, and what does no harm."""

import select
import threading
import time
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

import amqp
import pytest
from amqp.exceptions import MessageNacked
from celery.worker import loops
from kombu import Connection, Queue
from sqlalchemy import text
from structlog.testing import capture_logs

from promo.delivery.job import Job
from promo.engine import queue as queues
from promo.engine.bundle import MOST
from promo.engine.ticker import Ticker
from promo.errors import PromoError
from promo.store.database import reading, transaction


def wait_until(condition, seconds=20):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it never came to pass"
        time.sleep(0.02)


class Heard(list):
    """Jobs that came out of a queue, in their order."""

    def wait_for(self, count):
        wait_until(lambda: len(self) >= count)


def put(place, queue, *jobs):
    with transaction(place.engine) as connection:
        queue.enqueue(connection, jobs)
    queue.committed(jobs)


def test_what_is_committed_comes_out_and_what_is_undone_does_not(place):
    heard = Heard()
    with place.queue() as queue:
        with transaction(place.engine) as connection:
            queue.enqueue(connection, [Job("undone", 1)])
            connection.rollback()
        put(place, queue, Job("done", 7))
        with place.working(queue, heard.append):
            heard.wait_for(1)
            time.sleep(0.2)
    assert heard == [Job("done", 7)]


def test_many_jobs_come_out_each_once_and_the_queue_is_empty_then(place):
    jobs = [Job(f"{number:012x}", number) for number in range(8 * MOST + 5)]
    heard = Heard()
    with place.queue() as queue:
        put(place, queue, *jobs)
        with place.working(queue, heard.append):
            heard.wait_for(len(jobs))
        assert sorted(heard) == jobs
        later = Heard()
        with place.working(queue, later.append):
            time.sleep(0.5)
    assert later == []
    if place.name == "procrastinate":
        with reading(place.engine) as connection:
            left = connection.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar()
        assert left == 0


def test_an_error_ends_its_job_and_no_other(place):
    heard = Heard()

    def carry_out(job):
        heard.append(job)
        if job.fence == 1:
            raise RuntimeError("this delivery is in trouble")

    with place.queue() as queue, place.working(queue, carry_out):
        put(place, queue, Job("a", 1), Job("b", 2))
        heard.wait_for(2)
        put(place, queue, Job("c", 3))
        heard.wait_for(3)
    assert sorted(heard) == [Job("a", 1), Job("b", 2), Job("c", 3)]


def test_an_old_fence_and_a_second_copy_send_nothing(place):
    place.channel("post")
    [key] = place.fill(channel="post", count=1)
    heard = Heard()
    publisher = place.publisher()
    publisher.open_queue()
    with place.queue() as queue:
        jobs = []

        def enqueue(connection, some):
            jobs.extend(some)
            queue.enqueue(connection, some)

        assert publisher.hand_out(enqueue, ahead=timedelta(0)) == 1
        [job] = jobs
        queue.committed([Job(job.delivery, job.fence - 1), job, job])
        if place.name == "procrastinate":  # which has written the first with the claim
            put(place, queue, Job(job.delivery, job.fence - 1), job)
        with place.working(queue, lambda each: heard.append((each, publisher.carry_out(each)))):
            heard.wait_for(3)
    publisher.close_queue()
    publisher.engine.dispose()
    assert place.receiver.sends == {key: 1}
    assert place.states() == {key: "published"}
    assert sorted(str(state) for _job, state in heard) == ["None", "None", "published"]


@pytest.mark.parametrize("engine_name", ["procrastinate"], indirect=True)
def test_a_row_of_procrastinate_holds_nothing_but_ids_and_fences(place):
    place.channel("post", concurrency=3)
    place.fill(channel="post", count=3)
    publisher = place.publisher()
    with place.queue() as queue:
        publisher.hand_out(queue.enqueue, ahead=timedelta(0))
    publisher.engine.dispose()
    with reading(place.engine) as connection:
        rows = connection.execute(text("SELECT * FROM procrastinate_jobs")).mappings().all()
        known = {(row.id, row.fence) for row in connection.execute(text("SELECT id, fence FROM deliveries"))}
    assert {tuple(pair) for row in rows for pair in row["args"].pop("bundle")} == known
    for row in rows:
        assert row["args"] == {}
        assert (row["lock"], row["queueing_lock"], row["scheduled_at"], row["priority"]) == (None, None, None, 0)


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_a_message_of_celery_holds_nothing_but_ids_and_fences(place):
    with place.queue() as queue:
        put(place, queue, Job("1f0c9a7b2d3e", 4))
    with Connection(place.broker.url) as connection:
        found = connection.SimpleQueue(Queue("promo", durable=True)).get(timeout=5)
        found.ack()
    arguments, named, more = found.payload
    assert (arguments, named) == ([[["1f0c9a7b2d3e", 4]]], {})
    assert set(more.values()) == {None}
    assert found.content_type == "application/json"
    assert found.headers["eta"] is None
    assert found.headers["expires"] is None
    assert found.properties["delivery_mode"] == 2  # kept over a restart of the broker


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_what_could_not_be_sent_is_sent_when_the_broker_is_back(place, rabbit):
    heard = Heard()
    with place.queue() as queue:
        rabbit.stop()
        try:
            put(place, queue, Job("late", 1))
            assert queue.recover() == 0
        finally:
            rabbit.start()
        assert queue.recover() == 1
        with place.working(queue, heard.append):
            heard.wait_for(1)
    assert heard == [Job("late", 1)]


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")  # of its next default
@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_one_thread_alone_reads_a_connection_also_when_the_broker_was_away(place, rabbit, monkeypatch):
    """Two would take each other's answers, and wait for them without end."""
    readers, heard, back = defaultdict(set), Heard(), threading.Event()
    read = amqp.Connection.blocking_read

    def noted(connection, timeout=None):
        readers[connection].add(threading.current_thread().name)
        return read(connection, timeout)

    def carry_out(job):
        heard.append(job)
        back.wait(30)

    monkeypatch.setattr(amqp.Connection, "blocking_read", noted)
    with place.queue() as queue, place.working(queue, carry_out):
        put(place, queue, Job("a", 1), Job("b", 1))  # one for each thread of the worker
        heard.wait_for(2)
        rabbit.stop()
        known = set(readers)
        rabbit.start()
        [worker] = {name for connection in known for name in readers[connection]} - {"MainThread"}
        wait_until(lambda: any(worker in names for one, names in list(readers.items()) if one not in known))
        back.set()
        heard.wait_for(4)  # both once more: nobody could acknowledge them to a broker that was away
        put(place, queue, Job("c", 1))
        heard.wait_for(5)
    assert sorted(heard) == [Job("a", 1), Job("a", 1), Job("b", 1), Job("b", 1), Job("c", 1)]
    assert [names for names in readers.values() if len(names) > 1] == []


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")  # of its next default
@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_a_worker_whose_broker_goes_away_just_as_it_begins_takes_jobs_again(place, rabbit, monkeypatch):
    """Celery's first read of a connection takes a goodbye for silence; its heartbeat then connects without a queue."""
    heard, begins = Heard(), threading.Event()

    def first_read(connection):
        begins.set()
        select.select([connection.connection.sock], [], [], 30)  # until the broker says something
        connection.connection.collect()  # as it is after a goodbye; a reset, which comes as often, would be noticed

    monkeypatch.setattr(loops, "_quick_drain", first_read)
    with place.queue() as queue, place.working(queue, heard.append):
        assert begins.wait(20)
        monkeypatch.undo()
        rabbit.stop()
        rabbit.start()
        put(place, queue, Job("a", 1))
        heard.wait_for(1)
        time.sleep(queues.TURN + 1)  # it stays connected
        put(place, queue, Job("b", 1))
        heard.wait_for(2)
    assert heard == [Job("a", 1), Job("b", 1)]


def in_time(call, *arguments, seconds=30):
    """Call it in a thread, and return what it returns; it must come back."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(call(*arguments)), daemon=True)
    thread.start()
    thread.join(seconds)
    assert answers, "it hangs, or it raised"
    return answers[0]


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_a_broker_that_takes_nothing_is_noticed_and_waited_for(place, rabbit):
    """RabbitMQ under an alarm keeps its connections, and confirms nothing."""
    jobs, heard = [Job("late", 1), Job("later", 2)], Heard()
    with place.queue() as queue:
        queue.check()
        with rabbit.alarmed():
            for job in jobs:
                in_time(queue.committed, [job])
            assert in_time(queue.recover) == 0
            for _time in range(2):
                with pytest.raises(PromoError, match="takes no messages"):
                    queue.check()
        queue.check()
        assert queue.recover() == 2
        with place.working(queue, heard.append):
            wait_until(lambda: set(heard) == set(jobs))  # the first perhaps twice: the alarm has kept it, too


@pytest.fixture
def short(rabbit):
    """Keep RabbitMQ's queue at one message, as a policy can: it refuses (`basic.nack`) the next."""
    rabbit.control("set_policy", "short", "^promo$", '{"max-length": 1, "overflow": "reject-publish"}')
    yield
    rabbit.control("clear_policy", "short")


@pytest.mark.parametrize("engine_name", ["celery"], indirect=True)
def test_what_the_broker_refuses_is_kept_and_sent_again(place, rabbit, short):
    heard = Heard()

    def refuses():
        with suppress(MessageNacked):
            for _message in range(2):
                producer.publish({}, routing_key="promo")
            return False
        return True

    with place.queue() as queue:
        with Connection(rabbit.url, transport_options={"confirm_publish": True}) as connection:
            producer = connection.Producer()
            wait_until(refuses)  # a policy holds a moment later
        rabbit.empty()
        put(place, queue, Job("first", 1))
        put(place, queue, Job("second", 1))
        assert queue.recover() == 0
        rabbit.empty()
        assert queue.recover() == 1
        with place.working(queue, heard.append):
            heard.wait_for(1)
    assert heard == [Job("second", 1)]


@pytest.mark.parametrize("engine_name", ["procrastinate"], indirect=True)
def test_a_dead_worker_s_job_is_brought_back_once(place):
    heard = Heard()
    with place.queue() as queue:
        put(place, queue, Job("held", 1))
        held = text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")  # as a dead worker leaves it
        with transaction(place.engine) as connection:
            connection.execute(held)
        assert queue.recover() == 1
        with transaction(place.engine) as connection:
            connection.execute(held)
        assert queue.recover() == 0  # its second worker died, too: the lease frees its delivery
        with place.working(queue, heard.append):
            time.sleep(0.3)
    assert heard == []


class Faulty(queues.Queue):
    """A queue with a fault of its own."""

    def __init__(self):
        self.calls = []

    def enqueue(self, connection, jobs):
        self.calls += jobs

    def committed(self, jobs):
        self.calls.append("committed")
        raise RuntimeError("not foreseen")

    def recover(self):
        self.calls.append("recover")
        raise RuntimeError("not foreseen")

    def run_worker(self, carry_out, *, concurrency, stop, turned=queues.unheard):
        stop.wait()


@pytest.mark.parametrize("engine_name", ["procrastinate"], indirect=True)
def test_no_error_of_a_queue_ends_the_handing_out(place):
    place.channel("post", concurrency=2)
    faulty = Faulty()
    ticker = place.publisher(Ticker, queue=faulty, role="run")
    with capture_logs() as logs:
        ticker.open_lanes(on_outcome=lambda _delivery, _state: None)
        wait_until(lambda: "recover" in faulty.calls)
        for campaign in ("spring", "autumn"):
            place.fill(channel="post", count=1, campaign=campaign)
            before = faulty.calls.count("committed")
            ticker.wake("post")
            wait_until(lambda: faulty.calls.count("committed") > before)  # noqa: B023 - called within the loop
        ticker.close_lanes()
    ticker.engine.dispose()
    assert len([call for call in faulty.calls if isinstance(call, Job)]) == 2
    assert {(line["event"], line["kind"]) for line in logs if line["log_level"] == "error"} == {
        ("queue failed", "RuntimeError")
    }
