"""A thousand cards, each with words of its own: two processes against one."""

import statistics

from visual import design
from visual.ours import draw_cards, in_fresh_process

CARDS, MOST_MB, AIM = 1000, 150, 1.8


def measure(runs):
    """Cards a second by the clock, each round with an empty cache; starting the second process counts."""
    design.prepare()
    seconds, peaks = {1: [], 2: []}, []
    for _run in range(min(max(runs, 1), 3)):
        for jobs in (1, 2):
            took, peak = in_fresh_process(draw_cards, CARDS, jobs)
            seconds[jobs].append(took)
            peaks.append(peak)
    one, two = (CARDS / statistics.median(seconds[jobs]) for jobs in (1, 2))
    return [
        {
            "name": "cards-2-cores",
            "ours": two,
            "reference": one,
            "ratio": two / one,
            "aim": f"≥ {AIM:g}",
            "holds": two / one >= AIM and max(peaks) <= MOST_MB,
            "what": f"cards a second by the clock: {CARDS} JPEG cards, each with its own words and link, in two"
            f" processes ÷ in one; the largest process took {max(peaks):.0f} MB (aim: {MOST_MB})",
        }
    ]
