"""Sets of days by name."""

from datetime import date

import pytest
from holidays import country_holidays

from promo.plan.days import chinese_data_end, parse_days

# Notice of the General Office of the State Council on the arrangement of holidays in 2026 (November 2025).
MAKE_UP_2026 = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


@pytest.mark.parametrize("day", MAKE_UP_2026)
def test_make_up_days_are_worked_though_they_fall_on_a_weekend(day):
    day = date.fromisoformat(day)
    assert day.weekday() >= 5
    assert day in parse_days(("make-up days CN",))
    assert day not in parse_days(("days off CN",))
    assert day in parse_days(("weekends",))


def test_the_spring_festival_of_2026():
    off = parse_days(("days off CN",))
    rest = [day for day in range(10, 28) if date(2026, 2, day) in off]
    assert rest == [15, 16, 17, 18, 19, 20, 21, 22, 23]


def test_public_holidays_come_by_country_and_its_parts():
    assert date(2027, 10, 1) in parse_days(("holidays CN",))
    assert date(2027, 1, 6) in parse_days(("holidays DE-BY",))
    assert date(2027, 1, 6) not in parse_days(("holidays DE",))
    assert date(2027, 7, 4) in parse_days(("holidays US",))


def test_nothing_is_guessed_after_the_last_notice():
    end = chinese_data_end()
    off = parse_days(("days off CN",))
    assert [(e.country, e.last, e.package) for e in off.ends] == [("CN", end, "chinese-calendar")]
    assert end.month == 12
    assert end.day == 31
    next_year = end.year + 1
    assert [d for m in range(1, 13) for d in range(1, 29) if date(next_year, m, d) in off] == []
    assert parse_days(("weekends", "2027-04-05")).ends == ()
    assert parse_days(("days off CN", "make-up days CN")).ends == off.ends


def test_public_holidays_end_with_the_library():
    # Sri Lanka's are known for the years that were announced; Germany's follow from its laws.
    last = parse_days(("holidays LK",)).ends[0].last
    assert last.year == country_holidays("LK").end_year < country_holidays("DE").end_year
    assert date(last.year, 2, 4) in parse_days(("holidays LK",))  # Independence Day
    assert date(last.year + 1, 2, 4) not in parse_days(("holidays LK",))


def test_days_that_follow_the_moon_are_known_as_estimates():
    far = date(2040, 1, 1), date(2040, 12, 31)
    found = parse_days(("holidays EG", "holidays DE")).estimates(*far)
    assert len(found) > 5
    assert {country for country, _day in found} == {"EG"}
    assert all(day in parse_days(("holidays EG",)) for _country, day in found)
    assert parse_days(("holidays DE-BY", "days off CN")).estimates(*far) == []
