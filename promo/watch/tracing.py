"""Whether traces are wanted: the standard OTEL_ variables say so. Nothing of OpenTelemetry is imported before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import structlog

from promo.delivery.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

log = structlog.get_logger(__name__)

# OpenTelemetry specification, "Environment Variable Specification"; without any of these nobody receives traces.
RECEIVERS = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def wanted() -> bool:
    """Return whether the environment names a receiver of traces and does not forbid them."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none":
        return False
    return any(os.environ.get(name, "").strip() for name in RECEIVERS)


def tracing(ledger: Callable[[], Engine]) -> Observer:
    """Return who makes the spans of this process, or one that lets everything pass.

    `ledger` is asked when the first delivery is traced. Without the extra `promo[otel]` a line in the log says so.
    """
    if not wanted():
        return Observer()
    try:
        from promo.watch.span import Tracing, provider_from_environment
    except ModuleNotFoundError as error:
        log.info("no traces", missing=error.name, cure="pip install 'promo[otel]'")
        return Observer()
    provider = provider_from_environment()
    return Observer() if provider is None else Tracing(provider, ledger)
