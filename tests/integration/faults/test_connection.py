"""The connection to a channel is cut, its answer comes late, or its memory for keys has ended."""

import pytest

CHANNELS = ("key", "lookup", "none")
SHORT = {"timeout": "1s"}  # what was looked up and not found goes out again when the try in doubt is surely over


@pytest.mark.parametrize("fault", ["cut", "kept, cut"])
def test_cut_after_the_body(rig, url, receiver, start, states, wait_for, fault):
    rig.apply(url, *(rig.wish(channel, 1) for channel in CHANNELS))
    for channel in CHANNELS:
        receiver.fault(channel, fault)
    daemon = start("daemon", url, dict.fromkeys(CHANNELS, SHORT))
    wait_for(lambda: states() == {"key published": 1, "lookup published": 1, "none uncertain": 1})
    log = daemon.end()
    assert rig.judge(url, receiver, uncertain={"none"}) == []
    # Whether its post was made nobody can know from here: it is said once, and never sent again.
    assert len([body for body in receiver.bodies if body[0] == "none"]) == 1
    said = [line for line in log if line["event"] == "try failed"]
    assert [line["channel"] for line in sorted(said, key=lambda line: line["channel"])] == list(CHANNELS)
    assert {line["error"] for line in said} == {"receiver: the connection broke before the answer"}


def test_the_answer_comes_after_the_time_out(rig, url, receiver, start, states, wait_for):
    rig.apply(url, *(rig.wish(channel, 1) for channel in CHANNELS))
    for channel in CHANNELS:
        receiver.fault(channel, "late")
    daemon = start("daemon", url, {channel: {"settings": {"patience": 0.4}} for channel in CHANNELS})
    wait_for(lambda: states() == {"key published": 1, "lookup published": 1, "none uncertain": 1})
    receiver.go.set()
    log = daemon.end()
    assert rig.judge(url, receiver, uncertain={"none"}) == []
    assert [len(receiver.posts_of(row.channel, row.key)) for row in rig.rows(url)] == [1, 1, 1]
    assert {line["error"] for line in log if line["event"] == "try failed"} == {"receiver: no answer in time"}


@pytest.mark.parametrize("fault", ["cut", "kept, cut"])
def test_the_channel_no_longer_knows_the_key(rig, url, receiver, start, states, wait_for, fault):
    """After its window a key is a stranger: it is looked up, or a person is asked, never sent again blindly."""
    rig.apply(url, rig.wish("key", 1), rig.wish("key-lookup", 1))
    forgetful = SHORT | {"settings": {"remembers": 0.3}}  # less than the time until it is settled
    for channel in ("key", "key-lookup"):
        receiver.fault(channel, fault)
    daemon = start("daemon", url, {"key": forgetful, "key-lookup": forgetful})
    receiver.wait_for_body(2)
    receiver.forget()
    wait_for(lambda: states() == {"key uncertain": 1, "key-lookup published": 1})
    wait_for(lambda: daemon.events("needs a person"))
    daemon.end()
    assert rig.judge(url, receiver, uncertain={"key"}) == []
    assert receiver.bodies.count(("key", rig.wish("key", 1).key)) == 1
    # What was looked up and found absent was sent once more; what was found was not.
    assert receiver.bodies.count(("key-lookup", rig.wish("key-lookup", 1).key)) == (2 if fault == "cut" else 1)
    asked = [row.reason for row in rig.rows(url) if row.channel == "key"]
    assert asked[0].endswith(f"promo resolve {rig.wish('key', 1).id}")
