"""The examples of RFC 5545, section 3.8.5.3: every rule there, with the days it gives in New York.

The rules that fire every few minutes stand at the end: promo refuses them, and says most of them in another way.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from promo.campaign.model import Period, Schedule
from promo.campaign.rule import parse_rrule
from promo.plan.occurrence import occurrences

NEW_YORK = ZoneInfo("America/New_York")
# The examples lie before the years that a file may name: period and schedule are made by hand.
ALWAYS = Period.model_construct(from_=date(1996, 1, 1), until=date(2012, 12, 31))


def found(rule, first, until, skip=()):
    schedule = Schedule.model_construct(rrule=parse_rrule(rule), start=datetime.fromisoformat(first), skip=tuple(skip))
    return occurrences(
        schedule,
        NEW_YORK,
        period=ALWAYS,
        start=datetime(1996, 1, 1, tzinfo=UTC),
        until=datetime.fromisoformat(f"{until} 23:59").replace(tzinfo=NEW_YORK),
    )


def listed(text):
    """Read `1997-09 2-4 9; 1997-10 1` as 2, 3, 4 and 9 September and 1 October."""
    days = []
    for month in text.split(";"):
        name, *numbers = month.split()
        for number in numbers:
            first, _dash, last = number.partition("-")
            days += [f"{name}-{day:02}" for day in range(int(first), int(last or first) + 1)]
    return days


TUESDAYS = "1997-09 2 9 16 23 30; 1997-10 7 14 21 28; 1997-11 4"
TO_CHRISTMAS = "1997-09 2-30; 1997-10 1-31; 1997-11 1-30; 1997-12 1-23"
JANUARIES = "1998-01 1-31; 1999-01 1-31; 2000-01 1-31"

# first day (at 9:00 in New York), rule, last day looked at, the days it gives
EXAMPLES = [
    ("1997-09-02", "FREQ=DAILY;COUNT=10", "2012-12-31", "1997-09 2-11"),
    ("1997-09-02", "FREQ=DAILY;UNTIL=19971224T000000Z", "2012-12-31", TO_CHRISTMAS),
    (
        *("1997-09-02", "FREQ=DAILY;INTERVAL=2", "1997-12-05"),
        (
            "1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30; 1997-10 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30;"
            "1997-11 1 3 5 7 9 11 13 15 17 19 21 23 25 27 29; 1997-12 1 3 5"
        ),
    ),
    ("1997-09-02", "FREQ=DAILY;INTERVAL=10;COUNT=5", "2012-12-31", "1997-09 2 12 22; 1997-10 2 12"),
    ("1998-01-01", "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "2012-12-31", JANUARIES),
    ("1998-01-01", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "2012-12-31", JANUARIES),
    ("1997-09-02", "FREQ=WEEKLY;COUNT=10", "2012-12-31", TUESDAYS),
    (
        *("1997-09-02", "FREQ=WEEKLY;UNTIL=19971224T000000Z", "2012-12-31"),
        f"{TUESDAYS} 11 18 25; 1997-12 2 9 16 23",
    ),
    (
        *("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1998-02-17"),
        "1997-09 2 16 30; 1997-10 14 28; 1997-11 11 25; 1997-12 9 23; 1998-01 6 20; 1998-02 3 17",
    ),
    (
        *("1997-09-02", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "2012-12-31"),
        "1997-09 2 4 9 11 16 18 23 25 30; 1997-10 2",
    ),
    (
        *("1997-09-02", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "2012-12-31"),
        "1997-09 2 4 9 11 16 18 23 25 30; 1997-10 2",
    ),
    (
        *("1997-09-01", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "2012-12-31"),
        "1997-09 1 3 5 15 17 19 29; 1997-10 1 3 13 15 17 27 29 31; 1997-11 10 12 14 24 26 28; 1997-12 8 10 12 22",
    ),
    (
        *("1997-09-02", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "2012-12-31"),
        "1997-09 2 4 16 18 30; 1997-10 2 14 16",
    ),
    (
        *("1997-09-05", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "2012-12-31"),
        "1997-09 5; 1997-10 3; 1997-11 7; 1997-12 5; 1998-01 2; 1998-02 6; 1998-03 6; 1998-04 3; 1998-05 1; 1998-06 5",
    ),
    (
        *("1997-09-05", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "2012-12-31"),
        "1997-09 5; 1997-10 3; 1997-11 7; 1997-12 5",
    ),
    (
        *("1997-09-07", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "2012-12-31"),
        "1997-09 7 28; 1997-11 2 30; 1998-01 4 25; 1998-03 1 29; 1998-05 3 31",
    ),
    (
        *("1997-09-22", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "2012-12-31"),
        "1997-09 22; 1997-10 20; 1997-11 17; 1997-12 22; 1998-01 19; 1998-02 16",
    ),
    (
        *("1997-09-28", "FREQ=MONTHLY;BYMONTHDAY=-3", "1998-02-28"),
        "1997-09 28; 1997-10 29; 1997-11 28; 1997-12 29; 1998-01 29; 1998-02 26",
    ),
    (
        *("1997-09-02", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "2012-12-31"),
        "1997-09 2 15; 1997-10 2 15; 1997-11 2 15; 1997-12 2 15; 1998-01 2 15",
    ),
    (
        *("1997-09-30", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "2012-12-31"),
        "1997-09 30; 1997-10 1 31; 1997-11 1 30; 1997-12 1 31; 1998-01 1 31; 1998-02 1",
    ),
    (
        *("1997-09-10", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "2012-12-31"),
        "1997-09 10-15; 1999-03 10-13",
    ),
    (
        *("1997-09-02", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "1998-03-31"),
        "1997-09 2 9 16 23 30; 1997-11 4 11 18 25; 1998-01 6 13 20 27; 1998-03 3 10 17 24 31",
    ),
    (
        *("1997-06-10", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "2012-12-31"),
        ";".join(f"{year}-06 10; {year}-07 10" for year in range(1997, 2002)),
    ),
    (
        *("1997-03-10", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "2012-12-31"),
        "1997-03 10;" + ";".join(f"{year}-01 10; {year}-02 10; {year}-03 10" for year in (1999, 2001, 2003)),
    ),
    (
        *("1997-01-01", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "2012-12-31"),
        (
            "1997-01 1; 1997-04 10; 1997-07 19; 2000-01 1; 2000-04 9; 2000-07 18; 2003-01 1; 2003-04 10; 2003-07 19;"
            "2006-01 1"
        ),
    ),
    ("1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "1999-12-31", "1997-05 19; 1998-05 18; 1999-05 17"),
    ("1997-05-12", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1999-12-31", "1997-05 12; 1998-05 11; 1999-05 17"),
    (
        *("1997-03-13", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1999-12-31"),
        "1997-03 13 20 27; 1998-03 5 12 19 26; 1999-03 4 11 18 25",
    ),
    (
        *("1997-06-05", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "1999-12-31"),
        (
            "1997-06 5 12 19 26; 1997-07 3 10 17 24 31; 1997-08 7 14 21 28;"
            "1998-06 4 11 18 25; 1998-07 2 9 16 23 30; 1998-08 6 13 20 27;"
            "1999-06 3 10 17 24; 1999-07 1 8 15 22 29; 1999-08 5 12 19 26"
        ),
    ),
    (
        *("1997-09-13", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1998-06-30"),
        (
            "1997-09 13; 1997-10 11; 1997-11 8; 1997-12 13; 1998-01 10; 1998-02 7; 1998-03 7; 1998-04 11; 1998-05 9;"
            "1998-06 13"
        ),
    ),
    (
        *("1996-11-05", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "2006-12-31"),
        "1996-11 5; 2000-11 7; 2004-11 2",
    ),
    ("1997-09-04", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "2012-12-31", "1997-09 4; 1997-10 7; 1997-11 6"),
    (
        *("1997-09-29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1998-03-31"),
        "1997-09 29; 1997-10 30; 1997-11 27; 1997-12 30; 1998-01 29; 1998-02 26; 1998-03 30",
    ),
    ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "2012-12-31", "1997-08 5 10 19 24"),
    ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "2012-12-31", "1997-08 5 17 19 31"),
    # The 30th of February is no day: it is left out, and does not count.
    ("2007-01-15", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2012-12-31", "2007-01 15 30; 2007-02 15; 2007-03 15 30"),
]


@pytest.mark.parametrize(("first", "rule", "until", "days"), EXAMPLES, ids=[f"{e[0]} {e[1]}" for e in EXAMPLES])
def test_an_example_gives_its_days_at_nine_in_new_york(first, rule, until, days):
    times = found(rule, f"{first} 09:00", until)
    assert [o.label for o in times] == [f"{day}T09:00" for day in listed(days)]
    assert {(o.local.hour, o.local.minute) for o in times} == {(9, 0)}


def test_nine_in_the_morning_stays_nine_when_the_clock_goes_back():
    times = found("FREQ=DAILY;UNTIL=19971224T000000Z", "1997-09-02 09:00", "1997-12-31")
    hours = {o.label[:10]: o.at_utc.hour for o in times}
    assert (hours["1997-10-25"], hours["1997-10-26"], hours["1997-10-27"]) == (13, 14, 14)


def test_every_friday_the_13th_but_the_first_time_left_out():
    # DTSTART is 2 September, which EXDATE takes out; `skip` does that here.
    times = found("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02 09:00", "2000-12-31", skip=["1997-09-02"])
    assert [o.label[:10] for o in times] == ["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13", "2000-10-13"]


@pytest.mark.parametrize(
    ("until", "hours"),
    [
        ("19970902T170000Z", [9, 12]),  # as the rule is written: 17:00 UTC is 13:00 in New York
        ("19970902T210000Z", [9, 12, 15]),  # as the example means it
        ("19970902T170000", [9, 12, 15]),  # and in local time
    ],
)
def test_every_three_hours(until, hours):
    times = found(f"FREQ=HOURLY;INTERVAL=3;UNTIL={until}", "1997-09-02 09:00", "1997-09-03")
    assert [o.local.hour for o in times] == hours


def test_every_twenty_minutes_from_9_to_16_40_every_day():
    rule = "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40"
    times = found(rule, "1997-09-02 09:00", "1997-09-03")
    day = [f"T{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 20, 40)]
    assert [o.label for o in times] == [f"1997-09-{d}{t}" for d in ("02", "03") for t in day]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
    ],
)
def test_rules_by_the_minute_are_refused_with_another_way(rule):
    with pytest.raises(ValueError, match="every second or minute") as refused:
        parse_rrule(rule)
    assert "FREQ=HOURLY;BYMINUTE=0,15,30,45" in refused.value.hint


def test_every_quarter_of_an_hour_said_the_other_way():
    times = found("FREQ=HOURLY;BYMINUTE=0,15,30,45;COUNT=6", "1997-09-02 09:00", "1997-09-03")
    assert [o.label[11:] for o in times] == ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"]
