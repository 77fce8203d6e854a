"""The threads that send: as many as there is work for, however that ends, and whatever the system grants."""

import threading
import time
from unittest.mock import Mock

import pytest

from promo.delivery import hands
from promo.delivery.hands import Hands


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.005)


def opened(**options):
    crew = Hands(**options)
    crew.open()
    return crew


class Work:
    """Pieces of work that last until `gate` opens."""

    def __init__(self):
        self.gate, self.lock = threading.Event(), threading.Lock()
        self.begun = self.done = 0

    def __call__(self):
        with self.lock:
            self.begun += 1
        self.gate.wait(20)
        with self.lock:
            self.done += 1


@pytest.fixture
def work():
    made = Work()
    yield made
    made.gate.set()


def test_every_piece_has_a_thread_at_once_up_to_the_limit(work):
    crew = opened(most=5)
    for _piece in range(8):
        crew.do(work)
    until(lambda: work.begun == 5)
    time.sleep(0.05)
    assert work.begun == 5
    work.gate.set()
    until(lambda: work.done == 8)


def test_threads_are_used_again_and_end_when_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(hands, "IDLE_SECONDS", 0.2)
    crew, names = opened(), set()
    for _piece in range(20):
        done = threading.Event()

        def piece(done=done):
            names.add(threading.current_thread())
            done.set()

        crew.do(piece)
        assert done.wait(10)
        until(lambda: not crew._wanted)
    [thread] = names
    crew.close()
    thread.join(10)
    assert not thread.is_alive()
    crew.open()
    crew.do(names.clear)
    until(lambda: not names)


def test_a_piece_that_fails_ends_no_thread():
    crew, done = opened(most=1), threading.Event()

    def leave():
        raise SystemExit

    crew.do(leave)
    crew.do(done.set)
    assert done.wait(10)


def test_where_the_system_grants_no_more_those_that_are_there_do_it(work, monkeypatch):
    crew = opened()
    crew.do(work)
    crew.do(work)
    until(lambda: work.begun == 2)

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _piece in range(4):
        crew.do(work)
    assert work.begun == 2
    work.gate.set()
    until(lambda: work.done == 6)
    with pytest.raises(RuntimeError, match="can't start"):
        opened()
    monkeypatch.undo()
    work.gate.clear()
    for _piece in range(4):  # a refusal that has passed is forgotten
        crew.do(work)
    until(lambda: work.begun == 10)


def test_what_waits_gets_its_thread_when_the_refusal_has_passed(work, monkeypatch):
    crew, done = opened(), threading.Event()
    crew.do(work)
    until(lambda: work.begun == 1)
    with monkeypatch.context() as limits:
        limits.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
        crew.do(done.set)
        crew.hurry()
    assert not done.wait(0.1)
    crew.hurry()
    assert done.wait(10)


def test_one_stays_while_it_is_open_however_long_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(hands, "IDLE_SECONDS", 0.05)
    crew, done = opened(), threading.Event()
    time.sleep(0.3)
    monkeypatch.setattr(threading.Thread, "start", lambda _thread: pytest.fail("one is there"))
    crew.do(done.set)
    assert done.wait(10)
