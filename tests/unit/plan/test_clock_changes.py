"""The policy of docs/time.md on the days of clock changes: the same for single times, cron, rules and slots."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.campaign.model import Period, Schedule
from promo.plan.days import Days
from promo.plan.localtime import local_time
from promo.plan.occurrence import label, occurrences
from promo.plan.slots import slot_times
from promo.workspace import SlotPlan

DAY = timedelta(days=1)
ALWAYS = Period.model_construct(from_=date(1970, 1, 1), until=date(2050, 12, 31))

# zone, a local time that does not exist, or comes twice; the instant that is taken. Facts: tz database 2026f.
GAPS = [
    ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00"),
    ("Europe/Dublin", "2027-03-28T01:30", "2027-03-28T01:00"),  # whose summer is its standard time
    ("Antarctica/Troll", "2027-03-28T01:00", "2027-03-28T01:00"),  # two hours
    ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:30"),  # half an hour
    ("Africa/Cairo", "2027-04-30T00:00", "2027-04-29T22:00"),  # the day begins at 01:00
    ("Africa/Cairo", "2027-04-30T00:30", "2027-04-29T22:00"),
    ("Asia/Beirut", "2027-03-28T00:00", "2027-03-27T22:00"),
    ("America/Santiago", "2027-09-05T00:30", "2027-09-05T04:00"),
    ("America/Asuncion", "2023-10-01T00:00", "2023-10-01T04:00"),
    ("America/St_Johns", "2010-03-14T00:30", "2010-03-14T03:31"),  # at one minute past midnight
    ("Africa/Casablanca", "2024-04-14T02:30", "2024-04-14T02:00"),  # the end of Ramadan
    ("Asia/Gaza", "2024-04-20T02:30", "2024-04-20T00:00"),
    ("Asia/Pyongyang", "2018-05-04T23:45", "2018-05-04T15:00"),  # a new offset, for good
    ("Asia/Shanghai", "1991-04-14T02:30", "1991-04-13T18:00"),
    ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00"),  # a day that never was
    ("Pacific/Apia", "2011-12-30T23:59", "2011-12-30T10:00"),
    ("Pacific/Kwajalein", "1993-08-21T12:00", "1993-08-21T12:00"),
]
FOLDS = [
    ("Europe/Berlin", "2027-10-31T02:30", "2027-10-31T00:30"),
    ("Europe/Dublin", "2027-10-31T01:30", "2027-10-31T00:30"),
    ("Antarctica/Troll", "2027-10-31T01:30", "2027-10-30T23:30"),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"),
    ("Africa/Cairo", "2027-10-28T23:30", "2027-10-28T20:30"),
    ("Asia/Beirut", "2027-10-30T23:30", "2027-10-30T20:30"),
    ("America/Santiago", "2027-04-03T23:30", "2027-04-04T02:30"),
    ("America/Havana", "2027-11-07T00:30", "2027-11-07T04:30"),
    ("America/St_Johns", "2010-11-06T23:30", "2010-11-07T02:00"),
    ("Africa/Casablanca", "2024-03-10T02:30", "2024-03-10T01:30"),  # the beginning of Ramadan
    ("Asia/Pyongyang", "2015-08-14T23:45", "2015-08-14T14:45"),
    ("Asia/Shanghai", "1991-09-15T01:30", "1991-09-14T16:30"),
]
PLAIN = [
    ("Asia/Shanghai", "2027-03-28T02:30", "2027-03-27T18:30"),
    ("Africa/Cairo", "2027-04-30T01:00", "2027-04-29T22:00"),
    ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    ("America/New_York", "2028-02-29T23:59", "2028-03-01T04:59"),
]


def expand(zone, first, last, **words):
    """Return the occurrences of a schedule in [first, last]."""
    return occurrences(Schedule.model_construct(**words), zone, period=ALWAYS, start=first, until=last)


def ways(local):
    """Yield a schedule of each kind that fires every day at this time of day."""
    yield "at", {"at": tuple(local + n * DAY for n in range(-2, 3))}
    yield "cron", {"cron": f"{local.minute} {local.hour} * * *"}
    yield "rrule", {"rrule": f"FREQ=DAILY;BYHOUR={local.hour};BYMINUTE={local.minute}"}
    yield "start", {"rrule": "FREQ=DAILY", "start": local - 3 * DAY}
    yield "hourly", {"rrule": f"FREQ=HOURLY;BYHOUR={local.hour};BYMINUTE={local.minute}"}


@pytest.mark.parametrize(("name", "local", "utc"), GAPS + FOLDS + PLAIN)
def test_every_kind_of_schedule_takes_the_same_instant_and_takes_it_once(name, local, utc):
    zone, local = ZoneInfo(name), datetime.fromisoformat(local)
    wanted = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    for way, words in ways(local):
        times = expand(zone, wanted - DAY * 1.5, wanted + DAY * 1.5, **words)
        assert [o.at_utc for o in times if o.label == label(local)] == [wanted], way
        assert len({o.at_utc for o in times}) == len(times), way
        assert sum(o.at_utc == wanted for o in times) == 1, way
    [slot] = slot_times(
        SlotPlan(days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], times=[local.time()]),
        zone,
        first=wanted,
        last=wanted + timedelta(minutes=1),
        skipped=Days(),
        added=Days(),
    )
    assert slot == wanted


@pytest.mark.parametrize(("name", "local", "utc"), GAPS)
def test_a_gap_is_told_with_the_time_that_is_taken(name, local, utc):
    zone = ZoneInfo(name)
    wanted = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    [occurrence] = expand(zone, wanted, wanted, at=(datetime.fromisoformat(local),))
    assert local_time(wanted, zone).isoformat(sep=" ", timespec="minutes") in occurrence.notes[0]


@pytest.mark.parametrize("words", [{"cron": "15,45 * * * *"}, {"rrule": "FREQ=HOURLY;BYMINUTE=15,45"}])
@pytest.mark.parametrize(
    ("name", "day", "many"),
    [
        ("Europe/Berlin", "2027-03-28", 47),  # 02:15 and 02:45 fall on 03:00: once
        ("Europe/Berlin", "2027-10-31", 48),  # 25 hours long, but no wall time fires twice
        ("Australia/Lord_Howe", "2027-10-03", 48),  # 02:15 falls on 02:30
        ("Australia/Lord_Howe", "2027-04-04", 48),
        ("Africa/Cairo", "2027-04-30", 47),
        ("America/Santiago", "2027-04-03", 48),
        ("Asia/Shanghai", "2027-03-28", 48),
    ],
)
def test_many_times_a_day(name, day, many, words):
    zone = ZoneInfo(name)
    first = datetime.fromisoformat(day).replace(tzinfo=zone)
    last = (datetime.fromisoformat(day) + DAY).replace(tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
    times = expand(zone, first.astimezone(UTC), last, **words)
    assert len(times) == many
    assert [o.at_utc for o in times] == sorted({o.at_utc for o in times})


@pytest.mark.parametrize(
    "words",
    [
        {"cron": "0 9 29 2 *"},
        {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=9"},
        {"rrule": "FREQ=YEARLY", "start": datetime(2024, 2, 29, 9)},
        {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "start": datetime(2000, 2, 29, 9)},
    ],
)
def test_the_29th_of_february_is_not_moved_to_another_day(words):
    times = expand(
        ZoneInfo("Europe/Berlin"), datetime(2025, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC), **words
    )
    assert [o.label for o in times] == ["2028-02-29T09:00", "2032-02-29T09:00", "2036-02-29T09:00"]


@pytest.mark.parametrize(
    "words",
    [
        {"cron": "0 9 31 * *"},
        {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9"},
        {"rrule": "FREQ=MONTHLY", "start": datetime(2010, 1, 31, 9)},
    ],
)
def test_monthly_on_the_31st_leaves_short_months_out(words):
    times = expand(
        ZoneInfo("Asia/Shanghai"), datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC), **words
    )
    assert [o.local.month for o in times] == [1, 3, 5, 7, 8, 10, 12]


@pytest.mark.parametrize(
    "words",
    [{"cron": "0 9 L * *"}, {"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9"}],
)
def test_the_last_day_of_the_month_is_said_so(words):
    times = expand(
        ZoneInfo("Asia/Shanghai"), datetime(2028, 1, 1, tzinfo=UTC), datetime(2028, 5, 1, tzinfo=UTC), **words
    )
    assert [o.label[5:10] for o in times] == ["01-31", "02-29", "03-31", "04-30"]


# -- every zone of the tz database -----------------------------------------------------------------------------


@cache
def days_of_change(name, year):
    """Return the days of a year on which, or before which, the zone's offset changes."""
    zone, day, found = ZoneInfo(name), datetime(year, 1, 1, tzinfo=UTC), []
    while day.year == year:
        if day.astimezone(zone).utcoffset() != (day + DAY).astimezone(zone).utcoffset():
            found.append(day.date())
        day += DAY
    return found


