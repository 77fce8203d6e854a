"""A publisher is stopped (SIGSTOP) for longer than its lease, others settle what it held, and then it wakes up."""

import pytest

CHANNELS = ("key", "lookup", "none")
LEASE = {channel: {"timeout": "1s"} for channel in CHANNELS}


@pytest.mark.parametrize("channel", CHANNELS)
def test_frozen_between_the_post_and_its_answer(rig, url, receiver, start, states, wait_for, channel):
    rig.apply(url, rig.wish(channel, 1))
    receiver.fault(channel, "late")
    sleeper = start("daemon", url, LEASE)
    receiver.wait_for_body()
    sleeper.freeze()
    other = start("daemon", url, LEASE)
    # The others find the post, or meet it by its key; where neither is possible a person is asked.
    wait_for(lambda: states() == {f"{channel} {'uncertain' if channel == 'none' else 'published'}": 1})
    receiver.go.set()
    sleeper.thaw()
    wait_for(lambda: sleeper.events("tried"))
    wait_for(lambda: states() == {f"{channel} published": 1})  # who was there is believed
    for daemon in (other, sleeper):
        assert [line["event"] for line in daemon.end() if line["level"] == "error"] == []
    assert rig.judge(url, receiver) == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_frozen_before_the_send(rig, url, receiver, start, states, wait_for, channel):
    """Who wakes up after the end of his lease sends nothing: others may have."""
    rig.apply(url, rig.wish(channel, 1))
    sleeper = start("daemon", url, LEASE, freeze=["sending"])
    sleeper.at("sending")
    sleeper.frozen()
    other = start("daemon", url, LEASE)
    wait_for(lambda: states() == {f"{channel} {'uncertain' if channel == 'none' else 'published'}": 1})
    other.end()
    sent = len(receiver.bodies)
    sleeper.thaw()
    wait_for(lambda: sleeper.events("tried"))
    if channel == "none":  # nothing was sent, as is known now: so it goes out
        wait_for(lambda: states() == {f"{channel} published": 1})
    sleeper.end()
    assert rig.judge(url, receiver) == []
    assert len(receiver.bodies) == (1 if channel == "none" else sent)


def test_frozen_while_it_holds_postgresql_locked(rig, database, receiver, start, states, wait_for):
    """A transaction that nobody goes on with ends by itself: it keeps nobody from the channel for long."""
    rig.apply(database, *(rig.wish("key", n) for n in range(3)))
    sleeper = start(
        "daemon", f"{database}&options=-cidle_in_transaction_session_timeout%3D1000", LEASE, freeze=["claim_written"]
    )
    sleeper.at("claim_written")
    sleeper.frozen()
    other = start("daemon", database, LEASE)
    wait_for(lambda: states(database) == {"key published": 3})
    sleeper.thaw()
    other.end()
    sleeper.end()
    assert rig.judge(database, receiver) == []
    assert len(receiver.bodies) == 3
