"""Alive, and ready: what a process says of itself, looked at when it is asked."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from promo.errors import PromoError
from promo.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from promo.watch.heartbeat import Heartbeat

log = structlog.get_logger(__name__)

SECONDS = 2.0  # an answer that takes longer is none


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """What one check found; `reason` says in words why it is not `ok`."""

    ok: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a process says of itself. `word` is `alive` or `ready`."""

    word: str
    checks: Mapping[str, Check] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Return whether every check is."""
        return all(check.ok for check in self.checks.values())

    def as_plain(self) -> dict[str, Any]:
        """Return it as it is sent."""
        checks = {name: {"ok": c.ok} | ({"reason": c.reason} if c.reason else {}) for name, c in self.checks.items()}
        return {"status": self.word if self.ok else f"not {self.word}", "checks": checks}


class Health:
    """Alive: every loop of the engine turned lately. Ready: it could do its work now.

    `checks` raise PromoError with the reason why not; `database` is among them. Each gets two seconds, and runs once at
    a time: one that hangs is not asked again until it came back. `stopping` says whether it takes nothing new.
    """

    def __init__(
        self,
        *,
        heartbeat: Heartbeat,
        checks: Mapping[str, Callable[[], None]],
        stopping: Callable[[], bool],
        loops: bool = True,
    ) -> None:
        self.heartbeat = heartbeat
        self._asked = {name: Asked(check) for name, check in checks.items()}
        self._stopping = stopping
        self._loops = loops
        self._lock = threading.Lock()
        self._was_ready = True

    def alive(self) -> Report:
        """Return whether the loops turn; without loops, whoever can answer is alive."""
        return Report(word="alive", checks={"loop": self._loop()} if self._loops else {})

    def ready(self) -> Report:
        """Ask everything anew. A change of mind is logged."""
        checks = {"stopping": Check(ok=False, reason=_("it is stopping"))} if self._stopping() else {}
        checks |= self.alive().checks
        for asked in self._asked.values():
            asked.start()
        checks |= {name: asked.answer(SECONDS) for name, asked in self._asked.items()}
        report = Report(word="ready", checks=checks)
        with self._lock:
            changed, self._was_ready = report.ok is not self._was_ready, report.ok
        if changed and report.ok:
            log.info("ready again")
        elif changed:
            log.warning("not ready", **{name: check.reason for name, check in checks.items() if not check.ok})
        return report

    def _loop(self) -> Check:
        stuck = self.heartbeat.stuck()
        if stuck:
            loop, age = max(stuck.items(), key=lambda item: item[1])
            return Check(ok=False, reason=_("the loop {loop} has not turned for {age} s", loop=loop, age=round(age)))
        if not self.heartbeat.ages():
            return Check(ok=False, reason=_("the engine has not started yet"))
        return Check(ok=True)


class Asked:
    """A question that may hang: asked in a thread of its own, one at a time."""

    def __init__(self, question: Callable[[], None]) -> None:
        self._question = question
        self._lock = threading.Lock()
        self._future: Future[None] | None = None

    def start(self) -> None:
        """Ask, unless the last question is still without an answer."""
        with self._lock:
            if self._future is None or self._future.done():
                self._future = Future()
                # A daemon thread: a server that never answers must not keep the process from ending.
                run = copy_context().run  # the reason is told in the language of whoever asks
                threading.Thread(target=run, args=[self._ask, self._future], name="health", daemon=True).start()

    def answer(self, seconds: float) -> Check:
        """Return the answer to the last question, or that there was none for so long."""
        if self._future is None:
            raise RuntimeError("nothing was asked")
        try:
            self._future.result(seconds)
        except TooSlow:
            return Check(ok=False, reason=_("no answer within {seconds} s", seconds=f"{seconds:g}"))
        except PromoError as error:
            return Check(ok=False, reason=error.message)
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; its words may hold an address
            return Check(ok=False, reason=type(error).__name__)
        return Check(ok=True)

    def _ask(self, future: Future[None]) -> None:
        try:
            self._question()
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)
        else:
            future.set_result(None)
