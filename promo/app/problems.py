"""What checking found, in the order of the files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promo.source.problem import Problem, Severity
from promo.workspace import FILE

if TYPE_CHECKING:
    from promo.campaign.load import LoadedCampaign
    from promo.plan.model import PlannedDelivery


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What checking found: every problem, and the campaigns that could be read."""

    problems: tuple[Problem, ...]
    campaigns: tuple[LoadedCampaign, ...]
    files: int  # of campaigns, read or not
    deliveries: tuple[PlannedDelivery, ...] = ()  # what the campaigns would send out; none where brands are wrong

    @property
    def errors(self) -> int:
        """Return how many problems block the plan."""
        return sum(1 for p in self.problems if p.severity is Severity.ERROR)


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file and place; the same mistake is told once."""
    unique = {(p.code, str(p.at), p.message): p for p in problems}
    return tuple(
        sorted(unique.values(), key=lambda p: (str(p.at.file) != FILE, str(p.at.file), p.at.line, p.at.column))
    )
