"""Where a link in a text begins and ends."""

import pytest

from promo.connector import TextLimit, count_text
from promo.connector.count import LINK


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://a.example/l/x?utm_source=m&utm_medium=s now", "https://a.example/l/x?utm_source=m&utm_medium=s"),
        ("https://a.example/l/x\uff0c\u62a5\u540d", "https://a.example/l/x"),
        ("\uff08https://a.example/l/x\uff09", "https://a.example/l/x"),
        ("Come! https://a.example/l/x.", "https://a.example/l/x"),
        ("(https://a.example/l/x)", "https://a.example/l/x"),
        ("https://a.example/a,b!c", "https://a.example/a,b!c"),
    ],
)
def test_a_link_ends_where_the_sentence_goes_on(text, link):
    assert LINK.findall(text) == [link]


def test_a_link_with_a_query_costs_what_every_link_costs():
    limit = TextLimit(limit=500, link_cost=23)
    assert count_text("a https://a.example/?" + "x" * 300, limit) == 25
