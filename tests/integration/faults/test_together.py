"""Two daemons on one ledger, and plans that are applied while they publish."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain

from promo.errors import WorldMoved

CHANNELS = ("key", "lookup", "none")


def test_two_daemons_on_one_sqlite_file(rig, url, receiver, start, states, wait_for):
    """Both want each delivery at its moment: it goes out once, and both get their share."""
    daemons = [start("daemon", url, CHANNELS), start("daemon", url, CHANNELS)]
    wait_for(lambda: all(daemon.events("engine started") for daemon in daemons))
    wishes = []
    for _batch in range(10):  # who is first is chance, seldom the same eight times: then there is more to do
        # Further apart than a claim runs ahead: else whoever has just sent takes what comes next, too.
        moments = [datetime.now(UTC) + timedelta(seconds=1 + n * 0.4) for n in range(8)]
        count = len(wishes)
        wishes.extend(rig.wish(channel, count + n, due=due) for n, due in enumerate(moments) for channel in CHANNELS)
        rig.apply(url, *wishes)
        wait_for(lambda: sum(states().get(f"{channel} published", 0) for channel in CHANNELS) == len(wishes))
        if len(set(rig.workers(url))) == len(daemons):
            break
    shares = [[line["delivery"] for line in daemon.end() if line["event"] == "tried"] for daemon in daemons]
    assert all(shares)
    assert sorted(chain(*shares)) == sorted(row.id for row in rig.rows(url))
    assert sorted(Counter(rig.workers(url)).values()) == sorted(len(share) for share in shares)
    assert rig.judge(url, receiver) == []
    assert len(receiver.bodies) == len(wishes)


def test_a_plan_is_applied_in_the_middle_of_a_send(rig, url, receiver, start, states, wait_for):
    """What is out or on its way stays as it was; the rest is changed, withdrawn and added as planned."""
    rig.apply(url, *(rig.wish(channel, n) for channel in CHANNELS for n in range(6)))
    for channel in CHANNELS:
        receiver.fault(channel, "hold")
    daemon = start("daemon", url, CHANNELS)
    receiver.wait_for_body(len(CHANNELS))
    under_way = {(channel, key) for channel, key in receiver.bodies}
    wanted = [rig.wish(channel, n, text=f"new words {n}") for channel in CHANNELS for n in (0, 1, 2, 3, 6, 7)]
    applied = rig.apply(url, *wanted)
    receiver.go.set()
    wait_for(lambda: not any("scheduled" in name or "publishing" in name for name in states()))
    daemon.end()
    gone = [row for row in rig.rows(url) if row.state == "cancelled"]
    assert applied.added == len(CHANNELS) * 2
    assert applied.cancelled == len(gone)
    assert not any(receiver.posts_of(row.channel, row.key) for row in gone)
    new = {(wish.channel, wish.key): wish.content["text"] for wish in wanted}
    for row in rig.rows(url):
        if row.state != "cancelled":
            [post] = receiver.posts_of(row.channel, row.key)
            old = (row.channel, row.key) in under_way
            assert post.text == (f"post {row.activity[1:]}" if old else new[row.channel, row.key])
    assert len(receiver.bodies) == len(receiver.posts)


def test_plans_are_applied_all_the_while(rig, url, receiver, start, states, wait_for):
    """Whatever a plan changes at the last moment: what goes out is what the ledger says, exactly, once."""
    each = [(channel, n) for channel in CHANNELS for n in range(8)]
    rig.apply(url, *(rig.wish(*one) for one in each))
    daemon = start("daemon", url, {channel: {"rate": {"calls": 2, "per": "1s"}} for channel in CHANNELS})
    changed = 0
    for edition in range(1000):
        if states() == {f"{channel} published": 8 for channel in CHANNELS}:
            break
        try:
            changed += rig.apply(url, *(rig.wish(*one, text=f"{edition}") for one in each)).changed
        except WorldMoved:  # what it would have changed has just gone out: a new plan is made, as a person would
            continue
    daemon.end()
    assert changed > 0
    assert rig.judge(url, receiver) == []
    for row in rig.rows(url):
        [post] = receiver.posts_of(row.channel, row.key)
        assert post.text == row.content["text"]
