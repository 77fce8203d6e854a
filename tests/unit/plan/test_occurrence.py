"""Schedules → occurrences."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.campaign.model import Period, Schedule
from promo.errors import UserMistake
from promo.plan.localtime import local_time
from promo.plan.occurrence import occurrences

YEAR = Period.model_validate({"from": "2027-01-01", "until": "2027-12-31"})


def found(schedule, *, zone="Europe/Berlin", period=YEAR, start="2027-01-01", until="2027-12-31"):
    return occurrences(
        Schedule.model_validate(schedule),
        ZoneInfo(zone),
        period=period,
        start=datetime.fromisoformat(start).replace(tzinfo=UTC),
        until=datetime.fromisoformat(until).replace(tzinfo=UTC),
    )


def labels(schedule, **more):
    return [occurrence.label for occurrence in found(schedule, **more)]


def days_of(schedule, **more):
    return [label[5:10] for label in labels(schedule, **more)]


def test_a_single_time_is_once_wherever_it_is_moved():
    assert labels({"at": "2027-03-08 10:00"}) == labels({"at": "2027-05-01 18:30"}) == ["once"]


def test_a_list_is_labelled_by_its_local_times_in_order_and_without_doubles():
    schedule = {"at": ["2027-05-01 10:00", "2027-03-08 10:00", "2027-05-01 10:00"]}
    assert labels(schedule) == ["2027-03-08T10:00", "2027-05-01T10:00"]


def test_a_time_with_an_offset_is_labelled_in_the_campaigns_zone():
    both = found({"at": ["2027-07-01 10:00+08:00", "2027-07-02 10:00"]})
    assert [o.label for o in both] == ["2027-07-01T04:00", "2027-07-02T10:00"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"cron": "30 2 * * *"}, ["03-27T02:30", "03-28T02:30", "03-29T02:30"]),
        ({"rrule": "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"}, ["03-27T02:30", "03-28T02:30", "03-29T02:30"]),
    ],
)
def test_in_a_gap_it_fires_once_at_the_first_instant_after(rule, expected):
    times = found(rule, start="2027-03-27", until="2027-03-30")
    assert [o.label[5:] for o in times] == expected
    assert times[1].at_utc == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert "does not exist" in times[1].notes[0]
    assert times[0].notes == times[2].notes == ()


def test_a_whole_gap_of_times_fires_once_under_the_time_that_exists():
    assert labels({"cron": "*/10 2,3 * * *"}, start="2027-03-28", until="2027-03-28T01:25") == [
        "2027-03-28T03:00",
        "2027-03-28T03:10",
        "2027-03-28T03:20",
    ]


@pytest.mark.parametrize("rule", [{"cron": "30 2 * * *"}, {"rrule": "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"}])
def test_in_a_fold_it_fires_once_at_the_first_of_the_two(rule):
    times = found(rule, start="2027-10-30T22:00", until="2027-10-31T12:00")
    assert [o.at_utc for o in times] == [datetime(2027, 10, 31, 0, 30, tzinfo=UTC)]


def test_a_search_that_begins_inside_a_fold_does_not_fire_again():
    assert labels({"cron": "30 2 * * *"}, start="2027-10-31T00:31", until="2027-10-31T12:00") == []
    assert labels({"cron": "30 2 * * *"}, start="2027-10-31T00:30", until="2027-10-31T01:10") == ["2027-10-31T02:30"]


def test_the_lost_day_of_samoa_fires_at_the_start_of_the_next():
    lost = Period.model_validate({"from": "2011-12-28", "until": "2012-01-02"})
    times = found({"cron": "0 10 * * *"}, zone="Pacific/Apia", period=lost, start="2011-12-29", until="2011-12-31")
    assert [o.label for o in times] == ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"]
    assert times[1].local.isoformat() == "2011-12-31T00:00:00+14:00"


def test_the_29th_of_february_comes_in_leap_years_only():
    long = Period.model_validate({"from": "2026-01-01", "until": "2032-12-31"})
    for rule in ({"cron": "0 9 29 2 *"}, {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=9"}):
        got = labels(rule, period=long, start="2026-01-01", until="2032-12-31")
        assert [label[:10] for label in got] == ["2028-02-29", "2032-02-29"]


def test_days_count_in_full_and_times_to_the_minute():
    daily = {"cron": "0 0,12,23 * * *"}
    assert labels(daily | {"from": "2027-05-01", "until": "2027-05-01"}) == [
        "2027-05-01T00:00",
        "2027-05-01T12:00",
        "2027-05-01T23:00",
    ]
    assert labels(daily | {"from": "2027-05-01 12:00", "until": "2027-05-01 12:00"}) == ["2027-05-01T12:00"]


def test_without_bounds_the_campaigns_period_holds():
    march = Period.model_validate({"from": "2027-03-01", "until": "2027-03-02"})
    assert days_of({"cron": "0 9 * * *"}, period=march) == ["03-01", "03-02"]
    assert days_of({"at": "2027-05-01 10:00"}, period=march) == [""]


def test_a_rule_counts_from_its_own_start():
    rule = {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=4", "start": "2027-03-02 09:30"}
    assert labels(rule) == [f"2027-{day}T09:30" for day in ("03-02", "03-16", "03-30", "04-13")]
    assert labels(rule, start="2027-03-20") == ["2027-03-30T09:30", "2027-04-13T09:30"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270304", "03-04"),  # a day counts in full
        ("20270304T093000", "03-04"),
        ("20270304T092959", "03-03"),
        ("20270304T083000Z", "03-04"),  # 09:30 in Berlin
        ("20270304T082959Z", "03-03"),
    ],
)
def test_until_of_a_rule(until, last):
    rule = {"rrule": f"FREQ=DAILY;BYHOUR=9;BYMINUTE=30;UNTIL={until}", "from": "2027-03-01"}
    assert days_of(rule)[-1] == last


def test_a_rule_that_never_matches_ends():
    assert labels({"rrule": "FREQ=YEARLY;BYMONTH=2;BYWEEKNO=40;BYDAY=MO;BYHOUR=9", "from": "2027-02-01"}) == []


@pytest.mark.parametrize("schedule", [{"cron": "* * * * *"}, {"rrule": "FREQ=HOURLY;BYMINUTE=0,15,30,45"}])
def test_a_slip_of_the_pen_is_one_clear_line(schedule):
    with pytest.raises(UserMistake, match="more than 10000 times"):
        found(schedule)


def test_a_count_holds_from_the_first_of_all_and_skipped_days_do_not_count():
    five = {"cron": "0 9 * * *", "from": "2027-03-05", "count": 5, "skip": "weekends"}
    assert days_of(five) == ["03-05", "03-08", "03-09", "03-10", "03-11"]
    assert days_of(five, start="2027-03-10") == ["03-10", "03-11"]
    assert days_of(five, start="2027-04-01") == []


def test_a_count_goes_on_through_years_and_ends():
    long = Period.model_validate({"from": "2007-01-01", "until": "2032-12-31"})
    daily = {"cron": "0 9 * * *", "skip": "weekends"}
    # 1 January 2007 was a Monday; 1 March 2027 is one.
    days = [day for day in range((date(2027, 3, 1) - date(2007, 1, 1)).days + 1) if day % 7 < 5]
    for count, expected in ((len(days), ["03-01"]), (len(days) + 1, ["03-01", "03-02"]), (len(days) - 1, [])):
        assert days_of(daily | {"count": count}, period=long, start="2027-02-27", until="2027-04-01") == expected


def test_skipped_days():
    week = {"cron": "0 9 * * *", "from": "2027-12-20", "until": "2027-12-28"}
    assert days_of(week | {"skip": ["weekends", "2027-12-22"]}) == [
        *("12-20", "12-21", "12-23", "12-24", "12-27", "12-28"),
    ]
    assert days_of(week | {"skip": "holidays DE"}) == ["12-20", "12-21", "12-22", "12-23", "12-24", "12-27", "12-28"]


CHINA = Period.model_validate({"from": "2026-01-01", "until": "2026-12-31"})
OCTOBER = {"period": CHINA, "zone": "Asia/Shanghai", "start": "2026-09-17", "until": "2026-10-13"}


def test_china_works_on_make_up_days_and_rests_on_days_off():
    # Notice of the State Council, November 2025: rest 1 to 7 October; work on Sunday 20 September, Saturday 10 October.
    plain = days_of({"cron": "30 9 * * MON-FRI"}, **OCTOBER)
    assert plain[:3] == ["09-17", "09-18", "09-21"]
    real = days_of({"cron": "30 9 * * MON-FRI", "skip": "days off CN", "also": "make-up days CN"}, **OCTOBER)
    assert real == [
        *("09-17", "09-18", "09-20", "09-21", "09-22", "09-23", "09-24", "09-28", "09-29", "09-30"),
        *("10-08", "10-09", "10-10", "10-12"),
    ]


def test_skip_wins_over_also():
    both = {"cron": "30 9 * * MON-FRI", "also": "make-up days CN", "skip": ["2026-10-10", "days off CN"]}
    assert "10-10" not in days_of(both, **OCTOBER)


WORDS = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=SU,MO",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=HOURLY;INTERVAL=5",
    "FREQ=DAILY;INTERVAL=3",
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "America/St_Johns"]),
    st.one_of(
        st.builds(
            lambda rule, hour, minute: {
                "rrule": f"{rule}" if "HOURLY" in rule else f"{rule};BYHOUR={hour};BYMINUTE={minute}"
            },
            st.sampled_from(WORDS),
            st.integers(0, 3),
            st.integers(0, 59),
        ),
        st.builds(lambda hour, minute: {"cron": f"{minute} {hour} * * *"}, st.integers(0, 3), st.integers(0, 59)),
    ),
    st.dates(date(2027, 1, 1), date(2027, 12, 1)),
)
def test_every_occurrence_exists_once_and_does_not_depend_on_where_the_search_begins(name, schedule, day):
    zone = ZoneInfo(name)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    times = occurrences(
        Schedule.model_validate(schedule), zone, period=YEAR, start=first, until=first + timedelta(days=40)
    )
    instants = [o.at_utc for o in times]
    assert instants == sorted(set(instants))
    assert len({o.label for o in times}) == len(times)
    for o in times:
        assert o.local.replace(tzinfo=None, fold=0) == local_time(o.at_utc, zone)
    later = first + timedelta(days=9, hours=7, minutes=11)
    again = occurrences(
        Schedule.model_validate(schedule), zone, period=YEAR, start=later, until=first + timedelta(days=40)
    )
    assert again == [o for o in times if o.at_utc >= later]
