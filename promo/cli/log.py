"""The structured log: readable lines or JSON on stderr; quiet unless a daemon or `-v` asks."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from promo.cli.discreet import discreet

_HTTP = frozenset({"urllib3", "requests"})
_PLACE = re.compile(r"[^\n]*?:\d+: ")  # of a warning in somebody's source


def start_log(form: str | None, *, verbose: bool, quiet: bool = True, silent: bool = False) -> None:
    """Configure structlog, and let libraries and Python's own warnings speak through it.

    `form`: `text`, `json` or None: text on a terminal, JSON elsewhere.
    """
    as_json = form == "json" or (form is None and not sys.stderr.isatty() and not verbose and not quiet)
    level = logging.DEBUG if verbose else logging.CRITICAL if silent else logging.WARNING if quiet else logging.INFO
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
        processors += [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        processors.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Bearing(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))
    logging.captureWarnings(capture=True)


class _Bearing:
    """A file that may refuse: a full disk or a broken pipe under the log must not end the work it tells of."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(line)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()


class _Libraries(logging.Handler):
    """What libraries complain about, a line each, without anything that could be a secret.

    Their tracebacks stay out: one may hold a request or an address. Of an address only the host is told, and of
    libraries that speak of little but addresses and headers no word at all.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write the first line of it."""
        said = {} if record.name.partition(".")[0] in _HTTP else {"said": discreet(_first_line(record))}
        level = max(logging.DEBUG, min(record.levelno // 10 * 10, logging.CRITICAL))  # structlog knows no others
        structlog.get_logger(record.name).log(level, "library", library=record.name, **said)


def _first_line(record: logging.LogRecord) -> str:
    try:
        said = record.getMessage()
    except Exception:  # noqa: BLE001 - the arguments do not fit, or cannot be written: the library's own mistake
        return ""
    if record.name == "py.warnings":
        said = _PLACE.sub("", said, count=1)
    return said.strip().partition("\n")[0]
