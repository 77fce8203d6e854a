"""What must not end a lane: faults of plugins and listeners, unlucky moments, undone transactions."""

import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import TimeoutError as PoolExhausted
from structlog.testing import capture_logs

from promo.clock import SystemClock
from promo.delivery import worker
from promo.delivery import writer as writing
from promo.delivery.attendance import attendance
from promo.delivery.observer import Observer
from promo.delivery.query import list_deliveries
from promo.delivery.state import State
from promo.delivery.step import Step
from promo.engine.dispatcher import Dispatcher
from promo.engine.queue import Queue
from promo.errors import UserMistake
from promo.registry import Registry, open_channels
from promo.store.database import reading
from promo.store.tables import workers

PAST = timedelta(days=-4000)


class Untouched(Queue):
    """Takes jobs that nobody carries out."""

    def enqueue(self, connection, jobs):
        pass

    def run_worker(self, carry_out, **options):
        pass


def publisher_of(desk, kinds=None, **options):
    """Make a publisher on the real clock, with connectors of its own."""
    clock = SystemClock()
    kinds = kinds or {name: channel.kind for name, channel in desk.channels.items()}
    return desk.another(clock=clock, channels=open_channels(desk.workspace, Registry({}, kinds), clock), **options)


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it never came to pass")


def count(desk, state=State.PUBLISHED):
    return len(list_deliveries(desk.engine, states=[state]))


