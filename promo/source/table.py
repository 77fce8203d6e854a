"""Tables people keep beside a campaign: CSV or a YAML list, one row after the other, cells as text."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from promo.language import _
from promo.source.document import Document, read_document
from promo.source.path import shown_path
from promo.source.problem import Position, Problem, Severity
from promo.source.read import read_text

if TYPE_CHECKING:
    from pathlib import Path

MAX_ROWS = 20_000
MAX_CELL = 20_000  # characters
SHEETS = frozenset((".xlsx", ".xls", ".ods", ".numbers", ".et"))
_KEY_COLUMN = "id"


class _Problem(Protocol):
    def __call__(
        self, code: str, message: str, line: int, *, hint: str | None = None, warning: bool = False
    ) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table as it was read. `keys[i]` names row i across edits of the file: its `id`, else a digest of its cells."""

    file: Path  # as shown in messages
    columns: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # where each row begins, from 1
    problems: tuple[Problem, ...] = ()
    digest: str = ""  # sha256 of the text, hex

    def position(self, row: int) -> Position:
        """Return where row `row` (from 0) begins."""
        return Position(file=self.file, line=self.lines[row] if 0 <= row < len(self.lines) else 1)


def load_table(path: Path, *, root: Path) -> Table:
    """Read a table. Never raises: mistakes are in `problems`, and rows that could be read are there.

    CSV: UTF-8 (with or without byte-order mark) or GB18030, as spreadsheets in China save it; `,`, `;` or tab.
    YAML: a list of mappings, for instance under `data/`.
    """
    shown = shown_path(path, root)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _from_yaml(read_document(path, root=root), shown)
    if path.suffix.lower() in SHEETS:
        message, hint = _("a table is a CSV or YAML file"), _("save the sheet as CSV (UTF-8)")
        return Table(
            file=shown, problems=(Problem(code="not-a-table", message=message, hint=hint, at=Position(file=shown)),)
        )
    text, unreadable = read_text(path, shown, encodings=("utf-8", "gb18030"))
    if unreadable is not None:
        return Table(file=shown, problems=(unreadable,))
    return _from_csv(text, shown)


def _from_csv(text: str, shown: Path) -> Table:
    problems: list[Problem] = []
    found = text.splitlines()

    def problem(code: str, message: str, line: int, *, hint: str | None = None, warning: bool = False) -> None:
        problems.append(
            Problem(
                code=code,
                message=message,
                hint=hint,
                at=Position(file=shown, line=line),
                excerpt=found[line - 1][:200] if 0 < line <= len(found) else None,
                severity=Severity.WARNING if warning else Severity.ERROR,
            )
        )

    head = found[0] if found else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = tuple(cell.strip() for cell in cells)
                _check_columns(columns, start, problem)
                continue
            if len(cells) != len(columns):
                problem(
                    "row-length",
                    _("this row has {count} cells, the heading has {wanted}", count=len(cells), wanted=len(columns)),
                    start,
                    hint=_("put a cell that holds a comma in quotes"),
                )
                continue
            if any(len(cell) > MAX_CELL for cell in cells):
                problem("cell-too-long", _("a cell is longer than {count} characters", count=MAX_CELL), start)
                continue
            if len(rows) >= MAX_ROWS:
                problem("too-many-rows", _("a table may have {count} rows", count=MAX_ROWS), start)
                break
            rows.append({column: cell.strip() for column, cell in zip(columns, cells, strict=True)})
            lines.append(start)
    except csv.Error as error:
        problem("csv-syntax", _("this is not CSV: {reason}", reason=str(error)), max(1, min(line, len(found))))
    if not columns and not problems:
        problem("empty-file", _("the table is empty"), 1)
    return _table(shown, columns=columns, rows=rows, lines=lines, problems=problems, text=text)


def _check_columns(columns: tuple[str, ...], line: int, problem: _Problem) -> None:
    for column, count in Counter(columns).items():
        if not column:
            problem("empty-column", _("a column has no name"), line)
        elif count > 1:
            problem("duplicate-column", _("the column {name} stands there twice", name=f"`{column}`"), line)


def _from_yaml(document: Document, shown: Path) -> Table:
    problems = list(document.problems)
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    columns: dict[str, None] = {}
    listed = document.raw
    if not isinstance(listed, list):
        if not problems:
            problems.append(document.problem("not-a-table", _("a table in YAML is a list of rows"), ()))
        listed = []
    for index, row in enumerate(listed[:MAX_ROWS]):
        if not isinstance(row, dict):
            problems.append(document.problem("not-a-row", _("a row is a mapping: `column: value`"), (index,)))
            continue
        nested = [key for key, value in row.items() if isinstance(value, (list, dict))]
        for key in nested:
            message = _("the cell {name} must be a plain value", name=f"`{key}`")
            problems.append(document.problem("nested-cell", message, (index, key)))
        if nested:
            continue
        rows.append({key: _cell(value) for key, value in row.items()})
        columns.update(dict.fromkeys(row))
        position = document.find((index,))
        lines.append(position.line if position else 1)
    if len(listed) > MAX_ROWS:
        message = _("a table may have {count} rows", count=MAX_ROWS)
        problems.append(document.problem("too-many-rows", message, (MAX_ROWS,)))
    for row in rows:
        for column in columns:
            row.setdefault(column, "")
    return _table(shown, columns=tuple(columns), rows=rows, lines=lines, problems=problems, text=document.text)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _table(
    shown: Path,
    *,
    columns: tuple[str, ...],
    rows: list[dict[str, str]],
    lines: list[int],
    problems: list[Problem],
    text: str,
) -> Table:
    keys: list[str] = []
    seen: Counter[str] = Counter()
    for row, line in zip(rows, lines, strict=True):
        named = row.get(_KEY_COLUMN, "")
        key = named or sha256("\0".join(f"{k}\1{v}" for k, v in sorted(row.items())).encode()).hexdigest()[:12]
        seen[key] += 1
        if named and seen[key] > 1:
            message = _("the id {name} stands in a row above already", name=f"`{named}`")
            problems.append(Problem(code="duplicate-row", message=message, at=Position(file=shown, line=line)))
        keys.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return Table(
        file=shown,
        columns=columns,
        rows=rows,
        keys=keys,
        lines=lines,
        problems=tuple(problems),
        digest=sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )
