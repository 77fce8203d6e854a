"""What compiling has to say: problems with their place, notes on deliveries, remarks on activities."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from promo.source.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from promo.campaign.load import LoadedCampaign
    from promo.plan.wording import Keys
    from promo.source.problem import Position, Problem


class Notebook:
    """Collects as it goes; the same mistake at the same place is written down once."""

    def __init__(self) -> None:
        self._problems: dict[tuple[str, Position, str], Problem] = {}
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._remarks: dict[str, None] = {}

    def problem(
        self,
        loaded: LoadedCampaign,
        code: str,
        message: str,
        keys: Keys,
        *,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
        about: str = "",
    ) -> None:
        """Write down a problem at `keys` of a campaign's file; `about` (a channel) tells apart those of one place."""
        warning = severity is Severity.WARNING
        problem = loaded.loaded.problem(code, message, keys, hint=hint, warning=warning)
        self._problems.setdefault((code, problem.at, about), problem)

    def has(self, code: str, about: str) -> bool:
        """Whether a problem of this code about this was written down, at whatever place."""
        return any((known, subject) == (code, about) for known, _at, subject in self._problems)

    def note(self, delivery: str, notes: Iterable[str]) -> None:
        """Write down notes on one delivery."""
        for text in notes:
            self._notes[delivery].append(text)

    def remark(self, text: str) -> None:
        """Write down a remark."""
        self._remarks[text] = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return all problems in the order they were found."""
        return tuple(self._problems.values())

    @property
    def notes(self) -> Mapping[str, tuple[str, ...]]:
        """Return the notes of each delivery, by its id."""
        return {delivery: tuple(notes) for delivery, notes in self._notes.items()}

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return the remarks, each once."""
        return tuple(self._remarks)
