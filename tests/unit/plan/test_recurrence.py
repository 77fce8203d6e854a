"""Rules and cron against the bare libraries: the same local times, from wherever the search begins."""

from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import dateutil.rrule
import pytest
from cronsim import CronSim
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from promo.campaign.recurrence import parse_cron
from promo.campaign.rule import parse_rrule
from promo.errors import UserMistake
from promo.plan.days import parse_days
from promo.plan.recurrence import cron_times, rrule_times

UTC_ZONE = ZoneInfo("UTC")
YEAR = datetime(2027, 1, 1), datetime(2027, 12, 31, 23, 59)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def numbers(least, most, *, signed=False, size=3):
    """Return texts such as `3,-1`."""
    each = st.integers(least, most)
    if signed:
        each = each | st.integers(-most, -least)
    return st.lists(each, min_size=1, max_size=size, unique=True).map(lambda found: ",".join(map(str, found)))


WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
PLAIN_DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True).map(",".join)
COUNTED_DAYS = st.lists(
    st.tuples(st.sampled_from(["", "1", "+2", "-1", "-2", "4"]), st.sampled_from(WEEKDAYS)).map("".join),
    min_size=1,
    max_size=3,
    unique=True,
).map(",".join)
DAY_PARTS = {
    "HOURLY": {"BYMONTH": numbers(1, 12), "BYMONTHDAY": numbers(1, 31, signed=True), "BYDAY": PLAIN_DAYS},
    "DAILY": {"BYMONTH": numbers(1, 12), "BYMONTHDAY": numbers(1, 31, signed=True), "BYDAY": PLAIN_DAYS},
    "WEEKLY": {"BYMONTH": numbers(1, 12), "BYDAY": PLAIN_DAYS},
    "MONTHLY": {"BYMONTH": numbers(1, 12), "BYMONTHDAY": numbers(1, 31, signed=True), "BYDAY": COUNTED_DAYS},
    "YEARLY": {
        "BYMONTH": numbers(1, 12),
        "BYYEARDAY": numbers(1, 366, signed=True),
        "BYMONTHDAY": numbers(1, 31, signed=True),
        "BYDAY": COUNTED_DAYS,
        "BYWEEKNO": numbers(1, 53) | numbers(1, 51, signed=True),
    },
}
CLOCK_PARTS = {"BYHOUR": numbers(0, 23, size=2), "BYMINUTE": numbers(0, 59, size=2), "BYSECOND": numbers(0, 59, size=2)}


@st.composite
def rules(draw):
    """Draw a rule that promo takes, without its end."""
    freq = draw(st.sampled_from(list(DAY_PARTS)))
    parts = {"FREQ": freq}
    for name, values in (DAY_PARTS[freq] | CLOCK_PARTS).items():
        if draw(st.integers(0, 2)) == 0:
            parts[name] = draw(values)
    parts |= draw(st.fixed_dictionaries({}, optional={"INTERVAL": st.integers(1, 7).map(str)}))
    parts |= draw(st.fixed_dictionaries({}, optional={"WKST": st.sampled_from(WEEKDAYS)}))
    if any(name.startswith("BY") for name in parts):
        parts |= draw(st.fixed_dictionaries({}, optional={"BYSETPOS": numbers(1, 4, signed=True, size=2)}))
    # Two things dateutil reads otherwise; see the test of what libraries do not agree on.
    assume(len({len(day) == 2 for day in parts.get("BYDAY", "MO").split(",")}) == 1)
    assume(not (freq == "WEEKLY" and "BYSETPOS" in parts))
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        return parse_rrule(rule)
    except ValueError:  # parts that do not go together, or never meet
        assume(False)


FIRST_TIMES = st.datetimes(datetime(2001, 1, 1), datetime(2027, 6, 1)).map(lambda moment: moment.replace(microsecond=0))


