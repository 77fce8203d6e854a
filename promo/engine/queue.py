"""The engine interface: how claimed deliveries reach the processes that publish them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from promo.errors import UserMistake
from promo.language import _

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine

    from promo.delivery.job import Job
    from promo.workspace import Workspace


TURN = 5.0  # seconds


def unheard() -> None:
    """Let it pass."""


class Queue(ABC):
    """Carries jobs, each the id of a claimed delivery and the claim's fence, to whoever publishes them.

    A queue may lose a job or bring it twice, late, or out of order: the ledger's state, fence and lease decide what
    is sent. What is never carried out is freed when its lease is over.
    """

    def prepare(self) -> None:  # noqa: B027 - not every queue has something to prepare
        """Make ready what the queue stands on (tables, a durable queue). Safe to call again, and from many processes.

        Raises PromoError where that cannot be reached.
        """

    def check(self) -> None:  # noqa: B027 - not every queue can be away
        """Ask whether jobs can be sent and taken now. Raises PromoError where not."""

    @abstractmethod
    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Take jobs within the transaction of `connection`: its rollback must take them back, or leave them unsent.

        `jobs` were claimed together, for one channel.
        """

    def committed(self, jobs: Sequence[Job]) -> None:  # noqa: B027 - nothing is left to do where the commit sends
        """Send what `enqueue` took, where that must wait for the commit. Never raises: an unsent job is freed later."""

    @abstractmethod
    def run_worker(
        self,
        carry_out: Callable[[Job], object],
        *,
        concurrency: int,
        stop: threading.Event,
        turned: Callable[[], None] = unheard,
    ) -> None:
        """Call `carry_out` for each job, at most `concurrency` at once in threads, until `stop` is set.

        Calls under way are finished before it returns. A broker or database that goes away is waited for. The loop
        that takes jobs calls `turned` at least every `TURN` seconds: who does not hear it knows that it hangs.
        """

    def recover(self) -> int:
        """Bring back jobs that a dead worker held or that could not be sent; return how many. Never raises."""
        return 0

    def close(self) -> None:  # noqa: B027 - not every queue holds something
        """Let go of connections."""


def open_queue(workspace: Workspace, ledger: Engine) -> Queue:
    """Return the queue that `engine:` in promo.yaml names, on this ledger. The engine `embedded` has none.

    Raises UserMistake, with the cure, where the ledger does not suit it or its package is not installed.
    """
    name = workspace.settings.engine
    if ledger.dialect.name != "postgresql":
        raise UserMistake(
            _("several machines need one PostgreSQL: engine {name} does not run on SQLite", name=name),
            hint=_("name it in promo.yaml, database: postgresql+psycopg://user@host/name, or keep engine: embedded"),
        )
    try:
        if name == "procrastinate":
            from promo.engine.procrastinate import ProcrastinateQueue

            return ProcrastinateQueue(ledger)
        from promo.engine.celery import CeleryQueue

        return CeleryQueue(workspace.broker_url)
    except ModuleNotFoundError as error:
        raise UserMistake(
            _("engine {name} needs the Python package {package}", name=name, package=error.name),
            hint=_("install it with: pip install 'promo[{name}]'", name=name),
        ) from None
