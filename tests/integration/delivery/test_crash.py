"""The publisher is killed (SIGKILL) at every step, over and over; a receiver in another process counts the posts."""

import json

import pytest

PER_CHANNEL = 90  # of each of three kinds: 270 deliveries


def play(start, tmp_path, receiver, mode):
    process = start("publish", ledger=f"sqlite:///{tmp_path}/ledger.db", receiver=receiver, root=tmp_path, mode=mode)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    return json.loads(out)


def test_killed_anywhere_nothing_is_lost_or_doubled(station, start, tmp_path, receiver, counts):
    url = f"sqlite:///{tmp_path}/ledger.db"
    station.prepare(url, PER_CHANNEL)
    kills = play(start, tmp_path, receiver, "publisher")
    assert station.judge(url, counts()) == []
    # Each point killed publishers at work on each channel: else this test has shown nothing.
    assert {f"{point} {channel}" for point in station.POINTS for channel in station.KINDS} <= set(kills)
    assert sum(kills.values()) >= 40
    engine = station.open_database(url)
    found = station.status(engine, station.SystemClock().now())
    engine.dispose()
    assert found.counts.keys() <= {"published", "uncertain"}
    assert sum(found.counts.values()) == 3 * PER_CHANNEL
    assert {row.channel for row in found.uncertain} == {"none"}


@pytest.mark.parametrize(("mode", "fault"), [("after", "doubled"), ("before", "lost")])
def test_a_thoughtless_publisher_fails_the_same_judge(station, start, tmp_path, receiver, counts, mode, fault):
    url = f"sqlite:///{tmp_path}/ledger.db"
    station.prepare(url, 10)
    play(start, tmp_path, receiver, mode)
    assert any(fault in line for line in station.judge(url, counts()))
