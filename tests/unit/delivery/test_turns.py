"""Campaigns that share a channel take turns, however many places are given away at once."""

from collections import Counter

import pytest

from promo.delivery.turns import Turns


def give(turns, names, places):
    """Give away `places` as a claim does; return who got how many."""
    given = Counter()
    order = turns.order(names)
    for position, name in enumerate(order):
        share = -(-(places - given.total()) // (len(order) - position))
        if share:
            turns.served(name, share)
            given[name] += share
    return given


@pytest.mark.parametrize("places", [1, 2, 3, 4, 5, 7])
def test_nobody_is_ever_a_claim_behind(places):
    turns, given = Turns(), Counter()
    for _claim in range(60):
        given += give(turns, ("anna", "bert", "carl"), places)
        assert max(given.values()) - min(given[name] for name in ("anna", "bert", "carl")) <= 2


def test_who_comes_late_gets_its_share_from_now_on_and_no_more():
    turns = Turns()
    for _claim in range(50):
        give(turns, ["anna"], 4)
    given = Counter()
    for _claim in range(20):
        given += give(turns, ["anna", "bert"], 1)
    assert abs(given["anna"] - given["bert"]) <= 5
    assert given["anna"] >= 7
