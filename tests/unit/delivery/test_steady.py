"""The clock by which leases end, while the machine's is set."""

from datetime import UTC, datetime, timedelta

from promo.clock import SystemClock, VirtualClock
from promo.delivery.steady import Steady

HOUR = timedelta(hours=1)
NEAR = timedelta(seconds=5)


class SetClock(SystemClock):
    """The machine's clock, moved by an offset."""

    offset = timedelta(0)

    def now(self):
        return super().now() + self.offset


def test_a_step_forward_is_left_out_for_the_length_of_a_lease():
    clock = SetClock()
    steady, brief = Steady(clock, HOUR), Steady(clock, timedelta(0))
    assert abs(steady.now() - brief.now()) < NEAR
    clock.offset = HOUR
    before = datetime.now(UTC)
    assert abs(steady.now() - before) < NEAR
    assert abs(brief.now() - before) < NEAR  # it was set this very moment
    assert abs(brief.now() - before - HOUR) < NEAR  # no lease from before can be left
    clock.offset = 2 * HOUR
    assert abs(steady.now() - before) < NEAR


def test_a_step_back_is_taken_as_it_is():
    clock = SetClock()
    steady = Steady(clock, HOUR)
    clock.offset = -HOUR
    assert abs(steady.now() - clock.now()) < NEAR


def test_a_virtual_clock_only_leaps():
    clock = VirtualClock(datetime(2027, 3, 1, tzinfo=UTC))
    steady = Steady(clock, HOUR)
    clock.advance(HOUR)
    assert steady.now() == clock.now()
