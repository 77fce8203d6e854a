"""OpenTelemetry spans from plan to receipt, linked over processes by what the ledger's events keep of them."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from promo.connector.http import watch_calls
from promo.delivery.observer import Observer, Part
from promo.store.database import reading
from promo.store.tables import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests
    from opentelemetry.context import Context
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)

W3C = TraceContextTextMapPropagator()  # https://www.w3.org/TR/trace-context/: one line of 55 characters
OF_A_DELIVERY = (Part.DELIVER, Part.LOOK_UP)  # these begin in whichever process has the delivery
MOST_SENT = 10_000  # deliveries answered and not recorded; more there are only where the ledger is away for long
EXPORTERS = {"otlp": "otlp_proto_http"}  # the specification's name → the entry point that we bring


def provider_from_environment() -> TracerProvider | None:
    """Return a provider as the OTEL_ variables want it: exporters, sampler, resource, batches. None: no exporter."""
    provider = TracerProvider(resource=_resource())
    names = [name.strip() for name in os.environ.get("OTEL_TRACES_EXPORTER", "otlp").split(",")]
    points = {point.name: point for point in entry_points(group="opentelemetry_traces_exporter")}
    used = 0
    for name in filter(None, names):
        point = points.get(EXPORTERS.get(name, name))
        if point is None:
            log.warning("no such exporter of traces", exporter=name, known=sorted({"otlp", *points}))
            continue
        provider.add_span_processor(BatchSpanProcessor(point.load()()))
        used += 1
    return provider if used else None


def _resource() -> Resource:
    resource = Resource.create({SERVICE_VERSION: version("promo")})
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: "promo"}))
    return resource


class Kept(Mapping[str, str]):
    """A span's context as it is kept in an event, and whether anybody kept it."""

    def __init__(self, span: trace.Span) -> None:
        carrier: dict[str, str] = {}
        W3C.inject(carrier, trace.set_span_in_context(span))
        self._carrier = {"traceparent": carrier["traceparent"]} if carrier else {}
        self.used = False

    def __getitem__(self, name: str) -> str:
        self.used = True
        return self._carrier[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._carrier)

    def __len__(self) -> int:
        return len(self._carrier)


class Tracing(Observer):
    """Makes a span of every part.

    A delivery may go out weeks after its plan was applied: it is no child of that trace, but linked to it. Attributes
    name channel, delivery and outcome; never a text, an address's path or a secret.
    """

    def __init__(self, provider: TracerProvider, ledger: Callable[[], Engine]) -> None:
        self._tracer = provider.get_tracer("promo", version("promo"))
        self._ledger = ledger
        self._planned: Context | None = None
        self._sent: OrderedDict[tuple[str, int], Span] = OrderedDict()  # over, and not yet recorded
        watch_calls(self._call)

    def answered(self, *, channel: str, part: Part, outcome: str, seconds: float | None) -> None:  # noqa: ARG002 - the base's shape
        """Write the outcome on the span that is open in this thread."""
        trace.get_current_span().set_attribute("promo.outcome", outcome)

    def recorded(self, *, delivery: str, fence: int, state: str) -> None:
        """Make the span of the time from the answer to its commit."""
        sent = self._sent.pop((delivery, fence), None)
        if sent is None:
            return
        span = self._tracer.start_span(
            Part.RECORD.value,
            context=trace.set_span_in_context(sent),
            attributes={"promo.delivery": delivery, "promo.fence": fence, "promo.state": state},
            start_time=sent.end_time,
        )
        span.end()

    @contextmanager
    def span(self, part: Part, *, channel: str = "", delivery: str = "", fence: int = 0) -> Iterator[Mapping[str, str]]:
        """Surround a part with a span; an error marks it with its class and passes through.

        A claim that finds nothing leaves none: lanes look often.
        """
        attributes: dict[str, str | int] = {"promo.channel": channel, "promo.delivery": delivery, "promo.fence": fence}
        context, links = self._origin(part, delivery)
        with (
            self._tracer.start_as_current_span(
                part.value,
                context=context,
                kind=trace.SpanKind.CONSUMER if part is Part.DELIVER else trace.SpanKind.INTERNAL,
                attributes={name: value for name, value in attributes.items() if value},
                links=links,
                record_exception=False,  # its words could hold what was posted
                set_status_on_exception=False,
                end_on_exit=False,
            ) as span,
            structlog.contextvars.bound_contextvars(trace=trace.format_trace_id(span.get_span_context().trace_id)),
        ):
            kept = Kept(span)
            if part is Part.PLAN:
                self._planned = trace.set_span_in_context(span)
            try:
                yield kept
            except Exception as error:
                span.set_status(trace.StatusCode.ERROR, type(error).__name__)
                raise
            finally:
                if part is not Part.CLAIM or kept.used:
                    span.end()
                if part is Part.DELIVER and isinstance(span, Span):
                    self._sent[delivery, fence] = span
                    if len(self._sent) > MOST_SENT:
                        self._sent.popitem(last=False)

    def _origin(self, part: Part, delivery: str) -> tuple[Context | None, list[trace.Link]]:
        """Return the parent, None: whatever span is open in this thread, and what else a part follows from."""
        if part is Part.APPLY:
            parent, self._planned = self._planned, None
            return parent, []
        if part not in OF_A_DELIVERY:
            return None, []
        planned, claimed = self._kept(delivery)
        parent = claimed if part is Part.DELIVER else None
        follows = [context for context in (planned, claimed) if context is not None and context is not parent]
        return parent, [trace.Link(trace.get_current_span(context).get_span_context()) for context in follows]

    def _kept(self, delivery: str) -> tuple[Context | None, Context | None]:
        """Read what the ledger's events keep: the context of the plan's writing, and of the last claim."""
        planned = claimed = None
        try:
            with reading(self._ledger()) as connection:
                rows = connection.execute(
                    select(events.c.what, events.c.detail)
                    .where(events.c.delivery == delivery, events.c.what.in_(("planned", "changed", "claimed")))
                    .order_by(events.c.id)
                ).all()
        except SQLAlchemyError:
            return None, None
        for row in rows:
            if row.what != "claimed":
                planned = _context(row.detail) or planned
            else:
                claimed = _context(row.detail)
        return planned, claimed

    @contextmanager
    def _call(self, request: requests.PreparedRequest) -> Iterator[Callable[[int], None]]:
        """Surround a connector's web call. Its path and query stay out: they can hold a token."""
        method = request.method or "GET"
        with self._tracer.start_as_current_span(
            method,
            kind=trace.SpanKind.CLIENT,
            attributes={"http.request.method": method, **_server(request.url or "")},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            def answered(status: int) -> None:
                span.set_attribute("http.response.status_code", status)
                if status >= 400:
                    span.set_status(trace.StatusCode.ERROR)

            try:
                yield answered
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(trace.StatusCode.ERROR, type(error).__name__)
                raise


def _context(detail: Mapping[str, Any]) -> Context | None:
    kept = detail.get("traceparent")
    return W3C.extract({"traceparent": str(kept)}) if kept else None


def _server(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    return {
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
    }
