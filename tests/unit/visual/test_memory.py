"""What a process keeps in memory stays within its bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promo.visual.cache.memory import Memory

THINGS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 70)), max_size=60)


@given(THINGS)
def test_memory_is_bounded_and_counts_what_it_holds(things):
    memory, last = Memory(100), {}
    for key, size in things:
        if memory.keep(key, (key, size), size):
            last[key] = size
        else:
            assert size > 60
        held = [found for key in last if (found := memory.find(key)) is not None]
        assert sum(size for _key, size in held) == memory.size <= 100


def test_what_was_used_last_stays():
    memory = Memory(100)
    memory.keep("a", "a", 40)
    memory.keep("b", "b", 40)
    memory.find("a")
    memory.keep("c", "c", 40)
    assert memory.find("a") == "a"
    assert memory.find("b") is None


def test_a_thing_is_made_once():
    memory, made = Memory(100), []
    for _time in range(3):
        assert memory.get("k", lambda: made.append(1) or "thing", len) == "thing"
    assert made == [1]


def test_forgetting_lets_go_of_everything():
    memory = Memory(100)
    memory.keep("a", "a", 40)
    memory.forget()
    assert memory.find("a") is None
    assert memory.size == 0
