"""The threads of a process that send: as many as there is work for, shared by all lanes."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

MOST = 1000  # threads; what comes beyond waits for one of them
IDLE_SECONDS = 10  # then a thread without work ends


class Hands:
    """Does work in threads of its own, each piece at once while there are fewer than `most` under way.

    Where the system grants no further thread, those that are there do the work. One is there from `open` to `close`,
    so that no work is ever left without.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._least = 0
        self._count = 0
        self._wanted = 0  # pieces of work that are waiting or under way
        self._refused = False

    def open(self) -> None:
        """Have a thread. Raises RuntimeError where the system grants none."""
        with self._lock:
            self._least = 1
            if not self._count:
                self._start()

    def close(self) -> None:
        """Let the threads end after the work that is waiting; `open` begins anew."""
        with self._lock:
            self._least, going, self._count = 0, self._count, 0
        for _thread in range(going):
            self._work.put(None)

    def do(self, work: Callable[[], None]) -> None:
        """Have a piece of work done, between `open` and `close`; returns at once."""
        with self._lock:
            self._wanted += 1
            self._grow()
        self._work.put(work)

    def hurry(self) -> None:
        """Try again to have a thread for what waits: the system may have refused one, and grant it now."""
        with self._lock:
            self._grow()

    def _grow(self) -> None:
        if self._wanted <= self._count or self._count >= self._most:
            return
        try:
            self._start()
        except RuntimeError:  # the system's limit
            if not self._refused:
                log.warning("no more threads", threads=self._count)
            self._refused = True
        else:
            self._refused = False

    def _start(self) -> None:
        threading.Thread(target=self._run, name="sender", daemon=True).start()
        self._count += 1

    def _run(self) -> None:
        while True:
            try:
                work = self._work.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._wanted < self._count and self._count > self._least:
                        self._count -= 1
                        return
                continue
            if work is None:
                return
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - whatever it is, the thread belongs to all
                log.error("sending broke off", kind=type(error).__name__)  # noqa: TRY400 - a traceback may hold a request
            finally:
                with self._lock:
                    self._wanted -= 1
