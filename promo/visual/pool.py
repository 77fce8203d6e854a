"""Many pictures at once, in processes: setting text and managing colours do not become faster by threads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from promo.brand.model import Brand
from promo.errors import PromoError
from promo.language import _, language, use
from promo.visual.cache.memory import give_back
from promo.visual.model import Visual, VisualRequest
from promo.visual.renderer import Renderer
from promo.workspace import Workspace

FEW = 12  # pictures that are drawn here: a process takes longer to start than they take
MOST_AT_ONCE = 4  # requests handed to a process together: fewer, and none waits long for the others at the end
GIVE_BACK_EVERY = 4  # pictures
AHEAD = 2  # chunks handed out to each process, so that none waits while this one draws
MOST = 8  # processes, each of up to 150 MB
T = TypeVar("T")
Outcome = Visual | PromoError
Seen = list[dict[str, Any]] | PromoError  # what was found on a picture, without words, or why there is none
Progress = Callable[[int, int], None]


def render_many(
    renderer: Renderer, requests: Sequence[VisualRequest], *, jobs: int | None = None, progress: Progress | None = None
) -> list[Outcome]:
    """Render all requests, in `jobs` processes (default: one for each core); return the outcomes in their order.

    This process is one of them: it draws while the others start. A request that cannot be drawn becomes the error that
    `Renderer.render` raises, and one that brings its process down (say for want of memory) an error too; neither stops
    another. `progress` is called with how many are done and how many there are.
    """
    outcomes: dict[int, Outcome] = {}

    def done(numbers: Sequence[int], found: Sequence[Outcome]) -> None:
        outcomes.update(zip(numbers, found, strict=True))
        if progress is not None:
            progress(len(outcomes), len(requests))

    # Those that differ in nothing but their code come one after the other: all but the first are printed into blanks.
    order = sorted(range(len(requests)), key=lambda number: repr(replace(requests[number], qr=None)))
    missing = [number for number in order if not _in_cache(renderer, requests[number])]
    jobs = min(jobs or _cores(), MOST, len(missing))
    shared = missing if jobs > 1 and len(missing) > FEW else []
    abroad = set(shared)
    here = [number for number in order if number not in abroad]
    for start in range(0, len(here), MOST_AT_ONCE):
        chunk = here[start : start + MOST_AT_ONCE]
        for number in chunk:
            done([number], [outcome_of(renderer, requests[number])])
        give_back()
    if shared:
        for number in _together(outcome_of, renderer, requests, shared, jobs=jobs, done=done):
            done([number], [_alone(outcome_of, renderer, requests[number])])
    return [outcomes[number] for number in range(len(requests))]


def look_many(
    renderer: Renderer,
    requests: Sequence[VisualRequest],
    *,
    on_seen: Callable[[int, Seen], None],
    jobs: int | None = None,
) -> None:
    """Look at all requests (`Renderer.look_at`), in processes as `render_many` does.

    `on_seen` gets a request's number and what was found on it, or the error that says why it cannot be drawn, as soon
    as that is known, in any order.
    """

    def done(numbers: Sequence[int], found: Sequence[Seen]) -> None:
        for number, seen in zip(numbers, found, strict=True):
            on_seen(number, seen)

    numbers = range(len(requests))
    jobs = min(jobs or _cores(), MOST, len(requests))
    if jobs > 1 and len(requests) > FEW:
        for number in _together(_seen, renderer, requests, numbers, jobs=jobs, done=done):
            done([number], [_alone(_seen, renderer, requests[number])])
    else:
        for number in numbers:
            done([number], [_seen(renderer, requests[number])])


def _together(
    task: Callable[[Renderer, VisualRequest], T],
    renderer: Renderer,
    requests: Sequence[VisualRequest],
    numbers: Sequence[int],
    *,
    jobs: int,
    done: Callable[[Sequence[int], Sequence[T]], None],
) -> list[int]:
    """Do `task` in `jobs - 1` processes and in this one; return the requests whose process broke."""
    size = max(1, min(MOST_AT_ONCE, len(numbers) // (jobs * 4)))
    waiting = deque(numbers[start : start + size] for start in range(0, len(numbers), size))
    running: dict[Future[list[T]], Sequence[int]] = {}
    lost: list[int] = []
    pool = _pool(renderer, jobs - 1)
    try:
        while waiting or running:
            while waiting and not lost and len(running) < AHEAD * (jobs - 1):
                chunk = waiting.popleft()
                running[pool.submit(_draw, task, [requests[number] for number in chunk])] = chunk
            if waiting:
                chunk = waiting.pop()
                done(chunk, _in_turn(task, renderer, [requests[number] for number in chunk]))
            else:
                wait(running, return_when=FIRST_COMPLETED)
            for future in [future for future in running if future.done()]:
                chunk = running.pop(future)
                try:
                    done(chunk, future.result())
                except BrokenProcessPool:
                    lost += chunk
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return lost


def _alone(task: Callable[[Renderer, VisualRequest], T], renderer: Renderer, request: VisualRequest) -> T | PromoError:
    """Do `task` in a process of its own: it may be the one that broke another."""
    with _pool(renderer, 1) as pool:
        try:
            return pool.submit(_draw, task, [request]).result()[0]
        except BrokenProcessPool:
            return PromoError(
                _("the process that drew {layout} was ended by the system", layout=request.layout),
                hint=_("most often there was not enough memory: use smaller photos or fewer processes"),
            )


def outcome_of(renderer: Renderer, request: VisualRequest) -> Outcome:
    """Return the picture, or the error that says why there is none."""
    try:
        return renderer.render(request)
    except PromoError as error:
        return error


def _seen(renderer: Renderer, request: VisualRequest) -> Seen:
    try:
        return renderer.look_at(request)
    except PromoError as error:
        return error


def _in_cache(renderer: Renderer, request: VisualRequest) -> bool:
    try:
        return renderer.is_kept(request)
    except PromoError:
        return True  # it cannot be drawn at all: to say so takes no process


def _pool(renderer: Renderer, processes: int) -> ProcessPoolExecutor:
    made = (renderer.workspace, renderer.brands, renderer.cache.folder, language())
    return ProcessPoolExecutor(processes, mp_context=_context(), initializer=_begin, initargs=made)


def _context() -> multiprocessing.context.BaseContext:
    """Processes begin from a server that has the libraries loaded, where there is one; never as copies of this one.

    A copy would inherit locks that other threads hold.
    """
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_renderer: Renderer | None = None  # of this process, when it is one of the pool's


def _begin(workspace: Workspace, brands: Mapping[str, Brand], cache: Path, words: str) -> None:
    global _renderer  # noqa: PLW0603 - the one thing a process of the pool keeps between its requests
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    use("zh" if words == "zh" else "en")
    _renderer = Renderer(workspace, brands, cache)


def _draw(task: Callable[[Renderer, VisualRequest], T], requests: Sequence[VisualRequest]) -> list[T]:
    if _renderer is None:
        raise RuntimeError("not a process of the pool")
    return _in_turn(task, _renderer, requests)


def _in_turn(
    task: Callable[[Renderer, VisualRequest], T], renderer: Renderer, requests: Sequence[VisualRequest]
) -> list[T]:
    """Do one request after the other, giving memory back now and then."""
    outcomes: list[T] = []
    for number, request in enumerate(requests, start=1):
        outcomes.append(task(renderer, request))
        if number % GIVE_BACK_EVERY == 0 or number == len(requests):
            give_back()
    return outcomes