@st.composite
def zones_and_times(draw):
    """Draw a zone, a day near one of its changes if it has any that year, and a time of day."""
    name = draw(st.sampled_from(sorted(available_timezones())))
    year = draw(st.integers(1971, 2045))
    changes = days_of_change(name, year)
    day = draw(st.sampled_from(changes)) if changes else date(year, draw(st.integers(1, 12)), 15)
    day += draw(st.integers(-1, 1)) * DAY
    return name, datetime(day.year, day.month, day.day, draw(st.integers(0, 23)), draw(st.integers(0, 59)))


def instants(local, zone):
    """Return every instant at which clocks show `local`, by trying all offsets of the days around it."""
    hours = range(-72, 73)
    near = {(local.replace(tzinfo=UTC) + timedelta(hours=h)).astimezone(zone).utcoffset() for h in hours}
    tried = {(local - offset).replace(tzinfo=UTC) for offset in near}
    return sorted(moment for moment in tried if local_time(moment, zone) == local)


@settings(max_examples=250, deadline=None)
@given(zones_and_times())
def test_in_every_zone_each_local_day_has_its_occurrence_once_and_none_too_early(drawn):
    name, local = drawn
    zone = ZoneInfo(name)
    wanted = [local + n * DAY for n in range(-2, 3)]
    first, last = (datetime.combine(local.date() + n * DAY, datetime.min.time(), UTC) for n in (-6, 6))
    expected = None
    for way, words in ways(local):
        times = [
            o for o in expand(zone, first, last, **words) if wanted[0] <= datetime.fromisoformat(o.label) <= wanted[-1]
        ]
        found = [o.at_utc for o in times]
        assert found == sorted(set(found)), way
        assert expected in (None, found), way
        expected = found
        named = {datetime.fromisoformat(o.label): o.at_utc for o in times}
        for day in wanted:
            if real := instants(day, zone):
                assert named[day] == real[0], way  # once, and the first where there are two
            else:
                moment = named.get(day)
                if moment is None:  # its instant is that of another day's time: a day that never was
                    assert day.time() == datetime.min.time()
                    continue
                assert local_time(moment, zone) > day
                assert local_time(moment - timedelta(seconds=1), zone) < day
