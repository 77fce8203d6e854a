"""Odd text from a channel or a plugin: no ledger loses an answer over it, and no clear refusal becomes a doubt."""

import pytest

from promo.connector import Receipt, Rejected
from promo.delivery.state import State

ODD = {
    "not a number": {"score": float("nan"), "most": float("inf")},
    "a key that is no text": {("a", 1): [1, (2, None)], 3: True},
    "NUL": {"said": "no\0body"},
    "half a character": {"said": "\ud83d"},
    "an object": {"said": object()},
}


@pytest.mark.parametrize("detail", ODD.values(), ids=ODD)
@pytest.mark.parametrize("many", [False, True])
def test_an_odd_detail_costs_no_receipt(desk, detail, many):
    posts = [desk.add(f"n{n}") for n in range(1 + many)]
    for _post in posts:
        desk.connector().script.append(Receipt(remote_id="p\0st", url="https://a.example/\0", detail=detail))
    assert desk.run().count(State.PUBLISHED) == len(posts)
    row = desk.row(posts[0])
    assert (row.remote_id, row.remote_url) == ("p\u2400st", "https://a.example/\u2400")
    assert len(row.receipt["detail"]) == len(detail)


@pytest.mark.parametrize("words", ["no \0 such", "half \ud83d"])
def test_odd_words_of_a_refusal_are_a_refusal(desk, words):
    post = desk.add()
    desk.connector().script.append(Rejected(words))
    desk.run()
    assert desk.state(post) == State.FAILED
    assert len(desk.connector().sent) <= 1
