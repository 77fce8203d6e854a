"""What an engine's queue carries of a delivery: which one, and which claim of it. All else stays in the ledger."""

from __future__ import annotations

from typing import NamedTuple


class Job(NamedTuple):
    """One delivery to carry out. A job whose `fence` is no longer the ledger's does nothing."""

    delivery: str
    fence: int
