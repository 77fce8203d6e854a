"""When people let things go out: hours of waking, and within the hour the round minutes."""

import random

# Shares of the day's hours, from midnight: little at night, peaks before work, at noon and in the evening.
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 9, 9, 8, 10, 10, 6, 7, 7, 8, 9, 10, 11, 12, 9, 5, 2)
FULL, HALF, QUARTER, FIVE, OTHER = 0.30, 0.14, 0.06, 0.03, 0.20 / 48  # shares of one minute of the hour


def minutes():
    """The share of each of the day's 1,440 minutes. Due times are whole minutes: all of it falls due in one second."""
    within = [FULL, *(OTHER for _minute in range(59))]
    within[30] = HALF
    for minute in (15, 45):
        within[minute] = QUARTER
    for minute in range(5, 60, 5):
        if minute not in (15, 30, 45):
            within[minute] = FIVE
    total = sum(HOURS) * sum(within)
    return [hour * minute / total for hour in HOURS for minute in within]


def moments(count, *, seed=7):
    """`count` due times as seconds since midnight, drawn from the shape."""
    shares = minutes()
    return sorted(60 * at for at in random.Random(seed).choices(range(len(shares)), shares, k=count))
