"""A worker is cut off from its database: packets are lost without a word, in the middle of a send."""

CHANNELS = ("key", "lookup", "none")
PATIENCE = "?connect_timeout=2&tcp_user_timeout=1500"  # seconds, milliseconds


def test_cut_off_in_the_middle_of_a_send(rig, far_server, cable, receiver, start, states, wait_for):
    """The posts under way are made, nothing new is begun, and every receipt is written when the cable is back."""
    ledger = far_server.database()
    rig.apply(ledger, *(rig.wish(channel, n) for channel in CHANNELS for n in range(3)))
    for channel in CHANNELS:
        receiver.fault(channel, "hold")
    daemon = start("daemon", ledger + PATIENCE, CHANNELS)
    receiver.wait_for_body(len(CHANNELS))
    cable.cut()
    receiver.go.set()
    wait_for(lambda: daemon.events("outcome not written"))
    assert len(receiver.bodies) == len(CHANNELS)
    cable.join()
    wait_for(lambda: states(ledger) == {f"{channel} published": 3 for channel in CHANNELS})
    daemon.end()
    assert rig.judge(ledger, receiver) == []
    assert len(receiver.bodies) == 9
