"""Local times that a clock change skips or repeats, in zones that do it differently."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.plan.localtime import local_time, resolve, shift_note
from promo.source.zone import ClockChange

CASES = [
    # zone, local, UTC, what the clock change did. Facts: IANA tz database 2025b.
    ("Europe/Berlin", "2027-03-28T01:59", "2027-03-28T00:59", None),
    ("Europe/Berlin", "2027-03-28T02:00", "2027-03-28T01:00", ClockChange.GAP),
    ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00", ClockChange.GAP),
    ("Europe/Berlin", "2027-03-28T02:59:59", "2027-03-28T01:00", ClockChange.GAP),
    ("Europe/Berlin", "2027-03-28T03:00", "2027-03-28T01:00", None),
    ("Europe/Berlin", "2027-10-31T01:59", "2027-10-30T23:59", None),
    ("Europe/Berlin", "2027-10-31T02:00", "2027-10-31T00:00", ClockChange.FOLD),
    ("Europe/Berlin", "2027-10-31T02:59", "2027-10-31T00:59", ClockChange.FOLD),
    ("Europe/Berlin", "2027-10-31T03:00", "2027-10-31T02:00", None),
    # Egypt leaves midnight out: the day begins at 01:00 (last Friday of April since 2023).
    ("Africa/Cairo", "2027-04-30T00:00", "2027-04-29T22:00", ClockChange.GAP),
    ("Africa/Cairo", "2027-04-30T00:59", "2027-04-29T22:00", ClockChange.GAP),
    ("Africa/Cairo", "2027-04-30T01:00", "2027-04-29T22:00", None),
    # Lord Howe moves by half an hour.
    ("Australia/Lord_Howe", "2027-10-03T02:00", "2027-10-02T15:30", ClockChange.GAP),
    ("Australia/Lord_Howe", "2027-10-03T02:29", "2027-10-02T15:30", ClockChange.GAP),
    ("Australia/Lord_Howe", "2027-10-03T02:30", "2027-10-02T15:30", None),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45", ClockChange.FOLD),
    # Samoa crossed the date line: 30 December 2011 never was.
    ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59", None),
    ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00", ClockChange.GAP),
    ("Pacific/Apia", "2011-12-30T18:00", "2011-12-30T10:00", ClockChange.GAP),
    ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00", None),
    # China's last summer time: from 14 April to 15 September 1991, both at 02:00.
    ("Asia/Shanghai", "1991-04-14T02:30", "1991-04-13T18:00", ClockChange.GAP),
    ("Asia/Shanghai", "1991-09-15T01:30", "1991-09-14T16:30", ClockChange.FOLD),
    ("Asia/Shanghai", "2027-03-28T02:30", "2027-03-27T18:30", None),
    ("UTC", "2028-02-29T12:00", "2028-02-29T12:00", None),
]


@pytest.mark.parametrize(("zone", "local", "utc", "change"), CASES)
def test_policy(zone, local, utc, change):
    resolved = resolve(datetime.fromisoformat(local), ZoneInfo(zone))
    assert resolved.at_utc == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert resolved.change is change


def test_an_offset_written_by_hand_wins():
    moment = datetime.fromisoformat("2027-03-28T02:30+08:00")
    assert resolve(moment, ZoneInfo("Europe/Berlin")).at_utc == datetime(2027, 3, 27, 18, 30, tzinfo=UTC)


def test_people_are_told_what_happened():
    zone = ZoneInfo("Europe/Berlin")
    gap = datetime(2027, 3, 28, 2, 30)
    assert shift_note(gap, resolve(gap, zone), zone) == (
        "2027-03-28 02:30 does not exist in Europe/Berlin: the clock goes forward; 2027-03-28 03:00 is taken",
    )
    plain = datetime(2027, 3, 28, 4, 30)
    assert shift_note(plain, resolve(plain, zone), zone) == ()


ZONES = ["Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia", "Asia/Shanghai"]


@given(
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(2005, 1, 1), max_value=datetime(2037, 12, 31)).map(
        lambda d: d.replace(microsecond=0)
    ),
)
def test_the_instant_is_the_first_at_or_after_the_local_time(name, local):
    zone = ZoneInfo(name)
    resolved = resolve(local, zone)
    shown = local_time(resolved.at_utc, zone)
    if resolved.change is ClockChange.GAP:
        assert shown > local
        just_before = local_time(resolved.at_utc - timedelta(seconds=1), zone)
        assert just_before < local
    else:
        assert shown == local
        earlier = resolved.at_utc - timedelta(hours=1)
        assert local_time(earlier, zone) != local
