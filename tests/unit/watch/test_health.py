"""Health that tells the truth: loops, the database, what hangs, and the way back."""

import threading

import pytest

from promo.errors import PromoError
from promo.watch import health as health_room
from promo.watch.health import Health
from promo.watch.heartbeat import Heartbeat


class Seconds:
    """A clock of seconds that a test sets."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def heartbeat(seconds):
    return Heartbeat(seconds)


def make(heartbeat, *, stopping=False, loops=True, **checks):
    return Health(heartbeat=heartbeat, checks=checks, stopping=lambda: stopping, loops=loops)


def test_nothing_is_alive_before_its_first_turn(heartbeat):
    health = make(heartbeat)
    assert not health.alive().ok
    assert health.alive().as_plain() == {
        "status": "not alive",
        "checks": {"loop": {"ok": False, "reason": "the engine has not started yet"}},
    }
    heartbeat.beat(loop="watch", within=60)
    assert health.alive().as_plain() == {"status": "alive", "checks": {"loop": {"ok": True}}}


def test_a_loop_that_hangs_is_named_and_one_that_ended_is_not(heartbeat, seconds):
    health = make(heartbeat)
    heartbeat.beat(loop="watch", within=8)
    heartbeat.beat(loop="queue", within=30)
    seconds.now += 8
    assert health.alive().ok
    seconds.now += 0.1
    assert health.alive().checks["loop"].reason == "the loop watch has not turned for 8 s"
    assert heartbeat.ages().keys() == {"watch", "queue"}
    heartbeat.beat(loop="watch", within=0)
    assert health.alive().ok
    assert heartbeat.ages().keys() == {"queue"}


def test_ready_asks_everything_and_says_what_is_wrong(heartbeat):
    def refuse():
        raise PromoError("the queue is away", hint="not told")

    def surprise():
        raise RuntimeError("postgresql://promo:secret@db.example/promo")

    heartbeat.beat(loop="watch", within=60)
    health = make(heartbeat, database=lambda: None, queue=refuse, more=surprise)
    report = health.ready()
    assert not report.ok
    assert report.as_plain() == {
        "status": "not ready",
        "checks": {
            "loop": {"ok": True},
            "database": {"ok": True},
            "queue": {"ok": False, "reason": "the queue is away"},
            "more": {"ok": False, "reason": "RuntimeError"},
        },
    }


def test_stopping_is_alive_but_not_ready(heartbeat):
    heartbeat.beat(loop="watch", within=60)
    health = make(heartbeat, stopping=True, database=lambda: None)
    assert health.alive().ok
    assert health.ready().checks["stopping"].reason == "it is stopping"


def test_without_loops_who_answers_is_alive(heartbeat):
    health = make(heartbeat, loops=False, database=lambda: None)
    assert health.alive().as_plain() == {"status": "alive", "checks": {}}
    assert health.ready().ok


def test_a_question_that_hangs_is_asked_once_and_its_way_back_is_seen(heartbeat, monkeypatch):
    monkeypatch.setattr(health_room, "SECONDS", 0.05)
    released, asked = threading.Event(), []

    def hang():
        asked.append(threading.current_thread())
        released.wait(30)

    heartbeat.beat(loop="watch", within=60)
    health = make(heartbeat, database=hang)
    for _again in range(5):
        assert health.ready().checks["database"].reason == "no answer within 0.05 s"
    assert len(asked) == 1, "a database that hangs must not collect threads"
    released.set()
    asked[0].join(30)
    assert health.ready().ok


def test_the_log_tells_of_each_change_once(heartbeat, capsys):
    away = [True]

    def database():
        if away[0]:
            raise PromoError("the database does not answer")

    heartbeat.beat(loop="watch", within=60)
    health = make(heartbeat, database=database)
    health.ready()
    health.ready()
    away[0] = False
    health.ready()
    health.ready()
    said = capsys.readouterr()
    assert (said.out + said.err).count("not ready") == 1
    assert (said.out + said.err).count("ready again") == 1
