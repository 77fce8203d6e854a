"""Moments: stored in UTC, exact, never naive."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.store.tables import Moment

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)


@given(MOMENTS, MOMENTS)
def test_there_and_back_and_in_order(one, other):
    moment = Moment()
    stored = moment.process_bind_param(one, None)
    found = moment.process_result_value(stored, None)
    assert found == one
    assert found.tzinfo is UTC
    assert (stored < moment.process_bind_param(other, None)) == (one < other)


def test_naive_moments_are_refused():
    with pytest.raises(ValueError, match="naive"):
        Moment().process_bind_param(datetime(2027, 3, 1), None)
