"""Bytes of a file → text, or the one reason why not."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from promo.language import _
from promo.source.problem import Position, Problem

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 20_000_000


def read_text(path: Path, shown: Path, *, encodings: tuple[str, ...] = ("utf-8",)) -> tuple[str, Problem | None]:
    """Return the file's text without a byte-order mark; `shown` is its name in problems. Never raises."""

    def problem(code: str, message: str, *, hint: str | None = None, line: int = 1, column: int = 1) -> Problem:
        return Problem(code=code, message=message, hint=hint, at=Position(file=shown, line=line, column=column))

    try:
        if not path.is_file():
            if path.is_dir():
                return "", problem("not-a-file", _("this is a folder, not a file"))
            if path.exists():
                return "", problem("not-a-file", _("this is not a plain file"))
            return "", problem("no-such-file", _("the file does not exist"))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return "", problem("unreadable", _("the file cannot be read: {reason}", reason=reason))
    if len(data) > MAX_BYTES:
        return "", problem("too-large", _("the file is larger than {size} MB", size=MAX_BYTES // 1_000_000))
    data = data.removeprefix(codecs.BOM_UTF8)
    if (nul := data.find(b"\0")) >= 0:
        line, column = _place(data, nul)
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # “Unicode text” of spreadsheets
        return "", problem(
            "nul-byte",
            _("this is UTF-16 text") if wide else _("a NUL byte: this is no text file"),
            hint=_("save the file as UTF-8") if wide else None,
            line=1 if wide else line,
            column=1 if wide else column,
        )
    for encoding in encodings:
        try:
            return data.decode(encoding), None
        except UnicodeDecodeError as error:
            wrong = error
    line, column = _place(data, wrong.start)
    return "", problem(
        "not-utf-8", _("this is not UTF-8 text"), hint=_("save the file as UTF-8"), line=line, column=column
    )


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1
