"""Several processes on one ledger, and one that is asked to end."""

import json
import signal
import time

import pytest
from station.ledger import judge, prepare

from promo.delivery.query import list_deliveries
from promo.store.database import open_database


@pytest.fixture
def ledger(tmp_path):
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def begin(start, ledger, receiver, tmp_path):
    """Start a tick or a daemon on the ledger; return once it is about to work."""

    def one(what, lease=60):
        process = start(what, ledger=ledger, receiver=receiver, root=tmp_path, lease=lease)
        assert process.stdout.readline() == '"ready"\n', process.stderr.read()
        return process

    return one


@pytest.fixture
def states(ledger):
    """Return how many deliveries of each channel are in which state, as `channel state`."""
    engine = open_database(ledger)

    def count():
        found = {}
        for row in list_deliveries(engine):
            name = f"{row.channel} {row.state}"
            found[name] = found.get(name, 0) + 1
        return found

    yield count
    engine.dispose()


def wait_for(condition, seconds=30):
    """Wait until `condition` holds; a loaded machine gets its time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.02)


def test_two_ticks_at_once_publish_everything_once(ledger, begin, counts, states, tmp_path):
    prepare(ledger, 20)
    ticks = [begin("tick"), begin("tick")]
    done = [tuple(outcome) for tick in ticks for outcome in json.loads(tick.communicate(timeout=60)[0])]
    assert [tick.returncode for tick in ticks] == [0, 0]
    assert len(done) == len(set(done)) == 60
    assert set(counts().values()) == {1}
    assert judge(ledger, tmp_path / "receiver.log").faults == []
    assert states() == {"key published": 20, "lookup published": 20, "none published": 20}


def test_sigterm_finishes_the_call_under_way(ledger, begin, counts, states):
    prepare(ledger, 3, slow=1, channels=["none"])
    daemon = begin("daemon")
    wait_for(lambda: "none publishing" in states())
    daemon.send_signal(signal.SIGTERM)
    _out, err = daemon.communicate(timeout=20)
    assert daemon.returncode == 0, err
    found = states()
    assert set(found) == {"none published", "none scheduled"}
    assert found["none published"] == sum(counts().values())


def test_ctrl_c_ends_a_tick_the_same_way(ledger, begin, states):
    prepare(ledger, 3, slow=1, channels=["none"])
    tick = begin("tick")
    wait_for(lambda: "none publishing" in states())
    tick.send_signal(signal.SIGINT)
    _out, err = tick.communicate(timeout=20)
    assert tick.returncode == 0, err
    assert set(states()) == {"none published", "none scheduled"}


def test_a_second_signal_ends_at_once_and_the_ledger_knows(ledger, begin, counts, states):
    prepare(ledger, 1, slow=15, channels=["key"])
    daemon = begin("daemon", lease=0.1)
    wait_for(lambda: "key publishing" in states())
    began = time.monotonic()
    daemon.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=20)
    assert daemon.returncode == 128 + signal.SIGTERM
    assert time.monotonic() - began < 10
    assert states() == {"key publishing": 1}
    begin("tick").communicate(timeout=30)
    assert states() == {"key published": 1}
    assert list(counts().values()) == [1]


def test_the_daemon_sees_what_others_write_and_a_slow_channel_delays_no_other(ledger, begin, states):
    open_database(ledger).dispose()
    daemon = begin("daemon")
    prepare(ledger, 1, slow=30, channels=["lookup"])
    wait_for(lambda: "lookup publishing" in states())
    prepare(ledger, 4, channels=["key", "none"])
    wait_for(lambda: states().get("key published") == 4 and states().get("none published") == 4)
    assert states()["lookup publishing"] == 1
    daemon.kill()
