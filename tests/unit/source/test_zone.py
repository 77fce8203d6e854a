"""Time zones, and the hours that clock changes skip or repeat."""

from datetime import datetime

import pytest

from promo.errors import UserMistake
from promo.source.zone import ClockChange, after_gap, clock_change, find_zone


@pytest.mark.parametrize(
    ("zone", "local", "change"),
    [
        ("Europe/Berlin", datetime(2027, 3, 28, 1, 59), None),
        ("Europe/Berlin", datetime(2027, 3, 28, 2, 0), ClockChange.GAP),
        ("Europe/Berlin", datetime(2027, 3, 28, 3, 0), None),
        ("Europe/Berlin", datetime(2027, 10, 31, 2, 30), ClockChange.FOLD),
        ("Europe/Berlin", datetime(2027, 10, 31, 3, 0), None),
        ("Asia/Shanghai", datetime(2027, 3, 28, 2, 30), None),
        ("Pacific/Apia", datetime(2011, 12, 30, 12, 0), ClockChange.GAP),
    ],
)
def test_clock_changes(zone, local, change):
    assert clock_change(local, find_zone(zone)) is change


@pytest.mark.parametrize(
    ("zone", "local", "taken"),
    [
        ("Europe/Berlin", datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 28, 3, 0)),
        ("Australia/Lord_Howe", datetime(2027, 10, 3, 2, 15), datetime(2027, 10, 3, 2, 30)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12, 0), datetime(2011, 12, 31, 0, 0)),
    ],
)
def test_after_a_gap(zone, local, taken):
    assert after_gap(local, find_zone(zone)) == taken


@pytest.mark.parametrize("name", ["Asia/Shanghia", "shanghai", "", "Asia", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_unknown_zones_are_told(name):
    with pytest.raises(UserMistake):
        find_zone(name)


def test_a_city_alone_names_its_zone():
    with pytest.raises(UserMistake) as error:
        find_zone("shanghai")
    assert error.value.hint == "did you mean `Asia/Shanghai`?"
