"""Many pictures at once: in order, no failure touches another, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from promo.errors import UserMistake
from promo.visual.model import Visual
from promo.visual.pool import FEW, render_many

MANY = FEW + 4


@pytest.fixture
def cards(request_for):
    return [
        request_for(format="landscape", photo=None, qr=None, fields={"title": f"第 {number} 号"})
        for number in range(MANY)
    ]


def family(pid):
    """The processes below `pid`, those of the pool among them."""
    found, parents = [], {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        below = [child for child, above in parents.items() if above == parent]
        found += below
        waiting += below
    return found


def workers():
    """The processes that draw: those below the server that they begin from; other tests' servers have theirs, too."""
    return [pid for server in family(os.getpid()) if b"forkserver" in _words(server) for pid in family(server)]


def _words(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_pictures_come_in_order_and_one_failure_loses_no_other(renderer, renew, cards, request_for):
    broken = request_for(photo="photos/none.jpg")
    seen = []
    outcomes = render_many(
        renderer, [*cards[:5], broken, *cards[5:]], jobs=2, progress=lambda *counts: seen.append(counts)
    )
    assert isinstance(outcomes[5], UserMistake)
    assert "none.jpg" in outcomes[5].message
    alone = renew("alone")
    for card, outcome in zip(cards, outcomes[:5] + outcomes[6:], strict=True):
        assert isinstance(outcome, Visual)
        assert outcome.sha256 == alone.render(card).sha256
    assert seen[-1] == (MANY + 1, MANY + 1)
    assert not workers()


def test_what_is_in_the_cache_starts_no_process(renderer, cards):
    first = [renderer.render(card) for card in cards]
    seen = []
    assert render_many(renderer, cards, jobs=2, progress=lambda *_: seen.append(workers())) == first
    assert not any(seen)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_process_that_is_killed_loses_nothing(renderer, cards):
    killed = []

    def kill(*_counts):
        until = time.monotonic() + 20
        while not killed and time.monotonic() < until:
            for pid in workers():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    outcomes = render_many(renderer, cards, jobs=2, progress=kill)
    assert killed
    assert all(isinstance(outcome, Visual) for outcome in outcomes)


def test_an_interruption_ends_all_processes(renderer, cards):
    def interrupt(*_counts):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_many(renderer, cards, jobs=2, progress=interrupt)
    assert not workers()
    assert all(isinstance(outcome, Visual) for outcome in render_many(renderer, cards, jobs=1))
