"""A problem: one mistake in one file, where it stands, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Severity(StrEnum):
    """How bad it is: an error blocks the plan, a warning is only shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """A place in a file; `line` and `column` count from 1, columns in characters."""

    file: Path
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One mistake. `code` is stable (`unknown-key`, `no-such-channel`), for machines and for tests."""

    code: str
    message: str
    at: Position
    hint: str | None = None
    excerpt: str | None = None
    severity: Severity = Severity.ERROR
