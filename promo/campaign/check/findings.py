"""The problems of one campaign while they are being found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from promo.campaign.facts import Facts
    from promo.campaign.model import Campaign
    from promo.errors import UserMistake
    from promo.source.document import Loaded
    from promo.source.problem import Problem
    from promo.source.table import Table


class Findings:
    """Collects problems at paths of keys in one campaign's file, and the tables and texts that the file names."""

    def __init__(self, campaign: Campaign, loaded: Loaded[Campaign], folder: Path, facts: Facts) -> None:
        self.campaign = campaign
        self.folder = folder  # of the campaign's file, absolute
        self.facts = facts
        self.problems: list[Problem] = []
        self.tables: dict[str, Table] = {}
        self.texts: dict[str, str] = {}  # body files by the name in the campaign
        self.outlets: set[str] = set()  # tables checked as lists of media
        self._loaded = loaded

    def error(self, code: str, message: str, *keys: str | int, at_key: bool = False, hint: str | None = None) -> None:
        """Note an error at the value (or key) of this path, or at the nearest place above it."""
        self.problems.append(self._loaded.problem(code, message, keys, value=not at_key, hint=hint))

    def warning(self, code: str, message: str, *keys: str | int, at_key: bool = False, hint: str | None = None) -> None:
        """Note a warning at the value (or key) of this path, or at the nearest place above it."""
        self.problems.append(self._loaded.problem(code, message, keys, value=not at_key, hint=hint, warning=True))

    def leaves(self, mistake: UserMistake, *keys: str | int) -> None:
        """Note that a path leaves its folder."""
        self.error("path-leaves", mistake.message, *keys, hint=mistake.hint)
