"""The queue of each engine: what is put in, what comes out, and what does no harm."""

import time
from datetime import timedelta

import pytest
from kombu import Connection, Queue
from sqlalchemy import text

from promo.delivery.job import Job
from promo.engine.bundle import MOST
from promo.store.database import reading, transaction


class Heard(list):
    """Jobs that came out of a queue, in their order."""

    def wait_for(self, count):
        give_up = time.monotonic() + 20
        while len(self) < count:
            assert time.monotonic() < give_up, self
            time.sleep(0.02)


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
