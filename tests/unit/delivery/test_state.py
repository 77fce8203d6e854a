"""The table of steps, and the page that shows it."""

from pathlib import Path

import pytest

from promo.delivery.state import ENDED, ENTRANCE, OUT, REOPENS, STEPS, State, allowed, diagram, sources, word
from promo.language import use

PAGE = Path(__file__).parents[3] / "docs" / "delivery.md"


def test_the_page_shows_the_table():
    assert f"```mermaid\n{diagram()}\n```" in PAGE.read_text(encoding="utf-8")


def test_the_page_explains_every_state():
    page = PAGE.read_text(encoding="utf-8")
    assert [state for state in State if f"| `{state}` | {state.note} |" not in page] == []


def test_every_state_can_be_reached_and_none_is_a_trap():
    reached, edge = set(ENTRANCE), set(ENTRANCE)
    while edge:
        edge = {after for before in edge for after in State if allowed(before, after)} - reached
        reached |= edge
    assert reached == set(State)
    ends = {state for state in State if not STEPS[state] and state not in REOPENS}
    assert ends == {State.DONE}


def test_nothing_that_is_out_goes_back():
    for state in (State.PUBLISHED, State.DONE):
        assert not any(allowed(state, after) for after in State if after not in OUT)


def test_only_a_claim_leads_to_publishing_and_only_from_two_states():
    assert sources(State.PUBLISHING) == {State.SCHEDULED, State.UNCERTAIN}


def test_a_post_that_ended_can_be_taken_up_again():
    assert ENDED.issubset(REOPENS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_state_has_a_word(language):
    use(language)
    try:
        assert len({word(state) for state in State}) == len(State)
    finally:
        use("en")