def bare(rule, first, last):
    """Return what dateutil alone counts off up to `last`; nothing where it refuses a rule that cannot fire."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dateutil.rrule.datetime, "MAXYEAR", last.year)  # it looks for a rule's next time up to then
        try:
            times = rrulestr(rule, dtstart=first)
        except ValueError as reason:
            if "empty" not in str(reason):
                raise
            return []
        return list(takewhile(lambda moment: moment <= last, times.xafter(first, inc=True)))


@settings(max_examples=200, deadline=None)
@given(
    rules(),
    FIRST_TIMES,
    st.integers(-3, 1200),
    st.integers(0, 60),
    st.none() | st.integers(1, 1500),
    st.none() | st.integers(0, 1500),
)
def test_a_rule_gives_what_dateutil_gives(rule, first, begins, lasts, count, ends):
    lower = first + begins * DAY
    upper = lower + lasts * DAY
    whole, last = rule, upper
    if count is not None:
        whole += f";COUNT={count}"
    elif ends is not None:
        last = min(upper, first + ends * DAY)
        whole += f";UNTIL={first + ends * DAY:%Y%m%dT%H%M%S}"
    expected = [moment for moment in bare(rule, first, last)[:count] if moment >= lower]
    assert rrule_times(whole, first, lower, upper, UTC_ZONE) == expected


@settings(max_examples=60, deadline=None)
@given(rules(), FIRST_TIMES, st.sampled_from([400, 9000]))
def test_a_rule_gives_the_same_wherever_the_search_begins(rule, first, days):
    middle, last = first + days * DAY, first + (days + 40) * DAY
    whole = rrule_times(rule, first, middle - 40 * DAY, last, UTC_ZONE)
    assert whole == [
        *rrule_times(rule, first, middle - 40 * DAY, middle, UTC_ZONE),
        *rrule_times(rule, first, middle + SECOND, last, UTC_ZONE),
    ]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        # Where dateutil is told both kinds of days it wants them at once; RFC 5545 means either.
        ("FREQ=MONTHLY;BYDAY=SU,1MO;BYMONTHDAY=1,2,3", "01-03 02-01 03-01 05-02 05-03"),
        # A week counted from the end, begun in the year before: the last week of 2026 ends on 3 January 2027.
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "01-03"),
        # The set that BYSETPOS picks from is the whole week, also that of the first time.
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1;WKST=MO;UNTIL=20270112", "01-04 01-11"),
    ],
)
def test_what_libraries_do_not_agree_on(rule, days):
    found = rrule_times(rule, datetime(2027, 1, 1, 9), datetime(2027, 1, 1), datetime(2027, 6, 30), UTC_ZONE)
    assert [f"{moment:%m-%d}" for moment in found] == days.split()


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY;BYYEARDAY=1;BYMONTH=6",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=10",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30",
        "FREQ=YEARLY;BYMONTH=2;BYWEEKNO=40;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
    ],
)
def test_a_rule_that_never_fires_ends_the_search_at_once(rule):
    assert rrule_times(rule, datetime(2027, 1, 1, 9), *YEAR, UTC_ZONE) == []


CRON_MINUTES = ["0", "30", "*/20", "5-59/15", "*", "0,1,59", "50/4"]
CRON_HOURS = ["9", "0", "*/6", "8-18/5", "*", "0,23", "20/1"]
CRON_DAYS = ["*", "*/2", "1", "31", "L", "LW", "1,15", "10-20/3", "29", "13"]
CRON_MONTHS = ["*", "2", "JAN", "*/3", "6-8", "4,11"]
CRON_WEEKDAYS = ["*", "MON-FRI", "0", "7", "SUN", "5L", "MON#1", "6#5", "1,3", "*/2", "TUE,THU"]


@settings(max_examples=200, deadline=None)
@given(
    *(st.sampled_from(words) for words in (CRON_MINUTES, CRON_HOURS, CRON_DAYS, CRON_MONTHS, CRON_WEEKDAYS)),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),
    st.integers(0, 90),
)
def test_cron_gives_what_cronsim_gives(minute, hour, day, month, weekday, lower, days):
    try:
        expression = parse_cron(f"{minute} {hour} {day} {month} {weekday}")
    except ValueError:
        assume(False)
    upper = lower + days * DAY
    begin = lower.replace(microsecond=0) - SECOND
    expected = list(takewhile(lambda moment: moment <= upper, CronSim(expression, begin)))
    expected = [moment for moment in expected if moment >= lower]
    if len(expected) > 10_000:
        with pytest.raises(UserMistake, match="more than 10000 times"):
            cron_times(expression, lower, upper)
    else:
        assert cron_times(expression, lower, upper) == expected


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("0 9 13 * FRI", 12 + 53 - 1),  # the 13th OR a Friday; 13 August 2027 is both
        ("0 9 13 * *", 12),
        ("0 9 * * FRI", 53),
        ("0 9 */2 * FRI", 27),  # a field that begins with a star: odd days AND Fridays
        ("0 9 1-7 * */7", 12),  # the first Sunday of each month
        ("0 9 L * *", 12),
        ("0 9 LW * *", 12),  # the last working day
        ("0 9 * * MON#2", 12),
        ("0 9 * * FRI#5", 5),
        ("0 9 * * 5L", 12),  # the last Friday
        ("0 9 29 2 *", 0),
        ("0 9 31 * *", 7),
    ],
)
def test_days_of_cron(expression, days):
    assert len(cron_times(parse_cron(expression), *YEAR)) == days


@pytest.mark.parametrize(
    ("expression", "clock"),
    [
        ("*/25 9 1 1 *", ["09:00", "09:25", "09:50"]),
        ("10-40/15 9 1 1 *", ["09:10", "09:25", "09:40"]),
        ("50/4 9 1 1 *", ["09:50", "09:54", "09:58"]),
        ("0 8-20/4 1 1 *", ["08:00", "12:00", "16:00", "20:00"]),
        ("5,3 22,1 1 1 *", ["01:03", "01:05", "22:03", "22:05"]),
    ],
)
def test_times_of_cron(expression, clock):
    assert [f"{moment:%H:%M}" for moment in cron_times(parse_cron(expression), *YEAR)] == clock


def test_added_days_take_the_hours_of_cron_on_their_days_alone():
    found = cron_times("30 9,10 * * MON-FRI", *YEAR, parse_days(("2027-03-06", "2027-03-08")))
    around = [moment for moment in found if date(2027, 3, 6) <= moment.date() <= date(2027, 3, 8)]
    assert [f"{moment:%d %H:%M}" for moment in around] == ["06 09:30", "06 10:30", "08 09:30", "08 10:30"]


def test_a_count_is_kept_through_twenty_years():
    first = datetime(2007, 1, 1, 9)
    lower, upper = datetime(2027, 3, 1), datetime(2027, 4, 5)
    # The first Tuesday is 2 January 2007; 2 March 2027 comes 7,364 days or 1,052 weeks later.
    assert rrule_times("FREQ=WEEKLY;BYDAY=TU;COUNT=1054", first, lower, upper, UTC_ZONE) == [
        datetime(2027, 3, 2, 9),
        datetime(2027, 3, 9, 9),
    ]
    assert rrule_times("FREQ=WEEKLY;BYDAY=TU;COUNT=1052", first, lower, upper, UTC_ZONE) == []


def test_until_in_utc_is_taken_in_the_zone_of_the_schedule():
    rule = "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20270303T010000Z"
    ends = [rrule_times(rule, datetime(2027, 3, 1), *YEAR, ZoneInfo(zone))[-1] for zone in ("Asia/Shanghai", "UTC")]
    assert ends == [datetime(2027, 3, 3, 9), datetime(2027, 3, 2, 9)]


def test_what_promo_takes_dateutil_can_read():
    start = datetime(2027, 1, 1, 9, tzinfo=UTC)
    for rule in (
        "RRULE:FREQ=DAILY",
        "freq=weekly;byday=mo",
        "FREQ=MONTHLY;BYDAY=+1FR,-1SU;",
        "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO",
    ):
        assert next(iter(rrulestr(parse_rrule(rule).upper().rstrip(";"), dtstart=start)))