@pytest.mark.parametrize("fault", [SystemExit, GeneratorExit, RuntimeError])
def test_a_plugin_that_wants_to_end_the_program_ends_its_own_try(make_desk, fault):
    desk = make_desk()
    first, second = desk.add("first", due=PAST), desk.add("second", due=PAST + timedelta(hours=1))
    publisher = publisher_of(desk)

    def leave(_request):
        raise fault

    publisher.channels["by-key"].connector.script.append(leave)
    thread = threading.Thread(target=publisher.run_due, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert (desk.state(first), desk.state(second)) == (State.UNCERTAIN, State.PUBLISHED)


def test_a_listener_that_fails_stops_no_lane(make_desk):
    desk = make_desk(**{"by-key": {"concurrency": 3}})
    desk.apply(*(desk.wish(f"n{n}", due=PAST) for n in range(12)))
    publisher = publisher_of(desk)

    def listen(_delivery, _state):
        raise BrokenPipeError

    publisher.open_lanes(on_outcome=listen)
    publisher.wake("by-key")
    until(lambda: count(desk) == 12)
    thread = threading.Thread(target=publisher.close_lanes, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()


def test_what_ended_while_all_connections_are_in_use_is_written_later(postgres_desk, monkeypatch):
    delivery = postgres_desk.add("one", due=PAST)
    publisher = publisher_of(postgres_desk)
    monkeypatch.setattr(postgres_desk.engine.pool, "_timeout", 0.1)  # else half a minute
    monkeypatch.setattr(writing, "RECORD_AGAIN", timedelta(seconds=0.1))
    others = []

    def use_all(_request):
        with pytest.raises(PoolExhausted):
            others.extend(postgres_desk.engine.connect() for _ in range(99))
        threading.Timer(1, lambda: [one.close() for one in others]).start()

    publisher.channels["by-key"].connector.script.append(use_all)
    with capture_logs() as lines:
        publisher.run_due()
    assert postgres_desk.state(delivery) == State.PUBLISHED
    assert [line["error"] for line in lines if line["event"] == "outcome not written"] == [
        "all connections to the database are in use"
    ]
    assert [line["delivery"] for line in lines if line["event"] == "outcome written after all"] == [delivery]


class Faulty(Observer):
    """Fails where it hears of claims."""

    def claimed(self, **_said):
        raise BrokenPipeError


@pytest.mark.parametrize("way", ["lane", "queue"])
def test_a_fault_of_who_counts_claims_keeps_nothing_from_being_sent(make_desk, way):
    desk = make_desk()
    desk.add("one", due=PAST)
    publisher = publisher_of(desk, observer=Faulty())
    if way == "lane":
        work = publisher.run_due
    else:
        jobs = []
        publisher.hand_out(lambda _connection, some: jobs.extend(some))
        publisher.open_queue()
        work = partial(publisher.carry_out, jobs[0])
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    publisher.close_queue()
    assert count(desk) == 1


def test_a_process_without_work_shows_now_and_then_that_it_is_there(make_desk, monkeypatch):
    monkeypatch.setattr(writing, "BEAT", timedelta(seconds=0.05))
    monkeypatch.setattr(worker, "BEAT", timedelta(seconds=0.05))
    monkeypatch.setattr(worker, "IDLE", timedelta(seconds=0.3))
    desk = make_desk()
    publisher = publisher_of(desk, role="run")
    writes = []

    def hear(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO workers"):
            writes.append(time.monotonic())

    event.listen(desk.engine, "before_cursor_execute", hear)
    publisher.open_lanes(on_outcome=lambda _delivery, _state: None)
    until(lambda: len(writes) == 3)
    publisher.close_lanes()
    assert writes[2] - writes[0] > 0.5
    with reading(desk.engine) as connection:
        assert [row.role for row in connection.execute(select(workers))] == ["run"]


def test_a_ticker_without_work_shows_that_it_is_there(make_desk):
    desk = make_desk()
    dispatcher = Dispatcher(publisher_of(desk, role="run"), Untouched(), dry=lambda _channel: None, recovers=True)
    try:
        until(lambda: attendance(desk.engine, dict, SystemClock().now(), handed_out=True).seen_at is not None)
    finally:
        dispatcher.close()


def test_a_sign_that_cannot_be_written_is_said_once_and_tried_again_later(make_desk, monkeypatch):
    monkeypatch.setattr(writing, "BEAT", timedelta(seconds=0.05))
    monkeypatch.setattr(writing, "IDLE", timedelta(seconds=0.4))
    desk = make_desk()
    publisher, tries = publisher_of(desk, role="run"), []

    def refuse(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO workers"):
            tries.append(time.monotonic())
            raise OSError("the disk is full")

    event.listen(desk.engine, "before_cursor_execute", refuse)
    with capture_logs() as said:
        publisher.open_lanes(on_outcome=lambda _delivery, _state: None)
        until(lambda: len(tries) == 3)
        publisher.close_lanes()
    assert tries[2] - tries[0] > 0.7
    assert [entry["event"] for entry in said].count("ledger not writable") == 1


def test_a_process_whose_writer_is_busy_still_shows_signs_of_life(make_desk, monkeypatch):
    monkeypatch.setattr(worker, "BEAT", timedelta(seconds=0.1))
    monkeypatch.setattr(worker, "SILENCE", timedelta(seconds=0.5))
    monkeypatch.setattr(writing, "BEAT", timedelta(seconds=0.1))
    desk = make_desk()
    gate = threading.Event()
    desk.add("slow", due=PAST)
    desk.add("next", due=PAST + timedelta(hours=1))
    publisher = publisher_of(desk)
    publisher.channels["by-key"].connector.script.append(lambda _request: gate.wait(20) and None)
    publisher.open_lanes(on_outcome=lambda _delivery, _state: None)
    end = time.monotonic() + 1.5
    try:
        while time.monotonic() < end:
            publisher.wake("by-key")
            time.sleep(0.02)
        assert count(desk, State.PUBLISHING) == 1
    finally:
        gate.set()
        publisher.close_lanes()


def test_a_long_call_that_a_person_wanted_now_keeps_its_place(make_desk, monkeypatch):
    monkeypatch.setattr(worker, "BEAT", timedelta(seconds=0.1))
    monkeypatch.setattr(worker, "SILENCE", timedelta(seconds=0.5))
    monkeypatch.setattr(writing, "BEAT", timedelta(seconds=0.1))
    desk = make_desk()
    gate = threading.Event()
    wanted, _due = desk.add("wanted", due=timedelta(days=4000)), desk.add("due", due=PAST)
    person, daemon = publisher_of(desk, worker="person"), publisher_of(desk, worker="daemon")
    person.channels["by-key"].connector.script.append(lambda _request: gate.wait(20) and None)
    thread = threading.Thread(target=person.publish_now, args=[wanted])
    thread.start()
    try:
        until(lambda: count(desk, State.PUBLISHING) == 1)
        time.sleep(0.8)
        assert daemon.run_due().outcomes == ()
    finally:
        gate.set()
        thread.join()
    assert desk.state(wanted) == State.PUBLISHED


def test_what_an_undone_transaction_claimed_is_not_held(make_desk):
    desk = make_desk()
    desk.add(due=PAST)
    faults = ["together", "alone"]

    def fail(step, _delivery):
        if step is Step.CLAIM_WRITTEN and faults:
            raise OSError(faults.pop())

    publisher = publisher_of(desk, on_step=fail)
    publisher.open_lanes(on_outcome=lambda _delivery, _state: None)
    publisher.wake("by-key")
    until(lambda: not faults)
    publisher.close_lanes()
    assert publisher._crew.writer.in_flight == set()


def test_a_transaction_that_was_undone_forgets_no_call_under_way(make_desk):
    """Else this process would give no more signs of life for it, and end its lease itself."""
    desk = make_desk()
    post = desk.add(due=PAST)
    called, gate, faults = threading.Event(), threading.Event(), []

    def fail(step, _channel):
        if step is Step.CLAIMING and faults:
            raise OSError(faults.pop())

    publisher = publisher_of(desk, on_step=fail)
    publisher.channels["by-key"].connector.script.append(lambda _request: called.set() or (gate.wait(20) and None))
    publisher.open_lanes(on_outcome=lambda _delivery, _state: None)
    publisher.wake("by-key")
    try:
        assert called.wait(10)
        faults += ["together", "alone"]
        publisher.wake("by-key")
        until(lambda: not faults)
        publisher.sweep()
        assert publisher._crew.writer.in_flight == {post}
    finally:
        gate.set()
        publisher.close_lanes()
    assert desk.state(post) == State.PUBLISHED


def test_what_is_in_doubt_gets_its_turn_beside_what_is_due(make_desk):
    desk = make_desk()
    doubt = desk.add("doubt", due=PAST)
    publisher = publisher_of(desk)
    publisher.channels["by-key"].connector.script.append(OSError("cut"))
    publisher.run_due()
    assert desk.state(doubt) == State.UNCERTAIN
    desk.apply(*(desk.wish(f"n{n}", due=PAST + timedelta(hours=1)) for n in range(5)))
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET not_before = 0 WHERE state = 'uncertain'")
    done = [delivery for delivery, _state in publisher.run_due().outcomes]
    assert doubt in done


def test_a_tick_waits_for_a_lane_that_lost_the_processor(make_desk):
    """The end of one try is written before its thread comes to ask for the next: the tick is not over."""
    desk = make_desk()
    desk.apply(*(desk.wish(f"n{n}", due=PAST) for n in range(6)))
    publisher = publisher_of(desk)
    submit = publisher._crew.writer.submit

    def slowly(piece):
        submit(piece)
        if isinstance(piece, writing.End):
            time.sleep(0.05)

    publisher._crew.writer.submit = slowly
    assert publisher.run_due().count(State.PUBLISHED) == 6
    assert count(desk) == 6


def test_a_second_connector_that_cannot_be_built_leaves_no_doubt(make_desk):
    """A channel's settings may name a file that is gone by the time its second thread wants a connector."""
    desk = make_desk(**{"by-person": {"concurrency": 2}})
    built = []

    class Once(desk.channels["by-person"].kind):
        def __init__(self, settings, context):
            if built:
                raise UserMistake("the file is gone")
            built.append(self)
            super().__init__(settings, context)

    desk.apply(*(desk.wish(f"n{n}", channel="by-person", due=PAST) for n in range(2)))
    publisher = publisher_of(
        desk, {name: channel.kind for name, channel in desk.channels.items()} | {"by-person": Once}
    )
    publisher.channels["by-person"].connector.script.append(lambda _request: time.sleep(0.5))
    publisher.run_due()
    assert (count(desk), count(desk, State.UNCERTAIN), count(desk, State.FAILED)) == (1, 0, 1)


def test_one_free_place_of_many_is_filled_soon(make_desk):
    desk = make_desk(**{"by-key": {"concurrency": 8}})
    desk.add(due=PAST)
    publisher, queue = publisher_of(desk), Untouched()
    idle = threading.Event()
    dispatcher = Dispatcher(publisher, queue, dry=lambda _channel: idle.set(), recovers=True)
    try:
        dispatcher.wake("by-person")
        assert idle.wait(10)
        dispatcher.free("by-key")
        until(lambda: count(desk, State.PUBLISHING) == 1)
    finally:
        dispatcher.close()
