"""libyaml's complaints about broken YAML, in plain words."""

from __future__ import annotations

import yaml

from promo.language import _


def explain_syntax(error: yaml.YAMLError, text: str) -> tuple[str, str, str | None, int, int]:
    """Return (code, message, hint, line, column) of a syntax error; line and column count from 0."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        line = before.count("\n")
        return (
            "control-character",
            _("a character that YAML does not allow"),
            None,
            line,
            len(before) - before.rfind("\n") - 1,
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    problem = str(getattr(error, "problem", None) or error)
    whole = _line(text, line)
    message, hint = _words(problem, whole[column:])
    if "{{" in whole and not whole[column:].startswith("\t"):
        hint = quote_templates()
    return "yaml-syntax", message, hint, line, column


def quote_templates() -> str:
    """Say how a template is written where braces mean a mapping."""
    return _("put a text that holds {{{{ … }}}} in quotes")


def _line(text: str, line: int) -> str:
    lines = text.split("\n", line + 1)
    return lines[line] if line < len(lines) else ""


def _words(problem: str, rest: str) -> tuple[str, str | None]:
    if rest.startswith("\t") or "\\t" in problem or "tab character" in problem:
        return _("a tab stands here; YAML is indented with spaces"), _("replace the tab with spaces")
    if "mapping values are not allowed" in problem:
        return (
            _("a colon where none may stand"),
            _("put a text that holds `: ` in quotes, or check the indentation"),
        )
    if "cannot start any token" in problem:
        return _("a text may not begin with this character"), _("put the text in quotes")
    if "expected ',' or" in problem or "expected the node content" in problem:
        return _("a list or mapping in brackets is not closed, or lacks a comma"), _(
            "check the brackets before this place"
        )
    if "could not find expected ':'" in problem:
        return _("a key without its colon"), _("write `key: value`, with a space after the colon")
    if "unexpected end of stream" in problem:
        return _("a quoted text is not closed"), _("close the quotation mark")
    if (
        "did not find expected key" in problem
        or "expected <block end>" in problem
        or "did not find expected '-'" in problem
    ):
        return _("this line does not fit the lines above it"), _("check the indentation and the quotation marks")
    if "unknown escape" in problem:
        return _("an escape that YAML does not know"), _("use single quotes where backslashes are meant")
    return _("this is not YAML: {problem}", problem=problem), None
