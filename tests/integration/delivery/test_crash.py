"""Publishers are struck at every step, over and over; the file of a receiver in another process is the judge."""

import json

import pytest
from station.fault import every_fault

COUNT = 60  # deliveries on each of three channels; more are planned while there are faults that have not struck


def play(start, url, root, **options):
    process = start("crash", ledger=url, root=root, delay=0.01, brief=True, **options)
    out, err = process.communicate(timeout=110)
    assert process.returncode == 0, err
    return json.loads(out)


def test_struck_anywhere_nothing_is_lost_or_doubled(start, empty_database, tmp_path):
    found = play(start, empty_database, tmp_path, count=COUNT, over=30, random_kills=5)
    assert (found["doubled"], found["lost"], found["wrong"]) == (0, 0, [])
    # Each fault struck a publisher at work on each channel: else this test has shown nothing.
    assert {fault.name for fault in every_fault(brief=True)} <= found["faults"].keys()
    assert found["published"] + found["uncertain"] >= 3 * COUNT
    assert found["uncertain"] <= found["kills"] + found["zombies"]


@pytest.mark.parametrize(("way", "fault"), [("forgets", "doubled"), ("boasts", "lost")])
def test_a_thoughtless_publisher_fails_the_same_judge(start, empty_database, tmp_path, way, fault):
    assert play(start, empty_database, tmp_path, count=10, way=way)[fault] > 0
