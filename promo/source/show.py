"""Problems as people and machines read them: text with a caret, JSON, GitHub annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from promo.language import _
from promo.language.width import cells
from promo.source.path import shown_path
from promo.source.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

Form = Literal["text", "json", "github"]
HERE = Path()
WIDTH = 160  # columns of an excerpt; a longer line is cut around the mistake


def format_problems(problems: Sequence[Problem], form: Form, root: Path = HERE) -> str:
    """Return all problems as one text without a final line break; file names relative to `root` where they lie below.

    `json` is a list of mappings (see `as_mapping`); `github` one workflow command a line.
    """
    if form == "json":
        return json.dumps([as_mapping(problem, root) for problem in problems], ensure_ascii=False, indent=2)
    if form == "github":
        return "\n".join(_annotation(problem, root) for problem in problems)
    return "\n\n".join(_paragraph(problem, root) for problem in problems)


def as_mapping(problem: Problem, root: Path = HERE) -> dict[str, Any]:
    """Return a problem as plain JSON: file, line, column, severity, code, message, hint, excerpt."""
    return {
        "file": _file(problem, root),
        "line": problem.at.line,
        "column": problem.at.column,
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "excerpt": problem.excerpt,
    }


def _file(problem: Problem, root: Path) -> str:
    """Return the file's name; bytes in it that are no UTF-8 become `?`, since no terminal and no JSON takes them."""
    return shown_path(problem.at.file, root).as_posix().encode("utf-8", "replace").decode()


def _paragraph(problem: Problem, root: Path) -> str:
    word = _("error") if problem.severity is Severity.ERROR else _("warning")
    at = f"{_file(problem, root)}:{problem.at.line}:{problem.at.column}"
    lines = [f"{_plain(at)}: {word}: {_plain(problem.message)} [{problem.code}]"]
    if problem.excerpt is not None and problem.excerpt.strip():
        text, column = _cut(_plain(problem.excerpt), problem.at.column - 1)
        number = str(problem.at.line)
        lines += [f"  {number} | {text}", f"  {' ' * len(number)} | {' ' * cells(text[:column])}^"]
    if problem.hint:
        lines.append(f"  {_('hint')}: {_plain(problem.hint)}")
    return "\n".join(lines)


def _cut(text: str, column: int) -> tuple[str, int]:
    """Shorten a long line to what stands around `column`; return it with the column's new place."""
    column = min(column, len(text))
    if cells(text) <= WIDTH:
        return text, column
    start = max(0, column - WIDTH // 4)
    head = "…" if start else ""
    return head + text[start : start + WIDTH // 2] + "…", column - start + len(head)


def _plain(text: str) -> str:
    """Return `text` without characters that would steer a terminal; a file's content is not trusted."""
    return "".join(
        " " if char == "\t" else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _annotation(problem: Problem, root: Path) -> str:
    # Escaping as the runner reads it: docs.github.com, “Workflow commands for GitHub Actions”, and its
    # toolkit's command.ts (2024): `%`, CR, LF everywhere; `:` and `,` in properties too.
    level = "error" if problem.severity is Severity.ERROR else "warning"
    message = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    file = _property(_file(problem, root))
    place = f"file={file},line={problem.at.line},col={problem.at.column},title={_property(problem.code)}"
    return f"::{level} {place}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
