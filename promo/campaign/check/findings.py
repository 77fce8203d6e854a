"""The problems of one campaign while they are being found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from promo.campaign.model import Activity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from promo.campaign.facts import Facts
    from promo.campaign.model import Campaign
    from promo.errors import UserMistake
    from promo.source.document import Loaded
    from promo.source.problem import Problem
    from promo.source.salvage import Keys, Salvaged
    from promo.source.table import Table


# What may only seem to be missing, by the keys of the activity it rests on: where such a key (or one misspelt) was left
# out, that mistake is told already.
_RESTS_ON = {
    **dict.fromkeys(("no-time", "no-length", "no-effect"), frozenset(("schedule",))),
    **dict.fromkeys(("no-channel", "unused-variant"), frozenset(("channels",))),
    "no-type": frozenset(("type",)),
    "nothing-to-say": frozenset(("content", "visual")),
    **dict.fromkeys(
        ("no-such-variable", "no-such-column", "row-without-table", "no-link"),
        frozenset(("content", "variables", "each")),
    ),
    "no-such-line": frozenset[str](),
}
_OF_ZONE = frozenset(("time-skipped", "time-twice"))
_FOR_ACTIVITIES = ("variables", "defaults", "budget")  # keys of a campaign that its activities rest on


class Findings:
    """Collects problems at paths of keys in one campaign's file, and the tables and texts that the file names."""

    def __init__(self, salvaged: Salvaged[Campaign], loaded: Loaded[Campaign], folder: Path, facts: Facts) -> None:
        self.campaign = salvaged.value
        self.folder = folder  # of the campaign's file, absolute
        self.facts = facts
        self.problems: list[Problem] = []
        self.tables: dict[str, Table] = {}
        self.texts: dict[str, str] = {}  # body files by the name in the campaign
        self.outlets: set[str] = set()  # tables checked as lists of media
        self._loaded = loaded
        self._salvaged = salvaged
        self._cut_keys: dict[str | int, set[str | int]] = defaultdict(set)  # of each activity
        for keys in salvaged.cut:
            if keys[0] == "activities" and len(keys) > 2:
                self._cut_keys[keys[1]].add(keys[2])
        above = {str(keys[0]) for keys in salvaged.cut} - {"activities"}
        self._cut_above = any(get_close_matches(key, _FOR_ACTIVITIES, n=1) for key in above)
        self._around_cuts = {keys[:end] for keys in salvaged.cut for end in range(1, len(keys) + 1)}

    def error(self, code: str, message: str, *keys: str | int, at_key: bool = False, hint: str | None = None) -> None:
        """Note an error at the value (or key) of this path, or at the nearest place above it."""
        self._note(code, message, keys, at_key=at_key, hint=hint, warning=False)

    def error_in_text(
        self, code: str, message: str, keys: Keys, *, hint: str | None, source: str, at_fault: Callable[[str], bool]
    ) -> None:
        """Note an error in a text; of a block (`text: |`) it stands at the first line that is `at_fault`."""
        before = len(self.problems)
        self._note(code, message, keys, at_key=False, hint=hint, warning=False)
        if "\n" in source and len(self.problems) > before:
            self.problems[-1] = self._at_line(self.problems[-1], source.count("\n") + 1, at_fault)

    def _at_line(self, problem: Problem, count: int, at_fault: Callable[[str], bool]) -> Problem:
        document = next(d for d in self._loaded.documents if d.file == problem.at.file)
        start = problem.at.line
        if document.lines[start - 1][problem.at.column - 1 :][:1] not in ("|", ">"):
            return problem
        for line, words in enumerate(document.lines[start : start + count], start=start + 1):
            if at_fault(words):
                at = replace(problem.at, line=line, column=len(words) - len(words.lstrip()) + 1)
                return replace(problem, at=at, excerpt=document.excerpt(line))
        return problem

    def warning(self, code: str, message: str, *keys: str | int, at_key: bool = False, hint: str | None = None) -> None:
        """Note a warning at the value (or key) of this path, or at the nearest place above it."""
        self._note(code, message, keys, at_key=at_key, hint=hint, warning=True)

    def leaves(self, mistake: UserMistake, *keys: str | int) -> None:
        """Note that a path leaves its folder."""
        self.error("path-leaves", mistake.message, *keys, hint=mistake.hint)

    def follows(self, code: str, keys: Keys) -> bool:
        """Whether a problem at this path only follows from one that is told already: what it rests on was left out."""
        if not self._salvaged.cut:
            return False
        keys = self._salvaged.original(keys)
        if keys in self._around_cuts:
            return True
        if code in _OF_ZONE:
            return ("timezone",) in self._salvaged.cut
        rests_on = _RESTS_ON.get(code)
        if rests_on is None or keys[0] != "activities":
            return False
        return self._cut_above or any(
            key in rests_on or key not in Activity.model_fields for key in self._cut_keys.get(keys[1], ())
        )

    def _note(self, code: str, message: str, keys: Keys, *, at_key: bool, hint: str | None, warning: bool) -> None:
        if not self.follows(code, keys):
            place = self._salvaged.original(keys)
            problem = self._loaded.problem(code, message, place, value=not at_key, hint=hint, warning=warning)
            self.problems.append(problem)
