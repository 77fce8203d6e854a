"""The structured log: readable lines or JSON on stderr; quiet unless a daemon or `-v` asks."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def start_log(form: str | None, *, verbose: bool, quiet: bool = True, silent: bool = False) -> None:
    """Configure structlog once. `form`: `text`, `json` or None: text on a terminal, JSON elsewhere."""
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
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
