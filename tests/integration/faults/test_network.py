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


def test_a_worker_cut_off_while_its_ticker_goes_on(rig, far_server, cable, receiver, start, states, wait_for):
    """Procrastinate's worker has begun to send when its cable is cut, for longer than its leases.

    The ticker, which needs no network, calls the posts uncertain and hands them out again. When the cable is back the
    worker gets these jobs, too, and still has its own receipts to write.
    """
    far = far_server.database()
    near = far_server.by_socket(far)
    rig.apply(near, *(rig.wish(channel, n) for channel in CHANNELS for n in range(3)))
    for channel in CHANNELS:
        receiver.fault(channel, "late")
    channels = {channel: {"timeout": "6s"} for channel in CHANNELS}
    ticker = start("ticker", near, channels)
    worker = start("worker", far + PATIENCE, channels)
    receiver.wait_for_body(len(CHANNELS))
    cable.cut()
    receiver.go.set()
    wait_for(lambda: worker.events("outcome not written"))
    wait_for(lambda: len([each for each in ticker.events("swept") if each["state"] == "uncertain"]) == len(CHANNELS))
    assert len(receiver.bodies) == len(CHANNELS)
    cable.join()
    wait_for(lambda: states(near) == {f"{channel} published": 3 for channel in CHANNELS}, 60)
    worker.end()
    ticker.end()
    assert rig.judge(near, receiver) == []
    assert len(receiver.posts) == 9
